#!/bin/bash
# Restores a dump into a server of its own and tells what is in it: runs in the store's image, without any network.
#
# Reads market_research.dump, roles.sql and facts.sql in /exchange/drill/postgres; leaves facts.tsv there, or nothing and why.
. "${0%/*}/private-postgres.sh"
folder=/exchange/drill/postgres
dump=$folder/market_research.dump
pgdata=$folder/pgdata
facts=/tmp/found.tsv
trap 'stop_server; rm -rf $pgdata $folder/facts.tsv.partial' EXIT

make_server() {
	local options
	eval "options=(${POSTGRES_INITDB_ARGS:---data-checksums --locale-provider=builtin --builtin-locale=C.UTF-8})"
	rm -rf $pgdata $folder/facts.tsv
	run initdb --pgdata=$pgdata --username="$PGUSER" --auth=trust --encoding=UTF8 --no-sync --no-instructions "${options[@]}" \
		>$log 2>&1 || fail "no server could be made in $pgdata: $(last_error)."
	start_server $pgdata || fail "the server did not start: $(last_error)."
	createdb --template=template0 "$database"
}

restore() {
	run psql -Xq -v ON_ERROR_STOP=1 --dbname=postgres --file=$folder/roles.sql >>$log 2>&1 ||
		fail "the roles that $dump speaks of could not be made: $(last_error)."
	run pg_restore --exit-on-error --dbname="$database" $dump 2>>$log ||
		fail "$dump could not be restored: $(last_error). Take another backup."
}

# After the facts: it installs an extension of its own.
check() {
	command -v pg_amcheck >/dev/null || return 0
	run pg_amcheck --install-missing --heapallindexed "$database" >>$log 2>&1 ||
		fail "what was restored is damaged: $(last_error)."
}

[ "$(id -u)" != 0 ] || fail "PostgreSQL does not run as root: start this container as user 999."
need $dump $folder/roles.sql $folder/facts.sql
[ -w $folder ] || fail "user $(id -u) may not write to $folder: give it mode 0777."
make_server
restore
write_facts $folder/facts.sql $facts
check
stop_server
cp $facts $folder/facts.tsv.partial
mv $folder/facts.tsv.partial $folder/facts.tsv
