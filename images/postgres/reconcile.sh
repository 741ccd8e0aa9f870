# Who may log in follows the secret files, at every start and while the server runs. Sourced by docker-entrypoint.sh.
#
# Each client has two logins, so that it can change over from one to the other: <client>_a and <client>_b, with the
# passwords in /run/secrets/postgres_<client>_a_password and ..._b_password. Both may what the client's role may.
clients=(api migration monitor backup)
declare -A role=([api]=api [migration]=app [monitor]=monitor [backup]=backup)
declare -A attributes=(
	[api]="NOREPLICATION CONNECTION LIMIT -1"
	[migration]="NOREPLICATION CONNECTION LIMIT -1"
	[monitor]="NOREPLICATION CONNECTION LIMIT 3"
	[backup]="REPLICATION CONNECTION LIMIT 4"
)
# PostgreSQL's line for `all` databases leaves replication out.
replication="host replication +backup samenet scram-sha-256"
poll_seconds=2

reconcile_roles() {
	[ ! -e "$PGDATA/standby.signal" ] && [ ! -e "$PGDATA/recovery.signal" ] || return 0
	check_files
	local applied
	applied=$(digests)
	[ -n "$POSTGRES_PASSWORD_FILE" ] || has_logins "${clients[@]}" || return 0
	single_user template1 "$@" <<<"$(statements)" || fail "the passwords of the roles could not be checked against their files:" \
		"see the message above."
	has_logins monitor && install_extension pg_stat_statements "$@"
	has_logins migration && install_extension vector "$@"
	has_logins backup && let_backup_replicate
	(follow_files &)
}

secret_file() { # <login>
	echo "/run/secrets/postgres_$1_password"
}

has_logins() { # <client>...
	local client
	for client; do
		[ ! -e "$(secret_file "${client}_a")" ] && [ ! -e "$(secret_file "${client}_b")" ] || return 0
	done
	return 1
}

# Its rights would become those of a client.
check_superuser() {
	local client
	for client in "${clients[@]}"; do
		case " $client ${client}_a ${client}_b ${role[$client]} " in
		*" $POSTGRES_USER "*) ! has_logins "$client" || fail "POSTGRES_USER is '$POSTGRES_USER', which is a role of the clients whose" \
			"passwords are in /run/secrets/postgres_${client}_*; choose another name, as postgres. Nothing was changed." ;;
		esac
	done
}

check_files() {
	local client login file
	for client in "${clients[@]}"; do
		for login in "${client}_a" "${client}_b"; do
			file=$(secret_file "$login")
			[ -e "$file" ] || continue
			[ -r "$file" ] || fail "cannot read $file; mount it readable for uid $(id -u), or leave it out."
			[ -n "$(<"$file")" ] || fail "$file is empty; write the password of role $login into it, or leave it out."
		done
	done
}

statements() {
	local client login
	if [ -n "$POSTGRES_PASSWORD_FILE" ]; then
		password "$POSTGRES_USER" "$POSTGRES_PASSWORD_FILE"
	fi
	setting database "$POSTGRES_DB"
	for client in "${clients[@]}"; do
		has_logins "$client" || { close_logins "$client"; continue; }
		setting role "${role[$client]}"
		setting attributes "${attributes[$client]}"
		for login in "${client}_a" "${client}_b"; do
			setting login "$login"
			if [ -e "$(secret_file "$login")" ]; then
				cat $parts/login.sql
				password "$login" "$(secret_file "$login")"
			else
				cat $parts/no-login.sql
			fi
		done
		cat $parts/$client.sql
	done
}

# Also the one that it had alone, before it had two. A superuser of that name is no client.
close_logins() { # <client>
	local login
	for login in "$1_a" "$1_b" "$1"; do
		[ "$login" != "$POSTGRES_USER" ] || continue
		setting login "$login"
		cat $parts/no-login.sql
	done
}

password() { # <role> <file>
	setting login "$1"
	setting source "$2"
	cat $parts/password.sql
}

setting() { # <setting> <value>
	printf "SET reconcile.%s = '%s';\n" "$1" "${2//\'/\'\'}"
}

# Only in a database that has it are vectors known, and the statistics of statements seen. A store without is worth a start.
install_extension() { # <extension> <options of the server>...
	single_user "$POSTGRES_DB" "${@:2}" <<<"CREATE EXTENSION IF NOT EXISTS $1" ||
		echo "docker-entrypoint.sh: database $POSTGRES_DB has no $1: see the message above." >&2
}

# Also in data folders that were made before anybody backed them up. A store that cannot be backed up is worth a start.
let_backup_replicate() {
	local rules=$PGDATA/pg_hba.conf
	grep -qxF "$replication" "$rules" || printf '\n%s\n' "$replication" >>"$rules" ||
		echo "docker-entrypoint.sh: backups cannot replicate: add to $rules the line: $replication" >&2
}

# Without a listener and before recovery could matter to a client: single-user mode asks for no password.
single_user() { # <database> <options of the server>...
	local quiet=(-c exit_on_error=on -c log_min_error_statement=panic -c log_error_verbosity=terse -c log_statement=none
		-c log_min_duration_statement=-1 -c log_checkpoints=off -c log_destination=stderr -c client_min_messages=warning
		-c shared_preload_libraries= -c shared_buffers=16MB)
	run postgres --single "${@:2}" "${quiet[@]}" -j "$1" >/dev/null
}

# Goes on beside the server, a child of the container's first process: PostgreSQL takes the death of a child that it does
# not know for a crash of its own.
follow_files() {
	set +e
	trap - EXIT
	local before=$applied now
	while sleep $poll_seconds; do
		now=$(digests)
		# Files are replaced one after another: what is seen twice is complete.
		if [ "$now" != "$applied" ] && [ "$now" = "$before" ] && (check_files) && apply; then
			applied=$now
		fi
		before=$now
	done
}

# Of files that have not been applied yet, not of passwords that this try has set: a try before it may have ended there.
changed_logins() {
	local digest file
	while read -r digest file; do
		case $applied in *"$digest  $file"*) continue ;; esac
		case $file in
		"$POSTGRES_PASSWORD_FILE") echo "$POSTGRES_USER" ;;
		*) file=${file##*/postgres_} && echo "${file%_password}" ;;
		esac
	done <<<"$now"
}

digests() {
	sha256sum "$POSTGRES_PASSWORD_FILE" /run/secrets/postgres_* 2>/dev/null || true
}

# By the socket, which asks nobody in the container for a password. Terse, here and in the server's log, as in single_user:
# the context of an error is the statement that failed, with the password in it.
apply() {
	{
		echo "BEGIN;"
		statements
		echo "COMMIT;"
		setting changed "$(changed_logins)"
		cat $parts/end-sessions.sql
	} | PGHOST= PGHOSTADDR= PGOPTIONS="-c pg_stat_statements.track=none -c log_error_verbosity=terse" psql -XqAt --no-password \
		--set=ON_ERROR_STOP=1 --set=VERBOSITY=terse --username="$POSTGRES_USER" --dbname=postgres --output=/dev/null
}
