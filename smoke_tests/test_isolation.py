"""Who can reach whom, tried from exactly where each service stands.

A connection that is refused counts as an answer: somebody was reached.
"""

import json

import pytest

from smoke_tests.deployment import Deployment
from smoke_tests.guest import Guest

ANSWER, SILENCE, NO_ROUTE, UNKNOWN_NAME = "answer", "silence", "no route", "unknown name"
KNOCK = f"""
import concurrent.futures, json, socket, sys
def knock(address):
    host, port = address.rsplit(":", 1)
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
    except ConnectionRefusedError:
        return {ANSWER!r}
    except socket.gaierror:
        return {UNKNOWN_NAME!r}
    except TimeoutError:
        return {SILENCE!r}
    except OSError:
        return {NO_ROUTE!r}
    return {ANSWER!r}
with concurrent.futures.ThreadPoolExecutor(len(sys.argv)) as pool:
    print(json.dumps(dict(zip(sys.argv[1:], pool.map(knock, sys.argv[1:])))))
"""
NEIGHBOURS = """
import ipaddress, json, pathlib, socket, struct
routes = [line.split() for line in pathlib.Path("/proc/net/route").read_text().splitlines()[1:]]
routers = [socket.inet_ntoa(struct.pack("<L", int(route[2], 16))) for route in routes if int(route[1], 16) == 0]
settings = [line.split() for line in pathlib.Path("/etc/resolv.conf").read_text().splitlines()]
servers = [words[1] for words in settings if words[:1] == ["nameserver"] and ":" not in words[1]]
print(json.dumps([one for one in routers + servers if not ipaddress.ip_address(one).is_loopback]))
"""


@pytest.fixture(scope="module")
def outside(deployment: Deployment) -> list[str]:
    """Who answers the engine's host from outside: its router or its name servers. Nobody: nothing can be shown."""
    with deployment.invite(network_mode="host") as guest:
        found = _knock(guest, *(f"{address}:53" for address in json.loads(guest.run(NEIGHBOURS))))
    answering = [address for address, outcome in found.items() if outcome == ANSWER]
    if not answering:
        pytest.skip("nobody outside answers the engine's host itself, so silence would show nothing")
    return answering


def test_a_service_without_a_store_reaches_none(deployment: Deployment, outsider: str) -> None:
    promised = deployment.outputs.services
    names = {promised[store].address for store in deployment.stores}
    numbers = {
        f"{deployment.address_on(store, network)}:{service.address.rpartition(':')[2]}"
        for store, service in deployment.stores.items()
        for network in service.networks.values()
    }
    neighbour = promised[deployment.outputs.client].address
    with deployment.beside(outsider) as guest:
        found = _knock(guest, neighbour, *names, *numbers)
    assert found[neighbour] == ANSWER, f"{outsider} must reach {neighbour}; else silence would show nothing"
    assert {found[name] for name in names} == {UNKNOWN_NAME}, f"{outsider} must not even know the stores by name"
    assert ANSWER not in {found[number] for number in numbers}, f"{outsider} must not reach a store: {found}"


def test_a_store_cannot_reach_out(deployment: Deployment, store: str, outside: list[str]) -> None:
    with deployment.beside(store) as guest:
        found = _knock(guest, *outside)
    assert ANSWER not in found.values(), f"{store} must have no way out for what it holds: {found}"


def test_the_api_reaches_out(deployment: Deployment, outside: list[str]) -> None:
    with deployment.beside(deployment.outputs.client) as guest:
        found = _knock(guest, *outside)
    assert ANSWER in found.values(), f"the API must have a way out to the services that it calls: {found}"


def test_the_networks_of_stores_are_internal(deployment: Deployment) -> None:
    for network in deployment.store_networks:
        assert deployment.engine.networks.get(network).attrs["Internal"], f"{network} must have no way out of the host"


def _knock(guest: Guest, *addresses: str) -> dict[str, str]:
    outcome: dict[str, str] = json.loads(guest.run(KNOCK, *addresses))
    return outcome
