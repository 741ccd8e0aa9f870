# shellcheck shell=sh
# Who may log in with which password, and how it gets there without standing in an environment or a command line.

# NEO4J_<name>_FILE names a file that holds the value of NEO4J_<name>.
read_file_variables() {
	for name in $(awk 'BEGIN { for (name in ENVIRON) if (name ~ /^NEO4J_[A-Za-z0-9_]+_FILE$/) print name }'); do
		eval "file=\$$name"
		[ -r "$file" ] || fail "$name: cannot read $file." "Name a file that user 7474 may read, or unset $name."
		base=${name%_FILE}
		unset "$base" # a variable from the environment would stay exported
		eval "$base=\$(cat \"\$file\")"
		case $base in
		NEO4J_AUTH) ;;
		*) export "${base?}" ;;
		esac
	done
}

# Sets `auth` to the configured neo4j/<password>, none, or nothing.
read_auth() {
	source=NEO4J_AUTH
	auth=${NEO4J_AUTH:-}
	if [ -n "${NEO4J_AUTH_PATH:-}" ]; then
		source=NEO4J_AUTH_PATH
		[ -r "$NEO4J_AUTH_PATH" ] || fail "NEO4J_AUTH_PATH: cannot read $NEO4J_AUTH_PATH." \
			"Name a file that user 7474 may read; its content is neo4j/<password>."
		auth=$(cat "$NEO4J_AUTH_PATH")
	fi
	unset NEO4J_AUTH
}

check_password() {
	allowed="Allowed: neo4j/<password> with 8 or more characters, without '/', or none."
	case $auth in
	*/*) ;;
	*) fail "$source: not of the form neo4j/<password>." "$allowed" ;;
	esac
	[ "${auth%%/*}" = neo4j ] || fail "$source: the user must be neo4j." "$allowed"
	password=${auth#*/}
	case $password in
	*/*) fail "$source: the password contains '/'." "$allowed" ;;
	neo4j) fail "$source: the password must not be neo4j." "$allowed" ;;
	esac
	[ ${#password} -ge 8 ] || fail "$source: the password is shorter than 8 characters." "$allowed"
}

# The server sets passwords before it opens a port (StoredUsers.java). It reads one from its standard input; or it follows
# the file that NEO4J_USERS_PATH names, of lines <user>/<password>: then these are all the users that there are.
hand_over_password() {
	if [ -n "${NEO4J_USERS_PATH:-}" ]; then
		[ -r "$NEO4J_USERS_PATH" ] || fail "NEO4J_USERS_PATH: cannot read $NEO4J_USERS_PATH." \
			"Name a file that user 7474 may read; each of its lines is <user>/<password>."
		password_flag=-Dmarket_research.users=$NEO4J_USERS_PATH
		return
	fi
	read_auth
	case $auth in
	'' | none)
		return
		;;
	esac
	check_password
	printf %s "$password" >"$run/password"
	exec <"$run/password"
	rm "$run/password"
	unset auth password
	password_flag=-Dmarket_research.password_on_stdin=true
}
