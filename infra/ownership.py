"""Who owns the stack: this state and this checkout, or others whose containers must not be trampled on."""

import socket
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from infra.engine import container_name

CHECKOUT_LABEL = "pulumi.checkout"
STORE_AWAY_LABEL = "pulumi.store-away"
"""What a job carries whose store is stopped as long as it runs."""
SECRETS_LABEL = "pulumi.secrets"
INSTALLATION_LABEL = "pulumi.installation"


def stack_labels(project: str, stack: str) -> dict[str, str]:
    """The labels that tell a stack's resources from all others."""
    return {"pulumi.project": project, "pulumi.stack": stack}


def checkout_mark(checkout: Path) -> str:
    """Where the stack is brought up from, `host:folder`."""
    return f"{socket.gethostname()}:{checkout}"


def mark_to_keep(known: Iterable[str], checkout: Path) -> str:
    """The mark that the stack should carry: another host's stays, so that a look from here is no change."""
    elsewhere = (mark for mark in known if mark.partition(":")[0] != socket.gethostname())
    return next(elsewhere, checkout_mark(checkout))


def other_checkout(mark: str, checkout: Path) -> Path | None:
    """The checkout on this host that runs the stack; one that was moved or removed does not count."""
    host, _, folder = mark.partition(":")
    other = Path(folder)
    taken = host == socket.gethostname() and other != checkout and (other / "Pulumi.yaml").exists()
    return other if taken else None


def second_checkout_message(stack: str, other: Path, checkout: Path) -> str:
    """The error for a stack that another checkout on this host runs."""
    return (
        f"stack {stack} was brought up from the checkout {other}, and this one is {checkout}: they would share "
        "state and containers. Run it from there, or remove that checkout if this one takes over, or use a stack of "
        "your own: `pulumi stack init <name>`, with ports of its own in Pulumi.<name>.yaml"
    )


def strangers(containers: Iterable[Mapping[str, Any]], installation: str) -> list[str]:
    """Names of the stack's containers that the state at hand knows nothing of."""
    return sorted(
        container_name(container)
        for container in containers
        if container["Labels"].get(INSTALLATION_LABEL) != installation
    )


def strangers_message(stack: str, project: str, names: Iterable[str]) -> str:
    """The error for containers whose state was lost, or is kept elsewhere, with the way back."""
    label = f"--filter label=pulumi.project={project} --filter label=pulumi.stack={stack}"
    return (
        f"stack {stack} has containers on this engine that this Pulumi state does not know: {', '.join(names)}. Either "
        "another machine or backend (PULUMI_BACKEND_URL) holds the state: then deploy from there. Or it was lost: then "
        "remove the containers and bring the stack up again; the data volumes stay and are found again:\n"
        f"  docker ps -q {label} | xargs -r docker stop -t 120\n"
        f"  docker ps -aq {label} | xargs -r docker rm -v\n"
        f"  docker volume ls -q {label} --filter label={SECRETS_LABEL} | xargs -r docker volume rm\n"
        f"  docker network prune -f {label}"
    )
