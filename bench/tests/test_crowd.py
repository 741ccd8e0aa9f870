from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from bench.crowd import OWN_ACCOUNT, Account, Crowd, StayedError


@dataclass
class Site:
    """Stands in for the HTTP session: notes what is to be deleted, and answers with a code by path."""

    codes: dict[str, int] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)

    def delete(self, url: str, **_: object) -> requests.Response:
        self.deleted.append(url)
        answer = requests.Response()
        answer.status_code = self.codes.get(url, 204)
        return answer


class OwnSession(Site):
    """Stands in for the session of a user who is gone."""

    asked = ""

    def __enter__(self) -> "OwnSession":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def post(self, _: str, json: dict[str, str], **__: object) -> None:
        self.asked = f"{json['email']} signs in"


def crowd(site: Any, *made: str) -> Crowd:
    return Crowd("", http=site, made=list(made))


def test_projects_go_before_the_personas_in_them_and_the_account_goes_last() -> None:
    site = Site()
    crowd(site, "/api/personas/1", "/api/projects/2", "/api/personas/3").leave()
    assert site.deleted == ["/api/projects/2", "/api/personas/1", "/api/personas/3", OWN_ACCOUNT]


def test_what_is_gone_already_need_not_be_deleted() -> None:
    site = Site({"/api/projects/2": 404})
    crowd(site, "/api/projects/2").leave()
    assert site.deleted[-1] == OWN_ACCOUNT


def test_what_cannot_be_deleted_is_told_and_keeps_nothing_else() -> None:
    site = Site({"/api/personas/1": 409})
    with pytest.raises(StayedError, match=r"/api/personas/1 \(409\)"):
        crowd(site, "/api/personas/1", "/api/personas/2").leave()
    assert site.deleted[1:] == ["/api/personas/2", OWN_ACCOUNT]


def test_an_account_whose_user_was_cut_off_is_deleted_too(monkeypatch: pytest.MonkeyPatch) -> None:
    own, site = OwnSession(), Site()
    monkeypatch.setattr(requests, "Session", lambda: own)
    crowd_of_one = crowd(site)
    crowd_of_one.accounts.add(Account("load-1@example.com", "their password"))
    crowd_of_one.leave()
    assert own.asked == "load-1@example.com signs in"
    assert own.deleted == site.deleted == [OWN_ACCOUNT]
