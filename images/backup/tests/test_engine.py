"""What the client makes of the gate's answers."""

import json

import pytest
from backup.engine import Engine, EngineError, GoneError, State

from tests.gate import Stand


def test_a_container_is_started_once(whole: Stand) -> None:
    assert whole.dormants.engine.start("test-restore-redis")
    assert not whole.dormants.engine.start("test-restore-redis"), "it was running already"


def test_a_stop_says_how_long_it_may_take(whole: Stand) -> None:
    whole.dormants.engine.stop("test-neo4j", 120)
    assert whole.gate.asked == ["stop neo4j t=120"]


def test_a_state_has_what_there_is_of_health(whole: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = whole.dormants.engine
    whole.gate.containers["neo4j"].start()
    assert engine.inspect("test-neo4j") == State(running=True, exit_code=0, health="starting")
    assert engine.inspect("test-backup-redis") == State(running=False, exit_code=0, health="")
    described = json.dumps({"State": {"Status": "restarting", "ExitCode": 1, "Health": {"Status": "none"}}}).encode()
    monkeypatch.setattr(whole.gate, "answer", lambda *_: (200, described))
    assert engine.inspect("test-neo4j") == State(running=True, exit_code=1, health="")


def test_an_unhealthy_container_is_not_well() -> None:
    assert State(True, 0, "healthy").well
    assert State(True, 0, "").well
    assert not State(True, 0, "starting").well
    assert not State(True, 0, "unhealthy").well
    assert not State(False, 0, "healthy").well


def test_the_last_lines_of_a_log_come_without_what_the_engine_puts_between(whole: Stand) -> None:
    whole.gate.containers["backup-redis"].log = ["one", "", "two ü", "three"]
    assert whole.dormants.engine.last_lines("test-backup-redis", 0, 2) == ["two ü", "three"]


def test_a_container_that_is_not_there_is_gone(whole: Stand) -> None:
    with pytest.raises(GoneError, match="404 No such container: test-nobody"):
        whole.dormants.engine.start("nobody")


def test_a_refusal_is_told_in_one_line(whole: Stand) -> None:
    whole.gate.answers["start backup-redis"] = [403]
    with pytest.raises(EngineError) as caught:
        whole.dormants.engine.start("test-backup-redis")
    assert str(caught.value) == "POST /containers/test-backup-redis/start: 403 403 Forbidden Not allowed."


def test_a_gate_that_is_away_is_named() -> None:
    with pytest.raises(EngineError, match=r"^127\.0\.0\.1:1/containers/neo4j/json: .*refused"):
        Engine("http://127.0.0.1:1").inspect("neo4j")


@pytest.mark.parametrize("url", ["", "engine:2375", "https://engine:2375", "http://engine:2375/v1.41", "http://engine"])
def test_an_address_of_another_form_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="allowed is http://host:port"):
        Engine(url)
