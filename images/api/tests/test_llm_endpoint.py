"""How often an API is asked, and what is said when it does not answer."""

import httpx
import pytest
from market_research.llm.chat import ChatModel
from market_research.llm.destination import ForbiddenAddressError
from market_research.llm.endpoint import Endpoint

from tests.llm_api import GOOD, KEY, Api, ask, refusal, says

pytestmark = pytest.mark.anyio


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    return Api(monkeypatch)


async def test_a_busy_api_is_asked_again_when_it_says(api: Api) -> None:
    api.script = [httpx.Response(429, headers={"Retry-After": "7"}), says(GOOD)]
    assert (await ask(api.model)).value.text == "I like it."
    (pause,) = api.pauses
    assert 7 <= pause <= 7 * 1.25


async def test_a_busy_api_that_asks_for_a_long_pause_is_not_waited_for(api: Api) -> None:
    api.script = [httpx.Response(429, headers={"Retry-After": "90"})]
    error = await refusal(lambda: ask(api.model))
    assert (error.retry_after, len(api.asked), api.pauses) == (90, 1, [])


@pytest.mark.parametrize("header", ["Wed, 21 Oct 2026 07:28:00 GMT", "-5", "soon", "²", "1e9", ""])
async def test_a_pause_that_is_no_number_of_seconds_does_not_count(api: Api, header: str) -> None:
    api.script = [httpx.Response(503, headers=[(b"Retry-After", header.encode())]), says(GOOD)]
    await ask(api.model)
    assert 1 <= api.pauses[0] <= 1.25


async def test_no_error_sends_people_away_for_longer_than_an_hour(api: Api) -> None:
    api.script = [httpx.Response(429, headers={"Retry-After": "9" * 400})]
    assert (await refusal(lambda: ask(api.model))).retry_after == 3600


@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [
        (httpx.Response(503, text="body of the answer"), "answers 503."),
        (httpx.Response(500), "answers 500."),
        (httpx.ConnectError(f"no route with {KEY}"), "cannot be reached."),
        (httpx.ConnectTimeout("timed out"), "cannot be reached."),
        (httpx.RemoteProtocolError("cut off"), "cannot be reached."),
    ],
)
async def test_an_api_that_stays_away_is_asked_three_times_with_growing_pauses(
    api: Api, trouble: httpx.Response | Exception, sentence: str
) -> None:
    api.script = [trouble]
    error = await refusal(lambda: ask(api.model))
    assert str(error) == f"The LLM at llm.example:8443 {sentence}"
    assert (len(api.asked), error.retry_after) == (3, 30)
    first, second = api.pauses
    assert 1 <= first <= 1.25
    assert 2 <= second <= 2.5


async def test_an_api_that_takes_too_long_is_not_asked_again(api: Api) -> None:
    api.script = [httpx.ReadTimeout("timed out")]
    assert "gave no answer within 60 seconds" in str(await refusal(lambda: ask(api.model)))
    assert len(api.asked) == 1


async def test_a_certificate_that_is_not_trusted_is_told_apart(api: Api) -> None:
    api.script = [httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate (_ssl.c:1029)")]
    assert "certificate that is not trusted" in str(await refusal(lambda: ask(api.model)))


async def test_an_address_that_is_not_public_is_told_and_not_asked_again(api: Api) -> None:
    api.script = [ForbiddenAddressError("169.254.169.254")]
    error = await refusal(lambda: ask(api.model))
    assert "is at 169.254.169.254: no public address" in str(error)
    assert (error.failure, len(api.asked)) == ("address", 1)


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_key_is_an_error_at_once_and_says_where_it_lies(api: Api, status: int) -> None:
    api.script = [httpx.Response(status, text=f"body of the answer: {KEY}")]
    error = await refusal(lambda: ask(api.model))
    assert f"answers {status}: it refuses the key in the secret file llm_api_key." in str(error)
    assert len(api.asked) == 1


async def test_without_a_key_none_is_sent_and_an_api_that_wants_one_says_where_to_put_it(api: Api) -> None:
    api.script = [httpx.Response(401)]
    model = ChatModel(Endpoint("https://llm.example:8443/v1", None, httpx.MockTransport(api.answer)), "big-model")
    assert "asks for a key: put one into the secret file llm_api_key." in str(await refusal(lambda: ask(model)))
    assert "Authorization" not in api.asked[0].headers


async def test_an_unknown_model_is_named(api: Api) -> None:
    api.script = [httpx.Response(404)]
    assert "there is no model big-model" in str(await refusal(lambda: ask(api.model)))


@pytest.mark.parametrize("answer", [httpx.Response(400), httpx.Response(307, headers={"Location": "https://evil"})])
async def test_any_other_answer_is_an_error_at_once_and_nobody_is_sent_elsewhere(
    api: Api, answer: httpx.Response
) -> None:
    api.script = [answer]
    assert f"answers {answer.status_code}." in str(await refusal(lambda: ask(api.model)))
    assert len(api.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [b"<html>body of the answer</html>", b"{}", b'{"choices": []}', b"\xff", b"[" * 100_000, b'{"choices": [{}]}'],
)
async def test_an_api_of_another_kind_is_an_error(api: Api, answer: bytes) -> None:
    api.script = [httpx.Response(200, content=answer)]
    assert "does not answer as OpenAI's does" in str(await refusal(lambda: ask(api.model)))


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (httpx.ReadTimeout("timed out"), "timeout"),
        (httpx.ConnectError("no route"), "connection"),
        (httpx.ConnectError("CERTIFICATE_VERIFY_FAILED"), "certificate"),
        (httpx.Response(429), "http_429"),
        (httpx.Response(401), "http_4xx"),
        (httpx.Response(418), "http_4xx"),
        (httpx.Response(503), "http_5xx"),
        (httpx.Response(307), "http_other"),
        (httpx.Response(200, content=b"{}"), "malformed"),
        (says("no JSON"), "malformed"),
    ],
)
async def test_every_error_is_of_a_kind(api: Api, answer: httpx.Response | Exception, failure: str) -> None:
    api.script = [answer]
    assert (await refusal(lambda: ask(api.model))).failure == failure
