-- Nobody backs up any more: what was granted stays, nobody gets in with it.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'backup' AND rolcanlogin) THEN
        ALTER ROLE backup NOLOGIN NOREPLICATION PASSWORD NULL;
    END IF;
END $$;
