"""Logs of several containers as one."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from unittest.mock import Mock

import pytest
from docker.errors import APIError
from urllib3.exceptions import ProtocolError

from infra.engine import Engine
from operations import log_lines
from operations.exit_codes import ExitCode, OperationError
from operations.log_lines import Line, followed, lines
from operations.logs import age, logs, printable
from operations.running_stack import Replica, RunningStack
from operations.tests.conftest import FakeApi


def at(seconds: float) -> str:
    """As the engine writes times: always with nine digits."""
    return f"2026-11-24T12:00:{seconds:012.9f}Z"


@pytest.fixture(autouse=True)
def in_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_lines, "LATE_SECONDS", 0.01)
    monkeypatch.setattr(log_lines, "LOOK_SECONDS", 0)


@pytest.fixture
def two(api: FakeApi, stack: RunningStack) -> FakeApi:
    api.add("api")
    api.add("redis")
    api.written["api-1-id"] = [f"{at(1.5)} begun\n{at(3)} error: two\n".encode()]
    api.written["redis-1-id"] = [f"{at(1)} ready\n{at(2)} error: one\n".encode()]
    return api


def looks(stack: RunningStack) -> Callable[[], list[Replica]]:
    """Looks for containers that come to an end when nothing is found for long."""
    left = iter(range(100))

    def look() -> list[Replica]:
        assert next(left, None) is not None, "nothing more was found"
        return stack.containers()

    return look


def all_from(moment: str) -> Callable[[str], str]:
    """Every container has been seen up to this time."""
    return lambda _: moment


def printed(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("10m", 600), ("2h", 7200), ("3d", 259200)])
def test_an_age_is_a_number_and_a_unit(text: str, seconds: int):
    assert age(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "10", "m", "-1m", "1w", "10 m", "99999999999d", "99999d", "9" * 5000 + "s"])
def test_another_age_is_wrong_use_with_what_is_allowed(text: str):
    with pytest.raises(OperationError, match="write a number and one of s, m, h, d") as refused:
        age(text)
    assert refused.value.code == ExitCode.WRONG_USE


def test_a_pattern_that_is_none_is_wrong_use(two: FakeApi):
    with pytest.raises(OperationError, match="not a regular expression") as refused:
        logs(grep="(")
    assert refused.value.code == ExitCode.WRONG_USE


def test_lines_of_all_services_come_in_the_order_of_time_behind_their_service(
    two: FakeApi, capsys: pytest.CaptureFixture[str]
):
    logs()
    assert printed(capsys) == [
        "redis 2026-11-24T12:00:01.000Z ready",
        "api   2026-11-24T12:00:01.500Z begun",
        "redis 2026-11-24T12:00:02.000Z error: one",
        "api   2026-11-24T12:00:03.000Z error: two",
    ]


def test_the_newest_of_the_lines_that_match_are_shown(two: FakeApi, capsys: pytest.CaptureFixture[str]):
    logs(grep="error", tail=1)
    assert printed(capsys) == ["api   2026-11-24T12:00:03.000Z error: two"]
    assert {one["tail"] for one in two.asked} == {"all"}


def test_without_a_pattern_the_engine_sends_no_more_than_is_shown(two: FakeApi, capsys: pytest.CaptureFixture[str]):
    logs(tail=2)
    assert len(printed(capsys)) == 2
    assert {one["tail"] for one in two.asked} == {2}


def test_only_the_named_services_are_asked(two: FakeApi):
    logs(["redis"])
    assert [one["id"] for one in two.asked] == ["redis-1-id"]


def test_an_unknown_service_is_wrong_use_with_those_there_are(two: FakeApi):
    with pytest.raises(OperationError, match="no nginx; there are api, redis") as refused:
        logs(["nginx"])
    assert refused.value.code == ExitCode.WRONG_USE


def test_programs_get_every_line_whole(two: FakeApi, capsys: pytest.CaptureFixture[str]):
    logs(["api"], json=True)
    rows = json.loads(capsys.readouterr().out)
    assert rows[0] == {"at": at(1.5), "service": "api", "container": "dev-api-1", "text": "begun"}


def test_several_containers_of_a_service_are_told_apart(two: FakeApi, capsys: pytest.CaptureFixture[str]):
    two.add("api", 2)
    two.written["api-2-id"] = [f"{at(4)} second\n".encode()]
    logs(["api"])
    assert [line.split()[0] for line in printed(capsys)] == ["dev-api-1", "dev-api-1", "dev-api-2"]


def test_a_container_that_goes_meanwhile_is_no_error(two: FakeApi, capsys: pytest.CaptureFixture[str]):
    del two.written["api-1-id"]
    logs()
    assert len(printed(capsys)) == 2


def test_a_container_that_the_engine_is_removing_is_no_error(
    two: FakeApi, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def written(container_id: str, **_: Any) -> bytes:
        if container_id == "api-1-id":
            raise APIError("can not get logs from container which is dead", response=Mock(status_code=409))
        return two.written[container_id][0]

    monkeypatch.setattr(two, "logs", written)
    logs()
    assert len(printed(capsys)) == 2


def test_an_engine_that_fails_otherwise_is_an_error(two: FakeApi, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(two, "logs", Mock(side_effect=APIError("no", response=Mock(status_code=500))))
    with pytest.raises(APIError):
        logs()


def test_a_line_that_the_engine_sends_in_pieces_is_one():
    pieces = [f"{at(1)} o".encode(), f"ne\n{at(2)} two\r\n{at(3)}".encode(), b" three"]
    assert [line.text for line in lines("api", "dev-api-1", pieces)] == ["one", "two", "three"]


def test_what_is_followed_goes_on_in_a_container_that_comes_later_and_repeats_nothing(
    two: FakeApi, stack: RunningStack
):
    seen = []
    for line in islice(followed(stack.engine, looks(stack), all_from(at(1.5))), 3):
        seen.append(line.text)
        if len(seen) == 1:
            two.add("api", 2)
            two.written["api-2-id"] = [f"{at(4)} the next version\n".encode()]
    assert seen == ["error: one", "error: two", "the next version"]


def test_a_container_that_restarts_is_followed_from_where_it_was(two: FakeApi, stack: RunningStack):
    seen: list[Line] = []
    for line in islice(followed(stack.engine, looks(stack), all_from(at(2))), 2):
        seen.append(line)
        two.written["api-1-id"].append(f"{at(5)} up again\n".encode())
    assert [line.text for line in seen] == ["error: two", "up again"]
    again = [one["since"] for one in two.asked if one["id"] == "api-1-id"]
    assert again[-1] >= datetime(2026, 11, 24, 12, 0, 3, tzinfo=UTC).timestamp()


def test_a_container_that_is_slower_is_followed_from_its_own_newest_line(
    two: FakeApi, stack: RunningStack, monkeypatch: pytest.MonkeyPatch
):
    two.add("neo4j")
    two.written["neo4j-1-id"] = []
    late = {"redis-1-id": f"{at(2.5)} late\n", "neo4j-1-id": f"{at(2.7)} first\n"}
    shown: list[str] = []

    def meanwhile(engine: Engine, _: Any, after: Any) -> Iterator[Line]:
        for container, text in late.items():
            two.written[container].append(text.encode())
        for line in islice(followed(engine, looks(stack), after), len(late)):
            shown.append(line.text)
            yield line

    monkeypatch.setattr("operations.logs.followed", meanwhile)
    monkeypatch.setattr("operations.logs.age", lambda _: datetime.now(UTC) - datetime(2026, 11, 24, 12, tzinfo=UTC))
    logs(follow=True)
    assert shown == ["late", "first"]


def test_lines_of_one_container_are_shown_however_their_times_lie(two: FakeApi, stack: RunningStack):
    """Its two outputs are timed before they are written down one after the other."""
    two.written["api-1-id"] = [f"{at(3)} b\n{at(3)} a\n{at(2.9)} earlier\n".encode()]
    found = islice(followed(stack.engine, looks(stack), all_from(at(2))), 3)
    assert [line.text for line in found] == ["earlier", "b", "a"]


def test_a_run_that_ended_before_it_was_looked_for_is_shown(two: FakeApi, stack: RunningStack):
    facts = two.known[0]["State"]
    seen = []
    for line in islice(followed(stack.engine, looks(stack), all_from(at(2))), 2):
        seen.append(line.text)
        facts.update(Status="exited", StartedAt="2026-11-24T12:01:00Z")
        two.written["api-1-id"].append(f"{at(5)} a short life\n".encode())
    assert seen == ["error: two", "a short life"]


def test_a_connection_that_breaks_is_taken_up_again(two: FakeApi, stack: RunningStack, monkeypatch: pytest.MonkeyPatch):
    whole = two.logs

    def broken(container_id: str, **how: Any) -> Iterator[bytes]:
        monkeypatch.setattr(two, "logs", whole)
        yield f"{at(3)} error: two\n".encode()
        raise ProtocolError("broken")

    two.known.pop()
    two.written["api-1-id"].append(f"{at(5)} after\n".encode())
    monkeypatch.setattr(two, "logs", broken)
    found = islice(followed(stack.engine, looks(stack), all_from(at(2))), 2)
    assert [line.text for line in found] == ["error: two", "after"]


def test_a_line_cannot_move_the_terminals_cursor():
    assert printable("a\tb\x1b[2Jc\x07 żółw") == "a\tb\N{REPLACEMENT CHARACTER}[2Jc\N{REPLACEMENT CHARACTER} żółw"
