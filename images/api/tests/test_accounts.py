"""Passwords, the cookie, and who may write: what needs no store."""

import asyncio
from uuid import uuid4

import pytest
from httpx import ASGITransport, AsyncClient
from market_research.accounts import cookie, password
from market_research.accounts.cookie import SessionCookie
from market_research.text import Email, storable
from pydantic import TypeAdapter, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

pytestmark = pytest.mark.anyio
PASSWORD = "correct horse battery staple"


async def test_a_password_fits_its_hash_and_no_other() -> None:
    stored = await password.hashed(PASSWORD)
    assert PASSWORD not in stored
    assert await password.fits(PASSWORD, stored)
    assert not await password.fits(PASSWORD + " ", stored)


async def test_the_same_password_is_stored_in_another_way_each_time() -> None:
    assert await password.hashed(PASSWORD) != await password.hashed(PASSWORD)


async def test_of_a_crowd_only_as_many_wait_as_get_a_turn_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(password, "COST", 2)
    crowd = (password.hashed(PASSWORD) for _ in range(password.MOST_WAITING + 3))
    outcome = await asyncio.gather(*crowd, return_exceptions=True)
    assert [type(one) for one in outcome] == [str] * password.MOST_WAITING + [password.TooManyError] * 3
    assert await password.hashed(PASSWORD), "afterwards there is room again"


async def test_a_crowd_at_the_door_is_told_when_to_come_again(
    api: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(password, "waiting", password.MOST_WAITING)
    answer = await api.post("/api/session", json={"email": "ada@example.com", "password": PASSWORD})
    assert answer.status_code == 503
    assert "Too many people" in answer.json()["detail"], "before any store was asked, where wrong passwords are counted"
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("host", "name"), [("api", "session"), ("127.0.0.1:8081", "session_8081"), ("[::1]", "session")]
)
async def test_stacks_side_by_side_on_one_host_have_cookies_of_their_own(host: str, name: str) -> None:
    async def page(request: Request) -> PlainTextResponse:
        cookie.give(request, "new-token")
        return PlainTextResponse(cookie.token(request))

    app = SessionCookie(Starlette(routes=[Route("/", page)]))
    async with AsyncClient(transport=ASGITransport(app), base_url="http://api") as client:
        answer = await client.get("/", headers={"Host": host, "Cookie": f"{name}=mine; session_1=anothers"})
    assert answer.text == "mine"
    assert answer.headers["Set-Cookie"].startswith(f"{name}=new-token; ")


async def test_nobodys_password_fits_nothing() -> None:
    assert not await password.fits("", password.NOBODYS)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 204),
        ({"Origin": "http://api"}, 204),
        ({"Origin": "http://elsewhere"}, 403),
        ({"Origin": "http://api.elsewhere"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://["}, 403),
        ({"Origin": "https://api", "X-Forwarded-Proto": "https"}, 204),
        ({"Origin": "http://api", "X-Forwarded-Proto": "https"}, 403),
    ],
)
async def test_a_write_from_another_sites_page_is_refused(
    api: AsyncClient, headers: dict[str, str], status: int
) -> None:
    assert (await api.delete("/api/session", headers=headers)).status_code == status


async def test_without_redis_nobody_is_told_to_log_in_again(api: AsyncClient) -> None:
    token = f"session={uuid4().hex}.secret"
    answer = await api.get("/api/session", headers={"Cookie": token})
    assert answer.status_code == 503
    assert "You stay logged in" in answer.json()["detail"]
    assert int(answer.headers["Retry-After"]) > 0


async def test_a_mistake_in_a_request_does_not_repeat_the_password(api: AsyncClient) -> None:
    answer = await api.post("/api/session", json={"email": "no address", "password": PASSWORD * 20})
    assert answer.status_code == 422
    assert {one["loc"][-1] for one in answer.json()["detail"]} == {"email", "password"}
    assert PASSWORD not in answer.text


@pytest.mark.parametrize(("proto", "secure"), [("http", False), ("https", True)])
async def test_a_new_token_reaches_the_browser_on_a_stream_too(proto: str, *, secure: bool) -> None:
    async def stream(request: Request) -> StreamingResponse:
        cookie.give(request, "new-token")
        return StreamingResponse(iter(["news"]))

    app = SessionCookie(Starlette(routes=[Route("/", stream)]))
    async with AsyncClient(transport=ASGITransport(app), base_url="http://api") as client:
        answer = await client.get("/", headers={"X-Forwarded-Proto": proto})
    given = answer.headers["Set-Cookie"]
    assert given.startswith("session=new-token; ")
    assert "HttpOnly" in given
    assert "SameSite=Strict" in given
    assert ("Secure" in given) == secure


@pytest.mark.parametrize("wrong", ["half \ud800 of a pair", "a \x00 byte"])
def test_what_no_store_can_keep_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="must not contain"):
        storable(wrong)


def test_an_address_is_kept_in_small_letters() -> None:
    assert TypeAdapter(Email).validate_python(" Ada@Example.COM ") == "ada@example.com"


@pytest.mark.parametrize("wrong", ["ada", "@example.com", "ada@example", "a da@example.com", "ada@@example.com"])
def test_what_is_no_address_is_refused(wrong: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Email).validate_python(wrong)
