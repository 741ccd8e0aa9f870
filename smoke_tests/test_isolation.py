"""Who can reach whom, tried from exactly where each service stands.

A connection that is refused counts as an answer: somebody was reached.
"""

import json
from collections.abc import Iterable

import pytest

from smoke_tests.deployment import Deployment
from smoke_tests.guest import Guest

ELSEWHERE = "192.0.2.1:443"  # a documentation address (RFC 5737): routed like any other, and nobody's
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


def test_a_service_without_a_store_cannot_reach_one(deployment: Deployment, service: str, store: str) -> None:
    promised = deployment.outputs.services
    networks = promised[store].networks
    if networks.items() & promised[service].networks.items():
        pytest.skip(f"{service} works with {store}")
    port = promised[store].address.rpartition(":")[2]
    by_number = [f"{deployment.address_on(store, network)}:{port}" for network in networks.values()]
    neighbour = promised[deployment.outputs.client].address
    with deployment.beside(service) as guest:
        found = _knock(guest, promised[store].address, *by_number, neighbour)
    assert found[neighbour] == ANSWER, f"{service} must reach {neighbour}, or this test shows nothing"
    assert found[promised[store].address] == UNKNOWN_NAME, f"{service} must not even know the name of {store}"
    assert ANSWER not in {found[address] for address in by_number}, f"{service} must not reach {store}"


def test_a_store_cannot_reach_out(deployment: Deployment, store: str) -> None:
    own = set(deployment.outputs.services[store].networks.values())
    others = {name for one in deployment.outputs.services.values() for name in one.networks.values()} - own
    host_elsewhere = [f"{gateway}:443" for gateway in _gateways(deployment, others)]
    with deployment.beside(store) as guest:
        found = _knock(guest, ELSEWHERE, *host_elsewhere)
    assert set(found.values()) == {NO_ROUTE}, f"{store} must have no way out: what it holds must not leave by itself"


def test_the_networks_of_stores_are_internal(deployment: Deployment) -> None:
    for network in deployment.store_networks:
        assert deployment.engine.networks.get(network).attrs["Internal"], f"{network} must have no way out of the host"


def test_the_client_has_a_way_out(deployment: Deployment) -> None:
    with deployment.beside(deployment.outputs.client) as guest:
        found = _knock(guest, ELSEWHERE)
    assert found[ELSEWHERE] in (ANSWER, SILENCE), "the API must have a route to the services that it calls"


def _knock(guest: Guest, *addresses: str) -> dict[str, str]:
    outcome: dict[str, str] = json.loads(guest.run(KNOCK, *addresses))
    return outcome


def _gateways(deployment: Deployment, networks: Iterable[str]) -> list[str]:
    """The host's own addresses on networks."""
    pools = [deployment.engine.networks.get(name).attrs["IPAM"]["Config"] for name in networks]
    return [pool["Gateway"] for configured in pools for pool in configured if "Gateway" in pool]
