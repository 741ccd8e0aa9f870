"""Stores of different moments, as after a restore: each difference is made, told, and mended where it can be."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from images.tests.api_members import PNG, Member, furnish, planned, somebody
from images.tests.api_stand import Stand
from images.tests.api_stores import cypher, empty_stand, with_neo4j, with_postgres, with_redis
from images.tests.engine import Engine, Running
from images.tests.postgres_store import sql

CHECK = ("python", "-m", "market_research.consistency")
GONE = UUID(int=7)
REBUILD = "`make rebuild WHAT=graph STACK=<stack>` mends the graph"
# By code point the first comes first, by UTF-16 it does not.
THEMES = ("\ufb00", "\U0001f35e")


@dataclass(frozen=True)
class Site:
    """A stand with an API and a workspace in which one thing of each kind is."""

    stand: Stand
    member: Member
    things: dict[str, str]

    @property
    def container(self) -> Running:
        return self.member.api.running

    def check(self, *options: str, **environment: str) -> tuple[int, list[str]]:
        """Exit code and lines of the command."""
        code, output = self.container.attempt(*CHECK, *options, environment=environment)
        return code, output.splitlines()

    def faults(self) -> dict[str, dict[str, Any]]:
        """Of each kind of thing that has any, the faults."""
        _, (line,) = self.check("--json")
        return {one["kind"]: one["faults"] for one in json.loads(line)["findings"] if one["faults"]}

    def sql(self, statement: str) -> str:
        return sql(Running(self.stand.engine.client.containers.get(self.stand.postgres)), statement)

    def cypher(self, query: str) -> str:
        return cypher(self.stand, query).strip('"')

    def file(self, change: str) -> None:
        """Change the folder of uploads, `folder`."""
        self.container.exec("python", "-c", f"from pathlib import Path; folder = Path('/srv/files'); {change}")


@pytest.fixture(scope="module")
def site(engine: Engine, image: Callable[[str], str]) -> Iterator[Site]:
    with ExitStack() as stack:
        empty = stack.enter_context(empty_stand(engine, image("api")))
        redis = stack.enter_context(with_redis(empty, image("redis")))
        postgres = stack.enter_context(with_postgres(redis, image("postgres")))
        stand = stack.enter_context(with_neo4j(postgres, image("neo4j")))
        assert stand.migrate()[0] == 0
        member = stack.enter_context(somebody(stand))
        things = dict(furnish(member))
        group = f"/api/focus-groups/{things['group_id']}"
        things["unfinished_id"] = planned(member).rpartition("/")[2]
        picture = {"data": PNG, "headers": {"content-type": "image/png"}}
        things["second_id"] = member.post(f"/api/projects/{things['project_id']}/stimuli?name=rye", **picture)["id"]
        site = Site(stand, member, things)
        member.api.running.wait_until(lambda: member.ask(f"{group}/analysis").ok)
        member.api.running.wait_until(lambda: "to write 0" in site.check()[1][-4])
        yield site


def test_stores_of_one_moment_are_consistent(site: Site) -> None:
    code, lines = site.check()
    assert (code, lines[-1]) == (0, "consistent"), lines
    assert lines[1:3] == [
        "consistency: graph FocusGroup: rows 1, nodes 1",
        "consistency: graph Participant: rows 2, nodes 2",
    ]
    assert lines[-3:-1] == ["consistency: uploads: rows 2, files 2", "consistency: sessions: accounts 1"]


def test_a_graph_of_another_moment_is_told_by_id_and_mended_by_a_rebuild(site: Site) -> None:
    answers = site.sql("SELECT id FROM answer ORDER BY id").splitlines()
    people = site.sql(
        f"SELECT id FROM participant WHERE focus_group_id = '{site.things['group_id']}' ORDER BY id"
    ).splitlines()
    words = json.dumps([{"theme": theme, "stance": "neutral"} for theme in THEMES])
    site.sql(f"UPDATE answer SET themes = themes || '{words}' WHERE id = {answers[1]}")
    site.cypher(f"MATCH (answer:Answer {{id: {answers[0]}}}), (group:FocusGroup) DETACH DELETE answer, group")
    # Of a time that is gone: a group, and an answer that has the id of one of ours.
    site.cypher(
        f"MATCH (ours:Answer {{id: {answers[1]}}}) CREATE (:FocusGroup {{id: '{GONE}'}})<-[:IN]-"
        f"(:Participant {{id: '{GONE}'}})-[:GAVE]->(ours)-[:MENTIONS]->(:Theme {{id: 'Ada'}}), (:Project {{id: 'x'}})"
    )
    unfinished = site.things["unfinished_id"]
    site.cypher(
        f"CREATE (:FocusGroup {{id: '{unfinished}'}}), (:Participant {{id: 'x'}})-[:GAVE]->(:Answer {{id: 99}})"
    )
    code, lines = site.check()
    assert (code, lines[-1]) == (1, REBUILD)
    assert "Ada" not in "".join(lines)
    assert site.faults() == {
        "graph Project": {"nodes without a row": {"count": 1, "examples": ["x"]}},
        "graph FocusGroup": {
            "nodes without a row": {"count": 2, "examples": sorted([str(GONE), unfinished])},
            "rows without a node": {"count": 1, "examples": [site.things["group_id"]]},
        },
        "graph Participant": {
            "nodes without a row": {"count": 2, "examples": [str(GONE), "x"]},
            "nodes with other relationships": {"count": 2, "examples": people},
        },
        "graph Answer": {
            "nodes without a row": {"count": 1, "examples": ["99"]},
            "rows without a node": {"count": 1, "examples": [answers[0]]},
            "nodes with other relationships": {"count": 1, "examples": [answers[1]]},
        },
        "graph Theme": {
            "nodes without a row": {"count": 1, "examples": []},
            "rows without a node": {"count": 2, "examples": []},
        },
    }
    assert site.container.exec("python", "-m", "market_research.rebuild", "graph").endswith("rebuild: graph: done")
    assert site.faults() == {}


def test_a_graph_that_is_still_to_be_written_is_no_difference(site: Site) -> None:
    group = site.things["group_id"]
    site.sql(f"UPDATE focus_group SET graph_at = NULL, due_at = now() + interval '1 hour' WHERE id = '{group}'")
    site.cypher("MATCH (answer:Answer) WITH answer LIMIT 1 DETACH DELETE answer")
    stale = "(one)-[:GAVE]->(:Answer {id: 98})-[:MENTIONS]->(:Theme {id: 'x'})"
    site.cypher(f"MATCH (one:Participant) WITH one LIMIT 1 CREATE {stale}")
    code, lines = site.check()
    assert (code, lines[-4], lines[-1]) == (0, "consistency: graph still due: to write 1, to erase 0", "consistent")
    site.sql(f"UPDATE focus_group SET graph_at = now() WHERE id = '{group}'")
    assert {kind: set(faults) for kind, faults in site.faults().items()} == {
        "graph Answer": {"nodes without a row", "rows without a node"},
        "graph Theme": {"nodes without a row"},
    }
    site.container.exec("python", "-m", "market_research.rebuild", "graph")


def test_files_and_sessions_of_another_moment_are_told(site: Site) -> None:
    stimulus, second = UUID(site.things["stimulus_id"]), UUID(site.things["second_id"])
    site.file(f"(folder / '{stimulus.hex}').unlink(); (folder / '{second.hex}').write_bytes(b'half')")
    site.file(f"(folder / '{GONE.hex}').touch(); (folder / 'Ada').touch(); (folder / '{stimulus.hex}.part').touch()")
    account = site.sql("DELETE FROM account RETURNING id").splitlines()[0]
    code, lines = site.check()
    assert code == 1
    assert site.faults() == {
        "uploads": {
            "files without a row": {"count": 2, "examples": [str(GONE)]},
            "rows without a file": {"count": 1, "examples": [str(stimulus)]},
            "files of another size": {"count": 1, "examples": [str(second)]},
        },
        "sessions": {"accounts that do not exist": {"count": 1, "examples": [account]}},
    }
    ((token,),) = [[cookie.value] for cookie in site.member.http.cookies]
    assert str(token).rpartition(".")[2] not in "".join(lines)


def test_a_store_that_is_away_hides_only_what_it_has_a_part_in(site: Site) -> None:
    code, lines = site.check(NEO4J_URL="bolt://neo4j@localhost:7")
    assert code == 2
    assert lines[-2].startswith("consistency: graph: could not look: ")
    assert lines[-1].endswith("; run this again when it can look at everything")
    assert [line for line in lines if line.startswith("consistency: uploads: rows 2")]
