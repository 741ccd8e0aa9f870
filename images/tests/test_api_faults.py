"""What people see while something is away that the API needs, and that all comes back by itself."""

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests

from images.tests import llm_stand_in
from images.tests.api_members import PERSONA, Member, first_member, furnish
from images.tests.api_stand import PASSWORD, SECRETS, Stand
from images.tests.api_stores import REDIS_MEGABYTES, name
from images.tests.engine import Running

LLM_PORT = "9000"
VALUE = 100_000
KILLED = 137


@pytest.fixture(scope="module")
def stand(full_stand: Stand) -> Stand:
    return full_stand


@contextmanager
def somebody(stand: Stand, **environment: str) -> Iterator[Member]:
    """Somebody who is logged in to a fresh API."""
    with stand.api(SECRETS, **environment) as api:
        api.wait_for(code=200, neo4j="up")
        yield first_member(api)


def asked(member: Member, path: str) -> requests.Response:
    return member.http.get(f"{member.api.url}{path}", timeout=15)


def planned(member: Member, people: int = 3, questions: int = 2) -> str:
    """The path of a new focus group."""
    personas = [member.post("/api/personas", PERSONA)["id"] for _ in range(people)]
    project = member.post("/api/projects", {"name": "Rye"})["id"]
    plan = {"topic": "Rye bread", "questions": [f"Why, the {n}th time?" for n in range(questions)]}
    made = member.post(f"/api/projects/{project}/focus-groups", {**plan, "persona_ids": personas})
    return f"/api/focus-groups/{made['id']}"


def until(member: Member, path: str, **facts: Any) -> dict[str, Any]:
    """What a path says when it says all of this."""
    said: dict[str, Any] = {}

    def holds() -> bool:
        said.update(member.get(path))
        return facts.items() <= said.items()

    member.api.running.wait_until(holds, within=90)
    return said


@contextmanager
def language_model(stand: Stand, seconds: float = 0) -> Iterator[Running]:
    """The stand-in of an OpenAI-compatible endpoint on the stand's network, which takes this long for an answer."""
    program = ["python", "-c", inspect.getsource(llm_stand_in), LLM_PORT, str(seconds)]
    with stand.engine.run(stand.image, program, network=stand.network) as running:
        yield running


@contextmanager
def stopped(stand: Stand, store: str) -> Iterator[None]:
    """A store that is not there."""
    container = stand.engine.client.containers.get(store)
    container.stop()
    try:
        yield
    finally:
        container.start()


def test_a_cache_that_fills_the_memory_pushes_no_session_out(stand: Stand) -> None:
    with somebody(stand) as member:
        redis = Running(stand.engine.client.containers.get(stand.redis))
        # Twice of what fits, each with a lifetime, as the API's own answers have.
        fill = f"for n in 1 2 3 4 5 6 7 8 9; do redis-cli --user app SET cache:$1:$n {'x' * VALUE} EX 3600; done"
        for batch in range(2 * REDIS_MEGABYTES):
            redis.exec("sh", "-c", fill, "sh", str(batch), environment={"REDISCLI_AUTH": PASSWORD})
        info = redis.exec("redis-cli", "--user", "app", "INFO", "stats", environment={"REDISCLI_AUTH": PASSWORD})
        evicted = next(line for line in info.splitlines() if line.startswith("evicted_keys:"))
        assert int(evicted.partition(":")[2]) > 0, "the cache must have been too much"
        assert member.get("/api/session")["account"], "who was logged in must still be"
        assert member.invite().get("/api/session")["account"], "and others must be able to log in"


def test_without_redis_nobody_is_logged_out_and_all_comes_back(stand: Stand) -> None:
    with somebody(stand) as member:
        with stopped(stand, stand.redis):
            answer = asked(member, "/api/projects")
            assert answer.status_code == 503
            assert "You stay logged in" in answer.json()["detail"]
            assert int(answer.headers["Retry-After"]) > 0
            assert "Set-Cookie" not in answer.headers
        member.api.wait_for(code=200)
        assert asked(member, "/api/projects").status_code == 200


