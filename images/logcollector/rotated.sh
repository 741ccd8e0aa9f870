#!/bin/sh
# Keeps what was not read of files that Docker rotated while the collector was away: syslog-ng knows a file by its name
# and inode, and would go on with the new file of that name. Usage: rotated.sh <folder of the collector's state>
set -eu
state=$1/syslog-ng.persist
rotated=$1/rotated
mkdir -p "$rotated"
[ -e "$state" ] || exit 0

# "file inode place" of every file that was read: the place is where its first unacknowledged line begins. The numbers
# are little-endian, at fixed places of syslog-ng's LogProtoBufferedServerState.
number() {
    digits=
    for byte; do digits=$byte$digits; done
    echo $((0x$digits))
}
places() {
    persist-tool dump "$state" | sed -n 's/^wildcard_file_sd[^(]*(\(.*\)) = { "value": "\(.*\) " }$/\1 \2/p' |
        while read -r file bytes; do
            # shellcheck disable=SC2086 # one word per byte
            set -- $bytes
            [ $# = 72 ] || { echo "log-collector: $state: unknown state of $file" >&2; continue; }
            inode=$(number "${65}" "${66}" "${67}" "${68}" "${69}" "${70}" "${71}" "${72}")
            place=$(number "${25}" "${26}" "${27}" "${28}" "${29}" "${30}" "${31}" "${32}")
            buffered=$(number "${41}" "${42}" "${43}" "${44}")
            [ "$buffered" = 0 ] || place=$((place + $(number "${5}" "${6}" "${7}" "${8}")))
            echo "$file $inode $place"
        done
}

known=$(places)
# What an earlier start kept and has been read since.
echo "$known" | while read -r file _ place; do
    case $file in "$rotated"/*) [ "$(stat -c %s "$file" 2>/dev/null)" != "$place" ] || rm "$file" ;; esac
done

echo "$known" | while read -r file inode place; do
    [ -f "$file" ] && [ "$(stat -c %i "$file")" != "$inode" ] && [ "$inode" != 0 ] || continue
    head -n 1 "$file" | grep -q "\"pulumi.stack\":\"$LOGS_STACK\"" || continue
    unread= generation=1
    # From the newest back to the one that was being read; without it, all that there are came after it.
    while [ -f "$file.$generation" ]; do
        if [ "$(stat -c %i "$file.$generation")" = "$inode" ]; then
            tail -c "+$((place + 1))" "$file.$generation" >> "$rotated/${file##*/}"
            break
        fi
        unread="$file.$generation $unread"
        generation=$((generation + 1))
    done
    # shellcheck disable=SC2086 # names made of digits and letters
    [ -z "$unread" ] || cat $unread >> "$rotated/${file##*/}"
done
