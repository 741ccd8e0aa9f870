# The first start of a data folder. Sourced by docker-entrypoint.sh.
#
# Killed at any moment, it goes on or says so at the next start: initdb works in a folder of its own inside $PGDATA, whose
# content moves up when complete, PG_VERSION last. What has not been finished after that is in $unfinished.
making=$PGDATA/initdb.unfinished
made=$PGDATA/initdb.finished
unfinished=$PGDATA/first-start.unfinished
scripts=/docker-entrypoint-initdb.d

first_start() {
	umask 0077
	mkdir -p "$PGDATA"
	chmod 0700 "$PGDATA" 2>/dev/null || true
	if [ ! -s "$PGDATA/PG_VERSION" ]; then
		[ -d "$made" ] || make_cluster "$@"
		move_cluster_up
	fi
	[ -s "$PGDATA/global/pg_control" ] || fail "$PGDATA has a PG_VERSION and no global/pg_control: it is not a complete" \
		"data folder. Nothing was changed. Restore a backup into it, or mount an empty volume to begin anew."
	if [ -e "$unfinished" ]; then
		fill_cluster "$@"
	fi
}

make_cluster() {
	local foreign
	foreign=$(find "$PGDATA" -mindepth 1 -maxdepth 1 ! -path "$making" ! -name lost+found | head -n 1)
	[ -z "$foreign" ] || fail "$PGDATA holds $foreign and no PG_VERSION: neither empty nor a data folder. Nothing was changed." \
		"Mount an empty volume, or set PGDATA to a folder of its own, as PGDATA=$PGDATA/pgdata."
	[ -n "$POSTGRES_PASSWORD" ] || [ "$POSTGRES_HOST_AUTH_METHOD" = trust ] || fail "there is no data yet and no password for" \
		"its superuser. Set POSTGRES_PASSWORD_FILE to the path of a file that holds one, or POSTGRES_PASSWORD to the password." \
		"(POSTGRES_HOST_AUTH_METHOD=trust lets everybody in without one: for data that nobody will miss.)"
	rm -rf "$making"
	local options
	eval "options=($POSTGRES_INITDB_ARGS)"
	run initdb --no-instructions --pgdata="$making" --username="$POSTGRES_USER" ${POSTGRES_INITDB_WALDIR:+--waldir="$POSTGRES_INITDB_WALDIR"} \
		${POSTGRES_PASSWORD:+--pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD")} "${options[@]}"
	local method=${POSTGRES_HOST_AUTH_METHOD:-$(postgres -D "$making" -C password_encryption "$@")}
	printf '\nhost all all all %s\n' "$method" >>"$making/pg_hba.conf"
	: >"$making/${unfinished##*/}"
	sync "$making" "$making/pg_hba.conf"
	mv "$making" "$made"
}

move_cluster_up() {
	local entry
	for entry in "$made"/*; do
		[ "${entry##*/}" = PG_VERSION ] || mv "$entry" "$PGDATA/"
	done
	sync "$PGDATA"
	mv "$made/PG_VERSION" "$PGDATA/"
	rmdir "$made"
}

fill_cluster() {
	[ ! -s "$unfinished" ] || fail "the first start of $PGDATA was interrupted in $(<"$unfinished"); what it left is not known." \
		"Nothing was changed. Mount an empty volume to begin anew, or, when the data is good, remove $unfinished."
	postgres -c listen_addresses= "$@" -c listen_addresses= &
	temporary_server=$!
	trap 'end_early 1' EXIT
	until pg_isready --quiet --username="$POSTGRES_USER" --dbname=postgres; do
		kill -0 $temporary_server 2>/dev/null || fail "the server that was to prepare $PGDATA ended: see its messages above."
		sleep 0.1
	done
	docker_process_sql --dbname=postgres --set=name="$POSTGRES_DB" <<-'SQL'
		SELECT format('CREATE DATABASE %I', :'name')
		WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \gexec
	SQL
	run_scripts
	trap - EXIT
	kill -INT $temporary_server
	wait $temporary_server
	rm "$unfinished"
	sync "$PGDATA"
}

run_scripts() {
	local script
	for script in "$scripts"/*; do
		[ -e "$script" ] || continue
		echo "$script" >"$unfinished"
		sync "$unfinished"
		echo "docker-entrypoint.sh: $script"
		case $script in
		*.sh) if [ -x "$script" ]; then run "$script"; else . "$script"; fi ;;
		*.sql) docker_process_sql <"$script" ;;
		*.sql.gz) gunzip -c "$script" | docker_process_sql ;;
		*.sql.xz) xz -dc "$script" | docker_process_sql ;;
		*.sql.zst) zstd -dc "$script" | docker_process_sql ;;
		*) echo "docker-entrypoint.sh: left out, as only .sh, .sql and .sql.gz/.xz/.zst are run: $script" ;;
		esac
	done
}

# Bears the official image's name: scripts that are sourced call it.
docker_process_sql() {
	PGHOST= PGHOSTADDR= run psql --no-psqlrc --no-password --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" \
		--dbname="$POSTGRES_DB" "$@"
}
