-- Who watches reads settings and statistics, and has no other right.
GRANT pg_monitor TO monitor;
