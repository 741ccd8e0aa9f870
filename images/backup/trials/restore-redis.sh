#!/bin/sh
# Puts a dump in the place of the stopped store's data: runs in the store's image, without any network.
#
# Reads /exchange/redis: dump.rdb and, when it is there, expected.tsv: what must be in it, as drill-redis.sh writes it.
# The dump becomes an append-only file set in /data/restoring and is proven there. From the moment that the folder is
# named /data/restored only renames are left; killed among them, the store's next start finishes those, or the next run.
. "${0%/*}/private-redis.sh"
dump=/exchange/redis/dump.rdb
expected=/exchange/redis/expected.tsv
trap 'stop_server; rm -rf /data/restoring' EXIT
umask 0077

unfit() {
	fail "$*. Nothing was replaced; take another backup."
}

# Keeps what is to be replaced until what replaces it is in place.
finish() {
	[ -d /data/restored ] || return 0
	mkdir -p /data/former
	if [ -d /data/restored/appendonlydir ]; then
		rm -rf /data/former/appendonlydir
		[ ! -e /data/appendonlydir ] || mv /data/appendonlydir /data/former/
		mv /data/restored/appendonlydir /data/
	fi
	rm -rf /data/dump.rdb /data/former
	rm -rf /data/restored
}

# Redis tries again and again to write what it could not: it says `err` in between.
rewriting() {
	echo "$(info persistence aof_rewrite_in_progress)$(info persistence aof_rewrite_scheduled)$(info persistence aof_last_bgrewrite_status)"
}

# The file set holds what the dump holds: all of it was written, and a server that loads it tells the same.
make_file_set() {
	start_server /data/restoring --appendonly no || unfit "$dump cannot be loaded ($(last_line))"
	held=$(facts)
	if [ -e $expected ] && [ "$held" != "$(cat $expected)" ]; then
		unfit "$dump does not hold what $expected says, but: $(echo "$held" | tr '\t\n' ' ,')"
	fi
	ask CONFIG SET appendonly yes >/dev/null
	until [ "$(rewriting)" = 00ok ]; do
		case $(rewriting) in *err | '') unfit "the append-only file was not written ($(last_line))" ;; esac
		sleep 0.1
	done
	stop_server
	rm /data/restoring/dump.rdb
}

prove_file_set() {
	start_server /data/restoring --appendonly yes || unfit "the append-only file cannot be loaded ($(last_line))"
	[ "$(facts)" = "$held" ] || unfit "the append-only file does not hold what the dump holds: $(facts | tr '\t\n' ' ,')"
	stop_server
}

finish
[ -r $dump ] || fail "$dump is not there, or user $(id -u) may not read it: fetch the backup first."
rm -rf /data/restoring
mkdir /data/restoring
cat $dump >/data/restoring/dump.rdb || unfit "$dump does not fit into /data"
make_file_set
prove_file_set
sync
mv /data/restoring /data/restored
finish
echo "$name: the store now holds: $(echo "$held" | tr '\t\n' ' ,')"
