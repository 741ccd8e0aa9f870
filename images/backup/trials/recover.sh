#!/bin/bash
# Recovers PostgreSQL to a point in time, and dumps what it was then: runs in the store's image, without any network.
#
# Reads /exchange/recover: base.tar, wal/, target (an ISO time with a zone, or `latest`), facts.sql, and `covered` where it
# is known that the log reaches the target: if it then ends before, nothing was written in between.
# Leaves postgres.dump and facts.tsv in /exchange/recovered, or nothing and why.
. "${0%/*}/private-postgres.sh"
from=/exchange/recover
work=/exchange/recovering
made=/exchange/recovered
trap 'stop_server; rm -rf $work' EXIT

read_target() {
	need $from/target $from/facts.sql $from/base.tar $from/wal
	target=$(<$from/target)
	local zone='(Z|[+-][0-9]{2}(:?[0-9]{2})?)'
	[[ $target == latest || $target =~ ^[0-9]{4}-[0-9]{2}-[0-9]{2}[T\ ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?$zone$ ]] && return
	echo "$name: $from/target: '$target' is neither 'latest' nor a time with its zone, as 2026-11-30T12:00:00Z." >&2
	exit 2
}

unpack() {
	rm -rf $work $made
	mkdir -m 0700 $work $work/pgdata
	mkdir -m 0777 $work/made
	run tar -x -f $from/base.tar -C $work/pgdata || fail "$from/base.tar cannot be unpacked: fetch the backup again."
	local version
	version=$(cat $work/pgdata/PG_VERSION 2>/dev/null) || version=unknown
	[ "$version" = "$(server_version)" ] ||
		fail "the base backup is of PostgreSQL $version, and this server is PostgreSQL $(server_version), which cannot read it:" \
			"restore a backup by its name, not by a time (docs/upgrade.md)."
	run pg_verifybackup --no-parse-wal $work/pgdata >$log 2>&1 ||
		fail "the base backup is not what its manifest says ($(last_error)): use another one."
	base_began=$(sed -n 's/^START TIME: //p' $work/pgdata/backup_label)
	touch $work/pgdata/recovery.signal
}

server_version() {
	local told
	told=$(postgres --version)
	told=${told#*) }
	echo "${told%%[^0-9]*}"
}

# The last segment was still being received: it is named .partial.
fetch_segment="cp $from/wal/%f \"%p\" 2>/dev/null || cp $from/wal/%f.partial \"%p\" 2>/dev/null"

recover() {
	local until=()
	# So early in its start the server does not know what Z means.
	[ "$target" = latest ] || until=(-c recovery_target_time="${target/%Z/+00}" -c recovery_target_action=promote)
	# Without hot_standby it answers only when recovery has ended, whatever the primary's limits were.
	start_server $work/pgdata -c hot_standby=off -c restore_command="$fetch_segment" "${until[@]}" || tell_why
	[ "$(answer 'SELECT pg_is_in_recovery()')" = f ] || fail "recovery did not end: $(last_error)."
	[ "$target" = latest ] || [ "$(answer "SELECT timestamptz '$target' < timestamptz '$base_began'")" = f ] || too_early
}

answer() { # <query>
	psql -XqAt --dbname=postgres -c "$1" 2>>$log
}

# PostgreSQL itself takes the base backup's end for a time before it.
too_early() {
	fail "$target is before the base backup, of $base_began: choose a later time, or an earlier base backup."
}

tell_why() {
	local reached
	reached=$(sed -n 's/.*last completed transaction was at log time //p' $log | tail -n 1)
	case $(<$log) in
	*"recovery ended before configured recovery target was reached"*)
		if [ -e $from/covered ]; then
			target=latest
			unpack
			recover
			return
		fi
		fail "the log that was backed up does not reach $target: its last transaction is of ${reached:-before the end of the base backup}." \
			"Choose an earlier time, or 'latest' for all that is there."
		;;
	*"before consistent recovery point"*)
		too_early
		;;
	esac
	fail "the server of the base backup ended: $(last_error). Use another base backup, or the daily dump."
}

[ "$(id -u)" != 0 ] || fail "PostgreSQL does not run as root: start this container as user 999."
read_target
unpack
recover
run pg_dump -Fc --dbname="$database" --file=$work/made/postgres.dump 2>>$log ||
	fail "database $database could not be dumped: $(last_error)."
write_facts $from/facts.sql $work/made/facts.tsv
stop_server
mv $work/made $made
echo "$name: database $database as of $target is in $made/postgres.dump"