def test_without_postgresql_it_says_so_at_once_and_all_comes_back(stand: Stand) -> None:
    with somebody(stand) as member:
        with stopped(stand, stand.postgres):
            answer = asked(member, "/api/projects")
            assert answer.status_code == 503
            assert "Nothing is lost" in answer.json()["detail"]
            assert answer.elapsed.total_seconds() < 6
        member.api.wait_for(code=200)
        member.api.running.wait_until(lambda: asked(member, "/api/projects").status_code == 200, within=20)


def test_without_neo4j_a_focus_group_runs_and_its_graph_follows(stand: Stand) -> None:
    with somebody(stand) as member:
        with stopped(stand, stand.neo4j):
            group = planned(member)
            member.post(f"{group}/run")
            finished = until(member, group, state="finished")
            assert len(finished["results"]) == finished["expected"] == 6
            answer = asked(member, f"{group}/analysis")
            assert answer.status_code == 503
            assert "The answers are safe" in answer.json()["detail"]
        member.api.running.wait_until(lambda: asked(member, f"{group}/analysis").ok, within=120)
        found = member.get(f"{group}/analysis")
        assert len(found["participants"]) == 3
        assert found["themes"][0]["score"] == 1


def test_without_the_language_model_a_run_waits_says_why_and_goes_on(stand: Stand) -> None:
    with language_model(stand) as llm:
        llm.container.stop(timeout=1)
        with somebody(stand, LLM_URL=f"http://{name(llm)}:{LLM_PORT}/v1", LLM_MODEL="stand-in") as member:
            wanted = {"audience": "bakers of rye bread", "count": 2}
            answer = member.http.post(f"{member.api.url}/api/personas/generate", json=wanted, timeout=30)
            assert answer.status_code == 503
            assert "cannot be reached" in answer.json()["detail"]
            group = planned(member)
            member.post(f"{group}/run")
            member.api.running.wait_until(lambda: member.get(group)["error"], within=40)
            waiting = member.get(group)
            assert waiting["state"] == "running"
            assert "cannot be reached" in waiting["error"]
            assert "goes on by itself" in waiting["error"]
            llm.container.start()
            finished = until(member, group, state="finished")
            assert finished["error"] is None
            used = {row["model"]: row for row in member.get("/api/usage")["by_model"]}["stand-in"]
            assert used["calls"] == finished["expected"]
            assert used["input_tokens"] == 20 * (used["calls"] - used["cached"])


def test_an_api_that_is_killed_in_the_middle_loses_no_answer_and_the_next_one_goes_on(stand: Stand) -> None:
    with language_model(stand, seconds=0.5) as llm:
        environment = {"LLM_URL": f"http://{name(llm)}:{LLM_PORT}/v1", "LLM_MODEL": "stand-in"}
        with somebody(stand, **environment) as member:
            group = planned(member, people=12, questions=6)
            member.post(f"{group}/run")
            member.api.running.wait_until(lambda: member.get(group)["answers"] > 5)
            member.api.running.container.kill()
        with somebody(stand, **environment) as other:
            assert 5 < other.get(group)["answers"] < 72, "it must have been in the middle"
            finished = until(other, group, state="finished")
            places = [(answer["participant_id"], answer["question"]) for answer in finished["results"]]
            assert len(places) == len(set(places)) == finished["expected"] == 72


def test_people_who_agree_on_nothing_are_communities_of_their_own(stand: Stand) -> None:
    with (
        language_model(stand) as llm,
        somebody(stand, LLM_URL=f"http://{name(llm)}:{LLM_PORT}/v1", LLM_MODEL="stand-in") as member,
    ):
        crew = [member.post("/api/personas", {**PERSONA, "occupation": it})["id"] for it in ("baker", "sailor")]
        project = member.post("/api/projects", {"name": "Rye"})["id"]
        plan = {"topic": "Rye bread", "questions": ["Why not?"], "persona_ids": crew}
        group = f"/api/focus-groups/{member.post(f'/api/projects/{project}/focus-groups', plan)['id']}"
        member.post(f"{group}/run")
        member.api.running.wait_until(lambda: asked(member, f"{group}/analysis").ok)
        communities = member.get(f"{group}/analysis")["communities"]
        assert sorted(one["themes"] for one in communities) == [["baker (positive)"], ["sailor (positive)"]]


