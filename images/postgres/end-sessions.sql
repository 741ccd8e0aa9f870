-- Who came in with a password that has changed goes, once nobody gets in with it any more: reconcile.changed are the logins,
-- a line each.
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE usename = ANY (string_to_array(current_setting('reconcile.changed'), E'\n')) AND pid <> pg_backend_pid();
