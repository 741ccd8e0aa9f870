"""Signing up, in and out."""

from fastapi import APIRouter, HTTPException, Request, status
from psycopg.errors import UniqueViolation
from pydantic import BaseModel, ConfigDict, Field

from market_research.access import (
    AWAY,
    JSON_BODY,
    MEMBERS_ONLY,
    Database,
    Member,
    TheSessions,
    TheStores,
    Visitor,
    problems,
)
from market_research.accounts import account, cookie, invitation, password
from market_research.accounts.account import Account, Password
from market_research.accounts.invitation import Invitation
from market_research.accounts.lockout import Lockout
from market_research.text import Email, Name, Token

router = APIRouter(prefix="/api", tags=["accounts"], responses=AWAY)

NOT_GOOD = "This link is used up, older than a day, or not for this e-mail. Ask for another."
UNKNOWN = "E-mail or password is wrong."


class LoginRequest(BaseModel):
    """What one logs in with."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"email": "ada@example.com", "password": "a long one"}]})

    email: Email
    password: str = Field(max_length=200)


class SignUp(BaseModel):
    """A new account, made with a one-time link (`invitation` is the part of it after the #)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"invitation": "Jx0…", "email": "ada@example.com", "name": "Ada", "password": "twelve letters or more"}
            ]
        }
    )

    invitation: Token
    email: Email
    name: Name
    password: Password


class LoggedIn(BaseModel):
    """Who is logged in now."""

    account: Account


class Visit(BaseModel):
    """Who is asking, null when nobody is logged in, and whether there is any account yet."""

    account: Account | None
    accounts_exist: bool


@router.get("/session")
async def show_session(visitor: Visitor, database: Database) -> Visit:
    """Who is logged in."""
    return Visit(account=visitor, accounts_exist=visitor is not None or await account.any_exists(database))


@router.post(
    "/session",
    responses=JSON_BODY | problems(_401=UNKNOWN, _403="from another site", _429="locked; see Retry-After"),
)
async def log_in(login: LoginRequest, request: Request, stores: TheStores, sessions: TheSessions) -> LoggedIn:
    """Log in; after five wrong passwords an address is locked for five minutes."""
    # Before it is counted: who is sent away in a crowd has tried no password.
    password.expect_room()
    lockout = Lockout(stores.redis)
    if seconds := await lockout.attempt(login.email):
        minutes = -(-seconds // 60)
        raise HTTPException(
            status.HTTP_429_TOO_MANY_REQUESTS,
            f"Too many wrong passwords. Try again in {minutes} minute{'s' if minutes > 1 else ''}.",
            {"Retry-After": str(seconds)},
        )
    # Hashing takes long: no connection is held meanwhile.
    async with stores.postgres.connection() as database:
        found = await account.find(database, login.email)
    right = await password.fits(login.password, found.password if found else password.NOBODYS)
    if not (found and right):
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, UNKNOWN)
    await lockout.forget(login.email)
    who = Account(id=found.id, email=found.email, name=found.name)
    await sessions.close(cookie.token(request))
    token = await sessions.open(who)
    # The password may have been set anew while the old one was compared.
    async with stores.postgres.connection() as database:
        if await account.find(database, login.email) != found:
            await sessions.close(token)
            raise HTTPException(status.HTTP_401_UNAUTHORIZED, UNKNOWN)
    cookie.give(request, token)
    return LoggedIn(account=who)


@router.delete("/session", status_code=204, responses=problems(_403="from another site"))
async def log_out(request: Request, sessions: TheSessions) -> None:
    """Log out; harmless when nobody is logged in."""
    await sessions.close(cookie.token(request))
    cookie.give(request, "")


@router.post(
    "/accounts",
    status_code=201,
    responses=JSON_BODY | problems(_403="the link is not good", _409="there is an account"),
)
async def sign_up(sign_up: SignUp, request: Request, stores: TheStores, sessions: TheSessions) -> LoggedIn:
    """Make an account with a one-time link, or set the password anew with a link for an existing one; then log in."""
    async with stores.postgres.connection() as database:
        if not await invitation.is_good(database, sign_up.invitation, sign_up.email):
            raise HTTPException(status.HTTP_403_FORBIDDEN, NOT_GOOD)
    secret = await password.hashed(sign_up.password)
    try:
        # A transaction of its own: else the one in `redeem` would commit before the sessions are closed.
        async with stores.postgres.connection() as database, database.transaction():
            who = await invitation.redeem(database, sign_up.invitation, sign_up.email, sign_up.name, secret)
            if who:
                # Before the new password counts: without Redis nothing changes, and the link stays good.
                await sessions.close_all(who.id)
                await Lockout(stores.redis).forget(sign_up.email)
    except UniqueViolation:
        raise HTTPException(
            status.HTTP_409_CONFLICT, "This e-mail has an account already. Log in, or take another address."
        ) from None
    if who is None:
        raise HTTPException(status.HTTP_403_FORBIDDEN, NOT_GOOD)
    # Once more, for a login that was under way.
    await sessions.close_all(who.id)
    cookie.give(request, await sessions.open(who))
    return LoggedIn(account=who)


@router.delete("/accounts/me", status_code=204, responses=MEMBERS_ONLY)
async def leave(request: Request, member: Member, database: Database, sessions: TheSessions) -> None:
    """Delete one's own account; what it made stays, for it belongs to the workspace."""
    await account.delete(database, member.id)
    await sessions.close_all(member.id)
    cookie.give(request, "")


@router.post("/invitations", status_code=201, responses=MEMBERS_ONLY)
async def invite(_: Member, database: Database) -> Invitation:
    """A link with which a colleague can sign up, once, within a day."""
    return await invitation.create(database)
