"""Whom the stores let in, asked as a rotation asks it."""

import json
import subprocess
from collections.abc import Iterator, Sequence

import pytest

from images.tests.api_stand import NOWHERE, PASSWORD, Api, Stand
from images.tests.api_stores import empty_stand, name

GOOD = [["postgres", "migration_a", PASSWORD], ["redis", "app", PASSWORD], ["neo4j", "neo4j", PASSWORD]]
BAD = [[store, user, "battery-staple"] for store, user, _ in GOOD]
STRANGERS = [["postgres", "nobody", PASSWORD], ["redis", "nobody", PASSWORD], ["postgres", "app", PASSWORD]]


@pytest.fixture(scope="module")
def api(full_stand: Stand) -> Iterator[Api]:
    with full_stand.api() as api:
        yield api


def asked(container: str, logins: Sequence[Sequence[str]]) -> "subprocess.CompletedProcess[str]":
    command = ["docker", "exec", "--interactive", container, "python", "-m", "market_research.let_in"]
    return subprocess.run(command, input=json.dumps(logins), capture_output=True, text=True, check=False)


def test_each_login_has_its_answer_and_no_password_is_repeated(api: Api) -> None:
    done = asked(name(api.running), [*GOOD, *BAD, *STRANGERS])
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == [True] * len(GOOD) + [False] * (len(BAD) + len(STRANGERS))


def test_a_store_that_is_away_is_no_answer(full_stand: Stand) -> None:
    with empty_stand(full_stand.engine, full_stand.image) as nothing, nothing.api() as api:
        done = asked(name(api.running), GOOD[:1])
        assert done.returncode == 1
        assert done.stderr.startswith("let_in: a store does not answer: ")
        assert PASSWORD not in done.stderr
        assert NOWHERE not in done.stdout
