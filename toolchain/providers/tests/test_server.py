"""The plugin protocol around the resources: refusals, secrets, names, status details."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from google.protobuf.json_format import MessageToDict, ParseDict
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc
from pulumi.runtime.rpc import UNKNOWN

from toolchain.providers import docker_provider, random_provider
from toolchain.providers.container import Containers
from toolchain.providers.container_properties import CONTAINER
from toolchain.providers.resource import Cancelled, Resource
from toolchain.providers.server import Provider, serve
from toolchain.providers.tests.fake_engine import FakeEngine

_CONTAINER = "docker:index/container:Container"
_PASSWORD = "random:index/randomPassword:RandomPassword"
_OFFICIAL = "is not supported by the built-in provider: it would require the official plugin"


class Client:
    """Calls a served provider as the engine does."""

    def __init__(self, provider: Provider) -> None:
        self.server, port = serve(provider)
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.stub: Any = provider_pb2_grpc.ResourceProviderStub(self.channel)

    def close(self) -> None:
        self.channel.close()
        self.server.stop(None)

    def call(self, method: str, token: str = "", **fields: Any) -> dict[str, Any]:
        urn = {"urn": f"urn:pulumi:dev::test::{token}::x", "name": "x"} if token else {}
        request = ParseDict({**urn, **fields}, getattr(provider_pb2, f"{method.removesuffix('Config')}Request")())
        return MessageToDict(getattr(self.stub, method)(request))

    def check(self, token: str, **news: Any) -> dict[str, Any]:
        return self.call("Check", token, news=news, randomSeed="AAAA")


@pytest.fixture
def docker() -> Iterator[Client]:
    client = Client(docker_provider.provider())
    yield client
    client.close()


@pytest.fixture
def random() -> Iterator[Client]:
    client = Client(random_provider.provider())
    yield client
    client.close()


def test_an_unknown_resource_type_is_refused_by_name(docker: Client) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        docker.check("docker:index/service:Service", name="x")

    assert caught.value.details() == f"resource type docker:index/service:Service {_OFFICIAL}"


def test_a_function_is_refused_by_name(docker: Client) -> None:
    with pytest.raises(grpc.RpcError, match="function docker:index/getNetwork:getNetwork is not supported"):
        docker.call("Invoke", tok="docker:index/getNetwork:getNetwork")


@pytest.mark.parametrize(
    ("inputs", "path"),
    [
        ({"gpus": "all"}, "gpus"),
        ({"pidsLimit": 5}, "pidsLimit"),
        ({"uploads": [{"file": "/x", "content": "y", "owner": 1}]}, "uploads.owner"),
        ({"networksAdvanced": [{"name": "x", "gwPriority": 1}]}, "networksAdvanced.gwPriority"),
    ],
)
def test_an_unsupported_property_is_refused_by_name(docker: Client, inputs: dict[str, Any], path: str) -> None:
    answer = docker.check(_CONTAINER, image="x", **inputs)

    assert answer["failures"] == [{"property": path, "reason": f"{path} of {_CONTAINER} {_OFFICIAL}"}]


def test_a_missing_required_property_is_named(docker: Client) -> None:
    assert docker.check(_CONTAINER)["failures"][0]["reason"] == f"image is missing: {_CONTAINER} needs it"


def test_a_wrong_choice_lists_the_allowed_ones(docker: Client) -> None:
    failure = docker.check(_CONTAINER, image="x", restart="sometimes")["failures"][0]

    assert failure["reason"] == "restart is 'sometimes'; allowed: no, on-failure, always, unless-stopped"


def test_an_unsupported_provider_setting_is_refused(docker: Client) -> None:
    news = {"version": "5.1.0", "host": "unix:///x.sock", "sshOpts": ["-v"]}

    failures = docker.call("CheckConfig", "pulumi:providers:docker", news=news)["failures"]
    assert [failure["property"] for failure in failures] == ["sshOpts"]


def test_the_same_seed_gives_the_same_automatic_name(docker: Client) -> None:
    names = {docker.check(_CONTAINER, image="x")["inputs"]["name"] for _ in range(2)}

    assert len(names) == 1
    assert docker.call("Check", _CONTAINER, news={"image": "x"}, randomSeed="BBBB")["inputs"]["name"] not in names


@pytest.mark.parametrize("mode", ["PROPOSE", "ENFORCE"])
def test_the_name_that_the_engine_proposes_is_taken(docker: Client, mode: str) -> None:
    wishes = {"proposedName": "chosen", "mode": mode}

    assert docker.call("Check", _CONTAINER, news={"image": "x"}, autonaming=wishes)["inputs"]["name"] == "chosen"


def test_without_automatic_names_a_name_is_asked_for(docker: Client) -> None:
    answer = docker.call("Check", _CONTAINER, news={"image": "x"}, autonaming={"mode": "DISABLE"})

    assert answer["failures"] == [
        {"property": "name", "reason": "automatic names are disabled in the project's settings: set `name`"}
    ]


def test_an_explicit_name_wins_over_the_engines_wishes(docker: Client) -> None:
    wishes = {"proposedName": "chosen", "mode": "ENFORCE"}
    answer = docker.call("Check", _CONTAINER, news={"image": "x", "name": "mine"}, autonaming=wishes)

    assert answer["inputs"]["name"] == "mine"


def test_unknown_inputs_pass_a_check_a_difference_and_a_preview(docker: Client) -> None:
    news = {"image": UNKNOWN, "envs": ["A=1", UNKNOWN], "networksAdvanced": [{"name": UNKNOWN}], "labels": UNKNOWN}
    inputs = docker.check(_CONTAINER, **news)["inputs"]
    preview = docker.call("Create", _CONTAINER, properties=inputs, preview=True)["properties"]
    olds = {"image": "x", "envs": ["A=1", "B=2"], "networksAdvanced": [{"name": "n"}], "labels": [], "mustRun": True}
    found = docker.call("Diff", _CONTAINER, id="x", olds={**preview, **olds}, news=inputs)

    assert preview["envs"] == ["A=1", UNKNOWN]
    assert found["diffs"] == ["envs", "image", "labels", "networksAdvanced"]
    assert set(found["detailedDiff"]) == {"envs[1]", "image", "labels", "networksAdvanced"}


def test_a_password_comes_back_as_a_secret(random: Client) -> None:
    made = random.call("Create", _PASSWORD, properties={"length": 12})["properties"]
    again = random.call("Read", _PASSWORD, id="none", properties={**made, "result": "abc"}, inputs={"length": 12})

    assert made["result"].keys() == {"4dabf18193072939515e22adb298388d", "value"}
    assert len(made["result"]["value"]) == 12
    assert again["properties"]["result"]["value"] == "abc"


def test_an_unfinished_container_carries_what_the_engine_needs_to_keep_it() -> None:
    fake = FakeEngine({"x": ["sleep", "infinity"]})

    def resources(_settings: dict[str, Any], cancelled: Cancelled) -> dict[str, Resource]:
        return {CONTAINER.token: Containers(fake, cancelled)}  # type: ignore[arg-type]

    client = Client(Provider("5.1.0", frozenset(), resources))
    sick = {"tests": ["CMD", "false"]}
    inputs = client.check(_CONTAINER, image="x", healthcheck=sick, wait=True, waitTimeout=1)["inputs"]
    with pytest.raises(grpc.RpcError) as caught:
        client.call("Create", _CONTAINER, properties=inputs)
    client.close()

    failure: Any = caught.value
    status = Status.FromString(dict(failure.trailing_metadata())["grpc-status-details-bin"])
    details = provider_pb2.ErrorResourceInitFailed()
    assert status.details[0].Unpack(details)
    assert failure.details().startswith(f"creating urn:pulumi:dev::test::{_CONTAINER}::x: container failed")
    assert details.id in fake.containers
    assert MessageToDict(details.inputs) == inputs
    assert details.properties["image"] == "x"
    assert details.reasons[0].startswith("container failed to be in healthy state")


def test_cancelling_is_acknowledged_at_once(docker: Client) -> None:
    assert docker.stub.Cancel(Empty()) == Empty()
