"""The program, run against Pulumi's mocks and an engine that is told what to say."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast
from unittest.mock import Mock

import pulumi
import pytest
from pulumi.runtime import mocks as pulumi_mocks

from infra.engine import Engine, Host
from infra.market_research import market_research
from stacks.settings import StackSettings

SETTINGS: dict[str, Any] = {
    "free_disk_gb": 4,
    "services": {
        "api": {"cpus": 1, "memory_mb": 512},
        "frontend": {"cpus": 0.5, "memory_mb": 256, "port": 8080},
        "postgres": {"cpus": 1, "memory_mb": 1024},
        "redis": {"cpus": 0.5, "memory_mb": 256},
        "neo4j": {"cpus": 1, "memory_mb": 2048},
    },
}
WITH_EDGE: dict[str, Any] = {
    "services": {
        **SETTINGS["services"],
        "frontend": {"cpus": 0.5, "memory_mb": 256},
        "edge": {"cpus": 0.5, "memory_mb": 128, "port": 8080},
    },
    "edge": {"rate_limit": 500, "login_rate_limit": 50},
}
WHOLE: dict[str, Any] = {**WITH_EDGE, "monitoring": True, "backup": True}
"""A stack that leaves out nothing."""
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}


PASSWORDS: dict[str, str] = {}
"""Generated passwords that a test wants to be others, by resource."""


def merged(services: dict[str, Any], changes: dict[str, dict[str, object] | None]) -> dict[str, Any]:
    """The services, some changed, or left out where the change is None."""
    kept = [name for name in {**services, **changes} if changes.get(name, {}) is not None]
    return {name: {**services.get(name, {}), **(changes.get(name) or {})} for name in kept}


class FakeEngine(Engine):
    """An engine whose containers are all healthy and whose host is as large as a test wants it."""

    def __init__(self, host: Host) -> None:
        self.facts = host
        self.log_folder = "/var/lib/docker/containers"
        self.known: list[dict[str, Any]] = []
        self.checkouts: list[str] = []
        self.most_processes: dict[str, int] = {}
        self.client = cast(Any, self)
        self.api = self

    def host(self, own: Any, wanted_ports: Any) -> Host:
        return self.facts

    def containers(self, labels: Any, *, running_only: bool = False) -> list[dict[str, Any]]:
        return [one for one in self.known if labels.items() <= one["Labels"].items()]

    def volume_labels(self, labels: Any, label: str) -> list[str]:
        return self.checkouts

    def limit_processes(self, container_id: str, most: int) -> str:
        self.most_processes[container_id] = most
        return container_id

    def inspect_container(self, container_id: str) -> dict[str, Any]:
        return {"Id": container_id, "State": {"Health": {"Status": "healthy"}}, "RestartCount": 0}


@dataclass
class Declared:
    """What the program declared: inputs by logical name per type, options as the engine gets them, and its outputs."""

    inputs: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    requests: dict[tuple[str, str], Any] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        return {name: inputs for (type_, name), inputs in self.inputs.items() if type_.endswith(f":{kind}")}

    def containers(self) -> dict[str, dict[str, Any]]:
        """The containers that run something, by service or job."""
        return {
            name: inputs
            for name, inputs in self.of("Container").items()
            if not name.endswith(("-secrets", "-configuration"))
        }

    def options(self, kind: str, name: str) -> Any:
        return next(
            request for (type_, known), request in self.requests.items() if (type_[-len(kind) :], known) == (kind, name)
        )


def networks(container: dict[str, Any]) -> set[str]:
    """Those that a container is on, by Docker's names."""
    return {one["name"] for one in container.get("networksAdvanced") or []}


class Mocks(pulumi_mocks.Mocks):
    def __init__(self, declared: Declared, exit_code: int) -> None:
        self.declared = declared
        self.exit_code = exit_code

    def new_resource(self, args: pulumi_mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        self.declared.inputs[args.typ, args.name] = args.inputs
        computed: dict[str, dict[str, Any]] = {
            "docker:index/container:Container": {"exitCode": self.exit_code, "name": f"docker-{args.name}"},
            "docker:index/network:Network": {"name": f"docker-{args.name}"},
            "docker:index/volume:Volume": {"name": args.inputs.get("name", f"docker-{args.name}")},
            "docker-build:index:Image": {"digest": f"sha256:{args.name}"},
            "random:index/randomId:RandomId": {"hex": "1234abcd"},
            "random:index/randomPassword:RandomPassword": {
                "result": PASSWORDS.get(args.name, f"password-of-{args.name}")
            },
        }
        return f"id-of-{args.name}", {**args.inputs, **computed.get(args.typ, {})}

    def call(self, args: pulumi_mocks.MockCallArgs) -> tuple[dict[Any, Any], None]:
        return {}, None


class Monitor(pulumi_mocks.MockMonitor):
    def __init__(self, mocks: Mocks) -> None:
        super().__init__(mocks)
        self.declared = mocks.declared

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        self.declared.requests[request.type, request.name] = request
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]


ROOMY = Host(cpus=8, memory_mb=32000, promised_mb=0, free_disk_gb=100.0)


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine(ROOMY)


Deploy = Callable[..., Declared]


def declare(engine: FakeEngine, settings: dict[str, Any], *, exit_code: int, preview: bool) -> Declared:
    declared = Declared()
    mocks = Mocks(declared, exit_code)
    asyncio.set_event_loop(asyncio.new_event_loop())
    pulumi.runtime.set_mocks(mocks, project="market-research", stack="dev", preview=preview, monitor=Monitor(mocks))
    chosen = StackSettings.model_validate({**SETTINGS, **settings})

    def program() -> pulumi.Output[None]:
        return pulumi.Output.from_input(market_research(chosen, engine)).apply(declared.outputs.update)

    pulumi.runtime.test(program)()  # type: ignore[no-untyped-call]
    return declared


@pytest.fixture
def deploy(engine: FakeEngine) -> Deploy:
    """Run the program with some settings; returns what it declared, or raises what stops it."""

    def run(*, exit_code: int = 0, preview: bool = False, **settings: Any) -> Declared:
        return declare(engine, settings, exit_code=exit_code, preview=preview)

    return run


@pytest.fixture(autouse=True, scope="session")
def error_hooks() -> Iterator[None]:
    """Pulumi's mocks know no hooks: let their registration pass."""

    async def callbacks() -> Mock:
        return Mock()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pulumi.runtime.resource._get_callbacks", callbacks)
        yield


@pytest.fixture(scope="session")
def with_edge() -> Declared:
    """What the program declares for a stack with an edge."""
    return declare(FakeEngine(ROOMY), WITH_EDGE, exit_code=0, preview=False)


@pytest.fixture(scope="session")
def whole() -> Declared:
    """What the program declares for a stack that leaves out nothing."""
    return declare(FakeEngine(ROOMY), WHOLE, exit_code=0, preview=False)


@pytest.fixture(scope="session")
def declared() -> Declared:
    """What the program declares with the settings above."""
    return declare(FakeEngine(ROOMY), {}, exit_code=0, preview=False)
