"""What is looked at: each check yields what is wrong with a resource, and nothing when it is in order."""

from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from typing import Any

from policy.resource import UNKNOWN, Resource, Stack

EVERYTHING = ("*", ".*", "0.0.0.0/0", "::/0")
"""How an allowlist says that it is none."""
HTTPS_PORT = "HTTPS_PORT"
"""With this variable the edge speaks TLS at the host's port of that number, and its HTTP only leads there."""


def limits(container: Resource, _: Stack) -> Iterator[str]:
    """Memory, and no more with swap, and cores."""
    memory, swap = (_number(container.inputs.get(key)) for key in ("memory", "memorySwap"))
    if memory <= 0:
        yield "memory has no limit"
    elif swap != memory:
        yield "memorySwap is not its memory, so it may swap"
    if _number(container.inputs.get("cpus")) <= 0:
        yield "cpus has no limit"


def health_check(container: Resource, _: Stack) -> Iterator[str]:
    """Whoever is there to stay says whether they work; a job says so by its end."""
    is_job = container.inputs.get("restart", "no") == "no" and container.inputs.get("mustRun") is False
    tests = container.part("healthcheck").get("tests") or ["NONE"]
    if not is_job and tests[0] == "NONE":
        yield "it has no healthcheck"


def user(container: Resource, _: Stack) -> Iterator[str]:
    """A number, since a name is what the image makes of it."""
    chosen = str(container.inputs.get("user") or "")
    uid, _colon, gid = chosen.partition(":")
    if not (_number(uid) > 0 and _number(gid) > 0):
        yield f"user is {chosen or 'that of its image'}"


def read_only(container: Resource, _: Stack) -> Iterator[str]:
    """Its own file system."""
    if container.inputs.get("readOnly") is not True:
        yield "readOnly is not true"


def privileges(container: Resource, _: Stack) -> Iterator[str]:
    """All that would let it do more than a process of its user."""
    capabilities = container.part("capabilities")
    if container.inputs.get("privileged"):
        yield "it is privileged"
    if added := capabilities.get("adds"):
        yield f"capabilities adds {_listing(added)}"
    if capabilities.get("drops") != ["ALL"]:
        yield "capabilities does not drop ALL"
    if "no-new-privileges:true" not in container.listed("securityOpts"):
        yield "securityOpts lacks no-new-privileges:true"
    for option in container.listed("securityOpts"):
        if str(option).endswith(("unconfined", "=disable", ":disable")):
            yield f"securityOpts has {option}"
    for key in ("networkMode", "pidMode", "ipcMode", "usernsMode"):
        if container.inputs.get(key) == "host":
            yield f"{key} is host"
    if container.listed("devices"):
        yield "it gets devices of the host"


def public_port(container: Resource, stack: Stack) -> Iterator[str]:
    """A port that other machines reach."""
    public = [port for port in container.parts("ports") if not _is_loopback(port.get("ip"))]
    https = _https_port(container)
    for port in public:
        where = f"port {_number(port.get('external')):g} listens on {port.get('ip') or 'every address'}"
        if stack.for_evaluation:
            yield f"{where} while the stack's secrets are under the published passphrase"
        elif not https or https not in [_number(one.get("external")) for one in public]:
            yield f"{where} without TLS"


def retention(volume: Resource, _: Stack) -> Iterator[str]:
    """Whether `pulumi destroy` would take it along. Pulumi does not tell policy packs: those leave it to `research`."""
    if volume.retained is False:
        yield "it is not retained"


def fixed_tag(container: Resource, _: Stack) -> Iterator[str]:
    """The image of a container; one that is about to be built is known by the tags of its build."""
    yield from _unless_fixed([container.inputs.get("image") or ""])


def fixed_tags(image: Resource, _: Stack) -> Iterator[str]:
    """The tags of an image that is built."""
    yield from _unless_fixed(image.listed("tags"))


def wildcards(container: Resource, _: Stack) -> Iterator[str]:
    """An allowlist that lets everybody in, in the environment or on the command line."""
    for word in (*container.listed("envs"), *container.listed("command")):
        name, _equals, value = str(word).partition("=")
        if {name, *value.split(",")} & {*EVERYTHING}:
            yield f"{word} allows everything"


def _unless_fixed(references: Sequence[Any]) -> Iterator[str]:
    for reference in map(str, references):
        tag = reference.rpartition("/")[2].partition(":")[2]
        if reference != UNKNOWN and (not tag or tag == "latest"):
            yield f"its image {reference or '(none)'} is whatever is newest"


def _https_port(container: Resource) -> float | None:
    pairs = (str(line).partition("=") for line in container.listed("envs"))
    return next((_number(value) for name, _, value in pairs if name == HTTPS_PORT), None)


def _is_loopback(address: Any) -> bool:
    try:
        return ip_address(str(address)).is_loopback
    except ValueError:
        return False


def _number(value: Any) -> float:
    """The number that it is, also as text; 0 when it is none or not known yet."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return 0


def _listing(values: Any) -> str:
    return ", ".join(map(str, values)) if isinstance(values, list) else str(values)
