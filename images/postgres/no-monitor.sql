-- Nobody watches any more: what was granted stays, nobody gets in with it.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'monitor' AND rolcanlogin) THEN
        ALTER ROLE monitor NOLOGIN PASSWORD NULL;
    END IF;
END $$;
