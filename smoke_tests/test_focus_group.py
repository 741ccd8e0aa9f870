"""A focus group from its planning to its findings, over HTTP."""

import secrets
import time
from typing import Any

import pytest

from smoke_tests.events import Event
from smoke_tests.near_pairs import NEAR_PAIRS
from smoke_tests.person import Person
from smoke_tests.picture import png

PARTICIPANTS = 4
QUESTIONS = ["What would you pay for it?", "What do you like about the look?"]
FOLLOWING_SECONDS = 60


@pytest.fixture(scope="module")
def project(person: Person) -> str:
    """The ID of a project of the tests' own."""
    return str(person.make("/api/projects", {"name": f"Smoke {secrets.token_hex(4)}"})["id"])


@pytest.fixture(scope="module")
def stimulus(person: Person, project: str) -> str:
    """The ID of a picture in it."""
    path = f"/api/projects/{project}/stimuli?name=bottle.png&description=A%20red%20bottle"
    shown = person.ask("POST", path, png(), content_type="image/png")
    assert shown.status == 201, f"a PNG must be taken, but: {shown.status} {shown.text}"
    return str(shown.json["id"])


@pytest.fixture(scope="module")
def group(person: Person, project: str, stimulus: str) -> dict[str, Any]:
    """A focus group that has not been run; its topic is new, so that no answer is remembered from before."""
    personas = [person.make("/api/personas", pair.persona)["id"] for pair in NEAR_PAIRS[:PARTICIPANTS]]
    plan = {
        "topic": f"A lemonade called {secrets.token_hex(4)}",
        "questions": QUESTIONS,
        "persona_ids": personas,
        "stimulus_id": stimulus,
    }
    planned: dict[str, Any] = person.make(f"/api/projects/{project}/focus-groups", plan)
    assert planned["state"] == "planned", "a focus group must wait until somebody runs it"
    return planned


@pytest.fixture(scope="module")
def run(person: Person, group: dict[str, Any]) -> list[Event]:
    """Everything that was told while the focus group ran."""
    path = f"/api/focus-groups/{group['id']}"
    started = person.post(f"{path}/run")
    assert started.status == 202, f"a planned focus group must run, but: {started.status} {started.text}"
    with person.follow(f"{path}/events") as events:
        return list(events)


def test_a_picture_is_shown_as_it_was_uploaded(person: Person, stimulus: str) -> None:
    page = person.get(f"/api/stimuli/{stimulus}")
    assert page.headers.get_content_type() == "image/png", "a picture must be shown as what it is"
    assert page.body == png(), "a picture must not be changed"


def test_what_only_claims_to_be_a_picture_is_refused(person: Person, project: str) -> None:
    path = f"/api/projects/{project}/stimuli?name=bottle.png&description="
    refused = person.ask("POST", path, b"<script>alert(1)</script>", content_type="image/png")
    assert refused.status == 415, "contents count, whatever they are called"


def test_a_run_is_told_answer_by_answer_and_to_its_end(run: list[Event]) -> None:
    assert [event.data["state"] for event in run if event.name == "state"][-1:] == ["finished"], "a run must finish"
    answers = [event for event in run if event.name == "answer"]
    given = {(event.data["participant_id"], event.data["question"]) for event in answers}
    assert len(answers) == len(given) == PARTICIPANTS * len(QUESTIONS), "everybody must answer every question once"
    assert all(event.data["text"] for event in answers), "an answer must say something"
    ids = [int(event.id) for event in answers]
    assert ids == sorted(ids), "answers must be told in the order of their IDs"


def test_who_was_cut_off_hears_only_what_was_missed(person: Person, group: dict[str, Any], run: list[Event]) -> None:
    answers = [event.id for event in run if event.name == "answer"]
    with person.follow(f"/api/focus-groups/{group['id']}/events?after={answers[-3]}") as events:
        again = [event.id for event in events if event.name == "answer"]
    assert again == answers[-2:], "the stream must go on after the last answer that was heard"


def test_the_answers_are_kept(person: Person, group: dict[str, Any], run: list[Event]) -> None:
    kept = person.get(f"/api/focus-groups/{group['id']}").json
    assert kept["state"] == "finished", "a focus group that ran to its end is finished"
    assert kept["answers"] == kept["expected"] == len(kept["results"]), "all answers must be there"
    told = {int(event.id) for event in run if event.name == "answer"}
    assert {answer["id"] for answer in kept["results"]} == told, "what was told is what is kept"
    again = person.post(f"/api/focus-groups/{group['id']}/run")
    assert again.status == 409, "a finished focus group must not run again"


@pytest.mark.usefixtures("run")
def test_the_findings_name_themes_and_who_agrees(person: Person, group: dict[str, Any]) -> None:
    findings = analysis(person, group["id"])
    people = {one["id"] for one in findings["participants"]}
    assert len(people) == PARTICIPANTS, "every participant must be in the findings"
    grouped = [one for community in findings["communities"] for one in community["participants"]]
    assert sorted(grouped) == sorted(people), "everybody must belong to one group of opinion"
    assert findings["themes"], "answers must have themes"
    scores = [theme["score"] for theme in findings["themes"]]
    assert scores == sorted(scores, reverse=True), "the most central theme must come first"
    for theme in findings["themes"]:
        stances = theme["positive"] + theme["neutral"] + theme["negative"]
        assert theme["mentions"] == stances > 0, f"every mention of {theme['theme']} must have a stance"
    assert any(theme["quotes"] for theme in findings["themes"]), "themes must be shown in people's own words"


@pytest.mark.usefixtures("run")
def test_tokens_are_counted_for_the_project(person: Person, project: str) -> None:
    usage = person.get("/api/usage").json
    own = [row for row in usage["by_project"] if row["project_id"] == project]
    assert sum(row["calls"] for row in own) >= PARTICIPANTS * len(QUESTIONS), "every answer must be counted"
    assert sum(row["input_tokens"] for row in own) > 0, "what was asked costs tokens"
    assert sum(row["output_tokens"] for row in own) > 0, "what was answered costs tokens"
    for kind in ("calls", "cached", "input_tokens", "output_tokens"):
        by_model = sum(row[kind] for row in usage["by_model"])
        assert usage["total"][kind] == by_model, f"the total of {kind} must be the sum over models"


@pytest.mark.usefixtures("run")
def test_a_project_goes_with_everything_in_it(
    person: Person, project: str, stimulus: str, group: dict[str, Any]
) -> None:
    in_use = person.delete(f"/api/personas/{group['people'][0]['persona']['id']}")
    assert in_use.status == 409, "a persona must stay while a focus group has it"
    assert person.delete(f"/api/projects/{project}").status == 204, "a project must be removable"
    for path in (f"/api/projects/{project}", f"/api/focus-groups/{group['id']}", f"/api/stimuli/{stimulus}"):
        assert person.get(path).status == 404, f"{path} must be gone with its project"


def analysis(person: Person, group: str) -> Any:
    """The findings, asked for until the run has ended and the graph has followed."""
    deadline = time.monotonic() + FOLLOWING_SECONDS
    while (page := person.get(f"/api/focus-groups/{group}/analysis")).status in (409, 503):
        assert time.monotonic() < deadline, f"the graph must follow within {FOLLOWING_SECONDS} s: {page.text}"
        unfinished = page.status == 409 and "retry-after" not in page.headers
        assert unfinished or int(page.headers["retry-after"]) > 0, "the answer must say when to ask again"
        time.sleep(1)
    assert page.status == 200, f"a finished focus group must have findings, but: {page.status} {page.text}"
    return page.json
