"""`python -m market_research.consistency`: a line for each kind, a verdict, and what could not be looked at."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from market_research.consistency import __main__ as command
from market_research.consistency import graph, moment, sessions, uploads
from market_research.consistency.finding import Fault, Finding
from market_research.settings import Passwords
from market_research.stores import Stores
from redis.exceptions import ConnectionError as RedisConnectionError

from tests.test_migrate import ADDRESSES

FAULT = Fault("rows without a node", "mend it")


@pytest.fixture
def looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A command whose parts find nothing; `looks(graph=error)` lets one fail, `looks(graph=finding)` find that."""
    for name, value in ADDRESSES.items():
        monkeypatch.setenv(name, value)
    for name in ("postgres_password", "redis_password", "neo4j_password"):
        (tmp_path / name).write_text("secret")
    passwords = Passwords.load(tmp_path)
    monkeypatch.setattr(Passwords, "load", lambda: passwords)

    async def nothing() -> None:
        pass

    async def now(_: Stores) -> None:
        pass

    monkeypatch.setattr(moment, "_moment", now)
    monkeypatch.setattr(Stores, "at", lambda *_: SimpleNamespace(open=nothing, close=nothing))

    def choose(**outcomes: Exception | Finding) -> None:
        for part in (graph, uploads, sessions):
            name = part.__name__.rpartition(".")[2]
            outcome = outcomes.get(name, Finding(name, {"rows": 1}))

            async def look(*_: Any, outcome: Exception | Finding = outcome) -> list[Finding]:
                if isinstance(outcome, Exception):
                    raise outcome
                return [outcome]

            monkeypatch.setattr(part, "look", look)

    choose()
    return choose


@pytest.mark.usefixtures("looks")
def test_the_command_has_a_line_for_each_kind_and_a_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([]) == 0
    lines = [f"consistency: {part}: rows 1" for part in ("graph", "uploads", "sessions")]
    assert capsys.readouterr().out.splitlines() == [*lines, "consistent"]


def test_the_command_says_the_same_in_json(looks: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    finding = Finding("graph Answer", {"rows": 1})
    finding.note(FAULT, 7)
    looks(graph=finding, sessions=RedisConnectionError("connection\nrefused"))
    assert command.main(["--json"]) == 2
    said = json.loads(capsys.readouterr().out)
    assert said["outcome"] == "unseen"
    assert said["unseen"] == {"sessions": "connection refused"}
    assert said["ways_out"] == ["mend it", "run this again when it can look at everything"]
    assert said["findings"][0] == {
        "kind": "graph Answer",
        "counts": {"rows": 1},
        "faults": {"rows without a node": {"count": 1, "examples": ["7"]}},
        "moving": False,
    }


@pytest.mark.parametrize(
    ("error", "told"),
    [(psycopg.OperationalError("no route"), "no route"), (KeyError("Ada"), "a mistake of ours (KeyError)")],
)
def test_what_ends_a_look_is_told_and_never_taken_for_a_difference(
    error: Exception, told: str, looks: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    looks(uploads=error)
    assert command.main([]) == 2
    assert f"consistency: uploads: could not look: {told}" in capsys.readouterr().out.splitlines()


@pytest.mark.usefixtures("looks")
def test_a_wrong_setting_is_told_as_what_could_not_be_seen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("NEO4J_URL")
    assert command.main([]) == 2
    assert "consistency: settings: could not look: NEO4J_URL: not set" in capsys.readouterr().out
