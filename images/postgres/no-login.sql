-- Nobody logs in as reconcile.login any more: what was granted stays, nobody gets in with it.
DO $$
DECLARE
    login text := current_setting('reconcile.login');
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = login AND rolcanlogin) THEN
        EXECUTE format('ALTER ROLE %I NOLOGIN NOREPLICATION PASSWORD NULL', login);
    END IF;
END $$;
