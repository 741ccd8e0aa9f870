"""People who are logged in to an API under test, and a workspace with one thing of each kind."""

import base64
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests

from images.tests.api_stand import NOTHING, SECRETS, Api, Stand
from images.tests.engine import wait_until

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGD4DwABBAEAX+XDSwAAAABJRU5ErkJggg=="
)
PERSONA = {"name": "Ada", "age": 41, "occupation": "baker", "location": "Gdynia", "description": "Bakes rye bread."}
SECONDS = 10
PATIENCE = 15


@dataclass(frozen=True)
class Member:
    """Somebody's session."""

    api: Api
    http: requests.Session

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        """What a successful POST answers with, as JSON."""
        answer = self.http.post(f"{self.api.url}{path}", json=body, timeout=SECONDS, **options)
        assert answer.ok, f"POST {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def get(self, path: str) -> Any:
        """What a successful GET answers with, as JSON."""
        answer = self.ask(path)
        assert answer.ok, f"GET {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def ask(self, path: str) -> requests.Response:
        """The answer to a GET, whatever it is."""
        return self.http.get(f"{self.api.url}{path}", timeout=PATIENCE)

    def until(self, path: str, **facts: Any) -> dict[str, Any]:
        """What a path says when it says all of this."""
        said: dict[str, Any] = {}

        def holds() -> bool:
            said.update(self.get(path))
            return facts.items() <= said.items()

        self.api.running.wait_until(holds, within=90)
        return said

    def invite(self) -> "Member":
        """A colleague with an account of their own."""
        return sign_up(self.api, self.post("/api/invitations")["path"])


def first_member(api: Api) -> Member:
    """Somebody with the link that the operator gets."""
    return sign_up(api, api.running.exec("python", "-m", "market_research.invite").splitlines()[-1])


def sign_up(api: Api, link: str) -> Member:
    """Somebody new, with a one-time link."""
    member = Member(api, requests.Session())
    name = secrets.token_hex(6)
    answers = {"email": f"{name}@example.com", "name": name, "password": secrets.token_urlsafe(16)}
    member.post("/api/accounts", {"invitation": link.partition("#")[2], **answers})
    return member


@contextmanager
def somebody(stand: Stand, environment: Mapping[str, str] = NOTHING) -> Iterator[Member]:
    """Somebody who is logged in to a fresh API with all its stores."""
    with stand.api(SECRETS, **environment) as api:
        api.wait_for(code=200, neo4j="up")
        yield first_member(api)


def planned(member: Member, people: int = 3, questions: int = 2) -> str:
    """The path of a new focus group."""
    personas = [member.post("/api/personas", PERSONA)["id"] for _ in range(people)]
    project = member.post("/api/projects", {"name": "Rye"})["id"]
    plan = {"topic": "Rye bread", "questions": [f"Why, the {n}th time?" for n in range(questions)]}
    made = member.post(f"/api/projects/{project}/focus-groups", {**plan, "persona_ids": personas})
    return f"/api/focus-groups/{made['id']}"


def furnish(member: Member, text: str = "Rye bread") -> Mapping[str, str]:
    """IDs by the names that paths give them: a project, a picture in it, a finished focus group and a participant.

    All that people write for it says `text`.
    """
    personas = [member.post("/api/personas", PERSONA | {"description": text})["id"] for _ in range(2)]
    project = member.post("/api/projects", {"name": text})["id"]
    picture = {"data": PNG, "headers": {"content-type": "image/png"}, "params": {"name": text, "description": text}}
    stimulus = member.post(f"/api/projects/{project}/stimuli", **picture)["id"]
    plan = {"topic": text, "questions": [text], "persona_ids": personas, "stimulus_id": stimulus}
    group = f"/api/focus-groups/{(made := member.post(f'/api/projects/{project}/focus-groups', plan))['id']}"
    member.post(f"{group}/run")
    wait_until(lambda: member.get(group)["state"] == "finished")
    return {"project_id": project, "persona_id": personas[0], "stimulus_id": stimulus, "group_id": made["id"]}
