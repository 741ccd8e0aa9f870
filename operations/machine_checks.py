"""Checks of the machine on which `research` runs: its tools, and what listens on it."""

import platform
import sys
from collections.abc import Iterator
from importlib.metadata import version

from operations.finding import Finding
from operations.listeners import listeners_on_every_address
from operations.patient import Patient

INSTALL = "type `make toolchain`"


def machine(patient: Patient) -> Iterator[Finding]:
    """Which machine and which Python this is."""
    try:
        system = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    except OSError:
        system = platform.system()
    yield Finding("OK", f"{system}, {platform.machine()}, Python {'.'.join(map(str, sys.version_info[:3]))}")


def pulumi(patient: Patient) -> Iterator[Finding]:
    """Whether there is a pulumi command, of the version that belongs to the Python SDK."""
    found, wanted = patient.first_line("pulumi", "version").lstrip("v"), version("pulumi")
    if not found:
        yield Finding("FAIL", "no pulumi command", f"{INSTALL}, then `source .venv/bin/activate`")
    elif found != wanted:
        yield Finding(
            "WARN", f"{found}, but the Python SDK is {wanted}", f"{INSTALL}, then `source .venv/bin/activate`"
        )
    else:
        yield Finding("OK", found)


def plugins(patient: Patient) -> Iterator[Finding]:
    """Whether Pulumi has the plugins of the Python packages, at their versions."""
    wanted = {name: version(f"pulumi-{name}") for name in ("docker", "docker-build", "random")}
    told = ", ".join(f"{name} {number}" for name, number in wanted.items())
    missing = [f"{name} {number}" for name, number in wanted.items() if not patient.has_plugin(name, number)]
    if missing:
        yield Finding("FAIL", f"not installed: {', '.join(missing)}", INSTALL)
    else:
        yield Finding("OK", told)


def buildx(patient: Patient) -> Iterator[Finding]:
    """Whether the docker command can build images."""
    found = patient.first_line("docker", "buildx", "version")
    if found:
        yield Finding("OK", found.split()[1] if " " in found else found)
    else:
        yield Finding("FAIL", "no `docker buildx`, which builds the images", INSTALL)


def listeners(patient: Patient) -> Iterator[Finding]:
    """Which programs of the host a container can reach, even one on an internal network: through its gateway."""
    if not patient.is_local:
        yield Finding("SKIP", "the engine is on another machine: run `research doctor` there")
        return
    open_ports = listeners_on_every_address(but=patient.published_ports())
    if open_ports:
        told = ", ".join(f"{port} ({program})" if program else str(port) for port, program in open_ports.items())
        yield Finding(
            "WARN",
            f"listening on every address, so that containers reach it, databases too, through their gateway: {told}",
            "bind it to 127.0.0.1, or `iptables -I INPUT -i br-+ -m conntrack --ctstate NEW -j DROP`",
        )
    else:
        yield Finding("OK", "no program of this host listens on every address")
