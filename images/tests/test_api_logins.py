"""Passwords set anew while a store is away, while others log in, and while the account is locked."""

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import UUID

import pytest
import requests

from images.tests.api_members import Member, first_member
from images.tests.api_stand import PASSWORD, Api, Stand
from images.tests.api_stores import login_stand, stopped
from images.tests.engine import Engine, Running, wait_until
from images.tests.postgres_store import sql

SECONDS = 20
FIRST, SECOND = "correct horse battery", "another long one"
FITS_NOTHING = "scrypt::"
AHEAD = 18
ALLOWED = 5
LOCKOUTS = "lockouts"
LOG_IN, SIGN_UP = "/api/session", "/api/accounts"


@pytest.fixture(scope="module")
def stand(engine: Engine, image: Callable[[str], str]) -> Iterator[Stand]:
    """What logging in needs; Redis remembers over a restart, as the platform's does."""
    with login_stand(engine, image, "--appendonly", "yes") as stand:
        yield stand


@pytest.fixture(scope="module")
def api(stand: Stand) -> Iterator[Api]:
    with stand.api() as api:
        api.wait_for(code=200)
        yield api


@dataclass(frozen=True)
class Owner:
    """Somebody with an account, at a browser of their own."""

    member: Member
    id: str
    email: str

    @property
    def sessions(self) -> str:
        """Redis' key of the account's sessions."""
        return f"sessions:{UUID(self.id).hex}"

    @property
    def lockout(self) -> str:
        """Redis' field of the address's wrong passwords."""
        return hashlib.sha256(self.email.encode()).hexdigest()

    def get(self, path: str) -> int:
        """The code that the session gets."""
        return self.member.http.get(f"{self.member.api.url}{path}", timeout=SECONDS).status_code

    def log_in(self, password: str) -> requests.Response:
        """At another browser."""
        return post(self.member.api, LOG_IN, email=self.email, password=password)

    def reset(self, link: str, password: str) -> requests.Response:
        """Take a link, at another browser."""
        answers = {"email": self.email, "name": "Ada", "password": password}
        return post(self.member.api, SIGN_UP, invitation=link, **answers)

    def link(self) -> str:
        """What the operator gives to somebody who forgot the password."""
        invite = ("python", "-m", "market_research.invite", "--email", self.email)
        return self.member.api.running.exec(*invite).partition("#")[2]


@pytest.fixture
def owner(api: Api) -> Owner:
    """Somebody new with the first password, logged in."""
    member = first_member(api)
    account = member.get("/api/session")["account"]
    owner = Owner(member, account["id"], account["email"])
    member.post(SIGN_UP, {"invitation": owner.link(), "email": owner.email, "name": "Ada", "password": FIRST})
    return owner


def post(api: Api, path: str, **body: str) -> requests.Response:
    return requests.post(f"{api.url}{path}", json=body, timeout=SECONDS)


def asked(stand: Stand, *command: str) -> str:
    """What Redis answers."""
    redis = Running(stand.engine.client.containers.get(stand.redis))
    client = ("redis-cli", "--no-auth-warning", "--user", "app")
    return redis.exec(*client, *command, environment={"REDISCLI_AUTH": PASSWORD}).splitlines()[-1]


def test_without_redis_a_password_stays_as_it_was_and_its_link_stays_good(stand: Stand, owner: Owner) -> None:
    link = owner.link()
    with stopped(stand.engine, stand.redis):
        refused = owner.reset(link, SECOND)
        assert refused.status_code == 503
        assert int(refused.headers["Retry-After"]) > 0
    owner.member.api.wait_for(code=200)
    assert owner.get("/api/projects") == 200, "nothing was changed: who was logged in still is"
    assert owner.log_in(SECOND).status_code == 401
    assert owner.log_in(FIRST).status_code == 200
    assert owner.reset(link, SECOND).status_code == 201
    assert owner.get("/api/projects") == 401, "old sessions end with the old password"
    assert owner.log_in(FIRST).status_code == 401


def test_a_login_that_is_under_way_does_not_outlive_its_password(stand: Stand, owner: Owner) -> None:
    before = asked(stand, "HLEN", owner.sessions)
    with ThreadPoolExecutor(AHEAD + 1) as browsers:
        # Their passwords are compared first: for a second or two this one's login waits with what it has read.
        for number in range(AHEAD):
            browsers.submit(post, owner.member.api, LOG_IN, email=f"{number}@example.com", password=FIRST)
        wait_until(lambda: int(asked(stand, "HLEN", LOCKOUTS)) >= AHEAD)
        waiting = browsers.submit(owner.log_in, FIRST)
        wait_until(lambda: asked(stand, "HEXISTS", LOCKOUTS, owner.lockout) == "1")
        store = Running(stand.engine.client.containers.get(stand.postgres))
        sql(store, f"UPDATE account SET password = '{FITS_NOTHING}' WHERE id = '{owner.id}'")
        assert not waiting.done(), "it must have been under way"
        answer = waiting.result()
    assert asked(stand, "HEXISTS", LOCKOUTS, owner.lockout) == "0", "the password must have been right when it was read"
    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers
    assert asked(stand, "HLEN", owner.sessions) == before, "the session that it had begun must be closed"


def test_a_lock_ends_no_session_and_a_link_for_the_address_opens_it_at_once(owner: Owner) -> None:
    assert [owner.log_in(SECOND).status_code for _ in range(ALLOWED)] == [401] * ALLOWED
    assert owner.log_in(FIRST).status_code == 429
    assert owner.get("/api/projects") == 200, "anybody can lock an address, and throws nobody out with it"
    assert owner.reset(owner.link(), SECOND).status_code == 201
    assert owner.log_in(SECOND).status_code == 200


def test_a_sign_up_link_for_an_address_sets_its_password_anew(api: Api) -> None:
    member = first_member(api)
    email = member.get("/api/session")["account"]["email"]
    link = member.api.running.exec("python", "-m", "market_research.invite", "--email", email).partition("#")[2]
    renewed = {"invitation": link, "email": email, "name": "Ada", "password": "another long one"}
    visitor = Member(member.api, requests.Session())
    other = visitor.http.post(
        f"{member.api.url}/api/accounts", json={**renewed, "email": "somebody@example.com"}, timeout=10
    )
    assert other.status_code == 403, "the link is for its own address alone"
    visitor.post("/api/accounts", renewed)
    assert member.ask("/api/projects").status_code == 401, "old sessions end with the old password"
    again = Member(member.api, requests.Session())
    assert again.post("/api/session", {"email": email, "password": "another long one"})["account"]["email"] == email


def test_the_first_link_is_printed_only_while_there_is_no_account(api: Api) -> None:
    member = first_member(api)
    assert member.api.running.exec("python", "-m", "market_research.invite", "--first") == ""
