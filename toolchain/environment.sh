# Sourced by .venv/bin/activate (sh, bash, zsh): what `pulumi` needs in the environment.
# The pulumi command itself is .venv/bin/pulumi, which finds its language host beside the file that it links to.

export PULUMI_SKIP_UPDATE_CHECK=true

# A passphrase of the user's own wins, even an empty one: Pulumi looks at PULUMI_CONFIG_PASSPHRASE first.
if [ -z "${PULUMI_CONFIG_PASSPHRASE+set}" ]; then
    case "${PULUMI_CONFIG_PASSPHRASE_FILE:-}" in
    # Also when another checkout's activation has set it: that checkout may be gone.
    '' | */stacks/evaluation.passphrase)
        export PULUMI_CONFIG_PASSPHRASE_FILE="${VIRTUAL_ENV%/*}/stacks/evaluation.passphrase"
        ;;
    esac
fi
