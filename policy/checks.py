"""What is looked at: each check yields what is wrong with a resource, and nothing when it is in order."""

import re
from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from typing import Any

from policy.resource import KINDS, UNKNOWN, Resource, Stack

EVERYTHING = re.compile(r"\*|\.\*|0\.0\.0\.0/0|::/0|[\w+.-]+://\*(:[\d*]+)?/?")
"""How an allowlist says that it is none."""
BETWEEN = {"envs": r"[,;\s]", "command": ",", "entrypoints": ","}
"""What stands between an allowlist's members; on a command line a blank or a semicolon may be a shell's."""
HTTPS_PORT = "HTTPS_PORT"
"""With this variable the edge speaks TLS at the host's port of that number, and its HTTP only leads there."""
INNER_HTTPS, INNER_HTTP = 8443, 8080
"""Where the edge listens for the two inside, as infra/services/edge.py has it."""


def known_kind(resource: Resource, _: Stack) -> Iterator[str]:
    """What no rule is about could do anything."""
    if resource.kind not in KINDS.values():
        yield f"it is a {resource.kind}"


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
    yield from _unconfined(container.listed("securityOpts"))
    for key in ("networkMode", "pidMode", "ipcMode", "usernsMode", "cgroupnsMode"):
        mode = str(container.inputs.get(key))
        if mode == UNKNOWN or mode.partition(":")[0] in ("host", "container"):
            yield f"{key} is {_told(mode)}"
    if groups := container.listed("groupAdds"):
        yield f"groupAdds is {', '.join(map(_told, groups))}"
    for key in ("devices", "deviceRequests", "gpus"):
        if container.inputs.get(key):
            yield f"it gets {key} of the host"


def host_paths(container: Resource, _: Stack) -> Iterator[str]:
    """Files of the host, or whatever another container sees."""
    for path, _read_only in paths_of_host(container):
        yield f"it sees {path} of the host"
    yield from nameless_volumes(container)


def nameless_volumes(container: Resource) -> Iterator[str]:
    """Those of another container, and those that Docker makes up, which nobody finds again."""
    mounts = [one for one in container.parts("mounts") if one.get("type") == "volume" and not one.get("source")]
    for volume in container.parts("volumes"):
        if other := volume.get("fromContainer"):
            yield f"it sees what container {other} sees"
        elif volume and not (volume.get("volumeName") or volume.get("hostPath")):
            yield f"it mounts a volume without a name at {volume.get('containerPath')}"
    for mount in mounts:
        yield f"it mounts a volume without a name at {mount.get('target')}"


def paths_of_host(container: Resource) -> Iterator[tuple[str, bool]]:
    """What it sees of the host, each with whether that is read-only; a path that is not known yet might be any."""
    for mount in container.parts("mounts"):
        options = mount.get("volumeOptions") or {}
        bound = mount.get("type") not in ("volume", "tmpfs")
        if bound or options == UNKNOWN or options.get("driverOptions"):
            yield str(mount.get("source") or "a path"), mount.get("readOnly") is True
    for volume in container.parts("volumes"):
        # Docker takes a volume's name that begins like a path for one.
        name = str(volume.get("volumeName") or "")
        if path := volume.get("hostPath") or (name if name.startswith("/") else None if volume else "a path"):
            yield str(path), volume.get("readOnly") is True


def bound_volume(volume: Resource, _: Stack) -> Iterator[str]:
    """A volume that is a folder of the host, or of another machine, by another name."""
    if volume.inputs.get("driverOpts"):
        yield "driverOpts says where it lies"


def public_port(container: Resource, stack: Stack) -> Iterator[str]:
    """A port that other machines reach."""
    public = [port for port in container.parts("ports") if not _is_loopback(port.get("ip"))]
    if container.inputs.get("publishAllPorts"):
        yield "publishAllPorts has every port of its image listen on every address"
    https = _https_port(container)
    leading = {(_number(port.get("internal")), _number(port.get("external"))) for port in public}
    allowed = (INNER_HTTPS, INNER_HTTP) if https and (INNER_HTTPS, https) in leading else ()
    for port in public:
        where = f"port {_number(port.get('external')):g} listens on {port.get('ip') or 'every address'}"
        if stack.for_evaluation:
            yield f"{where} while the stack's secrets are under the published passphrase, or an empty one"
        elif _number(port.get("internal")) not in allowed:
            yield f"{where} without TLS"


def retention(volume: Resource, _: Stack) -> Iterator[str]:
    """Whether `pulumi destroy` would take it along. Pulumi does not tell policy packs: those leave it to `research`."""
    if volume.retained is False:
        yield "it is not retained"


def fixed_tag(container: Resource, _: Stack) -> Iterator[str]:
    """The image of a container; a preview leaves out one that is about to be built: the tags of its build tell."""
    if image := container.inputs.get("image"):
        yield from _unless_fixed([image])


def fixed_tags(image: Resource, _: Stack) -> Iterator[str]:
    """The tags of an image that is built."""
    yield from _unless_fixed(image.listed("tags"))


def wildcards(container: Resource, _: Stack) -> Iterator[str]:
    """An allowlist that lets everybody in, in the environment or on the command line."""
    for key, between in BETWEEN.items():
        for word in map(str, container.listed(key)):
            name, _equals, value = word.partition("=")
            # A list may be JSON.
            members = (one.strip("[]\"' \t") for one in (name, *re.split(between, value)))
            if any(map(EVERYTHING.fullmatch, members)):
                yield f"{word} allows everything"


def _unless_fixed(references: Sequence[Any]) -> Iterator[str]:
    for reference in map(str, references):
        tag = reference.rpartition("/")[2].partition(":")[2]
        if reference != UNKNOWN and (not tag or tag == "latest"):
            yield f"its image {reference or '(none)'} is whatever is newest"


def _unconfined(options: Sequence[Any]) -> Iterator[str]:
    """Any other option takes something back: a profile of one's own may allow all, whatever it is called."""
    wanted = "no-new-privileges:true"
    if wanted not in options:
        yield f"securityOpts lacks {wanted}"
    for option in options:
        if option not in (wanted, UNKNOWN):
            yield f"securityOpts has {option}"


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


def _told(value: Any) -> str:
    return "not known yet" if value == UNKNOWN else str(value)


def _listing(values: Any) -> str:
    return ", ".join(map(str, values)) if isinstance(values, list) else str(values)
