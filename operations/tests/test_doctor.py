"""Verdicts of the doctor."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from unittest.mock import Mock

import pytest
import typer

from infra.engine import Host
from infra.market_research import SERVICES
from operations import backup_checks, machine_checks, stack_checks
from operations import doctor as doctor_module
from operations.certificate import Served
from operations.doctor import CHECKS, doctor, examined
from operations.exit_codes import ExitCode, OperationError
from operations.finding import Finding
from operations.patient import Patient
from operations.shelf import Shelf
from stacks.settings import StackSettings

SERVICE_SETTINGS = {
    "api": {"cpus": 1, "memory_mb": 512},
    "frontend": {"cpus": 0.5, "memory_mb": 256, "port": 8080},
    "postgres": {"cpus": 1, "memory_mb": 1024},
    "redis": {"cpus": 0.5, "memory_mb": 256},
    "neo4j": {"cpus": 1, "memory_mb": 2048},
}


MOVING = {"cpus": 0.5, "memory_mb": 256, "password_generation": 3}


class File:
    """A stack's file with settings that a test may change."""

    stack, project = "dev", "market-research"
    path = type("Path", (), {"name": "Pulumi.dev.yaml"})

    def __init__(self, **changes: Any) -> None:
        self.settings = StackSettings.model_validate_json(
            json.dumps({"free_disk_gb": 4, "services": SERVICE_SETTINGS, **changes})
        )


class Ill:
    """A patient with everything in order, but for what a test says."""

    is_local = True
    engine: Any = Mock()
    engine_problem = ""
    has_own_certificate = True
    facts: Any = {  # noqa: RUF012 - never changed
        "ServerVersion": "29.0.1",
        "NCPU": 4,
        "MemTotal": 2**35,
        "OperatingSystem": "Debian",
        "Driver": "overlayfs",
        "CgroupVersion": "2",
        "MemoryLimit": True,
        "SwapLimit": True,
        "CpuCfsQuota": True,
    }
    version: Any = {"ApiVersion": "1.52"}  # noqa: RUF012
    host = Host(cpus=4, memory_mb=32000, promised_mb=0, free_disk_gb=50)

    def __init__(self, **ailments: Any) -> None:
        self.file = File()
        self.services = [service for service in SERVICES if service.name in self.file.settings.services]
        for name, value in ailments.items():
            setattr(self, name, value)

    def __getattr__(self, name: str) -> Any:
        return {
            "first_line": lambda *command: "v3.259.0" if command[0] == "pulumi" else "buildx v0.30.0 abc",
            "has_plugin": lambda *_: True,
            "clock_difference": lambda: 0.0,
            "published_ports": frozenset,
            "settings_problems": list,
            "passphrase_is_known": lambda: False,
            "passphrase_problem": lambda: "",
            "https_address": lambda: ("127.0.0.1", 8443, "research.example.com"),
        }[name]


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_checks, "version", lambda _: "3.259.0")
    listen(monkeypatch, {})
    serve(monkeypatch, 90)


def listen(monkeypatch: pytest.MonkeyPatch, ports: dict[int, str]) -> None:
    monkeypatch.setattr(machine_checks, "listeners_on_every_address", lambda but: ports)


def serve(monkeypatch: pytest.MonkeyPatch, days: int | None) -> None:
    def served(*_: Any) -> Served | None:
        # Half a day more, so that no test depends on how long it takes.
        return None if days is None else Served("research", datetime.now(UTC) + timedelta(days=days, hours=12))

    monkeypatch.setattr(stack_checks, "served", served)


def verdicts(**ailments: Any) -> dict[str, Finding]:
    return dict(examined(cast(Patient, Ill(**ailments))))


def test_a_well_patient_is_told_so_by_every_check():
    found = verdicts()
    assert {one.state for one in found.values()} == {"OK"}
    assert list(found) == [name for name, _, _ in CHECKS]


@pytest.mark.parametrize(
    ("check", "state", "ailment"),
    [
        ("Pulumi", "FAIL", {"first_line": lambda *_: ""}),
        ("Pulumi", "WARN", {"first_line": lambda *_: "v3.1.0"}),
        ("plugins", "FAIL", {"has_plugin": lambda name, _: name != "random"}),
        ("buildx", "FAIL", {"first_line": lambda *_: ""}),
        ("engine", "FAIL", {"facts": {**Ill.facts, "ServerVersion": "19.03.15"}}),
        ("cgroups", "WARN", {"facts": {**Ill.facts, "CgroupVersion": "1"}}),
        ("limits", "WARN", {"facts": {**Ill.facts, "SwapLimit": False}}),
        ("limits", "FAIL", {"facts": {**Ill.facts, "MemoryLimit": False}}),
        ("clock", "WARN", {"clock_difference": lambda: -30.0}),
        ("clock", "FAIL", {"clock_difference": lambda: 3600.0}),
        ("settings", "FAIL", {"settings_problems": lambda: ["services.redis: missing"]}),
        ("memory", "FAIL", {"host": Host(4, 32000, 30000, 50)}),
        ("memory", "WARN", {"file": File(services={**SERVICE_SETTINGS, "neo4j": {"cpus": 8, "memory_mb": 2048}})}),
        ("disk", "FAIL", {"host": Host(4, 32000, 0, 1)}),
        ("disk", "SKIP", {"host": Host(4, 32000, 0, None)}),
        ("ports", "FAIL", {"host": Host(4, 32000, 0, 50, {8080: "nginx"})}),
        (
            "passphrase",
            "FAIL",
            {"passphrase_is_known": lambda: True, "file": File(bind_address="0.0.0.0")},
        ),
        ("passphrase", "OK", {"passphrase_is_known": lambda: True}),
        ("passphrase", "FAIL", {"passphrase_problem": lambda: "incorrect passphrase"}),
        ("rotation", "WARN", {"file": File(services={**SERVICE_SETTINGS, "redis": MOVING})}),
        ("certificate", "OK", {"https_address": lambda: None}),
        ("certificate", "SKIP", {"is_local": False}),
        ("listeners", "SKIP", {"is_local": False}),
    ],
)
def test_an_ailment_is_found_by_its_check_alone(check: str, state: str, ailment: dict[str, Any]):
    found = verdicts(**ailment)
    assert found[check].state == state
    assert found[check].fix or state in ("OK", "SKIP") or check in ("memory", "disk", "ports")


