"""Logs are read by many and kept for long: what people wrote, and what they log in with, is in no line of them."""

import secrets
from collections.abc import Mapping

import pytest

from smoke_tests.deployment import Deployment
from smoke_tests.near_pairs import NEAR_PAIRS
from smoke_tests.person import Person, one_time_link
from smoke_tests.picture import png
from smoke_tests.website import Website


def word(what: str) -> str:
    """A word that was never written before."""
    return f"{what}{secrets.token_hex(6)}"


@pytest.fixture(scope="module")
def written(deployment: Deployment, website: Website, person: Person) -> Mapping[str, str]:
    """What was written in each place, all of it well or badly enough to be worth a line."""
    words = {what: word(what) for what in ("persona", "project", "picture", "caption", "topic", "question", "search")}
    assert person.cookie
    known = {"e-mail": person.email, "password": person.password, "session": person.cookie.value}
    return {**words, **known, **log_in_badly(deployment, website, person), **run_group(person, words)}


def log_in_badly(deployment: Deployment, website: Website, person: Person) -> dict[str, str]:
    """With a wrong password, as nobody, with somebody's e-mail again, and with what cannot be read."""
    link = one_time_link(deployment)
    stranger = Person(website, f"{word('stranger')}@example.com", word("guess"))
    assert stranger.sign_in().status == 401
    assert person.sign_in(stranger.password).status == 401
    assert Person(website, person.email, word("taken")).sign_up(link).status == 409, "the store itself has to refuse it"
    unread = word("unread")
    assert stranger.post("/api/session", {"email": unread, "password": [unread]}).status == 422
    return {
        "link": link.partition("#")[2],
        "wrong password": stranger.password,
        "stranger": stranger.email,
        "unread": unread,
    }


def run_group(person: Person, words: Mapping[str, str]) -> dict[str, str]:
    """Let people be asked about it, and return what they answered."""
    personas = [{**pair.persona, "description": f"Likes {words['persona']}."} for pair in NEAR_PAIRS[:2]]
    people = [person.make("/api/personas", one)["id"] for one in personas]
    project = person.make("/api/projects", {"name": words["project"]})["id"]
    path = f"/api/projects/{project}/stimuli?name={words['picture']}.png&description={words['caption']}"
    stimulus = person.ask("POST", path, png(), content_type="image/png").json["id"]
    plan = {"topic": words["topic"], "questions": [f"What of {words['question']}?"], "persona_ids": people}
    group = person.make(f"/api/projects/{project}/focus-groups", {**plan, "stimulus_id": stimulus})
    assert person.post(f"/api/focus-groups/{group['id']}/run").status == 202
    with person.follow(f"/api/focus-groups/{group['id']}/events") as events:
        answers = [event.data["text"] for event in events if event.name == "answer"]
    assert person.get(f"/api/personas?query={words['search']}").status == 200
    assert len(answers) == len(people)
    return {f"answer {number}": text for number, text in enumerate(answers)}


def test_no_log_holds_what_people_wrote_or_log_in_with(deployment: Deployment, written: Mapping[str, str]) -> None:
    found = [
        f"{service}: {what}"
        for service, one in deployment.outputs.services.items()
        for container in one.containers
        for what, text in written.items()
        if text in deployment.engine.containers.get(container).logs().decode(errors="replace")
    ]
    assert not found, f"these are in logs: {found}"


def test_the_requests_themselves_are_in_the_log(deployment: Deployment, written: Mapping[str, str]) -> None:
    log = deployment.container(deployment.outputs.client).logs().decode()
    for path in ("/api/session", "/api/accounts", "/api/personas"):
        assert path in log, f"a request for {path} must be in the API's log; else the search shows nothing"
    assert written["persona"] not in log
