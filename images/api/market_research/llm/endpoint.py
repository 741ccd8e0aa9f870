"""One OpenAI-compatible API: how it is asked, how often, and what is said when it does not answer."""

import json
import math
import secrets
import ssl
from asyncio import sleep
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Self, TypeVar

import httpx
from pydantic import BaseModel

from market_research.llm.destination import ForbiddenAddressError, Guarded
from market_research.llm.model import RETRY_AFTER, Failure, LlmError

CONNECT_SECONDS = 2
READ_SECONDS = 60
CONNECTIONS = 20
# After each of these another try.
PAUSES_SECONDS = (1.0, 2.0)
# Whoever asks for a longer pause is not waited for: the caller is told instead.
LONGEST_PAUSE_SECONDS = 10.0
LONGEST_RETRY_AFTER = 3600

KEY_FILE = "llm_api_key"
NOT_PUBLIC = "no public address, which LLM_PRIVATE has to allow; one that is link-local is never asked."

Body = Mapping[str, object]
Answer = TypeVar("Answer", bound=BaseModel)


@dataclass(frozen=True)
class _Miss:
    """A try that another one may put right; `pause` is what the server asks for, in seconds."""

    failure: Failure
    sentence: str
    pause: float = 0


class Endpoint:
    """Asks one API with its key; no error repeats the key, what was asked, or what came back."""

    def __init__(self, url: str, key: str | None, transport: httpx.AsyncBaseTransport) -> None:
        self._client = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            follow_redirects=False,
            trust_env=False,
            transport=transport,
        )
        self._has_key = key is not None
        self.name = f"The LLM at {self._client.base_url.netloc.decode()}"

    @classmethod
    def at(cls, url: str, key: str | None, *, private: bool) -> Self:
        """The API over the network; in a private one only where that is allowed."""
        network = httpx.AsyncHTTPTransport(
            # Python's own idea of whom to trust: the image's CA store or the one that SSL_CERT_FILE names.
            verify=ssl.create_default_context(),
            limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
            trust_env=False,
        )
        return cls(url, key, Guarded(network, private=private))

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def post(self, path: str, body: Body, form: type[Answer]) -> Answer:
        """What the API answers, in this form; LlmError when it has not done so after three tries."""
        pauses = iter(PAUSES_SECONDS)
        while isinstance(outcome := await self._try(path, body), _Miss):
            pause = next(pauses, None)
            if pause is None or outcome.pause > LONGEST_PAUSE_SECONDS:
                raise LlmError(outcome.failure, outcome.sentence, math.ceil(outcome.pause) or RETRY_AFTER)
            # Several callers that failed together do not come back together.
            await sleep(max(pause, outcome.pause) * (1 + secrets.randbelow(1000) / 4000))
        return self._read(outcome, form)

    async def _try(self, path: str, body: Body) -> httpx.Response | _Miss:
        try:
            response = await self._client.post(path, json=body)
        except httpx.ReadTimeout:
            # It may still be at work, and each try costs tokens.
            raise LlmError("timeout", f"{self.name} gave no answer within {READ_SECONDS} seconds.") from None
        except ForbiddenAddressError as error:
            raise LlmError("address", f"{self.name} is at {error}: {NOT_PUBLIC}") from None
        except httpx.RequestError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise LlmError("certificate", f"{self.name} shows a certificate that is not trusted here.") from None
            return _Miss("connection", f"{self.name} cannot be reached.")
        if response.is_success:
            return response
        status = response.status_code
        if status == HTTPStatus.TOO_MANY_REQUESTS or response.is_server_error:
            return _Miss(_failure(status), f"{self.name} answers {status}.", _retry_after(response))
        raise LlmError(_failure(status), self._refusal(status, body))

    def _refusal(self, status: int, body: Body) -> str:
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            what = "refuses the key in" if self._has_key else "asks for a key: put one into"
            return f"{self.name} answers {status}: it {what} the secret file {KEY_FILE}."
        if status == HTTPStatus.NOT_FOUND:
            return f"{self.name} answers 404: there is no model {body['model']}, or LLM_URL has another path."
        return f"{self.name} answers {status}."

    def _read(self, response: httpx.Response, form: type[Answer]) -> Answer:
        try:
            return form.model_validate(load(response.content))
        except ValueError:
            raise LlmError(
                "malformed", f"{self.name} does not answer as OpenAI's does; perhaps the path in LLM_URL is wrong."
            ) from None


def load(text: str | bytes) -> object:
    """JSON that somebody else wrote; ValueError when it is none."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _failure(status: int) -> Failure:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return "http_429"
    families: Mapping[int, Failure] = {4: "http_4xx", 5: "http_5xx"}
    return families.get(status // 100, "http_other")


def _retry_after(response: httpx.Response) -> float:
    """The seconds that the server asks to wait, an hour at most; 0 when it does not say, or says a date."""
    value = response.headers.get("Retry-After", "")
    return min(float(value), LONGEST_RETRY_AFTER) if value.isdecimal() else 0
