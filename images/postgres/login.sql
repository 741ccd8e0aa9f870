-- The login reconcile.login of a client: it has what the role reconcile.role may, which itself lets nobody in. What a role
-- cannot hand on is reconcile.attributes.
DO $$
DECLARE
    owner text := current_setting('reconcile.role');
    login text := current_setting('reconcile.login');
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[owner, login] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I', name);
        END IF;
        EXECUTE format('ALTER ROLE %I INHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS', name);
    END LOOP;
    EXECUTE format('ALTER ROLE %I NOLOGIN NOREPLICATION CONNECTION LIMIT -1 PASSWORD NULL', owner);
    EXECUTE format('ALTER ROLE %I LOGIN %s', login, current_setting('reconcile.attributes'));
    EXECUTE format('GRANT %I TO %I', owner, login);
END $$;
