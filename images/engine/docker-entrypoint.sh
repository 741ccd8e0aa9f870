#!/bin/sh
# Says in one line why the engine's socket cannot be used, before anything listens, then becomes the command.
# With the file /run/configuration/controlled, what it names can be started and stopped, and nothing else be read.
set -eu
socket=/var/run/docker.sock
controlled=/run/configuration/controlled

refuse() {
	echo "engine: $*" >&2
	exit 64
}

malformed() { # <number of the line> <what is wrong with it>
	refuse "$controlled, line $1: $2; allowed is on each line <container name> <verb>[,<verb>]..., with one space" \
		"and the verbs start and stop"
}

# The engine takes the beginning of an id for a name when there is no such name: then it would be another container.
check_name() { # <number of the line> <name>
	case $2 in
	'' | ? | [!a-zA-Z0-9]* | *[!a-zA-Z0-9_.-]*) malformed "$1" "no name of a container" ;;
	*[!0-9a-f]*) ;;
	*) malformed "$1" "the name could be an id: it consists of nothing but 0-9 and a-f" ;;
	esac
	[ ${#2} -le 255 ] || malformed "$1" "a name of more than 255 characters"
	case $seen in *" $2 "*) malformed "$1" "the name is there twice" ;; esac
	seen="$seen$2 "
}

# Without a version in front: old ones let a container be configured by the request that starts it.
request() { # <number of the line> <name as a regular expression> <verb>
	case $3 in
	start) echo "^POST /containers/$2/start\$" ;;
	stop) echo "^POST /containers/$2/stop([?]t=[0-9]{1,5})?\$" ;;
	*) malformed "$1" "no such verb" ;;
	esac
}

requests_of() { # <number of the line> <line>
	name=${2%% *} verbs=${2#* },
	case $2 in *' '*) ;; *) malformed "$1" "no verb" ;; esac
	check_name "$1" "$name"
	expression=
	while [ "$name" ]; do
		rest=${name#?}
		case $name in .*) expression="$expression[.]" ;; *) expression="$expression${name%"$rest"}" ;; esac
		name=$rest
	done
	echo "^GET /containers/$expression/(json|logs([?][a-z0-9&=]*)?)\$"
	while [ "$verbs" ]; do
		request "$1" "$expression" "${verbs%%,*}"
		verbs=${verbs#*,}
	done
}

requests() {
	number=0 seen=' '
	echo '^(GET|HEAD) /_ping$'
	while IFS= read -r line || [ "$line" ]; do
		number=$((number + 1))
		requests_of $number "$line"
	done <$controlled
	[ $number -gt 0 ] || malformed 1 "it is not there"
}

unset REQUESTS
if [ "${1:-}" = haproxy ]; then
	[ -e $socket ] || refuse "$socket does not exist; mount the engine's socket there, read-only"
	[ -S $socket ] || refuse "$socket is not a socket; mount the engine's socket there, which is of the same name on most hosts"
	[ -w $socket ] || refuse "$socket belongs to $(stat -c %u:%g $socket) and is closed to $(id -u):$(id -g);" \
		"start it with --user $(id -u):$(stat -c %g $socket)"
	if [ -e $controlled ] || [ -L $controlled ]; then
		[ -f $controlled ] || refuse "$controlled is not a file; allowed is a file that names containers and verbs"
		[ -r $controlled ] || refuse "$controlled cannot be read by user $(id -u); let it be readable by that user"
		[ -w /tmp ] || refuse "/tmp cannot be written; mount a tmpfs there"
		export REQUESTS=/tmp/requests
		requests >$REQUESTS
	fi
fi
exec "$@"
