"""The maintenance page's switch."""

import json
from types import SimpleNamespace
from typing import Any, cast

import pytest

from operations import maintenance as maintenance_module
from operations.exit_codes import ExitCode, OperationError
from operations.maintenance import Switch, maintenance
from operations.running_stack import RunningStack
from operations.tests.conftest import FakeApi


class Edge:
    """A container in which the command `maintenance` answers as it is told."""

    def __init__(self) -> None:
        self.answer: tuple[int, bytes] = (0, b"")
        self.asked: list[list[str]] = []

    def get(self, _: str) -> "Edge":
        return self

    def exec_run(self, command: list[str]) -> tuple[int, bytes]:
        self.asked.append(command)
        return self.answer


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    entries: list[str] = []
    monkeypatch.setattr(maintenance_module, "record", lambda _, action, text: entries.append(f"{action}: {text}"))
    return entries


@pytest.fixture
def edge(api: FakeApi, stack: RunningStack, recorded: list[str]) -> Edge:
    api.add("edge")
    edge = Edge()
    stack.engine.client = cast(Any, SimpleNamespace(api=api, containers=edge))
    return edge


def test_it_is_switched_by_the_edges_own_command_and_recorded(edge: Edge, recorded: list[str]):
    maintenance(Switch.ON, "Back at noon")
    maintenance(Switch.OFF)
    assert edge.asked == [["maintenance", "on", "Back at noon"], ["maintenance", "off"]]
    assert recorded == ["maintenance on: Back at noon", "maintenance off: "]


def test_a_look_at_it_is_not_recorded(edge: Edge, recorded: list[str], capsys: pytest.CaptureFixture[str]):
    edge.answer = (0, b"on\n")
    maintenance(Switch.STATUS, json=True)
    assert json.loads(capsys.readouterr().out) == {"stack": "dev", "maintenance": "on"}
    assert recorded == []


def test_without_a_word_it_says_which_it_is(edge: Edge, capsys: pytest.CaptureFixture[str]):
    edge.answer = (0, b"off\n")
    maintenance(json=True)
    assert json.loads(capsys.readouterr().out)["maintenance"] == "off"


def test_a_text_goes_with_on_alone(edge: Edge):
    with pytest.raises(OperationError, match="takes no text") as refused:
        maintenance(Switch.OFF, "Back at noon")
    assert refused.value.code == ExitCode.WRONG_USE
    assert edge.asked == []


def test_what_the_command_complains_of_is_told_and_nothing_recorded(edge: Edge, recorded: list[str]):
    edge.answer = (73, b"maintenance: cannot be written")
    with pytest.raises(OperationError, match="cannot be written") as refused:
        maintenance(Switch.ON)
    assert refused.value.code == ExitCode.BROKEN
    assert recorded == []


def test_without_an_edge_it_is_told_how_to_get_one(api: FakeApi, stack: RunningStack):
    api.add("frontend")
    with pytest.raises(OperationError, match=r"no edge .* add services.edge to Pulumi.dev.yaml"):
        maintenance(Switch.STATUS)
