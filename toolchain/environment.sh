# Sourced by .venv/bin/activate (sh, bash, zsh): what `pulumi` needs in the environment.
# The pulumi command itself is .venv/bin/pulumi, which finds its language host beside the file that it links to.

export PULUMI_SKIP_UPDATE_CHECK=true

# The docker command follows its context, the SDK and the plugins follow DOCKER_HOST: let all mean the same engine.
if [ -z "${DOCKER_HOST:-}" ] && command -v docker >/dev/null 2>&1; then
    _engine=$(docker context inspect --format '{{.Endpoints.docker.Host}}' 2>/dev/null) || _engine=
    case "$_engine" in
    '' | unix:///var/run/docker.sock) ;;
    *) export DOCKER_HOST="$_engine" ;;
    esac
    unset _engine
fi

# A passphrase of the user's own wins, even an empty one: Pulumi looks at PULUMI_CONFIG_PASSPHRASE first.
if [ -z "${PULUMI_CONFIG_PASSPHRASE+set}" ]; then
    case "${PULUMI_CONFIG_PASSPHRASE_FILE:-}" in
    # Also when another checkout's activation has set it: that checkout may be gone.
    '' | */stacks/evaluation.passphrase)
        export PULUMI_CONFIG_PASSPHRASE_FILE="${VIRTUAL_ENV%/*}/stacks/evaluation.passphrase"
        ;;
    esac
fi
