"""The crowd's accounts and what all its users make; gone when it leaves."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests

SECONDS = 30
PERSONAS = 12
OWN_ACCOUNT = "/api/accounts/me"
# A persona stays as long as a focus group has it.
KINDS = ("/api/projects", "/api/personas")


class StayedError(Exception):
    """Something that the crowd made is still there; the message says what."""


@dataclass(frozen=True)
class Account:
    """What somebody signs up and in with."""

    email: str = field(default_factory=lambda: f"load-{secrets.token_hex(6)}@example.com")
    password: str = field(default_factory=lambda: secrets.token_urlsafe(16))

    def sign_up(self, link: str) -> dict[str, str]:
        """What the sign-up page sends for a one-time link."""
        return {**self.sign_in(), "invitation": link.partition("#")[2], "name": "load"}

    def sign_in(self) -> dict[str, str]:
        """What the sign-in page sends."""
        return {"email": self.email, "password": self.password}


@dataclass(frozen=True)
class Crowd:
    """Its first member invites all users; `accounts` are theirs, `personas` are there for all of them."""

    url: str
    accounts: set[Account] = field(default_factory=set)
    personas: list[str] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    http: requests.Session = field(default_factory=requests.Session)

    def come(self, link: str) -> None:
        """Sign up with a one-time link."""
        self._post("/api/accounts", Account().sign_up(link))

    def furnish(self) -> None:
        """Make the personas for all."""
        wanted = {"audience": "people who buy groceries", "count": PERSONAS}
        self.personas.extend(one["id"] for one in self._post("/api/personas/generate", wanted)["items"])
        self.made.extend(f"/api/personas/{persona}" for persona in self.personas)

    def invite(self) -> str:
        """A one-time link for another user."""
        return str(self._post("/api/invitations", None)["path"])

    def leave(self) -> None:
        """Remove what all users made, and the accounts. Raises StayedError for what cannot be removed."""
        codes = {account.email: self._close(account) for account in self.accounts}
        for path in [*sorted(self.made, key=_kind), OWN_ACCOUNT]:
            codes[path] = self.http.delete(f"{self.url}{path}", timeout=SECONDS).status_code
        if stayed := [f"{what} ({code})" for what, code in codes.items() if code not in (204, 404)]:
            raise StayedError(f"not removed from {self.url}: {', '.join(stayed)}")

    def _post(self, path: str, thing: Any) -> Any:
        answer = self.http.post(f"{self.url}{path}", json=thing, timeout=SECONDS)
        answer.raise_for_status()
        return answer.json()

    def _close(self, account: Account) -> int:
        """Delete the account of a user who could not do so."""
        with requests.Session() as http:
            http.post(f"{self.url}/api/session", json=account.sign_in(), timeout=SECONDS)
            return http.delete(f"{self.url}{OWN_ACCOUNT}", timeout=SECONDS).status_code


@contextmanager
def crowd(url: str, link: str) -> Iterator[Crowd]:
    """A crowd that leaves nothing behind."""
    made = Crowd(url)
    made.come(link)
    try:
        made.furnish()
        yield made
    finally:
        made.leave()


def _kind(path: str) -> int:
    return KINDS.index(path.rpartition("/")[0])
