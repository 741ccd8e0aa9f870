"""Every recorded Check, Diff and preview gets the official answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.protobuf.json_format import MessageToDict, ParseDict
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from toolchain.providers import docker_provider, random_provider
from toolchain.providers.schema import DEFAULTS
from toolchain.providers.server import serve
from toolchain.providers.tests.traffic import Call, recorded

_DELTA = "__pulumi_raw_state_delta"
_META = "__meta"


@pytest.fixture(scope="module")
def stubs() -> Iterator[dict[str, Any]]:
    served = {"docker": serve(docker_provider.provider()), "random": serve(random_provider.provider())}
    channels = {name: grpc.insecure_channel(f"127.0.0.1:{port}") for name, (_, port) in served.items()}
    yield {name: provider_pb2_grpc.ResourceProviderStub(channel) for name, channel in channels.items()}
    for channel in channels.values():
        channel.close()
    for server, _ in served.values():
        server.stop(None)


def _answer(stubs: dict[str, Any], call: Call) -> dict[str, Any]:
    request = ParseDict(call.request, getattr(provider_pb2, f"{call.method}Request")())
    stub = stubs[call.request["type"].split(":")[0]]
    return MessageToDict(getattr(stub, call.method)(request))


def _without_suffix(name: str) -> str:
    return re.sub(r"-[0-9a-f]{7}$", "-*", name)


@pytest.mark.parametrize("call", recorded("Check"), ids=str)
def test_check_fills_in_the_same_inputs(stubs: dict[str, Any], call: Call) -> None:
    ours, theirs = _answer(stubs, call)["inputs"], dict(call.response["inputs"] if call.response else {})
    if "name" in theirs.get(DEFAULTS, []):
        ours["name"], theirs["name"] = _without_suffix(ours["name"]), _without_suffix(theirs["name"])

    assert ours == theirs


@pytest.mark.parametrize("call", recorded("Diff"), ids=str)
def test_diff_sees_the_same_differences(stubs: dict[str, Any], call: Call) -> None:
    assert _answer(stubs, call) == call.response


@pytest.mark.parametrize("call", [call for call in recorded("Create") if call.request.get("preview")], ids=str)
def test_a_preview_of_a_creation_promises_the_same_outputs(stubs: dict[str, Any], call: Call) -> None:
    assert call.response
    ours, theirs = _answer(stubs, call)["properties"], call.response["properties"]

    assert _plain(ours) == _plain(theirs)


@pytest.mark.parametrize("call", [call for call in recorded("Update") if call.request.get("preview")], ids=str)
def test_a_preview_of_an_update_promises_the_same_outputs(stubs: dict[str, Any], call: Call) -> None:
    assert call.response

    assert _plain(_answer(stubs, call)["properties"]) == _plain(call.response["properties"])


def _plain(outputs: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in outputs.items() if name != _META}
