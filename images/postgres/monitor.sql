-- The role that watches: it reads settings and statistics, holds three connections at most, and has no other right.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'monitor') THEN
        CREATE ROLE monitor;
    END IF;
    ALTER ROLE monitor LOGIN INHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 3;
    GRANT pg_monitor TO monitor;
END $$;
