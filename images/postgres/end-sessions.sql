-- Who came in with a password that has changed (reconcile.changed) goes, once nobody gets in with it any more.
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE usename = ANY (string_to_array(current_setting('reconcile.changed', true), ',')) AND pid <> pg_backend_pid();
