#!/bin/sh
# Refuses a wrong setting in one line, before anything listens, then becomes the command.
# HAProxy itself reads the environment: /etc/haproxy/haproxy.cfg says where.
set -eu

refuse() {
    echo "edge: $*" >&2
    exit 64
}

is_number() { # <value> <smallest> <largest>
    case $1 in '' | *[!0-9]* | ????????*) return 1 ;; esac
    [ "$1" -ge "$2" ] && [ "$1" -le "$3" ]
}

check_address() { # <variable> <value> <example>
    case $2 in
    *[!A-Za-z0-9.:_-]* | *:*:* | :* | '') refuse "$1 is '$2'; allowed is host:port. Start it with --env $1=$3" ;;
    *:*) is_number "${2##*:}" 1 65535 || refuse "$1 is '$2'; allowed is a port from 1 to 65535. Start it with --env $1=$3" ;;
    *) refuse "$1 is '$2', without a port; start it with --env $1=$2:${3#*:}" ;;
    esac
}

dated() { # <which date> of the certificate, as UTC that sorts
    openssl x509 -in "$TLS_CERTIFICATE" -noout "$1" -dateopt iso_8601 | { IFS='=' read -r _ date && echo "$date"; }
}

check_certificate() {
    file="TLS_CERTIFICATE: $TLS_CERTIFICATE"
    wanted="one PEM file with the server's certificate, those that signed it, and its private key without a passphrase"
    case $TLS_CERTIFICATE in /*) ;; *) refuse "$file is not a path from the root; allowed is $wanted" ;; esac
    [ -e "$TLS_CERTIFICATE" ] || refuse "$file does not exist; mount the folder that holds it, read-only"
    [ -f "$TLS_CERTIFICATE" ] || refuse "$file is not a file; allowed is $wanted"
    [ -r "$TLS_CERTIFICATE" ] || refuse "$file cannot be read by user $(id -u); let it be readable or owned by that user"
    certified=$(openssl x509 -in "$TLS_CERTIFICATE" -noout -pubkey 2>&-) || refuse "$file holds no certificate; allowed is $wanted"
    key=$(openssl pkey -in "$TLS_CERTIFICATE" -passin pass: -pubout 2>&-) || refuse "$file holds no usable key; allowed is $wanted"
    [ "$key" = "$certified" ] || refuse "$file has a key that is not its first certificate's; allowed is $wanted"
    now=$(date -u '+%Y-%m-%d %H:%M:%SZ')
    ends=$(dated -enddate)
    begins=$(dated -startdate)
    [ "$now" \< "$ends" ] || refuse "$file expired on $ends; put a new one in its place"
    [ ! "$now" \< "$begins" ] || refuse "$file is good from $begins on, and it is $now now; wait, or set the clock"
}

if [ "${1:-}" = haproxy ]; then
    check_address API_ADDRESS "${API_ADDRESS:-}" api:8000
    check_address FRONTEND_ADDRESS "${FRONTEND_ADDRESS:-}" frontend:8080
    export RATE_LIMIT="${RATE_LIMIT:-0}" LOGIN_RATE_LIMIT="${LOGIN_RATE_LIMIT:-0}" HTTPS_PORT="${HTTPS_PORT:-443}"
    is_number "$RATE_LIMIT" 0 1000000 \
        || refuse "RATE_LIMIT is '$RATE_LIMIT'; allowed are 0 (no limit) to 1000000 requests of a client in 10 seconds"
    is_number "$LOGIN_RATE_LIMIT" 0 1000000 \
        || refuse "LOGIN_RATE_LIMIT is '$LOGIN_RATE_LIMIT'; allowed are 0 (no limit) to 1000000 refused logins of a client in a minute"
    is_number "$HTTPS_PORT" 1 65535 \
        || refuse "HTTPS_PORT is '$HTTPS_PORT'; allowed is 1 to 65535: the port on which people reach 8443"
    if [ -z "${TLS_CERTIFICATE:-}" ] && [ -n "${TLS_HOSTNAME:-}" ]; then
        export TLS_CERTIFICATE=/tmp/own-certificate.pem
        case $TLS_HOSTNAME in *[!A-Za-z0-9.-]*) refuse "TLS_HOSTNAME is '$TLS_HOSTNAME'; allowed is a host name or an IPv4 address" ;; esac
        own-certificate "$TLS_HOSTNAME" "$TLS_CERTIFICATE"
    fi
    if [ -n "${TLS_CERTIFICATE:-}" ]; then check_certificate; else unset TLS_CERTIFICATE; fi
    # Its first complaint; the others follow from it.
    complaints=$("$@" -c 2>&1) || refuse "HAProxy says $(echo "$complaints" | grep -m 1 ALERT)"
fi
exec "$@"
