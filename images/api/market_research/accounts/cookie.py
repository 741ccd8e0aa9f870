"""The session's cookie: set here alone, on whatever answer a request gets."""

from http.cookies import SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from market_research.accounts.session import LONGEST_SECONDS

_NEW = "new_session_token"


def token(request: Request) -> str:
    """The token that the request came with; empty without one."""
    return request.cookies.get(_name(request.headers), "")


def give(request: Request, new_token: str) -> None:
    """Let the answer carry another token; an empty one takes the cookie away."""
    request.scope[_NEW] = new_token


class SessionCookie:
    """ASGI middleware that puts a given token on the answer: also on streams and files, which FastAPI passes by."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and _NEW in scope:
                headers = Headers(scope=scope)
                secure = headers.get("x-forwarded-proto") == "https"
                cookie = _cookie(_name(headers), scope[_NEW], secure=secure)
                MutableHeaders(scope=message).append("Set-Cookie", cookie)
            await send(message)

        await self._app(scope, receive, with_cookie)


def _name(headers: Headers) -> str:
    """Browsers send cookies to every port of a host: stacks side by side on one host each have their own."""
    _, colon, port = headers.get("host", "").rpartition(":")
    return f"session_{port}" if colon and port.isascii() and port.isdecimal() else "session"


def _cookie(name: str, value: str, *, secure: bool) -> str:
    cookie = SimpleCookie({name: value})
    attributes = {"path": "/", "httponly": True, "samesite": "Strict", "secure": secure}
    for attribute, wanted in {**attributes, "max-age": LONGEST_SECONDS if value else 0}.items():
        cookie[name][attribute] = wanted
    return cookie[name].OutputString()
