#!/bin/sh
# Starts Redis as the official image of its kind does.
set -eu

case "${1:-}" in
-* | *.conf) set -- redis-server "$@" ;;
esac

# A bind mount belongs to whoever made it: as root, hand the data over before giving up the rights to do so.
if [ "$(id -u)" = 0 ] && { [ "${1:-}" = redis-server ] || [ "${1:-}" = redis-sentinel ]; }; then
	find . ! -user 999 -exec chown 999:999 {} +
	# By its path: the shell has an applet of this name that cannot change users.
	exec /usr/bin/setpriv --reuid=999 --regid=999 --clear-groups --no-new-privs "$0" "$@"
fi

# The data holds sessions: nobody but Redis reads it.
if [ "$(umask)" = 0022 ]; then
	umask 0077
fi

# A restore that was killed among its last renames (restore-redis.sh): what it has proven counts already, and without
# these renames Redis would start empty. A rename that fails ends this script, and nothing starts.
finish_restore() {
	[ -d restored ] || return 0
	echo "${0##*/}: a restore was killed among its renames: doing the rest" >&2
	mkdir -p former
	if [ -d restored/appendonlydir ]; then
		rm -rf former/appendonlydir
		[ ! -e appendonlydir ] || mv appendonlydir former/
		mv restored/appendonlydir .
	fi
	rm -rf dump.rdb former
	rm -rf restored
}

says_protected_mode() {
	case " $* " in *" --protected-mode "*) return ;; esac
	[ -f "${2:-}" ] && grep -q '^[[:space:]]*protected-mode' "$2"
}

# Holds the name and the password of a user that may load the users anew: with it the running server follows its ACL file.
local_login=/run/secrets/local_login
poll_seconds=2

acl_file() { # <argument of the server>...
	while [ $# -gt 1 ]; do
		[ "$1" != --aclfile ] || echo "$2"
		shift
	done
}

# Goes on beside the server, a child of the container's first process.
follow() { # <ACL file>
	set +e
	login=$(cat $local_login)
	applied=$(cat "$1")
	before=$applied
	while sleep $poll_seconds; do
		now=$(cat "$1" 2>/dev/null)
		# Files are replaced one after another: what is seen twice is complete.
		if [ "$now" != "$applied" ] && [ "$now" = "$before" ] && load; then
			echo "${0##*/}: the users are now those of $1"
			applied=$now
			login=$(cat $local_login)
		fi
		before=$now
	done
}

# The login of before is good until then, or the one of now where the answer to an earlier try was lost.
load() {
	answer=$(load_as "$login")
	case $answer in
	WRONGPASS*) answer=$(load_as "$(cat $local_login)") ;;
	esac
	case $answer in
	"OK
OK"*) ;;
	*) echo "${0##*/}: the users could not be loaded anew: $answer" >&2 && return 1 ;;
	esac
}

# Who came in as a user that has changed goes.
load_as() { # <name and password>
	{ echo "AUTH $1" && echo "ACL LOAD" && changed_users | while read -r user; do
		echo "CLIENT KILL USER $user"
	done; } | redis-cli 2>&1
}

changed_users() {
	echo "$now" | while read -r user name rights; do
		case $applied in
		*"$user $name $rights"*) ;;
		*) echo "$name" ;;
		esac
	done
}

[ "${1:-}" != redis-server ] || finish_restore

# Debian's default refuses other hosts while there is no password; in a container that is everybody. The ACL file guards it.
case "${1:-}" in
redis-server | redis-sentinel) says_protected_mode "$@" || set -- "$@" --protected-mode no ;;
esac

users=$(acl_file "$@")
if [ -r "$users" ] && [ -r $local_login ]; then
	(follow "$users" &)
fi
exec "$@"
