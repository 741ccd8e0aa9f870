# Who may log in follows the secret files at every start. Sourced by docker-entrypoint.sh.
monitor_file=/run/secrets/postgres_monitor_password

reconcile_roles() {
	[ ! -e "$PGDATA/standby.signal" ] && [ ! -e "$PGDATA/recovery.signal" ] || return 0
	local monitor_password
	[ -n "$POSTGRES_PASSWORD_FILE" ] || [ -e $monitor_file ] || return 0
	if [ -e $monitor_file ]; then
		[ -r $monitor_file ] || fail "cannot read $monitor_file; mount it readable for uid $(id -u), or leave it out."
		monitor_password=$(<$monitor_file)
		[ -n "$monitor_password" ] || fail "$monitor_file is empty; write the password of role monitor into it, or leave it out."
	fi
	single_user template1 "$@" <<<"$(statements)" || fail "the passwords of the roles could not be checked against their files:" \
		"see the message above."
	[ -z "$monitor_password" ] || install_statistics "$@"
}

statements() {
	if [ -n "$POSTGRES_PASSWORD_FILE" ]; then
		password "$POSTGRES_USER" "$POSTGRES_PASSWORD" POSTGRES_PASSWORD_FILE
	fi
	if [ -n "$monitor_password" ]; then
		cat $parts/monitor.sql
		password monitor "$monitor_password" $monitor_file
	else
		cat $parts/no-monitor.sql
	fi
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

# Without a listener and before recovery could matter to a client: single-user mode asks for no password.
single_user() { # <database> <options of the server>...
	local quiet=(-c exit_on_error=on -c log_min_error_statement=panic -c log_error_verbosity=terse -c log_statement=none
		-c log_min_duration_statement=-1 -c log_checkpoints=off -c log_destination=stderr -c client_min_messages=warning
		-c shared_preload_libraries= -c shared_buffers=16MB)
	run postgres --single "${@:2}" "${quiet[@]}" -j "$1" >/dev/null
}
