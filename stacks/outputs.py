"""What a running stack promises: exported by the program, read by the smoke tests and by operators' tools."""

from typing import Annotated

from pydantic import Field

from stacks.values import Frozen


class ServiceOutputs(Frozen):
    """One running service.

    `containers` are the IDs of its replicas and `address` is `host:port` inside the stack's networks. `cpus` (cores),
    `memory_mb` (MiB) and `processes` (threads counted) are the limits of each. `networks` maps the stack's names to
    those that Docker knows. `published` are the addresses of the engine's host, `IP:port`, that lead to it.
    `host_paths` is what it sees of that host, read-only. Clients log in as `login` with the password in
    `password_file`, a path in the container of the stack's `client`; both are empty without any.
    """

    containers: Annotated[tuple[str, ...], Field(min_length=1)]
    address: str
    user: str
    cpus: float
    memory_mb: int
    processes: int
    networks: dict[str, str]
    published: tuple[str, ...] = ()
    host_paths: tuple[str, ...] = ()
    login: str
    password_file: str

    @property
    def container(self) -> str:
        """One of its containers: any replica will do."""
        return self.containers[0]


class StackOutputs(Frozen):
    """A whole stack: `url` is where people open it, `client` names the service that logs in to the stores.

    `dashboards` is where those who look after it see it, on the engine's host; None without monitoring. A stack that
    signs the certificate of its `url` itself keeps that of its CA at `authority`, in the container of the way in.
    """

    url: str
    authority: str | None = None
    dashboards: str | None = None
    services: dict[str, ServiceOutputs]
    client: str
