"""Who knows of the stores, tried from exactly where each service stands; test_connections.py says who reaches whom."""

from smoke_tests import knock
from smoke_tests.deployment import Deployment
from smoke_tests.knock import REACHED, UNKNOWN_NAME


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
    assert found[neighbour] in REACHED, f"{outsider} must reach {neighbour}; else silence would show nothing"
    assert {found[name] for name in names} == {UNKNOWN_NAME}, f"{outsider} must not even know the stores by name"
    assert not {found[number] for number in numbers} & {*REACHED}, f"{outsider} must not reach a store: {found}"


def test_the_networks_of_stores_are_internal(deployment: Deployment) -> None:
    for network in deployment.store_networks:
        assert deployment.engine.networks.get(network).attrs["Internal"], f"{network} must have no way out of the host"
