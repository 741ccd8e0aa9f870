"""What a running stack promises: exported by the program, read by the smoke tests and by operators' tools."""

from stacks.settings import Frozen


class ServiceOutputs(Frozen):
    """One running service.

    `container` is its ID and `address` is `host:port` inside the stack's networks. `cpus` (cores) and `memory_mb` (MiB)
    are the limits in force. `networks` maps the stack's names to those that Docker knows. Clients log in as `login`
    with the password in `password_file`, a path in the container of the stack's `client`; both are empty without any.
    """

    container: str
    address: str
    user: str
    cpus: float
    memory_mb: int
    networks: dict[str, str]
    login: str
    password_file: str


class StackOutputs(Frozen):
    """A whole stack: `url` is where people open it, `client` names the service that logs in to the stores."""

    url: str
    services: dict[str, ServiceOutputs]
    client: str