def test_what_does_not_fit_is_one_finding_of_its_own_check():
    found = verdicts(host=Host(4, 32000, 0, 1))
    assert [name for name, one in found.items() if one.state != "OK"] == ["disk"]


def test_listeners_are_told_with_the_programs_that_listen(monkeypatch: pytest.MonkeyPatch):
    listen(monkeypatch, {22: "sshd", 2024: ""})
    found = verdicts()["listeners"]
    assert found.state == "WARN"
    assert found.fact.endswith("22 (sshd), 2024")


@pytest.mark.parametrize(("days", "state"), [(22, "OK"), (21, "WARN"), (0, "WARN"), (-1, "FAIL"), (None, "SKIP")])
def test_a_certificate_is_to_be_renewed_while_there_is_time(
    days: int | None, state: str, monkeypatch: pytest.MonkeyPatch
):
    serve(monkeypatch, days)
    assert verdicts()["certificate"].state == state


def test_a_certificate_of_the_edges_own_is_made_anew_by_a_restart(monkeypatch: pytest.MonkeyPatch):
    serve(monkeypatch, 3)
    assert "tls_certificate" in verdicts()["certificate"].fix
    assert "restart the edge" in verdicts(has_own_certificate=False)["certificate"].fix


def test_without_an_engine_its_checks_are_skipped_and_it_is_said_how_to_start_it():
    found = verdicts(engine_problem="no Docker engine answers\nStart it")
    assert found["engine"] == Finding("FAIL", "no Docker engine answers", "Start it")
    skipped = {name for name, one in found.items() if one == Finding("SKIP", "needs the engine")}
    of_stack = {"memory", "disk", "ports", "certificate", "backups"}
    assert skipped == {"image store", "cgroups", "limits", "clock", *of_stack}


def test_a_mistake_in_the_file_is_told_once():
    def none() -> list[str]:
        raise OperationError(ExitCode.NOT_THERE, "Pulumi.x.yaml: no such file")

    found = verdicts(settings_problems=none)
    assert [one.fact for one in found.values() if one.state == "FAIL"] == ["Pulumi.x.yaml: no such file"]
    assert found["passphrase"] == Finding("SKIP", "needs the settings")


def test_what_keeps_a_check_from_looking_is_a_finding_and_no_traceback():
    def gone() -> float:
        raise ConnectionResetError("the engine\nwent away")

    assert verdicts(clock_difference=gone)["clock"] == Finding("FAIL", "the engine went away")


@pytest.mark.parametrize(("ailment", "code"), [({}, 0), ({"first_line": lambda *_: ""}, 1)])
def test_programs_get_every_check_with_the_same_keys(
    ailment: dict[str, Any], code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(doctor_module, "Patient", lambda _: Ill(**ailment))
    with pytest.raises(typer.Exit) as ended:
        doctor("dev", json=True)
    rows = json.loads(capsys.readouterr().out)
    assert ended.value.exit_code == code
    assert [row["check"] for row in rows] == [name for name, _, _ in CHECKS]
    assert {tuple(row) for row in rows} == {("check", "state", "fact", "fix")}


def entries(*details: str) -> list[dict[str, Any]]:
    return [{"action": "backup key", "detail": detail} for detail in details]


@pytest.mark.parametrize(
    ("noted", "state"),
    [(entries(), "WARN"), (entries("shown"), "OK"), (entries("shown", "exchanged"), "WARN")],
)
def test_a_key_that_nobody_has_elsewhere_is_told(
    monkeypatch: pytest.MonkeyPatch, noted: list[dict[str, Any]], state: str
):
    monkeypatch.setattr(backup_checks, "recorded", lambda _: noted)
    ill = Ill()
    ill.file = File(backup=True)
    (found,) = backup_checks.key(cast(Patient, ill))
    assert found.state == state


@pytest.mark.parametrize(("missing", "state"), [("", "OK"), ("redis (last never)", "WARN")])
def test_backups_that_are_not_fresh_are_told(monkeypatch: pytest.MonkeyPatch, missing: str, state: str):
    monkeypatch.setattr(Shelf, "missing", lambda _: missing)
    ill = Ill()
    ill.file = File(backup=True)
    (found,) = backup_checks.fresh(cast(Patient, ill))
    assert found.state == state
    assert missing in found.fact
