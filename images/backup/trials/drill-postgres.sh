#!/bin/bash
# Restores a dump into a server of its own and tells what is in it: runs in the store's image, without any network.
#
# Reads /exchange/drill/postgres.dump and facts.sql; leaves /exchange/drill/postgres.tsv, or nothing and why.
. "${0%/*}/private-postgres.sh"
folder=/exchange/drill
pgdata=$folder/pgdata
facts=/tmp/facts.tsv
trap 'stop_server; rm -rf $pgdata $folder/postgres.tsv.partial' EXIT

make_server() {
	local options
	eval "options=(${POSTGRES_INITDB_ARGS:---data-checksums --locale-provider=builtin --builtin-locale=C.UTF-8})"
	rm -rf $pgdata $folder/postgres.tsv
	run initdb --pgdata=$pgdata --username="$PGUSER" --auth=trust --encoding=UTF8 --no-sync --no-instructions "${options[@]}" \
		>$log 2>&1 || fail "no server could be made in $pgdata: $(last_error)."
	start_server $pgdata || fail "the server did not start: $(last_error)."
	createdb --template=template0 "$database"
}

# A dump names owners and those who were granted something, and makes none of them.
roles() {
	local role='("[^"]+"|[a-z_][a-z0-9_$]*)'
	pg_restore --schema-only --file=- $folder/postgres.dump | sed -nE \
		-e "s/^ALTER .* OWNER TO $role;\$/\1/p" \
		-e "s/^(GRANT .* TO|REVOKE .* FROM) $role( WITH GRANT OPTION)?;\$/\2/p" \
		-e "s/^ALTER DEFAULT PRIVILEGES FOR ROLE $role .* (GRANT .* TO|REVOKE .* FROM) $role;\$/\1\n\3/p" | sort -u
}

restore() {
	local role all
	all=$(roles 2>>$log) || fail "$folder/postgres.dump is not a whole dump: $(last_error). Take another backup."
	while read -r role; do
		case $role in '' | PUBLIC | public | pg_* | "$PGUSER") continue ;; esac
		psql -Xq --dbname=postgres -c "CREATE ROLE $role" 2>>$log || fail "role $role could not be made: $(last_error)."
	done <<<"$all"
	run pg_restore --exit-on-error --dbname="$database" $folder/postgres.dump 2>>$log ||
		fail "$folder/postgres.dump could not be restored: $(last_error). Take another backup."
}

# After the facts: it installs an extension of its own.
check() {
	command -v pg_amcheck >/dev/null || return 0
	run pg_amcheck --install-missing --heapallindexed --database="$database" >>$log 2>&1 ||
		fail "what was restored is damaged: $(last_error)."
}

[ "$(id -u)" != 0 ] || fail "PostgreSQL does not run as root: start this container as user 999."
need $folder/postgres.dump $folder/facts.sql
[ -w $folder ] || fail "user $(id -u) may not write to $folder: give it mode 0777."
make_server
restore
write_facts $folder/facts.sql $facts
check
stop_server
cp $facts $folder/postgres.tsv.partial
mv $folder/postgres.tsv.partial $folder/postgres.tsv
