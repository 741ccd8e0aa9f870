#!/bin/sh
# Loads a dump into a server of its own and tells what is in it: runs in the store's image, without any network.
#
# Reads /exchange/drill/redis/dump.rdb; leaves facts.tsv there, or nothing and why.
. "${0%/*}/private-redis.sh"
drill=/exchange/drill/redis
trap 'stop_server; rm -f $drill/facts.tsv.partial' EXIT
umask 0022

[ -r $drill/dump.rdb ] || fail "$drill/dump.rdb is not there, or user $(id -u) may not read it: fetch the backup first."
[ -w $drill ] || fail "user $(id -u) may not write to $drill: give it mode 0777."
rm -f $drill/facts.tsv
start_server $drill --appendonly no || fail "$drill/dump.rdb cannot be loaded ($(last_line)): take another backup."
facts >$drill/facts.tsv.partial
stop_server
mv $drill/facts.tsv.partial $drill/facts.tsv
