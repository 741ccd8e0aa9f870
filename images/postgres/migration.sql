-- Migrations own the database and, whichever of their logins is in use, everything that they make in it.
DO $$
DECLARE
    login text;
    database text := current_setting('reconcile.database');
BEGIN
    FOR login IN SELECT rolname FROM pg_roles WHERE rolname IN ('migration_a', 'migration_b') LOOP
        EXECUTE format('ALTER ROLE %I SET role = app', login);
    END LOOP;
    IF EXISTS (SELECT FROM pg_database WHERE datname = database AND datdba <> 'app'::regrole) THEN
        EXECUTE format('ALTER DATABASE %I OWNER TO app', database);
    END IF;
END $$;
