#!/bin/sh
# Starts the exporter that the command names, with what is fixed for it; further words are options of its own.
# Usage: blackbox | node | postgres | redis [option]...
set -eu
umask 0077

refuse() {
	echo "exporter: $*" >&2
	exit 64
}

check_secret() { # <file>
	[ -e "$1" ] || refuse "$1 does not exist; mount the folder that holds it, read-only"
	[ -f "$1" ] || refuse "$1 is not a file; allowed is a file with one password in it"
	[ -r "$1" ] || refuse "$1 cannot be read by user $(id -u); let it be readable by that user"
	[ -n "$(cat "$1")" ] || refuse "$1 is empty; write the password of role or user monitor into it"
}

# What a container sees of its host without any mount: processors, memory, load, disks, clock, and by its own root folder
# the file system that the engine keeps its data on. Network, users, services and names would be the container's own.
# Jobs that end, such as backups, leave their figures in *.prom files.
node() {
	exec prometheus-node-exporter --collector.disable-defaults \
		--collector.cpu --collector.diskstats --collector.filefd --collector.filesystem --collector.loadavg \
		--collector.meminfo --collector.pressure --collector.stat --collector.time --collector.timex --collector.vmstat \
		--collector.filesystem.mount-points-exclude='^/.+' --collector.filesystem.fs-types-exclude='^$' \
		--collector.textfile --collector.textfile.directory=/var/lib/node-exporter "$@"
}

# It writes a password that needs quotes into its own log.
postgres() {
	export DATA_SOURCE_USER="${DATA_SOURCE_USER:-monitor}"
	export DATA_SOURCE_PASS_FILE="${DATA_SOURCE_PASS_FILE:-/run/secrets/postgres_monitor_password}"
	[ -n "${DATA_SOURCE_URI:-}" ] || refuse "DATA_SOURCE_URI is not set; write host:port/database?sslmode=disable"
	check_secret "$DATA_SOURCE_PASS_FILE"
	case $(cat "$DATA_SOURCE_PASS_FILE") in
	*[!a-zA-Z0-9._~-]*) refuse "$DATA_SOURCE_PASS_FILE holds a password with other characters than letters, digits and -._~" ;;
	esac
	exec prometheus-postgres-exporter --config.file=/dev/null --collector.long_running_transactions --collector.postmaster \
		--collector.stat_checkpointer --collector.stat_statements "$@"
}

# It takes passwords from a file only as JSON, by user and address; without a password it would try to do without.
redis() {
	file=${REDIS_MONITOR_PASSWORD_FILE:-/run/secrets/redis_monitor_password}
	[ -n "${REDIS_ADDR:-}" ] || refuse "REDIS_ADDR is not set; write redis://host:port"
	case $REDIS_ADDR in
	redis://*[!a-zA-Z0-9.:_-]* | redis:// | redis://:*) refuse "REDIS_ADDR is '$REDIS_ADDR'; allowed is redis://host:port" ;;
	redis://*:*) ;;
	*) refuse "REDIS_ADDR is '$REDIS_ADDR'; allowed is redis://host:port" ;;
	esac
	check_secret "$file"
	export REDIS_USER="${REDIS_USER:-monitor}" REDIS_PASSWORD_FILE=/tmp/passwords.json
	password=$(sed 's/[\"]/\\&/g' "$file")
	printf '{"redis://%s@%s": "%s"}' "$REDIS_USER" "${REDIS_ADDR#redis://}" "$password" >$REDIS_PASSWORD_FILE ||
		refuse "/tmp cannot be written; mount a tmpfs there"
	unset password
	exec prometheus-redis-exporter -config-command - "$@"
}

blackbox() {
	file=${BLACKBOX_CONFIGURATION:-/run/configuration/blackbox.yml}
	[ -r "$file" ] || refuse "$file cannot be read; mount the configuration there, readable by user $(id -u)"
	exec prometheus-blackbox-exporter --config.file="$file" "$@"
}

case ${1:-} in
blackbox | node | postgres | redis) "$@" ;;
'') refuse "no command; allowed are blackbox, node, postgres and redis" ;;
*) exec "$@" ;;
esac
