"""Personas and the tokens they take, as PostgreSQL keeps them."""

from collections.abc import Callable, Iterator

import pytest

from images.tests.api_members import PERSONA, Member, first_member, furnish
from images.tests.api_stand import Stand
from images.tests.api_stores import login_stand
from images.tests.engine import Engine, Running
from images.tests.postgres_store import sql

EMBEDDER = "offline-384-v1"


@pytest.fixture(scope="module")
def stand(engine: Engine, image: Callable[[str], str]) -> Iterator[Stand]:
    with login_stand(engine, image) as stand:
        yield stand


@pytest.fixture(scope="module")
def member(stand: Stand) -> Iterator[Member]:
    with stand.api() as api:
        api.wait_for(code=200)
        yield first_member(api)


@pytest.fixture(autouse=True)
def _nothing_used(stand: Stand) -> None:
    ask(stand, "TRUNCATE token_usage; TRUNCATE project CASCADE; DELETE FROM persona")


def ask(stand: Stand, statement: str) -> str:
    return sql(Running(stand.engine.client.containers.get(stand.postgres)), statement)


def test_nobody_is_invented_twice_for_one_audience(member: Member) -> None:
    wanted = {"audience": "young parents who cycle", "count": 12}
    made = [one for _ in range(20) for one in member.post("/api/personas/generate", wanted)["items"]]
    assert len({one["name"] for one in made}) == 240


def test_calls_of_a_day_are_one_row_for_each_model_and_the_same_search_costs_nothing(
    stand: Stand, member: Member
) -> None:
    for _ in range(3):
        member.get("/api/personas?query=a+nurse")
    usage = member.get("/api/usage")
    assert usage["total"] == {"calls": 3, "cached": 2, "input_tokens": 2, "output_tokens": 0}
    assert usage["by_model"] == [{"model": EMBEDDER, **usage["total"]}]
    assert usage["by_project"] == [{"project_id": None, "project": None, **usage["by_model"][0]}]
    assert ask(stand, "SELECT count(*) FROM token_usage") == "1"


def test_what_projects_took_stays_counted_in_one_sum_when_they_are_gone(stand: Stand, member: Member) -> None:
    projects = [furnish(member)["project_id"] for _ in range(2)]
    ask(stand, "UPDATE token_usage SET input_tokens = 2000000000 WHERE project_id IS NOT NULL")
    before = member.get("/api/usage")
    assert {row["project_id"] for row in before["by_project"]} == {None, *projects}
    for project in projects:
        assert member.http.delete(f"{member.api.url}/api/projects/{project}", timeout=10).ok
    after = member.get("/api/usage")
    assert (after["total"], after["by_model"]) == (before["total"], before["by_model"])
    offline = [row for row in after["by_project"] if row["model"] == "offline"]
    assert [(row["project_id"], row["project"], row["input_tokens"]) for row in offline] == [(None, None, 4 * 10**9)]


def test_a_search_counts_those_whom_it_can_find(stand: Stand, member: Member) -> None:
    for name in ("Ada", "Ben", "Cleo"):
        member.post("/api/personas", {**PERSONA, "name": name})
    ask(stand, "UPDATE persona SET embedder = 'another' WHERE name = 'Ben'")
    found = member.get("/api/personas?query=baker&limit=1")
    assert (len(found["items"]), found["total"]) == (1, 2)
    assert member.get("/api/personas")["total"] == 3
