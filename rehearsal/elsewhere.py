"""The far end of an off-site copy: what is there may be added to, and not be taken from."""

import base64
import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import docker

from images.tests.engine import build
from rehearsal.own_passphrase import OwnPassphrase
from rehearsal.project import free_port

USER = "stack"
SERVE = """echo "$USERS" >/tmp/users
exec restic-rest-server --path /tmp/far --append-only --htpasswd-file /tmp/users --listen :8000"""


@dataclass(frozen=True)
class Elsewhere:
    """A repository's address as the stack's jobs reach it, and what lets them in."""

    address: str
    credentials: str

    def is_for(self, project: OwnPassphrase) -> None:
        """Let a stack make backups, with a copy of them here; from its next `up` on."""
        project.set("backup", {"off_site": self.address})
        project.keep_secret("off_site_credentials", self.credentials)


@contextmanager
def elsewhere() -> Iterator[Elsewhere]:
    """A server on this machine that outlives the stacks."""
    client, password, port = docker.from_env(), secrets.token_hex(8), free_port()
    # What a container on any network reaches of the machine.
    machine = client.networks.get("bridge").attrs["IPAM"]["Config"][0]["Gateway"]
    users = f"{USER}:{{SHA}}{base64.b64encode(hashlib.sha1(password.encode()).digest()).decode()}"
    server = client.containers.run(
        build("tests/rest_server"),
        ["sh", "-c", SERVE],
        environment={"USERS": users},
        ports={"8000/tcp": (machine, port)},
        user="1000:1000",
        tmpfs={"/tmp": "size=4g"},
        detach=True,
    )
    try:
        login = f"RESTIC_REST_USERNAME={USER}\nRESTIC_REST_PASSWORD={password}\n"
        yield Elsewhere(f"rest:http://{machine}:{port}/stack", login)
    finally:
        server.remove(force=True)
