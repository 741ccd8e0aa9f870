"""Somebody at the public address, over HTTP: keeps the session as a browser does, and takes along what was made."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import Morsel, SimpleCookie
from typing import Any

from smoke_tests.deployment import Deployment
from smoke_tests.events import Event, events
from smoke_tests.guest import printed_in
from smoke_tests.website import Page, Website

COOKIE = "session"  # with the port behind it, where the address has one
JSON = "application/json"
# What an account made is removed in this order: a persona stays as long as a focus group has it.
KINDS = ("/api/projects", "/api/personas")


@dataclass
class Person:
    """A visitor of the website; `email` and `password` open the account once there is one."""

    website: Website
    email: str = field(default_factory=lambda: f"smoke-{secrets.token_hex(6)}@example.com")
    password: str = field(default_factory=lambda: secrets.token_urlsafe(16), repr=False)
    cookie: Morsel[str] | None = field(default=None, repr=False)
    made: list[str] = field(default_factory=list)

    def get(self, path: str) -> Page:
        """What a path shows to this person."""
        return self.ask("GET", path)

    def post(self, path: str, thing: Any = None) -> Page:
        """Send a thing as JSON."""
        return self.ask("POST", path, json.dumps(thing).encode())

    def delete(self, path: str) -> Page:
        """Ask for the removal of what is there."""
        return self.ask("DELETE", path)

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Page:
        """One request with the session's cookie; JSON unless `content_type` says otherwise."""
        page = self.website.ask(method, path, body, self._headers(headers))
        self._keep_cookie(page)
        return page

    def make(self, path: str, thing: Any) -> Any:
        """What became of a thing, removed when the person leaves. AssertionError unless it was created."""
        page = self.post(path, thing)
        assert page.status == 201, f"POST {path} must create it, but: {page.status} {page.text}"
        self.made.extend(f"{kind}/{page.json['id']}" for kind in KINDS if path == kind)
        return page.json

    @contextmanager
    def follow(self, path: str) -> Iterator[Iterator[Event]]:
        """A stream of events, each as soon as it has arrived."""
        with self.website.answer("GET", path, headers=self._headers({"accept": "text/event-stream"})) as answer:
            assert answer.status == 200, f"GET {path} must open a stream, but: {answer.status} {answer.read().decode()}"
            yield events(answer)

    def sign_up(self, link: str) -> Page:
        """Make an account with a one-time link (`/sign-up#<token>`); the answer brings a session."""
        invitation = link.partition("#")[2]
        name = self.email.partition("@")[0]
        answers = {"invitation": invitation, "email": self.email, "name": name, "password": self.password}
        return self.post("/api/accounts", answers)

    def sign_in(self, password: str | None = None) -> Page:
        """Ask for a session, with another password if one is given."""
        return self.post("/api/session", {"email": self.email, "password": password or self.password})

    def leave(self) -> None:
        """Remove everything that was made, and the account, also after the session was lost."""
        if self.get("/api/session").json["account"] is None:
            self.sign_in()
        kept = [path for path in sorted(self.made, key=_kind) if self.delete(path).status not in (204, 404)]
        gone = self.delete("/api/accounts/me")
        assert gone.status == 204, f"an account must be removable by its owner, but: {gone.status} {gone.text}"
        assert not kept, f"what a test made must be removable, but these stay: {kept}"

    def _headers(self, headers: dict[str, str]) -> dict[str, str]:
        given = {name.replace("_", "-"): value for name, value in {"content_type": JSON, **headers}.items()}
        return {**given, "cookie": f"{self.cookie.key}={self.cookie.value}"} if self.cookie else given

    def _keep_cookie(self, page: Page) -> None:
        for line in page.headers.get_all("set-cookie", []):
            for name, found in SimpleCookie(line).items():
                if name.startswith(COOKIE):
                    self.cookie = found if found.value.strip('"') and found["max-age"] != "0" else None


def one_time_link(deployment: Deployment) -> str:
    """The path of a sign-up page that works once, as the operator gets it."""
    printed = printed_in(deployment.container(deployment.outputs.client), "python", "-m", "market_research.invite")
    return printed.strip().splitlines()[-1]


@contextmanager
def newcomer(deployment: Deployment, website: Website) -> Iterator[Person]:
    """Somebody with an account of their own, logged in; gone afterwards with everything made."""
    person = Person(website)
    page = person.sign_up(one_time_link(deployment))
    assert page.status == 201, f"a one-time link must open an account, but: {page.status} {page.text}"
    try:
        yield person
    finally:
        person.leave()


def _kind(path: str) -> int:
    return KINDS.index(path.rpartition("/")[0])