def test_the_graph_can_be_made_again_from_postgresql(stand: Stand) -> None:
    with somebody(stand) as member:
        things = furnish(member)
        member.api.running.wait_until(lambda: asked(member, f"/api/focus-groups/{things['group_id']}/analysis").ok)
        neo4j = Running(stand.engine.client.containers.get(stand.neo4j))
        erase = ["cypher-shell", "-u", "neo4j", "-p", PASSWORD, "MATCH (node) DETACH DELETE node"]
        neo4j.exec(*erase)
        said = member.api.running.exec("python", "-m", "market_research.rebuild", "graph")
        assert said.splitlines()[-1] == "rebuild: graph: done"
        count_one = "MATCH (:FocusGroup {id: '%s'})<-[:IN]-(one)-[:GAVE]->() RETURN count(one)"
        found = neo4j.exec(
            "cypher-shell", "-u", "neo4j", "-p", PASSWORD, "--format", "plain", count_one % things["group_id"]
        )
        assert found.splitlines()[-1] == "2"


def test_it_leaves_in_time_although_a_store_is_away_and_a_group_is_running(stand: Stand) -> None:
    with (
        language_model(stand, seconds=3) as llm,
        somebody(stand, LLM_URL=f"http://{name(llm)}:{LLM_PORT}/v1", LLM_MODEL="stand-in") as member,
    ):
        group = planned(member, people=4)
        member.post(f"{group}/run")
        member.api.running.wait_until(lambda: "POST" in llm.logs() or member.get(group)["answers"] > 0)
        with stopped(stand, stand.postgres):
            assert member.api.running.stop(within=25) != KILLED


def test_material_of_another_project_cannot_be_shown_and_does_not_keep_that_project(stand: Stand) -> None:
    with somebody(stand) as member:
        things = furnish(member)
        other = member.post("/api/projects", {"name": "Oat"})["id"]
        people = [member.post("/api/personas", PERSONA)["id"] for _ in range(2)]
        plan = {"topic": "Oat", "questions": ["Why?"], "persona_ids": people, "stimulus_id": things["stimulus_id"]}
        answer = member.http.post(f"{member.api.url}/api/projects/{other}/focus-groups", json=plan, timeout=10)
        assert (answer.status_code, answer.json()["detail"]) == (404, "There is no such material in this project.")
        assert member.http.delete(f"{member.api.url}/api/projects/{things['project_id']}", timeout=10).ok


def test_a_deleted_focus_group_leaves_the_graph_by_itself(stand: Stand) -> None:
    with somebody(stand) as member:
        things = furnish(member)
        neo4j = Running(stand.engine.client.containers.get(stand.neo4j))

        def nodes() -> str:
            query = f"MATCH (one:FocusGroup {{id: '{things['group_id']}'}}) RETURN count(one)"
            shell = ["cypher-shell", "-u", "neo4j", "-p", PASSWORD, "--format", "plain", query]
            return neo4j.exec(*shell).splitlines()[-1]

        neo4j.wait_until(lambda: nodes() == "1")
        assert member.http.delete(f"{member.api.url}/api/projects/{things['project_id']}", timeout=10).ok
        neo4j.wait_until(lambda: nodes() == "0")


def test_a_sign_up_link_for_an_address_sets_its_password_anew(stand: Stand) -> None:
    with somebody(stand) as member:
        email = member.get("/api/session")["account"]["email"]
        link = member.api.running.exec("python", "-m", "market_research.invite", "--email", email).partition("#")[2]
        renewed = {"invitation": link, "email": email, "name": "Ada", "password": "another long one"}
        visitor = Member(member.api, requests.Session())
        other = visitor.http.post(
            f"{member.api.url}/api/accounts", json={**renewed, "email": "somebody@example.com"}, timeout=10
        )
        assert other.status_code == 403, "the link is for its own address alone"
        visitor.post("/api/accounts", renewed)
        assert asked(member, "/api/projects").status_code == 401, "old sessions end with the old password"
        again = Member(member.api, requests.Session())
        assert again.post("/api/session", {"email": email, "password": "another long one"})["account"]["email"] == email


def test_the_first_link_is_printed_only_while_there_is_no_account(stand: Stand) -> None:
    with somebody(stand) as member:
        assert member.api.running.exec("python", "-m", "market_research.invite", "--first") == ""
