#!/bin/sh
# Starts the collector, after what was rotated while it was away is put where it reads.
set -eu

for name in LOGS_URL LOGS_PROJECT LOGS_STACK; do
    eval "value=\${$name-}"
    if [ -z "$value" ]; then
        echo "log-collector: $name is not set: LOGS_URL is where the store takes /_bulk, LOGS_PROJECT and LOGS_STACK are the" \
            "labels pulumi.project and pulumi.stack of the containers whose lines are wanted" >&2
        exit 64
    fi
done
LOGS_URL=${LOGS_URL%/}
# Half of the smallest buffer is kept free for lines that were read before it was full.
: "${LOGS_BUFFER_MB:=256}"
case $LOGS_BUFFER_MB in *[!0-9]*) valid=no ;; *) [ "$LOGS_BUFFER_MB" -lt 32 ] && valid=no || valid=yes ;; esac
if [ $valid = no ]; then
    echo "log-collector: LOGS_BUFFER_MB is $LOGS_BUFFER_MB: it is the room on disk for lines that the store has not taken," \
        "in MiB, at least 32" >&2
    exit 64
fi
LOGS_BUFFER_BYTES=$((LOGS_BUFFER_MB * 1024 * 1024))
LOGS_AUTHORIZATION=
if [ -n "${LOGS_AUTHORIZATION_FILE-}" ]; then
    LOGS_AUTHORIZATION=$(cat "$LOGS_AUTHORIZATION_FILE")
fi
export LOGS_URL LOGS_BUFFER_BYTES LOGS_AUTHORIZATION

rotated.sh /var/lib/log-collector
exec "$@"
