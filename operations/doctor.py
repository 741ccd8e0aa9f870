"""`research doctor`: what of this machine, its engine and a stack's file would make a deploy fail, and the remedy."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Literal

import typer

from operations.command_line import DEFAULT_STACK, AsJson, StackName, console, print_json
from operations.exit_codes import ExitCode, OperationError
from operations.patient import Patient

State = Literal["OK", "WARN", "FAIL"]
COLOURS = {"OK": "green", "WARN": "yellow", "FAIL": "red"}
MOST_CLOCK_SECONDS = 5
FEWEST_DAYS = 21
"""A certificate from an ACME service is renewed when it has a month left: with less something went wrong."""


@dataclass(frozen=True)
class Finding:
    """One check: its verdict, the fact behind it, and what to type if it is not OK."""

    check: str
    state: State
    fact: str
    fix: str = ""


def doctor(stack: StackName = DEFAULT_STACK, json: AsJson = False) -> None:
    """Check machine, engine and stack file; each failed check comes with its fix.

    Exit code 0 without a FAIL, 1 with one.
    """
    found = list(examined(Patient(stack)))
    if json:
        print_json([asdict(finding) for finding in found])
    else:
        show(found)
    raise typer.Exit(ExitCode.BROKEN if any(one.state == "FAIL" for one in found) else ExitCode.FINE)


def show(findings: list[Finding]) -> None:
    """A line for each check, and one below it where there is something to do."""
    out = console()
    for one in findings:
        out.print(f"[{COLOURS[one.state]}]{one.state:<4}[/] {one.check}: ", end="")
        out.print(one.fact, markup=False)
        if one.fix:
            out.print(f"     -> {one.fix}", markup=False)


def examined(patient: Patient) -> Iterator[Finding]:
    """Every check in turn; one that cannot be made because an earlier one failed is left out."""
    for name, check in CHECKS.items():
        if name in ENGINE_CHECKS and patient.engine_problem:
            continue
        try:
            yield from (Finding(name, *verdict) for verdict in check(patient))
        except OperationError as error:
            yield Finding(name, "FAIL", str(error))


Verdict = tuple[State, str, str]


def _pulumi(patient: Patient) -> Iterator[Verdict]:
    version = patient.version("pulumi", "version")
    yield ("OK", version, "") if version else ("FAIL", "no pulumi command", "type `make toolchain`")


def _plugins(patient: Patient) -> Iterator[Verdict]:
    missing = patient.missing_plugins()
    if missing:
        yield "FAIL", f"not installed: {', '.join(missing)}", "type `make toolchain`, or `pulumi install`"
    else:
        yield "OK", "docker, docker-build, random", ""


def _buildx(patient: Patient) -> Iterator[Verdict]:
    version = patient.version("docker", "buildx", "version")
    yield (
        ("OK", version, "")
        if version
        else ("FAIL", "no docker buildx", "type `make toolchain`: images are built by it")
    )


def _engine(patient: Patient) -> Iterator[Verdict]:
    if patient.engine_problem:
        first, _, rest = patient.engine_problem.partition("\n")
        yield "FAIL", first, rest or "start it, or set DOCKER_HOST"
    else:
        facts = patient.facts
        yield "OK", f"Docker {facts['ServerVersion']}, {facts['NCPU']} cores, {facts['OperatingSystem']}", ""


def _image_store(patient: Patient) -> Iterator[Verdict]:
    containerd = any("containerd" in str(pair) for pair in patient.facts.get("DriverStatus") or [])
    yield "OK", f"{'containerd' if containerd else 'classic'} ({patient.facts['Driver']})", ""


def _cgroups(patient: Patient) -> Iterator[Verdict]:
    version = str(patient.facts.get("CgroupVersion", "1"))
    if version == "2":
        yield "OK", "version 2", ""
    else:
        yield (
            "WARN",
            f"version {version}: limits hold, but not for every kind of memory",
            "boot with systemd.unified_cgroup_hierarchy=1",
        )


def _clock(patient: Patient) -> Iterator[Verdict]:
    apart = patient.clock_difference()
    if abs(apart) <= MOST_CLOCK_SECONDS:
        yield "OK", f"the engine's is {apart:+.1f} s from this machine's", ""
    else:
        yield (
            "WARN",
            f"the engine's is {apart:+.0f} s from this machine's",
            "let both follow NTP: `timedatectl set-ntp true`",
        )


def _settings(patient: Patient) -> Iterator[Verdict]:
    problems = patient.settings_problems()
    for problem in problems:
        yield "FAIL", problem, f"edit {patient.file.path.name}"
    if not problems:
        yield "OK", f"{patient.file.path.name} is in order", ""


def _host(patient: Patient) -> Iterator[Verdict]:
    problems = patient.host_problems()
    for problem in problems:
        yield "FAIL", problem, ""
    if not problems:
        yield "OK", patient.host_told(), ""


def _passphrase(patient: Patient) -> Iterator[Verdict]:
    if not patient.uses_published_passphrase():
        yield "OK", "the stack's own", ""
    elif patient.file.settings.is_public:
        change = f"pulumi stack change-secrets-provider passphrase --stack {patient.file.stack}"
        yield (
            "FAIL",
            "the published one, and the stack is open to other machines: deploys are refused",
            f"type `{change}`",
        )
    else:
        yield "OK", "the published one, for evaluation: the stack is open to this machine alone", ""


def _listeners(patient: Patient) -> Iterator[Verdict]:
    ports = patient.open_ports()
    if ports is None:
        yield "WARN", "the engine is on another machine: cannot be seen from here", "run this there"
    elif ports:
        told = ", ".join(map(str, ports))
        yield (
            "WARN",
            f"programs of this host listen on every address, at {told}: containers reach them through their gateway",
            "bind them to 127.0.0.1, or close the ports to Docker's bridges in the firewall",
        )
    else:
        yield "OK", "no program of this host listens on every address", ""


def _certificate(patient: Patient) -> Iterator[Verdict]:
    days = patient.certificate_days()
    if days is None:
        yield "OK", "none is served", ""
    elif days > FEWEST_DAYS:
        yield "OK", f"good for {days} days", ""
    else:
        yield (
            "WARN" if days >= 0 else "FAIL",
            f"good for {days} days: the edge does not start with one that has expired",
            "`cat chain.pem key.pem | pulumi config set --secret tls_certificate`, then `research deploy`; one of the "
            "edge's own CA is made anew when the edge restarts",
        )


CHECKS: dict[str, Callable[[Patient], Iterator[Verdict]]] = {
    "Pulumi": _pulumi,
    "plugins": _plugins,
    "buildx": _buildx,
    "engine": _engine,
    "image store": _image_store,
    "cgroups": _cgroups,
    "clock": _clock,
    "settings": _settings,
    "host": _host,
    "passphrase": _passphrase,
    "listeners": _listeners,
    "certificate": _certificate,
}
ENGINE_CHECKS = {"image store", "cgroups", "clock", "host", "certificate"}
