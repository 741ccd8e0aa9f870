"""Which addresses a language model may have, and that no name gets round it."""

import asyncio
import socket
from ipaddress import ip_address
from typing import Any

import httpx
import pytest
from market_research.llm.destination import ForbiddenAddressError, Guarded, is_allowed
from market_research.llm.endpoint import Endpoint
from market_research.llm.model import LlmError
from pydantic import BaseModel

pytestmark = pytest.mark.anyio
PUBLIC = "93.184.215.14"
NEVER = ["169.254.169.254", "fe80::1", "::ffff:169.254.169.254", "0.0.0.0", "::", "224.0.0.1", "ff02::1"]
NEVER += ["64:ff9b::169.254.169.254", "2002:a9fe:a9fe::1"]
PRIVATE = ["127.0.0.1", "::1", "10.1.2.3", "172.18.0.5", "192.168.1.1", "100.64.0.1", "fd00::1", "::ffff:10.0.0.1"]
PRIVATE += ["64:ff9b::10.0.0.1", "2002:c0a8:101::1"]


@pytest.mark.parametrize("address", NEVER)
def test_link_local_and_what_is_no_host_are_never_allowed(address: str) -> None:
    assert not is_allowed(ip_address(address), private=True)


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_allowed_only_where_the_operator_says_so(address: str) -> None:
    assert not is_allowed(ip_address(address), private=False)
    assert is_allowed(ip_address(address), private=True)


@pytest.mark.parametrize(
    "address", [PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c", f"::ffff:{PUBLIC}", f"64:ff9b::{PUBLIC}"]
)
def test_public_addresses_are_allowed(address: str) -> None:
    assert is_allowed(ip_address(address), private=False)


class Network:
    """A name server with an answer for each time it is asked, and whoever is reached."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
        self.reached: list[tuple[str, str, str]] = []
        self.down: dict[str, httpx.TransportError] = {}
        self._answers = list(answers)
        loop = asyncio.get_running_loop()
        monkeypatch.setattr(loop, "getaddrinfo", self._look_up)
        self.client = httpx.AsyncClient(transport=Guarded(httpx.MockTransport(self._reach), private=False))

    async def _look_up(self, *_: object, **__: object) -> list[Any]:
        addresses = self._answers.pop(0)
        if not addresses:
            raise socket.gaierror(-2, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]

    def _reach(self, request: httpx.Request) -> httpx.Response:
        if request.url.host in self.down:
            raise self.down[request.url.host]
        self.reached.append((request.url.host, request.headers["Host"], request.extensions["sni_hostname"]))
        return httpx.Response(200)


async def test_the_address_that_was_looked_at_is_reached_under_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network(monkeypatch, [PUBLIC])
    assert (await network.client.get("https://llm.example:8443/v1")).is_success
    assert network.reached == [(PUBLIC, "llm.example:8443", "llm.example")]


async def test_a_name_that_leads_elsewhere_the_second_time_is_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network(monkeypatch, [PUBLIC], ["169.254.169.254"])
    await network.client.get("https://llm.example/v1")
    with pytest.raises(ForbiddenAddressError, match=r"169\.254\.169\.254"):
        await network.client.get("https://llm.example/v1")
    assert len(network.reached) == 1


async def test_one_address_that_is_not_allowed_spoils_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network(monkeypatch, [PUBLIC, "10.0.0.1"])
    with pytest.raises(ForbiddenAddressError):
        await network.client.get("https://llm.example/v1")
    assert network.reached == []


@pytest.mark.parametrize("trouble", [httpx.ConnectError("down"), httpx.ConnectTimeout("silent")])
async def test_where_one_address_is_down_the_next_is_tried(
    monkeypatch: pytest.MonkeyPatch, trouble: httpx.TransportError
) -> None:
    network = Network(monkeypatch, ["93.184.215.13", PUBLIC])
    network.down["93.184.215.13"] = trouble
    assert (await network.client.get("https://llm.example/v1")).is_success
    assert [address for address, *_ in network.reached] == [PUBLIC]


async def test_a_name_that_nobody_knows_is_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(httpx.ConnectError):
        await Network(monkeypatch, []).client.get("https://llm.example/v1")


async def test_a_name_server_that_is_silent_is_waited_for_as_long_as_for_a_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    network = Network(monkeypatch)

    async def hang(*_: object, **__: object) -> list[Any]:
        await asyncio.sleep(5)
        return []

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", hang)
    async with asyncio.timeout(2):
        with pytest.raises(httpx.ConnectTimeout, match=r"llm\.example"):
            await network.client.get("https://llm.example/v1", timeout=httpx.Timeout(60, connect=0.1))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]"])
async def test_no_way_of_writing_this_host_reaches_it(host: str) -> None:
    asked = []

    async def answer(_: object, writer: asyncio.StreamWriter) -> None:
        asked.append(writer)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        endpoint = Endpoint.at(f"http://{host}:{port}/v1", "key", private=False)
        with pytest.raises(LlmError) as refused:
            await endpoint.post("/chat/completions", {"model": "m"}, BaseModel)
        await endpoint.aclose()
    assert refused.value.failure == "address"
    assert not asked
