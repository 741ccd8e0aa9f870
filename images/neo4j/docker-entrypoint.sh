#!/bin/sh
# Starts Neo4j as the official image of its kind does; the effective configuration is written below /tmp.
set -eu
umask 0077

fail() {
	printf '%s\n' "$@" >&2
	exit 1
}

# A bind mount belongs to whoever made it: as root, hand the data over before giving up the rights to do so.
if [ "$(id -u)" = 0 ]; then
	find /data ! -user 7474 -exec chown -h 7474:7474 {} +
	# By its path: the shell has an applet of this name that cannot change users.
	exec /usr/bin/setpriv --reuid=7474 --regid=7474 --clear-groups --no-new-privs "$0" "$@"
fi

run=/tmp/neo4j
export NEO4J_HOME=/var/lib/neo4j NEO4J_CONF=$run/conf
lib=/usr/local/lib/docker-entrypoint
. $lib/secrets.sh
. $lib/settings.sh

[ -n "${1:-}" ] || set -- neo4j
read_file_variables
check_plugins "${NEO4J_PLUGINS:-}"
write_configuration

case "$1" in
neo4j) ;;
dump-config)
	[ -d /conf ] || fail "dump-config: there is no /conf to write to." "Mount a folder at /conf that user 7474 may write."
	cp "$NEO4J_CONF"/* /conf/ || fail "dump-config: user 7474 may not write to /conf." "Make the mounted folder writable."
	exit
	;;
*) exec "$@" ;;
esac

case "${2:-console}" in
console | start) ;;
*) fail "neo4j $2: this container runs the server in the foreground." "Allowed: neo4j, neo4j console. For the rest: neo4j-admin." ;;
esac

# A restore that was killed among its last renames: the dump counts already, and half a database must not be served.
[ ! -e /data/loaded ] || load-dump --finish || exit 1

hand_over_password
set --
while read -r flag; do
	set -- "$@" "$flag"
done <$run/jvm
# shellcheck disable=SC2086
exec java "$@" ${password_flag:-} @$NEO4J_HOME/server.args org.neo4j.server.CommunityEntryPoint \
	--home-dir $NEO4J_HOME --config-dir $NEO4J_CONF --console-mode
