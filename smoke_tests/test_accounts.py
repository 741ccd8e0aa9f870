"""Only who has an account gets in; accounts, sessions and one-time links behave as people expect."""

from collections.abc import Iterator

import pytest

from smoke_tests.deployment import Deployment
from smoke_tests.person import COOKIE, Person, newcomer, one_time_link
from smoke_tests.website import Website

WRONG = "not the password"
ATTEMPTS = 5
STOP_SECONDS = 60
ANY_ID = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def other(deployment: Deployment, website: Website) -> Iterator[Person]:
    """Somebody with an account for one test alone."""
    with newcomer(deployment, website) as person:
        yield person


def test_five_wrong_passwords_lock_an_account_for_a_while(other: Person, website: Website) -> None:
    stranger = Person(website, other.email, other.password)
    wrong = [stranger.sign_in(WRONG).status for _ in range(ATTEMPTS)]
    assert wrong == [401] * ATTEMPTS, "a wrong password must be refused, and not yet lock the account"
    locked = stranger.sign_in()
    assert locked.status == 429, "after five wrong passwords even the right one must wait"
    assert 0 < int(locked.headers["retry-after"]) <= 300, "the answer must say when to try again"
    assert stranger.cookie is None, "who is locked out must not be logged in"
    assert other.get("/api/projects").status == 200, "who is logged in already must not be thrown out by others"


def test_a_session_survives_a_restart_of_the_api(deployment: Deployment, other: Person) -> None:
    before = other.get("/api/session").json["account"]
    try:
        deployment.container(deployment.outputs.client).restart(timeout=STOP_SECONDS)
    finally:
        deployment.wait_until_healthy(deployment.outputs.client, 60)
    assert before, "somebody must be logged in before the restart; else nothing is shown"
    assert other.get("/api/session").json["account"] == before, "a restart must log nobody out"
    assert other.get("/api/projects").status == 200, "a session must open everything again after a restart"


def test_nothing_is_shown_without_a_session(website: Website) -> None:
    document = website.get("/api/openapi.json").json
    stranger = Person(website)
    closed = {
        f"{method} {path}": stranger.ask(method.upper(), path.format_map(AnyId())).status
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if "401" in operation["responses"] and (method, path) != ("post", "/api/session")
    }
    assert len(closed) > 15, "the API must say which routes are for members; else nothing is shown"
    assert set(closed.values()) == {401}, f"without a session nothing may be shown or changed: {closed}"


def test_the_routes_of_the_workspace_are_for_members(website: Website) -> None:
    for path in ("/api/personas", "/api/projects", "/api/usage", f"/api/focus-groups/{ANY_ID}/events"):
        assert website.get(path).status == 401, f"{path} must ask who is there"


def test_no_script_and_no_other_site_gets_at_the_session(other: Person) -> None:
    assert other.cookie is not None, f"signing up must set the cookie {COOKIE!r}"
    assert other.cookie["httponly"], "no script may read the session's cookie"
    assert other.cookie["samesite"] == "Strict", "no link from another site may use the session"
    refused = other.ask("POST", "/api/projects", b'{"name": "theirs"}', origin="http://elsewhere.example")
    assert refused.status == 403, "a write from another site's page must be refused"


def test_signing_out_makes_the_cookie_worthless(other: Person, website: Website) -> None:
    kept = Person(website, other.email, other.password, other.cookie)
    assert kept.get("/api/projects").status == 200, "the cookie must open the workspace before; else nothing is shown"
    assert other.delete("/api/session").status == 204, "signing out must succeed"
    assert other.cookie is None, "signing out must take the cookie away"
    assert kept.get("/api/projects").status == 401, "a cookie that was kept must not outlive signing out"
    assert other.sign_in().status == 200, "one must be able to sign in again"


def test_a_one_time_link_works_once(deployment: Deployment, website: Website) -> None:
    link = one_time_link(deployment)
    first, second = Person(website), Person(website)
    assert first.sign_up(link).status == 201, "a one-time link must open an account"
    try:
        assert second.sign_up(link).status == 403, "a one-time link must not open a second account"
        assert second.cookie is None, "who was refused must not be logged in"
    finally:
        first.leave()


class AnyId(dict[str, str]):
    """Every parameter of a path has the ID of nothing."""

    def __missing__(self, _: str) -> str:
        return ANY_ID
