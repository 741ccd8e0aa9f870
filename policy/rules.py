"""The table: what holds for every resource, the way out for who does not comply, and who is exempt for which reason."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from policy import checks
from policy.resource import Resource, Stack


@dataclass(frozen=True)
class Rule:
    """What holds for every resource of a kind: `allowed` says it, `way_out` what to do instead."""

    name: str
    kind: str
    allowed: str
    way_out: str
    check: Callable[[Resource, Stack], Iterator[str]]


@dataclass(frozen=True)
class Exemption:
    """Whom rules do not bind, as long as `while_it` holds, and why; a name with a dash in front is an ending."""

    rules: tuple[str, ...]
    names: tuple[str, ...]
    while_it: Callable[[Resource], bool]
    reason: str

    def covers(self, rule: Rule, resource: Resource) -> bool:
        """Whether it lets this resource off this rule."""
        named = any(resource.name.endswith(one) if one[0] == "-" else resource.name == one for one in self.names)
        return named and rule.name in self.rules and self.while_it(resource)


EVERY = "*"
"""The kind of a rule about all resources."""
RULES = (
    Rule(
        "known-kind",
        EVERY,
        "of Docker's resources a stack has containers, volumes, networks and images that it builds, which have rules",
        "declare a service in infra/services; before there are others, policy/rules.py needs rules for them",
        checks.known_kind,
    ),
    Rule(
        "limits",
        "Container",
        "a container has cpus, memory, and memorySwap that equals memory",
        "give its service cpus and memory_mb in Pulumi.<stack>.yaml; infra/container.py passes them on",
        checks.limits,
    ),
    Rule(
        "health-check",
        "Container",
        "a container that is there to stay has a healthcheck; only a job (restart=no, mustRun=false) has none",
        "declare health_check in its class in infra/services",
        checks.health_check,
    ),
    Rule(
        "non-root",
        "Container",
        "a container runs as a user and a group above 0, given as numbers, uid:gid",
        "declare user in its class in infra/services, and let its image make what it writes to that user's",
        checks.user,
    ),
    Rule(
        "read-only",
        "Container",
        "a container's own file system is read-only",
        "declare what it has to write to as data_path or tmpfs in its class in infra/services",
        checks.read_only,
    ),
    Rule(
        "privileges",
        "Container",
        "a container has no capability, no way to new privileges, no device, no group besides its own, no namespace of "
        "the host or of another container, and no security option but no-new-privileges:true",
        "let its process do without, or let one outside the stack do that work",
        checks.privileges,
    ),
    Rule(
        "host-paths",
        "Container",
        "a container sees no file of the host and mounts volumes by their names",
        "give it a volume (infra/lasting_volume.py), or files as secrets or configuration (infra/mounted_files.py)",
        checks.host_paths,
    ),
    Rule(
        "host-paths",
        "Volume",
        "a volume lies where the engine puts it",
        "take its driverOpts out",
        checks.bound_volume,
    ),
    Rule(
        "public-bind",
        "Container",
        "a port listens on a loopback address, or speaks TLS, or leads to the one that does, on a stack with a "
        "passphrase of its own",
        "take bind_address out of Pulumi.<stack>.yaml, or choose a passphrase (`pulumi stack change-secrets-provider "
        "passphrase`) and edge.https_port",
        checks.public_port,
    ),
    Rule(
        "retain",
        "Volume",
        "a volume stays when its stack goes",
        "make it with infra/lasting_volume.py, or exempt it in policy/rules.py if what it holds can be made again",
        checks.retention,
    ),
    Rule(
        "no-latest",
        "Container",
        "an image is named with a digest, or with a tag other than latest",
        "name a version, or better a digest, as services.<name>.image in Pulumi.<stack>.yaml",
        checks.fixed_tag,
    ),
    Rule(
        "no-latest",
        "Image",
        "an image is tagged, and not latest",
        "give it a tag of its own in infra/images.py",
        checks.fixed_tags,
    ),
    Rule(
        "no-wildcard",
        "Container",
        "a list of what is allowed names it",
        "name hosts, origins, networks or commands one by one",
        checks.wildcards,
    ),
)


def _is_never_started(container: Resource) -> bool:
    """A container that only fills a volume, on no network."""
    never = container.inputs.get("start") is False and container.inputs.get("mustRun") is False
    return never and container.inputs.get("networkMode") == "none" and bool(container.inputs.get("uploads"))


def _sees_only(*paths: str) -> Callable[[Resource], bool]:
    """One of these of the host, read-only, and that without any of root's capabilities."""

    def holds(container: Resource) -> bool:
        seen = list(checks.paths_of_host(container))
        only = len(seen) == 1 and all(path.endswith(paths) and read_only for path, read_only in seen)
        others = any(checks.nameless_volumes(container))
        return only and not others and container.part("capabilities").get("drops") == ["ALL"]

    return holds


def _carries(label: str) -> Callable[[Resource], bool]:
    return lambda volume: label in [one.get("label") for one in volume.parts("labels")]


HOT_RELOAD = "with hot_reload it runs the source of this checkout, which it may only read"

EXEMPTIONS = (
    Exemption(
        ("limits", "non-root", "read-only", "privileges"),
        ("-secrets", "-configuration"),
        _is_never_started,
        "it is never started: Docker keeps files in it, and the files' volume is what others mount",
    ),
    Exemption(
        ("non-root", "host-paths"),
        ("engine", "backup-engine"),
        _sees_only("/docker.sock"),
        "the socket is root's; whoever opens it as another user needs its group, which differs between hosts",
    ),
    Exemption(
        ("non-root", "host-paths"),
        ("log-collector",),
        _sees_only("/containers"),
        "Docker's log files are root's and nobody else's, and it reads them without any of root's capabilities",
    ),
    Exemption(
        ("host-paths",),
        ("api", "migration"),
        _sees_only("/images/api/market_research"),
        HOT_RELOAD,
    ),
    Exemption(
        ("host-paths",),
        ("frontend",),
        _sees_only("/images/frontend/src"),
        HOT_RELOAD,
    ),
    Exemption(
        ("retain",),
        ("-secrets", "-configuration"),
        _carries("pulumi.secrets"),
        "all that it holds comes from the program and Pulumi's state, and passwords are not to outlive their stack",
    ),
    Exemption(
        ("retain",),
        ("checkout",),
        _carries("pulumi.checkout"),
        "it is empty: its label says which checkout the stack was brought up from",
    ),
    Exemption(
        ("retain",),
        ("backup-work", "backup-exchange", "backup-scratch"),
        lambda _: True,
        "jobs of backups hand on in it what the repository or a store has; none keeps anything there",
    ),
)


def violations(resource: Resource, stack: Stack, rules: Iterable[Rule] = RULES) -> Iterator[str]:
    """What a resource does that is not allowed, a sentence each."""
    for rule in rules:
        if rule.kind not in (EVERY, resource.kind) or any(one.covers(rule, resource) for one in EXEMPTIONS):
            continue
        kind = resource.kind.rpartition(":")[2].lower()
        for wrong in rule.check(resource, stack):
            yield f"{kind} {resource.name}: {wrong}. Rule {rule.name}: {rule.allowed}. Way out: {rule.way_out}"
