"""Focus groups in the graph: what it says of them, that it can be made again, and that they leave it."""

import pytest

from images.tests.api_members import PERSONA, furnish, somebody
from images.tests.api_stand import Stand
from images.tests.api_stores import cypher, language_model
from images.tests.engine import wait_until


@pytest.fixture(scope="module")
def stand(full_stand: Stand) -> Stand:
    return full_stand


def test_people_who_agree_on_nothing_are_communities_of_their_own(stand: Stand) -> None:
    with (
        language_model(stand) as (_, environment),
        somebody(stand, environment) as member,
    ):
        crew = [member.post("/api/personas", {**PERSONA, "occupation": it})["id"] for it in ("baker", "sailor")]
        project = member.post("/api/projects", {"name": "Rye"})["id"]
        plan = {"topic": "Rye bread", "questions": ["Why not?"], "persona_ids": crew}
        group = f"/api/focus-groups/{member.post(f'/api/projects/{project}/focus-groups', plan)['id']}"
        member.post(f"{group}/run")
        member.api.running.wait_until(lambda: member.ask(f"{group}/analysis").ok)
        communities = member.get(f"{group}/analysis")["communities"]
        assert sorted(one["themes"] for one in communities) == [["baker (positive)"], ["sailor (positive)"]]


def test_the_graph_can_be_made_again_from_postgresql(stand: Stand) -> None:
    with somebody(stand) as member:
        things = furnish(member)
        member.api.running.wait_until(lambda: member.ask(f"/api/focus-groups/{things['group_id']}/analysis").ok)
        cypher(stand, "MATCH (node) DETACH DELETE node")
        said = member.api.running.exec("python", "-m", "market_research.rebuild", "graph")
        assert said.splitlines()[-1] == "rebuild: graph: done"
        count_one = "MATCH (:FocusGroup {id: '%s'})<-[:IN]-(one)-[:GAVE]->() RETURN count(one)"
        assert cypher(stand, count_one % things["group_id"]) == "2"


def test_a_deleted_focus_group_leaves_the_graph_by_itself(stand: Stand) -> None:
    with somebody(stand) as member:
        things = furnish(member)
        nodes = f"MATCH (one:FocusGroup {{id: '{things['group_id']}'}}) RETURN count(one)"
        wait_until(lambda: cypher(stand, nodes) == "1")
        assert member.http.delete(f"{member.api.url}/api/projects/{things['project_id']}", timeout=10).ok
        wait_until(lambda: cypher(stand, nodes) == "0")


def test_material_of_another_project_cannot_be_shown_and_does_not_keep_that_project(stand: Stand) -> None:
    with somebody(stand) as member:
        things = furnish(member)
        other = member.post("/api/projects", {"name": "Oat"})["id"]
        people = [member.post("/api/personas", PERSONA)["id"] for _ in range(2)]
        plan = {"topic": "Oat", "questions": ["Why?"], "persona_ids": people, "stimulus_id": things["stimulus_id"]}
        answer = member.http.post(f"{member.api.url}/api/projects/{other}/focus-groups", json=plan, timeout=10)
        assert (answer.status_code, answer.json()["detail"]) == (404, "There is no such material in this project.")
        assert member.http.delete(f"{member.api.url}/api/projects/{things['project_id']}", timeout=10).ok
