"""`research doctor`: what of this machine, its engine and a stack's file would make a deploy fail, and the remedy."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import typer
from docker.errors import DockerException

from operations import backup_checks, engine_checks, machine_checks, stack_checks
from operations.command_line import DEFAULT_STACK, AsJson, StackName, console, print_json
from operations.exit_codes import ExitCode, OperationError
from operations.finding import Check, Finding, Level
from operations.patient import Patient

COLOURS: Mapping[Level, str] = {"OK": "green", "WARN": "yellow", "FAIL": "red", "SKIP": "dim"}
CHECKS: tuple[tuple[str, Check, str], ...] = (
    ("machine", machine_checks.machine, ""),
    ("Pulumi", machine_checks.pulumi, ""),
    ("plugins", machine_checks.plugins, ""),
    ("buildx", machine_checks.buildx, ""),
    ("engine", engine_checks.engine, ""),
    ("image store", engine_checks.image_store, "engine"),
    ("cgroups", engine_checks.cgroups, "engine"),
    ("limits", engine_checks.limits, "engine"),
    ("clock", engine_checks.clock, "engine"),
    ("listeners", machine_checks.listeners, ""),
    ("settings", stack_checks.settings, ""),
    ("memory", stack_checks.memory, "engine settings"),
    ("disk", stack_checks.disk, "engine settings"),
    ("ports", stack_checks.ports, "engine settings"),
    ("passphrase", stack_checks.passphrase, "pulumi settings"),
    ("rotation", stack_checks.rotation, "settings"),
    ("certificate", stack_checks.certificate, "engine settings"),
    ("backups", backup_checks.fresh, "engine settings"),
    ("backup key", backup_checks.key, "settings"),
)
"""Name, check, and the checks that must not have failed before it."""


def doctor(stack: StackName = DEFAULT_STACK, json: AsJson = False) -> None:
    """Check machine, engine and stack file; each failed check comes with its fix.

    Exit code 0 without a FAIL, 1 with one: also when no engine answers.
    """
    found = list(examined(Patient(stack)))
    if json:
        print_json([_record(name, finding) for name, finding in found])
    else:
        show(found)
    raise typer.Exit(ExitCode.BROKEN if any(one.state == "FAIL" for _, one in found) else ExitCode.FINE)


def show(findings: Iterable[tuple[str, Finding]]) -> None:
    """A line for each check, and one below it where there is something to do."""
    out = console()
    for name, one in findings:
        out.print(f"[{COLOURS[one.state]}]{one.state:<4}[/] {name}: ", end="")
        out.print(one.fact, markup=False, soft_wrap=True)
        if one.fix:
            out.print(f"     -> {one.fix}", markup=False, soft_wrap=True)


def examined(patient: Patient) -> Iterator[tuple[str, Finding]]:
    """Every check in turn; one that needs what has failed is skipped."""
    failed: set[str] = set()
    for name, check, needs in CHECKS:
        missing = sorted(failed & set(needs.split()))
        if missing:
            yield name, Finding("SKIP", f"needs the {' and the '.join(missing)}")
            continue
        for finding in _made(check, patient):
            yield name, finding
            if finding.state == "FAIL":
                failed.add(name)


def _made(check: Check, patient: Patient) -> Iterator[Finding]:
    """What a check finds; whatever keeps it from looking is a finding, too."""
    try:
        yield from check(patient)
    except (OperationError, DockerException, OSError) as error:
        yield Finding("FAIL", " ".join(str(error).split()))


def _record(name: str, finding: Finding) -> dict[str, Any]:
    return {"check": name, "state": finding.state, "fact": finding.fact, "fix": finding.fix}
