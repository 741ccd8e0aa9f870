-- What is in a database, as rows of a name and a text: the same for a database and for its restored copy.
-- One text for psql (-XqAt) and for the backup's own session; it changes nothing and needs no function of its own.
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'iso_8601';
SET extra_float_digits = 1;
SET bytea_output = 'hex';
SET search_path = pg_catalog;
SET max_parallel_workers_per_gather = 0;
WITH extension_member AS (
    SELECT classid, objid FROM pg_depend WHERE deptype = 'e'
),
own_schema AS (
    SELECT oid, nspname FROM pg_namespace
    WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
),
own_relation AS (
    SELECT c.oid, c.relkind, n.nspname, c.relname, format('%s.%s', n.nspname, c.relname) AS name
    FROM pg_class c JOIN own_schema n ON n.oid = c.relnamespace
    WHERE NOT EXISTS (SELECT FROM extension_member e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid)
),
-- Order-free and of constant memory: each row's text as a number, and their sum.
counted AS (
    SELECT name, query_to_xml(format(
        'SELECT count(*) AS n, coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) AS s FROM %I.%I AS t',
        nspname, relname), false, true, '') AS answer
    FROM own_relation WHERE relkind = 'r'
),
revision AS (
    SELECT query_to_xml(format('SELECT string_agg(version_num, '' '' ORDER BY version_num) AS v FROM %I.%I',
        nspname, relname), false, true, '') AS answer
    FROM own_relation WHERE relkind = 'r' AND relname = 'alembic_version'
),
-- A sequence goes on while its table is read: what holds for both is whether it is past what it numbers.
numbered AS (
    SELECT s.name, query_to_xml(format(
        'SELECT coalesce((SELECT max(%I) FROM %I.%I) <= (SELECT last_value FROM %I.%I), true) AS v',
        a.attname, t.nspname, t.relname, s.nspname, s.relname), false, true, '') AS answer
    FROM own_relation s
    JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid AND d.deptype IN ('a', 'i')
        AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0
    JOIN own_relation t ON t.oid = d.refobjid
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
    WHERE s.relkind = 'S'
),
fact (name, value) AS (
    SELECT format('table %s rows', name), (xpath('/table/row/n/text() | /row/n/text()', answer))[1]::text FROM counted
    UNION ALL
    SELECT format('table %s checksum', name), (xpath('/table/row/s/text() | /row/s/text()', answer))[1]::text FROM counted
    UNION ALL
    SELECT 'schema revision', (xpath('/table/row/v/text() | /row/v/text()', answer))[1]::text FROM revision
    UNION ALL
    SELECT format('sequence %s', name), CASE (xpath('/table/row/v/text() | /row/v/text()', answer))[1]::text
        WHEN 'true' THEN 'past its column' ELSE 'behind its column' END FROM numbered
    UNION ALL
    SELECT format('extension %s', extname), 'there' FROM pg_extension
    UNION ALL
    SELECT 'tables', count(*)::text FROM own_relation WHERE relkind IN ('r', 'p')
    UNION ALL
    SELECT 'views', count(*)::text FROM own_relation WHERE relkind IN ('v', 'm')
    UNION ALL
    SELECT 'indexes', count(*)::text FROM own_relation WHERE relkind IN ('i', 'I')
    UNION ALL
    -- From PostgreSQL 18 on each NOT NULL is one, too: a copy in another major version is to have the same facts.
    SELECT 'constraints', count(*)::text FROM pg_constraint WHERE contype <> 'n' AND conrelid IN (SELECT oid FROM own_relation)
    UNION ALL
    SELECT 'triggers', count(*)::text FROM pg_trigger WHERE NOT tgisinternal AND tgrelid IN (SELECT oid FROM own_relation)
    UNION ALL
    SELECT 'functions', count(*)::text FROM pg_proc p WHERE pronamespace IN (SELECT oid FROM own_schema)
        AND NOT EXISTS (SELECT FROM extension_member e WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid)
)
SELECT name, value FROM fact ORDER BY name COLLATE "C";
