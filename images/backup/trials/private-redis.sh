# shellcheck shell=sh
# A Redis server for one script: nobody reaches it but by a socket in this container. Sourced by drill-redis.sh, restore-redis.sh.
set -eu
name=${0##*/}
socket=/tmp/redis.sock
log=/tmp/redis.log
server=

fail() { # <what failed, why, and what to do>...
	[ ! -e $log ] || cat $log
	echo "$name: $*" >&2
	exit 1
}

# Of what went wrong: that there is no primary is no news.
last_line() {
	grep ' # ' $log | grep -v SYNC | tail -n 1
}

ask() {
	redis-cli -s $socket "$@"
}

trap 'exit 130' INT
trap 'exit 143' TERM

# Returns once everything is loaded; fails when it has ended. A replica whose primary never answers: it serves what it
# has, and nothing expires.
start_server() { # <folder> <option>...
	folder=$1
	shift
	redis-server --port 0 --unixsocket $socket --dir "$folder" --dbfilename dump.rdb --save '' --replicaof 127.0.0.1 1 \
		--replica-serve-stale-data yes --enable-debug-command local --logfile $log "$@" &
	server=$!
	until [ "$(ask PING 2>/dev/null)" = PONG ]; do
		kill -0 $server 2>/dev/null || return 1
		sleep 0.1
	done
}

stop_server() {
	if [ -n "$server" ]; then
		# What it was told to write is on the disk when this returns; a server that could not write it would not go.
		ask SHUTDOWN NOSAVE NOW FORCE >/dev/null 2>&1 || true
		kill -9 $server 2>/dev/null || true
		wait $server || true
		server=
	fi
}

info() { # <section> <field>
	ask INFO "$1" | grep "^$2:" | cut -d: -f2 | tr -d '\r'
}

facts() {
	keyspace=$(info keyspace db0)
	expires=${keyspace##*expires=}
	expires=${expires%%,*}
	printf 'keys\t%s\n' "$(ask DBSIZE)"
	printf 'keys with a lifetime\t%s\n' "${expires:-0}"
	printf 'digest\t%s\n' "$(ask DEBUG DIGEST)"
}
