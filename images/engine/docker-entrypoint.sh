#!/bin/sh
# Says in one line why the engine's socket cannot be used, before anything listens, then becomes the command.
set -eu
socket=/var/run/docker.sock

refuse() {
	echo "engine: $*" >&2
	exit 64
}

if [ "${1:-}" = haproxy ]; then
	[ -e $socket ] || refuse "$socket does not exist; mount the engine's socket there, read-only"
	[ -S $socket ] || refuse "$socket is not a socket; mount the engine's socket there, which is of the same name on most hosts"
	[ -w $socket ] || refuse "$socket belongs to $(stat -c %u:%g $socket) and is closed to $(id -u):$(id -g);" \
		"start it with --user $(id -u):$(stat -c %g $socket)"
fi
exec "$@"
