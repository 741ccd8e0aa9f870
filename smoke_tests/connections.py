"""Who can connect to whom in a stack, tried from where each service stands, and who has been told to."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import ip_address
from typing import Any

from smoke_tests import knock, listening, neighbours
from smoke_tests.container_files import files
from smoke_tests.deployment import Deployment
from smoke_tests.knock import ANSWER, REACHED

GUESTS_AT_ONCE = 4
PASSES_ON = {"prometheus": "blackbox-exporter"}
"""Who has another ask at some of its addresses: Prometheus names the public way in, the blackbox exporter tries it."""
Reached = Mapping[str, set[int]]
"""Ports by service."""


@dataclass(frozen=True)
class Connections:
    """What each service listens on and reaches, found when it is tried.

    `host_open` are the ports of the engine's host at which it listens for more than itself, `host_own` those at which
    it listens for itself alone. `outside` are addresses beyond that host, its router's or its name servers', that
    answer it: without any nothing is known of ways out.
    """

    deployment: Deployment
    listening: dict[str, dict[str, Any]] = field(default_factory=dict)
    outcomes: dict[str, dict[str, str]] = field(default_factory=dict)
    host_open: set[int] = field(default_factory=set)
    host_own: set[int] = field(default_factory=set)
    outside: list[str] = field(default_factory=list)

    @classmethod
    def tried(cls, deployment: Deployment) -> "Connections":
        """Look at every service from beside it, then knock from there at every port of all others and of the host."""
        found = cls(deployment)
        with deployment.invite(network_mode="host") as guest:
            host = guest.run(listening)
            found.host_open.update(port for _, port in host["tcp"])
            found.host_own.update({port for _, port in host["inside"]} - found.host_open)
            answers = guest.run(knock, *(f"{address}:53" for address in guest.run(neighbours)))
            found.outside.extend(address for address, outcome in answers.items() if outcome in REACHED)
        with ThreadPoolExecutor(GUESTS_AT_ONCE) as pool:
            names = list(deployment.outputs.services)
            found.listening.update(zip(names, pool.map(found._look, names), strict=True))
            found.outcomes.update(zip(names, pool.map(found._knock, names), strict=True))
        return found

    def _look(self, service: str) -> dict[str, Any]:
        with self.deployment.beside(service) as guest:
            found: dict[str, Any] = guest.run(listening)
            return found

    def _knock(self, service: str) -> dict[str, str]:
        others = [name for name in self.listening if name != service]
        addresses = [address for name in others for address in self.addresses(name)]
        with self.deployment.beside(service) as guest:
            outcomes: dict[str, str] = guest.run(knock, *addresses, *self.host_ports, *self.outside)
            return outcomes

    def addresses(self, service: str) -> dict[str, tuple[str, int]]:
        """Where the service could be reached, on every network that Docker has it on: that network, and the port."""
        networks = self.deployment.container(service).attrs["NetworkSettings"]["Networks"]
        return {
            f"{network['IPAddress']}:{port}": (name, port)
            for name, network in networks.items()
            for address, port in self.listening[service]["tcp"]
            if ip_address(address).is_unspecified or address == network["IPAddress"]
        }

    @cached_property
    def host_ports(self) -> dict[str, int]:
        """Where each port that the engine's host listens on would be, seen from the stack's networks."""
        return {f"{gateway}:{port}": port for gateway in self.gateways for port in self.host_open | self.host_own}

    @cached_property
    def gateways(self) -> list[str]:
        """The engine's host, by its address on each network of the stack."""
        networks = {name for one in self.deployment.outputs.services.values() for name in one.networks.values()}
        found = [self.deployment.engine.networks.get(name).attrs["IPAM"]["Config"] for name in sorted(networks)]
        return [pool["Gateway"] for pools in found for pool in pools if "Gateway" in pool]

    def open_to(self, service: str) -> Reached:
        """The ports of others that a service was let connect to."""
        return self._reached(service, lambda outcome: outcome == ANSWER)

    def in_sight_of(self, service: str) -> Reached:
        """Those, and ports of others that refused it: nothing listens there, and yet it got that far."""
        return self._reached(service, lambda outcome: outcome in REACHED)

    def _reached(self, service: str, counts: Callable[[str], bool]) -> Reached:
        outcomes = self.outcomes[service]
        others = [name for name in self.listening if name != service]
        found = {
            name: {port for address, (_, port) in self.addresses(name).items() if counts(outcomes[address])}
            for name in others
        }
        return {name: ports for name, ports in found.items() if ports}

    def let_by_networks(self, service: str) -> Reached:
        """What a service has to reach: the ports of others on the networks that the stack promises both of them."""
        own = set(self.deployment.outputs.services[service].networks.values())
        found = {
            name: {port for network, port in self.addresses(name).values() if network in own}
            for name in self.listening
            if name != service
        }
        return {name: ports for name, ports in found.items() if ports}

    def told(self, service: str) -> Reached:
        """What a service has been told of, by its environment, its command, and the files that it may only read."""
        container = self.deployment.container(service)
        config = container.attrs["Config"]
        folders = [one["Destination"] for one in container.attrs["Mounts"] if one["Type"] == "volume" and not one["RW"]]
        text = json.dumps([config["Env"], config["Cmd"], *(files(container, folder) for folder in folders)])
        named = {
            name: {int(port) for port in re.findall(rf"(?<![\w.-]){name}:(\d+)", text)}
            for name in self.listening
            if name != service
        }
        return {name: ports for name, ports in named.items() if ports}

    def out_of_reach(self, service: str) -> Reached:
        """What a service has been told of, and neither it nor whoever asks there in its place was let connect to."""
        asking = [name for name in (service, PASSES_ON.get(service)) if name in self.listening]
        reached = [self.open_to(name) for name in asking]
        found = {
            name: ports.difference(*(one.get(name, ()) for one in reached))
            for name, ports in self.told(service).items()
        }
        return {name: ports for name, ports in found.items() if ports}

    def host_reached(self, service: str) -> set[int]:
        """The ports of the engine's host that let a service connect."""
        return {port for address, port in self.host_ports.items() if self.outcomes[service][address] == ANSWER}

    def goes_out(self, service: str) -> bool:
        """Whether a service was let reach somebody outside."""
        return any(self.outcomes[service][address] in REACHED for address in self.outside)

    def let_out_by_networks(self, service: str) -> bool:
        """Whether a network that the stack promises the service has a way out."""
        networks = self.deployment.outputs.services[service].networks.values()
        return not all(self.deployment.engine.networks.get(name).attrs["Internal"] for name in networks)

    def table(self) -> str:
        """The connections as Markdown."""
        head = "| from | told of, and reaches | reaches besides, on a network that both need | host | out |"
        return "\n".join([head, "|---|---|---|---|---|", *map(self._row, self.listening)])

    def _row(self, service: str) -> str:
        reached, told = self.open_to(service), self.told(service)
        wanted = {name: ports & told.get(name, set()) for name, ports in reached.items()}
        besides = {name: ports - told.get(name, set()) for name, ports in reached.items()}
        host = ", ".join(map(str, sorted(self.host_reached(service)))) or "-"
        out = ("yes" if self.goes_out(service) else "no") if self.outside else "?"
        return f"| {service} | {_listed(wanted)} | {_listed(besides)} | {host} | {out} |"


def _listed(reached: Reached) -> str:
    return ", ".join(f"{name}:{_joined(ports)}" for name, ports in reached.items() if ports) or "-"


def _joined(ports: Iterable[int]) -> str:
    return "/".join(map(str, sorted(ports)))
