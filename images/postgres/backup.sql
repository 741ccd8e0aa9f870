-- Who backs up reads every table, and has no other right; its logins stream the log.
GRANT pg_read_all_data TO backup;
