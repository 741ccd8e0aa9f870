"""Verdicts of the doctor."""

from typing import Any, cast

import pytest

from operations.doctor import Finding, examined
from operations.exit_codes import ExitCode, OperationError
from operations.patient import Patient


class Ill:
    """A patient with everything in order, but for what a test says."""

    def __init__(self, **ailments: Any) -> None:
        self.facts = {
            "ServerVersion": "29",
            "NCPU": 2,
            "OperatingSystem": "Debian",
            "Driver": "overlayfs",
            "CgroupVersion": "2",
        }
        self.engine_problem = ""
        self.file = cast(Any, None)
        for name, value in ailments.items():
            setattr(self, name, value)

    def __getattr__(self, name: str) -> Any:
        well = {
            "version": lambda *_: "1.0",
            "missing_plugins": list,
            "clock_difference": lambda: 0.0,
            "settings_problems": list,
            "host_problems": list,
            "host_told": lambda: "fits",
            "uses_published_passphrase": lambda: False,
            "open_ports": list,
            "certificate_days": lambda: 90,
        }
        return well[name]


def verdicts(**ailments: Any) -> dict[str, Finding]:
    class File:
        path = cast(Any, type("Path", (), {"name": "Pulumi.dev.yaml"}))

    return {one.check: one for one in examined(cast(Patient, Ill(**{"file": File, **ailments})))}


def test_a_well_patient_is_told_so_by_every_check():
    assert {one.state for one in verdicts().values()} == {"OK"}


@pytest.mark.parametrize(
    ("check", "state", "ailment"),
    [
        ("Pulumi", "FAIL", {"version": lambda *_: ""}),
        ("plugins", "FAIL", {"missing_plugins": lambda: ["random"]}),
        ("buildx", "FAIL", {"version": lambda *_: ""}),
        ("clock", "WARN", {"clock_difference": lambda: -30.0}),
        ("settings", "FAIL", {"settings_problems": lambda: ["services.redis: missing"]}),
        ("host", "FAIL", {"host_problems": lambda: ["too small"]}),
        ("listeners", "WARN", {"open_ports": lambda: [22]}),
        ("listeners", "WARN", {"open_ports": lambda: None}),
        ("certificate", "WARN", {"certificate_days": lambda: 20}),
        ("certificate", "FAIL", {"certificate_days": lambda: -1}),
    ],
)
def test_an_ailment_is_found_by_its_check(check: str, state: str, ailment: dict[str, Any]):
    assert verdicts(**ailment)[check].state == state


def test_without_an_engine_its_checks_are_left_out_and_it_is_said_how_to_start_it():
    found = verdicts(engine_problem="no Docker engine answers\nStart it")
    assert (found["engine"].state, found["engine"].fix) == ("FAIL", "Start it")
    assert not {"image store", "cgroups", "clock", "host", "certificate"} & found.keys()


def test_a_check_that_cannot_be_made_fails_with_the_reason():
    def none() -> list[str]:
        raise OperationError(ExitCode.NOT_THERE, "Pulumi.x.yaml: no such file")

    assert verdicts(settings_problems=none)["settings"] == Finding("settings", "FAIL", "Pulumi.x.yaml: no such file")
