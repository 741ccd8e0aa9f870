# shellcheck shell=bash
# A PostgreSQL server for one script: nobody reaches it but by a socket in this container. Sourced by recover.sh, drill-postgres.sh.
set -eo pipefail
umask 0022
name=${0##*/}
database=${POSTGRES_DATABASE:-market_research}
log=/tmp/postgres.log
export PGHOST=/tmp PGUSER=${POSTGRES_USER:-postgres}

fail() { # <what failed, why, and what to do>...
	[ ! -e $log ] || cat $log
	echo "$name: $*" >&2
	exit 1
}

need() { # <file>...
	local file
	for file; do
		[ -r "$file" ] || fail "$file is not there, or user $(id -u) may not read it: fetch the backup first."
	done
}

# Bash holds signals back while a command runs in front: a stop must not wait for a dump.
run() {
	"$@" &
	wait $!
}

trap 'exit 130' INT
trap 'exit 143' TERM

# Returns once it answers; fails when it has ended.
start_server() { # <data folder> <option>...
	echo 'local all all trust' >/tmp/pg_hba.conf
	postgres -D "$1" -c hba_file=/tmp/pg_hba.conf -c listen_addresses= -c unix_socket_directories=/tmp -c ssl=off \
		-c shared_preload_libraries= -c archive_mode=off -c fsync=off -c autovacuum=off -c jit=off -c huge_pages=off \
		-c logging_collector=off -c log_destination=stderr -c shared_buffers=64MB "${@:2}" >$log 2>&1 &
	server=$!
	until pg_isready --quiet --dbname=postgres; do
		kill -0 $server 2>/dev/null || return 1
		sleep 0.2
	done
}

stop_server() {
	if [ -n "$server" ]; then
		kill -INT $server 2>/dev/null || true
		wait $server || true
		server=
	fi
}

# Writes what facts.sql selects, a row a line, name and value apart by a tab.
write_facts() { # <facts.sql> <file>
	run psql -XqAt -F $'\t' -v ON_ERROR_STOP=1 --dbname="$database" --file="$1" --output="$2.partial" 2>>$log ||
		fail "the facts of database $database could not be read: $(last_error)."
	mv "$2.partial" "$2"
}

last_error() {
	local line
	line=$(grep -E 'PANIC|FATAL|ERROR|[Ee]rror' $log | tail -n 1)
	echo "${line:-$(tail -n 1 $log)}"
}
