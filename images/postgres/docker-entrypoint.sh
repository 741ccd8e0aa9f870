#!/bin/bash
# Starts PostgreSQL as the official image of its kind does; at every start roles get the passwords of their secret files.
set -eo pipefail
parts=/usr/local/lib/docker-entrypoint

fail() {
	echo "docker-entrypoint.sh: $*" >&2
	exit 1
}

# take VARIABLE [DEFAULT]: sets it from itself, from the file that VARIABLE_FILE names, or to the default.
take() {
	local file_variable=$1_FILE
	if [ -n "${!1}" ] && [ -n "${!file_variable}" ]; then
		fail "both $1 and $file_variable are set; they exclude each other: remove one of them."
	fi
	if [ -n "${!file_variable}" ]; then
		[ -r "${!file_variable}" ] || fail "$file_variable: cannot read ${!file_variable}; mount the file there, readable for uid $(id -u)."
		printf -v "$1" %s "$(<"${!file_variable}")"
	fi
	if [ -z "${!1}" ]; then
		printf -v "$1" %s "$2"
	fi
}

asks_only_for_information() {
	local argument
	for argument; do
		case $argument in '-?' | --help | --describe-config | -V | --version) return 0 ;; esac
	done
	return 1
}

# A server reads no data folder of another major version. Before the rights of a file change, as a way back needs them.
refuse_another_version() {
	local data server
	[ -s "$PGDATA/PG_VERSION" ] && [ -r "$PGDATA/PG_VERSION" ] || return 0
	data=$(<"$PGDATA/PG_VERSION")
	server=$(postgres --version)
	server=${server#*) }
	server=${server%%[^0-9]*}
	[ "$data" = "$server" ] || fail "$PGDATA holds data of PostgreSQL $data, and this server is PostgreSQL $server, which cannot read it." \
		"Nothing was changed. Go back to the image before and type \`research backup run\`, then do what docs/upgrade.md says."
}

hand_over_to_postgres_user() {
	mkdir -p "$PGDATA" /var/run/postgresql ${POSTGRES_INITDB_WALDIR:+"$POSTGRES_INITDB_WALDIR"}
	find "$PGDATA" /var/run/postgresql ${POSTGRES_INITDB_WALDIR:+"$POSTGRES_INITDB_WALDIR"} ! -user 999 -exec chown 999:999 {} +
	exec /usr/bin/setpriv --reuid=999 --regid=999 --clear-groups "$0" "$@"
}

# Bash holds signals back while a command runs in front: commands that may take long run behind it, and end with it.
run() {
	"$@" <&0 &
	wait $!
}

end_early() {
	trap - INT TERM EXIT
	kill -TERM $(jobs -p) 2>/dev/null || true
	kill -INT $temporary_server 2>/dev/null || true
	wait
	exit "$1"
}

prepare() {
	trap 'end_early 130' INT
	trap 'end_early 143' TERM
	take POSTGRES_PASSWORD
	take POSTGRES_USER postgres
	take POSTGRES_DB "$POSTGRES_USER"
	take POSTGRES_INITDB_ARGS
	export POSTGRES_USER POSTGRES_DB
	if [ -n "$POSTGRES_PASSWORD_FILE" ] && [ -z "$POSTGRES_PASSWORD" ]; then
		fail "POSTGRES_PASSWORD_FILE: $POSTGRES_PASSWORD_FILE is empty; write the superuser's password into it."
	fi
	. $parts/first-start.sh
	. $parts/reconcile.sh
	check_superuser
	first_start "$@"
	reconcile_roles "$@"
	trap - INT TERM
}

case $1 in -*) set -- postgres "$@" ;; esac
if [ "$1" = postgres ] && ! asks_only_for_information "$@"; then
	refuse_another_version
	[ "$(id -u)" != 0 ] || hand_over_to_postgres_user "$@"
	prepare "${@:2}"
	# What is left in the server's environment can be read by its functions.
	unset POSTGRES_PASSWORD
fi
exec "$@"
