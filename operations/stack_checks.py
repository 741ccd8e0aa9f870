"""Checks of a stack: its file, whether the engine's host has room for it, and what it shows to the world."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from sys import maxsize

from infra.admission import deploy_surge_mb, host_problems, wanted_ports
from infra.engine import Host
from infra.limits import capped
from infra.logins import is_moving
from operations.certificate import served
from operations.finding import Finding
from operations.patient import Patient
from operations.pulumi_failure import TO_DECRYPT

FEWEST_DAYS = 21
"""A certificate from an ACME service is renewed when it has a month left: with less something went wrong."""


def settings(patient: Patient) -> Iterator[Finding]:
    """Whether the stack's file says only what is allowed."""
    problems = patient.settings_problems()
    yield from (Finding("FAIL", problem, f"edit {patient.file.path.name}") for problem in problems)
    if not problems:
        yield Finding("OK", f"{patient.file.path.name} is in order")


def memory(patient: Patient) -> Iterator[Finding]:
    """Whether the services' limits fit, at a deploy too; and whose cores will be fewer than asked for."""
    limits, host = patient.file.settings.services, patient.host
    own = sum(one.memory_mb * one.replicas for one in limits.values())
    surge = deploy_surge_mb(patient.file.settings, patient.services)
    fact = (
        f"{own} MB of limits and {surge} MB more during a deploy; other containers may use {host.promised_mb} of the "
        f"host's {host.memory_mb} MB"
    )
    yield from _verdict(patient, replace(host, free_disk_gb=None, ports={}), fact)
    yield from (Finding("WARN", one, f"edit {patient.file.path.name}") for one in capped(limits, host)[1])


def disk(patient: Patient) -> Iterator[Finding]:
    """Whether the engine's disk has what the stack's file asks for."""
    free, wanted = patient.host.free_disk_gb, patient.file.settings.free_disk_gb
    if free is None:
        yield Finding("SKIP", "not to be seen from here: run `research doctor` on the engine's machine, as root")
    else:
        fact = f"{free:.0f} GB free, {wanted:g} GB are asked for"
        yield from _verdict(patient, replace(patient.host, memory_mb=maxsize, ports={}), fact)


def ports(patient: Patient) -> Iterator[Finding]:
    """Whether nobody else has taken the ports that the stack publishes."""
    wanted = ", ".join(map(str, wanted_ports(patient.file.settings).values()))
    fact = f"{wanted} on {patient.file.settings.bind_address}: free, or this stack's own"
    yield from _verdict(patient, replace(patient.host, memory_mb=maxsize, free_disk_gb=None), fact)


def passphrase(patient: Patient) -> Iterator[Finding]:
    """Whether the stack's secrets can be read here, and not by others who can reach the stack."""
    stack, address = patient.file.stack, patient.file.settings.bind_address
    if problem := patient.passphrase_problem():
        yield Finding("FAIL", problem, TO_DECRYPT)
    elif not patient.passphrase_is_known():
        yield Finding("OK", "neither the published one nor empty")
    elif patient.file.settings.is_public:
        yield Finding(
            "FAIL",
            f"the published one, or empty, and bind_address {address} is open to other machines: deploys are refused",
            f"`pulumi stack change-secrets-provider passphrase --stack {stack}`, and let "
            "PULUMI_CONFIG_PASSPHRASE_FILE name the file of the new one",
        )
    else:
        yield Finding("OK", f"the published one, or empty, for evaluation: {address} is open to this machine alone")


def rotation(patient: Patient) -> Iterator[Finding]:
    """Whether a rotation of passwords has ended."""
    services = patient.file.settings.services
    moving = [name for name, chosen in services.items() if is_moving(chosen.password_generation)]
    if moving:
        fact = f"of {', '.join(moving)} only begun: what clients used before is still good"
        yield Finding("WARN", fact, f"`research rotate {' '.join(moving)} -s {patient.file.stack}` ends it")
    else:
        yield Finding("OK", "none is under way")


def certificate(patient: Patient) -> Iterator[Finding]:
    """Whether the certificate that the edge serves has time left."""
    place = patient.https_address()
    if place is None:
        yield Finding("OK", "none: the stack serves HTTP")
        return
    if not patient.is_local:
        yield Finding("SKIP", "the engine is on another machine: run `research doctor` there")
        return
    found = served(*place)
    if found is None:
        yield Finding("SKIP", f"nobody speaks TLS at {place[0]}:{place[1]}: `research status -s {patient.file.stack}`")
        return
    fact = f"for {found.name}, good until {found.ends:%Y-%m-%d %H:%M} UTC, {found.days} days"
    if found.days > FEWEST_DAYS:
        yield Finding("OK", fact)
    else:
        yield Finding("WARN" if found.days >= 0 else "FAIL", fact, _renewal(patient))


def _renewal(patient: Patient) -> str:
    if patient.has_own_certificate:
        return "`cat chain.pem key.pem | pulumi config set --secret tls_certificate`, then `research deploy`"
    return "restart the edge, whose own CA then makes another: `docker restart` its container"


def _verdict(patient: Patient, host: Host, fact: str) -> Iterable[Finding]:
    """The fact if it fits, else why not: for a host that has plenty of everything else."""
    problems = list(host_problems(patient.file.settings, patient.services, host, patient.file.path.name))
    return [Finding("FAIL", problem) for problem in problems] or [Finding("OK", fact)]
