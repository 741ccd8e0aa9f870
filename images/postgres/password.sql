-- Gives the role reconcile.login the password in the file reconcile.source, unless it has it already: computed as for a
-- login (RFC 5802) and compared with the stored verifier. No statement that a client sends holds it; the one that is made
-- here is in the context of its errors, which nobody may log (see who runs this).
DO $$
DECLARE
    role_name text := current_setting('reconcile.login');
    password text := rtrim(pg_read_file(current_setting('reconcile.source')), E'\n');
    stored text;
    verifier text[];
    key bytea := convert_to(password, 'UTF8');
    inner_key bytea;
    outer_key bytea;
    message bytea;
    salted_password bit(256) := repeat('0', 256)::bit(256);
BEGIN
    SELECT rolpassword INTO stored FROM pg_authid WHERE rolname = role_name;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this data folder has no role "%": set POSTGRES_USER to the one that it was made with', role_name;
    END IF;
    verifier := regexp_match(stored, '^SCRAM-SHA-256\$(\d+):([^$]+)\$[^:]+:(.+)$');
    IF verifier IS NOT NULL THEN
        FOR step IN 1..2 LOOP
            IF length(key) > 64 THEN
                key := sha256(key);
            END IF;
            inner_key := decode(repeat('36', 64), 'hex');
            outer_key := decode(repeat('5c', 64), 'hex');
            FOR i IN 0..length(key) - 1 LOOP
                inner_key := set_byte(inner_key, i, get_byte(key, i) # 54);
                outer_key := set_byte(outer_key, i, get_byte(key, i) # 92);
            END LOOP;
            IF step = 1 THEN
                message := decode(verifier[2], 'base64') || '\x00000001';
                FOR i IN 1..verifier[1]::int LOOP
                    message := sha256(outer_key || sha256(inner_key || message));
                    salted_password := salted_password # ('x' || encode(message, 'hex'))::bit(256);
                END LOOP;
                key := '';
                FOR i IN 0..31 LOOP
                    key := key || set_byte('\x00', 0, substring(salted_password FROM i * 8 + 1 FOR 8)::bit(8)::int);
                END LOOP;
            END IF;
        END LOOP;
        IF sha256(outer_key || sha256(inner_key || 'Server Key'::bytea)) = decode(verifier[3], 'base64') THEN
            RETURN;
        END IF;
    END IF;
    EXECUTE format('ALTER ROLE %I PASSWORD %L', role_name, password);
    RAISE LOG 'role "%" now has the password of %', role_name, current_setting('reconcile.source');
END $$;
