"""The CIS Docker Benchmark, sections 4 (images) and 5 (containers): what is checked, and what cannot be."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import PurePosixPath
from typing import Any

Facts = Mapping[str, Any]
"""What `docker inspect` says of a container."""

SENSITIVE = ("/bin", "/boot", "/dev", "/etc", "/lib", "/proc", "/root", "/run", "/sbin", "/sys", "/usr", "/var/run")
SOCKETS = ("/run/docker.sock", "/var/run/docker.sock")
HTTP_PORTS = (80, 443)
PACKAGE_MANAGERS = ("apk", "apt", "apt-get", "dnf", "dpkg", "dpkg-deb", "pip", "rpm", "rpm2cpio", "yum")
MOST_RETRIES = 5


@dataclass(frozen=True)
class Check:
    """A recommendation: its number, what it asks for, and whether a container's facts, or a file, are against it."""

    number: str
    what: str
    violated: Callable[[Any], object]


def _host(facts: Facts) -> Facts:
    found: Facts = facts["HostConfig"]
    return found


def _bindings(facts: Facts) -> list[Facts]:
    return [one for bindings in (_host(facts)["PortBindings"] or {}).values() for one in bindings or []]


def _options(facts: Facts) -> list[str]:
    return _host(facts)["SecurityOpt"] or []


def _of_host(facts: Facts) -> list[Facts]:
    return [mount for mount in facts["Mounts"] if mount["Type"] == "bind"]


def _is_above_or_in(folder: str, others: tuple[str, ...]) -> bool:
    """Whether whoever has the folder has any of the others, or a part of one."""
    path = PurePosixPath(folder)
    return any(path.is_relative_to(other) or PurePosixPath(other).is_relative_to(path) for other in others)


def _shows_socket(mount: Facts) -> bool:
    source = PurePosixPath(mount["Source"])
    return source.name == "docker.sock" or any(PurePosixPath(socket).is_relative_to(source) for socket in SOCKETS)


def _listens_everywhere(binding: Facts) -> bool:
    return not binding["HostIp"] or ip_address(binding["HostIp"]).is_unspecified


def _retries_for_ever(policy: Facts) -> bool:
    """Without a number `on-failure` means for ever, too."""
    retries = policy["MaximumRetryCount"]
    return policy["Name"] not in ("", "no") and not (policy["Name"] == "on-failure" and 0 < retries <= MOST_RETRIES)


