#!/bin/sh
# Switches the maintenance page, and returns when it is: HAProxy looks for the file every half second, and finds it again
# after a restart.
set -eu
file=/var/lib/edge/maintenance

cannot() {
    echo "maintenance: $file cannot be written; mount a volume at ${file%/*} that belongs to user $(id -u)" >&2
    exit 73
}

case "${1:-}:$#" in
on:1 | on:2)
    { echo "${2:-}" > "$file.new" && mv "$file.new" "$file"; } 2>&- || cannot
    sleep 1 ;;
off:1)
    rm -f "$file" 2>&- || cannot
    sleep 1 ;;
status:1)
    if [ -e "$file" ]; then echo on; else echo off; fi ;;
*)
    echo "usage: maintenance on [what people are told] | off | status" >&2
    exit 64 ;;
esac
