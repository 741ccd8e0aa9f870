"""What routes ask for: the stores, and who is asking."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request, status
from psycopg import AsyncConnection
from pydantic import BaseModel

from market_research.accounts import cookie
from market_research.accounts.account import Account
from market_research.accounts.presence import Presence
from market_research.accounts.session import Sessions
from market_research.llm.llm import Llm
from market_research.projects.shelf import Shelf
from market_research.stores import Stores


class Problem(BaseModel):
    """Why a request was not carried out, as a sentence for people."""

    detail: str


def problems(**sentences: str) -> dict[int | str, dict[str, Any]]:
    """What a route's documentation says of its failures: `problems(_404="no such project")`."""
    return {int(code[1:]): {"model": Problem, "description": text} for code, text in sentences.items()}


AWAY = problems(_503="a store or the language model is away; Retry-After says when to ask again")
JSON_BODY = problems(_400="the body is no text in UTF-8", _413="the body is larger than 64 KB")
MEMBERS_ONLY = {**problems(_401="not logged in", _403="a write from another site's page"), **AWAY}


def _stores(request: Request) -> Stores:
    stores: Stores = request.app.state.stores
    return stores


def _llm(request: Request) -> Llm:
    llm: Llm = request.app.state.llm
    return llm


def _shelf(request: Request) -> Shelf:
    shelf: Shelf = request.app.state.shelf
    return shelf


def _presence(request: Request) -> Presence:
    presence: Presence = request.app.state.presence
    return presence


TheStores = Annotated[Stores, Depends(_stores)]
TheLlm = Annotated[Llm, Depends(_llm)]
TheShelf = Annotated[Shelf, Depends(_shelf)]


async def _database(stores: TheStores) -> AsyncIterator[AsyncConnection]:
    async with stores.postgres.connection() as connection:
        yield connection


def _sessions(stores: TheStores) -> Sessions:
    return Sessions(stores.redis)


Database = Annotated[AsyncConnection, Depends(_database, scope="function")]
TheSessions = Annotated[Sessions, Depends(_sessions)]


async def visitor(
    request: Request, sessions: TheSessions, presence: Annotated[Presence, Depends(_presence)]
) -> Account | None:
    """Who is asking, if that is known; the answer carries the session's new token when it has one."""
    token = cookie.token(request)
    session = await sessions.find(token) if token else None
    if session is None:
        return None
    if session.renewed:
        cookie.give(request, session.renewed)
    await presence.note(session.account.id)
    return session.account


Visitor = Annotated[Account | None, Depends(visitor)]


async def _member(visitor: Visitor) -> Account:
    if visitor is None:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "Log in first.")
    return visitor


Member = Annotated[Account, Depends(_member)]
