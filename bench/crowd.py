"""The crowd's account and what all its users make; gone when it leaves."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests

SECONDS = 30
PERSONAS = 12
# A persona stays as long as a focus group has it.
KINDS = ("/api/projects", "/api/personas")


class StayedError(Exception):
    """Something that the crowd made is still there; the message says what."""


@dataclass(frozen=True)
class Crowd:
    """Users of one account with sessions of their own; `personas` are there for all of them."""

    url: str
    email: str = field(default_factory=lambda: f"load-{secrets.token_hex(6)}@example.com")
    password: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    personas: list[str] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    http: requests.Session = field(default_factory=requests.Session)

    def post(self, path: str, thing: Any) -> Any:
        """What a POST made."""
        answer = self.http.post(f"{self.url}{path}", json=thing, timeout=SECONDS)
        answer.raise_for_status()
        return answer.json()

    def come(self, link: str) -> None:
        """Sign up with a one-time link, and make the personas."""
        account = {"email": self.email, "name": "load", "password": self.password}
        self.post("/api/accounts", {"invitation": link.partition("#")[2], **account})
        made = self.post("/api/personas/generate", {"audience": "people who buy groceries", "count": PERSONAS})["items"]
        self.personas.extend(persona["id"] for persona in made)
        self.made.extend(f"/api/personas/{persona}" for persona in self.personas)

    def leave(self) -> None:
        """Remove what all users made, and the account. Raises StayedError for what cannot be removed."""
        paths = [*sorted(self.made, key=_kind), "/api/accounts/me"]
        codes = {path: self.http.delete(f"{self.url}{path}", timeout=SECONDS).status_code for path in paths}
        if stayed := [f"{path} ({code})" for path, code in codes.items() if code not in (204, 404)]:
            raise StayedError(f"not removed from {self.url}: {', '.join(stayed)}")


@contextmanager
def crowd(url: str, link: str) -> Iterator[Crowd]:
    """A crowd that leaves nothing behind."""
    made = Crowd(url)
    made.come(link)
    try:
        yield made
    finally:
        made.leave()


def _kind(path: str) -> int:
    return KINDS.index(path.rpartition("/")[0])
