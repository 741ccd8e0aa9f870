-- The role that backs up: it reads every table and streams the log, holds four connections at most, and has no other right.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'backup') THEN
        CREATE ROLE backup;
    END IF;
    ALTER ROLE backup LOGIN INHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE REPLICATION NOBYPASSRLS CONNECTION LIMIT 4;
    GRANT pg_read_all_data TO backup;
END $$;
