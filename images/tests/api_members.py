"""People who are logged in to an API under test, and a workspace with one thing of each kind."""

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

from images.tests.api_stand import Api
from images.tests.engine import wait_until

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGD4DwABBAEAX+XDSwAAAABJRU5ErkJggg=="
)
PERSONA = {"name": "Ada", "age": 41, "occupation": "baker", "location": "Gdynia", "description": "Bakes rye bread."}
SECONDS = 10


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
        answer = self.http.get(f"{self.api.url}{path}", timeout=SECONDS)
        assert answer.ok, f"GET {path}: {answer.status_code} {answer.text}"
        return answer.json()

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


def furnish(member: Member) -> Mapping[str, str]:
    """IDs by the names that paths give them: a project, a picture in it, a finished focus group and a participant."""
    personas = [member.post("/api/personas", PERSONA)["id"] for _ in range(2)]
    project = member.post("/api/projects", {"name": "Rye"})["id"]
    picture = {"data": PNG, "headers": {"content-type": "image/png"}}
    stimulus = member.post(f"/api/projects/{project}/stimuli?name=rye.png&description=Rye", **picture)["id"]
    plan = {"topic": "Rye bread", "questions": ["Dark or light?"], "persona_ids": personas, "stimulus_id": stimulus}
    group = f"/api/focus-groups/{(made := member.post(f'/api/projects/{project}/focus-groups', plan))['id']}"
    member.post(f"{group}/run")
    wait_until(lambda: member.get(group)["state"] == "finished")
    return {"project_id": project, "persona_id": personas[0], "stimulus_id": stimulus, "group_id": made["id"]}