OF_CONTAINERS = (
    Check("4.1", "a user of its own", lambda it: re.fullmatch(r"([+-]?0+|root)?(:.*)?", it["Config"]["User"])),
    Check("5.4", "no capabilities", lambda it: _host(it)["CapAdd"] or _host(it)["CapDrop"] != ["ALL"]),
    Check("5.5", "not privileged", lambda it: _host(it)["Privileged"]),
    Check(
        "5.6",
        "no system folder writable",
        lambda it: any(_is_above_or_in(m["Source"], SENSITIVE) and m["RW"] for m in _of_host(it)),
    ),
    Check(
        "5.8",
        "no privileged port but HTTP's",
        lambda it: any(int(b["HostPort"]) < 1024 and int(b["HostPort"]) not in HTTP_PORTS for b in _bindings(it)),
    ),
    Check("5.10", "not the host's network", lambda it: _host(it)["NetworkMode"] == "host"),
    Check("5.11", "memory limited", lambda it: not _host(it)["Memory"]),
    Check("5.12", "processor time limited", lambda it: not (_host(it)["NanoCpus"] or _host(it)["CpuShares"])),
    Check("5.13", "root file system read-only", lambda it: not _host(it)["ReadonlyRootfs"]),
    Check("5.14", "ports bound to an address", lambda it: any(map(_listens_everywhere, _bindings(it)))),
    Check("5.15", "no endless retries", lambda it: _retries_for_ever(_host(it)["RestartPolicy"])),
    Check("5.16", "not the host's processes", lambda it: _host(it)["PidMode"]),
    Check("5.17", "not the host's shared memory", lambda it: _host(it)["IpcMode"] not in ("private", "none")),
    Check("5.18", "no device of the host", lambda it: _host(it)["Devices"]),
    Check("5.19", "the engine's ulimits", lambda it: _host(it)["Ulimits"]),
    Check("5.20", "mounts not propagated", lambda it: any("shared" in m.get("Propagation", "") for m in it["Mounts"])),
    Check("5.21", "not the host's name", lambda it: _host(it)["UTSMode"]),
    Check("5.22", "system calls filtered", lambda it: any("seccomp" in one for one in _options(it))),
    Check("5.25", "its own control group", lambda it: _host(it)["CgroupParent"]),
    Check("5.26", "no new privileges", lambda it: "no-new-privileges:true" not in _options(it)),
    Check("5.28", "the image by its digest", lambda it: not it["Config"]["Image"].startswith("sha256:")),
    Check("5.29", "processes limited", lambda it: (_host(it).get("PidsLimit") or 0) <= 0),
    Check("5.30", "not Docker's default network", lambda it: "bridge" in it["NetworkSettings"]["Networks"]),
    Check("5.31", "not the host's users", lambda it: _host(it)["UsernsMode"] == "host"),
    Check("5.32", "no Docker socket", lambda it: any(map(_shows_socket, _of_host(it)))),
)
OF_FILES = (
    Check("4.3", "no package manager", lambda file: PurePosixPath(file.name).name in PACKAGE_MANAGERS),
    Check("4.8", "no file that lends its owner's rights", lambda file: not file.issym() and file.mode & 0o6000),
)
"""By what a layer's archive says of a file or a link."""
OF_SERVICES = (
    Check("4.6", "a health check", lambda it: not it["Config"].get("Healthcheck", {}).get("Test")),
    Check("5.27", "it is healthy", lambda it: it["State"].get("Health", {}).get("Status") != "healthy"),
)
OF_PROFILES = {
    "apparmor": Check("5.2", "an AppArmor profile", lambda it: it["AppArmorProfile"] in ("", "unconfined")),
    "selinux": Check("5.3", "an SELinux label", lambda it: any("label" in o and "disable" in o for o in _options(it))),
}
"""By the security module of the host's kernel that it takes."""

LETS_QUESTIONS_THROUGH = "a proxy before the engine's socket, which is root's; it lets through what it is there for"
EVERY_SERVICE = "every service"
EXCEPTIONS = {
    ("4.1", "engine"): LETS_QUESTIONS_THROUGH,
    ("4.1", "backup-engine"): LETS_QUESTIONS_THROUGH,
    ("4.1", "log-collector"): "Docker's log files are root's; it has none of root's capabilities",
    ("5.32", "engine"): LETS_QUESTIONS_THROUGH,
    ("5.32", "backup-engine"): LETS_QUESTIONS_THROUGH,
    ("5.14", "edge"): "a stack with a public address of 0.0.0.0 means every address, at the edge alone, and by TLS",
    (
        "5.15",
        EVERY_SERVICE,
    ): "it comes back after a crash and with its host; Docker waits up to a minute between tries, "
    "and an alert tells of one that does not stay, where there is monitoring",
    ("5.29", "migration"): "it starts before the program knows its ID, runs for seconds, and has a memory limit",
}
"""By number and service; each is printed with its reason as long as it is needed."""

NOT_CHECKED = {
    "4.2": "trusted base images: all are built here, from Debian's; the digest of the base is not pinned",
    "4.4": "images scanned and rebuilt: `make` targets of the supply chain, not of a running stack",
    "4.5": "content trust: nothing is pulled; Docker has given it up",
    "4.11": "packages verified: apt checks Debian's signatures while an image is built",
    "4.12": "artefacts signed: there is no registry between building and running",
    "5.1": "swarm mode: the host's",
    "5.23": "no privileged `docker exec`: who may ask the engine may do all; audit it on the host",
    "5.24": "no `docker exec` as root: as above",
}
"""What a look at containers and images cannot say, and why."""
