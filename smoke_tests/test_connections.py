"""Every service to every port of every other, to the engine's host, and out: what is let through is what is declared.

`pytest smoke_tests/test_connections.py -s` prints it.
"""

import pytest

from smoke_tests.connections import Connections
from smoke_tests.deployment import Deployment


@pytest.fixture(scope="module")
def connections(deployment: Deployment) -> Connections:
    """All that was tried."""
    tried = Connections.tried(deployment)
    print(f"\n{tried.table()}")  # noqa: T201 - what people look for
    return tried


def test_a_service_reaches_what_its_networks_let_it_reach_and_nothing_else(
    connections: Connections, service: str
) -> None:
    assert connections.open_to(service) == connections.let_by_networks(service)


def test_no_packet_of_a_service_arrives_on_a_network_that_is_not_its_own(
    connections: Connections, service: str
) -> None:
    assert connections.in_sight_of(service) == connections.let_by_networks(service)


def test_a_service_reaches_everybody_that_it_has_been_told_of(connections: Connections, service: str) -> None:
    assert not connections.out_of_reach(service), f"{service} has been told of what it cannot reach"


def test_somebody_has_been_told_of_every_store(connections: Connections, store: str) -> None:
    told = [name for name in connections.listening if store in connections.told(name)]
    assert told, f"nobody has been told where {store} is, so that what services are told cannot have been read"


def test_of_the_host_a_service_reaches_nothing_that_listens_for_the_host_alone(
    connections: Connections, service: str
) -> None:
    if not connections.host_own:
        pytest.skip("the host listens for itself alone at no port, so there is nothing to be kept from")
    assert not connections.host_reached(service) & connections.host_own


def test_a_way_out_has_only_who_is_on_a_network_with_one(connections: Connections, service: str) -> None:
    if not connections.outside:
        pytest.skip("nobody outside answers the engine's host itself, so silence would show nothing")
    assert connections.goes_out(service) == connections.let_out_by_networks(service)


def test_nobody_waits_for_datagrams(connections: Connections, service: str) -> None:
    assert not connections.listening[service]["udp"], f"{service} must listen for connections alone"
