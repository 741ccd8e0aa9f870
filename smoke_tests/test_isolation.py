"""Who can reach whom, tried from exactly where each service stands."""

import pytest

from smoke_tests import knock, neighbours
from smoke_tests.deployment import Deployment
from smoke_tests.knock import ANSWER, UNKNOWN_NAME


@pytest.fixture(scope="module")
def outside(deployment: Deployment) -> list[str]:
    """Who answers the engine's host from outside: its router or its name servers. Nobody: nothing can be shown."""
    with deployment.invite(network_mode="host") as guest:
        found = guest.run(knock, *(f"{address}:53" for address in guest.run(neighbours)))
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
    neighbour = deployment.neighbour(outsider)
    with deployment.beside(outsider) as guest:
        found = guest.run(knock, neighbour, *names, *numbers)
    assert found[neighbour] == ANSWER, f"{outsider} must reach {neighbour}; else silence would show nothing"
    assert {found[name] for name in names} == {UNKNOWN_NAME}, f"{outsider} must not even know the stores by name"
    assert ANSWER not in {found[number] for number in numbers}, f"{outsider} must not reach a store: {found}"


def test_a_store_cannot_reach_out(deployment: Deployment, store: str, outside: list[str]) -> None:
    with deployment.beside(store) as guest:
        found = guest.run(knock, *outside)
    assert ANSWER not in found.values(), f"{store} must have no way out for what it holds: {found}"


def test_the_api_reaches_out(deployment: Deployment, outside: list[str]) -> None:
    with deployment.beside(deployment.outputs.client) as guest:
        found = guest.run(knock, *outside)
    assert ANSWER in found.values(), f"the API must have a way out to the services that it calls: {found}"


def test_the_networks_of_stores_are_internal(deployment: Deployment) -> None:
    for network in deployment.store_networks:
        assert deployment.engine.networks.get(network).attrs["Internal"], f"{network} must have no way out of the host"
