#!/bin/sh
# Signs a certificate for a host name with a CA that stays in the edge's volume, so that people trust it once.
# Usage: own-certificate <name or IPv4 address> <PEM file to write>
set -eu
umask 077
name=$1
target=$2
ca=/var/lib/edge/ca.pem
case $name in *[!0-9.]*) kind=DNS ;; *) kind=IP ;; esac
new="openssl req -config /etc/haproxy/certificate.cnf -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc"

{
    [ -s "$ca" ] || {
        $new -x509 -days 3650 -subj "/CN=Market Research edge $(date -u +%Y-%m-%d)" -extensions ca -keyout "$ca.key" -out "$ca.new"
        mv "$ca.new" "$ca"
    }
    # A common name holds 64 characters at most, which a host name may exceed.
    $new -subj "/CN=Market Research edge" -addext "subjectAltName=$kind:$name" -addext extendedKeyUsage=serverAuth -keyout "$target.key" -out "$target.request"
    # Browsers take none that is good for longer.
    openssl x509 -req -in "$target.request" -CA "$ca" -CAkey "$ca.key" -days 397 -copy_extensions copy -out "$target.signed"
    cat "$target.signed" "$ca" "$target.key" > "$target"
    rm "$target.signed" "$target.request" "$target.key"
} 2> /tmp/own-certificate.log || {
    echo "edge: no certificate for TLS_HOSTNAME $name: $(grep -m 1 . /tmp/own-certificate.log); mount a volume at ${ca%/*} that belongs to user $(id -u)" >&2
    exit 73
}
