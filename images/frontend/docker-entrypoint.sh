#!/bin/sh
# Writes nginx's configuration from its templates, then becomes the command.
# As in the official image: only for nginx itself, and only names that the environment has are replaced.
set -eu
templates=/etc/nginx/templates
output=${NGINX_ENVSUBST_OUTPUT_DIR:-/tmp/conf.d}

if [ "${1:-}" = nginx ]; then
    case ${API_ADDRESS:-} in
    '' | *[!A-Za-z0-9.:_-]* | *:*[!0-9]* | *: | :*)
        echo "frontend: API_ADDRESS is '${API_ADDRESS:-}'; allowed is host:port. Start it with --env API_ADDRESS=api:8000" >&2
        exit 64 ;;
    *:*) ;;
    *)
        echo "frontend: API_ADDRESS is '$API_ADDRESS', without a port; start it with --env API_ADDRESS=$API_ADDRESS:8000" >&2
        exit 64 ;;
    esac
    mkdir -p "$output" || { echo "frontend: $output cannot be written; start it with --tmpfs /tmp" >&2; exit 73; }
    for template in "$templates"/*.template; do
        name=${template##*/}
        awk '{
            rest = $0
            line = ""
            while (match(rest, /\$\{[A-Za-z_][A-Za-z0-9_]*\}/)) {
                name = substr(rest, RSTART + 2, RLENGTH - 3)
                marker = substr(rest, RSTART, RLENGTH)
                line = line substr(rest, 1, RSTART - 1) (name in ENVIRON ? ENVIRON[name] : marker)
                rest = substr(rest, RSTART + RLENGTH)
            }
            print line rest
        }' "$template" > "$output/${name%.template}"
    done
fi
exec "$@"
