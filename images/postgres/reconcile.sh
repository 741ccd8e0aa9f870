# Who may log in follows the secret files at every start. Sourced by docker-entrypoint.sh.
secret_roles=(monitor backup)
# PostgreSQL's line for `all` databases leaves replication out.
replication="host replication backup samenet scram-sha-256"

reconcile_roles() {
	[ ! -e "$PGDATA/standby.signal" ] && [ ! -e "$PGDATA/recovery.signal" ] || return 0
	local -A passwords=()
	read_secrets
	[ -n "$POSTGRES_PASSWORD_FILE" ] || [ ${#passwords[@]} != 0 ] || return 0
	single_user template1 "$@" <<<"$(statements)" || fail "the passwords of the roles could not be checked against their files:" \
		"see the message above."
	[ -z "${passwords[monitor]}" ] || install_statistics "$@"
	[ -z "${passwords[backup]}" ] || let_backup_replicate
}

secret_file() { # <role>
	echo "/run/secrets/postgres_$1_password"
}

read_secrets() {
	local role file
	for role in "${secret_roles[@]}"; do
		file=$(secret_file "$role")
		[ -e "$file" ] || continue
		[ -r "$file" ] || fail "cannot read $file; mount it readable for uid $(id -u), or leave it out."
		passwords[$role]=$(<"$file")
		[ -n "${passwords[$role]}" ] || fail "$file is empty; write the password of role $role into it, or leave it out."
	done
}

statements() {
	local role
	if [ -n "$POSTGRES_PASSWORD_FILE" ]; then
		password "$POSTGRES_USER" "$POSTGRES_PASSWORD" POSTGRES_PASSWORD_FILE
	fi
	for role in "${secret_roles[@]}"; do
		if [ -n "${passwords[$role]}" ]; then
			cat "$parts/$role.sql"
			password "$role" "${passwords[$role]}" "$(secret_file "$role")"
		else
			cat "$parts/no-$role.sql"
		fi
	done
}

password() { # <role> <password> <where it comes from>
	printf "SET reconcile.role = '%s';\n" "${1//\'/\'\'}"
	printf "SET reconcile.password = '%s';\n" "${2//\'/\'\'}"
	printf "SET reconcile.source = '%s';\n" "${3//\'/\'\'}"
	cat $parts/password.sql
}

# The statistics of statements are seen only from a database that has the extension. A store without them is worth a start.
install_statistics() {
	single_user "$POSTGRES_DB" "$@" <<<"CREATE EXTENSION IF NOT EXISTS pg_stat_statements" ||
		echo "docker-entrypoint.sh: database $POSTGRES_DB has no pg_stat_statements for role monitor: see the message above." >&2
}

# Also in data folders that were made before anybody backed them up. A store that cannot be backed up is worth a start.
let_backup_replicate() {
	local rules=$PGDATA/pg_hba.conf
	grep -qxF "$replication" "$rules" || printf '\n%s\n' "$replication" >>"$rules" ||
		echo "docker-entrypoint.sh: role backup cannot replicate: add to $rules the line: $replication" >&2
}

# Without a listener and before recovery could matter to a client: single-user mode asks for no password.
single_user() { # <database> <options of the server>...
	local quiet=(-c exit_on_error=on -c log_min_error_statement=panic -c log_error_verbosity=terse -c log_statement=none
		-c log_min_duration_statement=-1 -c log_checkpoints=off -c log_destination=stderr -c client_min_messages=warning
		-c shared_preload_libraries= -c shared_buffers=16MB)
	run postgres --single "${@:2}" "${quiet[@]}" -j "$1" >/dev/null
}
