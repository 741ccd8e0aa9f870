"""Writes come from this site's own pages, or from programs; never from the page of another site."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

READING = frozenset({"GET", "HEAD", "OPTIONS"})


class SameOrigin:
    """ASGI middleware that answers 403 to a write whose Origin is another site's: browsers always send it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in READING and _is_foreign(Headers(scope=scope)):
            answer = JSONResponse({"detail": "This request comes from another site."}, status_code=403)
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _is_foreign(headers: Headers) -> bool:
    origin = headers.get("origin")
    if origin is None:
        return False
    try:
        place = urlsplit(origin)
    except ValueError:
        return True
    # Whoever sits between a browser and this site can write a page of the same name, but not one that came by HTTPS.
    downgraded = place.scheme != "https" and headers.get("x-forwarded-proto") == "https"
    return place.netloc != headers.get("host") or downgraded
