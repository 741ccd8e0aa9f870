"""What people see while something is away that the API needs, and that all comes back by itself."""

import pytest

from images.tests.api_members import planned, somebody
from images.tests.api_stand import PASSWORD, Stand
from images.tests.api_stores import REDIS_MEGABYTES, language_model, stopped
from images.tests.engine import Running

VALUE = 100_000
KILLED = 137


@pytest.fixture(scope="module")
def stand(full_stand: Stand) -> Stand:
    return full_stand


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
        with stopped(stand.engine, stand.redis):
            answer = member.ask("/api/projects")
            assert answer.status_code == 503
            assert "You stay logged in" in answer.json()["detail"]
            assert int(answer.headers["Retry-After"]) > 0
            assert "Set-Cookie" not in answer.headers
        member.api.wait_for(code=200)
        assert member.ask("/api/projects").status_code == 200


def test_without_postgresql_it_says_so_at_once_and_all_comes_back(stand: Stand) -> None:
    with somebody(stand) as member:
        with stopped(stand.engine, stand.postgres):
            answer = member.ask("/api/projects")
            assert answer.status_code == 503
            assert "Nothing is lost" in answer.json()["detail"]
            assert answer.elapsed.total_seconds() < 6
        member.api.wait_for(code=200)
        member.api.running.wait_until(lambda: member.ask("/api/projects").status_code == 200, within=20)


def test_without_neo4j_a_focus_group_runs_and_its_graph_follows(stand: Stand) -> None:
    with somebody(stand) as member:
        with stopped(stand.engine, stand.neo4j):
            group = planned(member)
            member.post(f"{group}/run")
            finished = member.until(group, state="finished")
            assert len(finished["results"]) == finished["expected"] == 6
            answer = member.ask(f"{group}/analysis")
            assert answer.status_code == 503
            assert "The answers are safe" in answer.json()["detail"]
        member.api.running.wait_until(lambda: member.ask(f"{group}/analysis").ok, within=120)
        found = member.get(f"{group}/analysis")
        assert len(found["participants"]) == 3
        assert found["themes"][0]["score"] == 1


def test_without_the_language_model_a_run_waits_says_why_and_goes_on(stand: Stand) -> None:
    with language_model(stand) as (llm, environment):
        llm.container.stop(timeout=1)
        with somebody(stand, environment) as member:
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
            finished = member.until(group, state="finished")
            assert finished["error"] is None
            used = {row["model"]: row for row in member.get("/api/usage")["by_model"]}["stand-in"]
            assert used["calls"] == finished["expected"]
            assert used["input_tokens"] == 20 * (used["calls"] - used["cached"])


def test_an_api_that_is_killed_in_the_middle_loses_no_answer_and_the_next_one_goes_on(stand: Stand) -> None:
    with language_model(stand, seconds=0.5) as (_, environment):
        with somebody(stand, environment) as member:
            group = planned(member, people=12, questions=6)
            member.post(f"{group}/run")
            member.api.running.wait_until(lambda: member.get(group)["answers"] > 5)
            member.api.running.container.kill()
        with somebody(stand, environment) as other:
            assert 5 < other.get(group)["answers"] < 72, "it must have been in the middle"
            finished = other.until(group, state="finished")
            places = [(answer["participant_id"], answer["question"]) for answer in finished["results"]]
            assert len(places) == len(set(places)) == finished["expected"] == 72


def test_it_leaves_in_time_although_a_store_is_away_and_a_group_is_running(stand: Stand) -> None:
    with (
        language_model(stand, seconds=3) as (llm, environment),
        somebody(stand, environment) as member,
    ):
        group = planned(member, people=4)
        member.post(f"{group}/run")
        member.api.running.wait_until(lambda: "POST" in llm.logs() or member.get(group)["answers"] > 0)
        with stopped(stand.engine, stand.postgres):
            assert member.api.running.stop(within=25) != KILLED
