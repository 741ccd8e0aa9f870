"""The policy pack, started as Pulumi's language host starts it and asked as its engine asks."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from infra.tests.conftest import Declared, error_hooks, whole
from policy.resource import UNKNOWN, ruled
from policy.rules import RULES
from policy.tests.resources import GOOD
from stacks.passphrase import PUBLISHED

PACK = Path(__file__).resolve().parents[1]
__all__ = ["error_hooks", "whole"]  # fixtures
STACK = {"PULUMI_PROJECT": "market-research", "PULUMI_STACK": "dev", "PULUMI_DRY_RUN": "true"}
CONTAINER = "docker:index/container:Container"


@pytest.fixture(scope="module")
def pack() -> Iterator[analyzer_pb2_grpc.AnalyzerStub]:
    command = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(PACK)]
    passphrase = {"PULUMI_CONFIG_PASSPHRASE_FILE": str(PUBLISHED)}
    environment = {name: value for name, value in os.environ.items() if name != "PULUMI_CONFIG_PASSPHRASE"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**environment, **STACK, **passphrase}, cwd=PACK
    ) as process:
        assert process.stdout
        with grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}") as channel:
            yield analyzer_pb2_grpc.AnalyzerStub(channel)
        process.terminate()


def analyzed(pack: analyzer_pb2_grpc.AnalyzerStub, kind: str, name: str, inputs: dict[str, Any]) -> list[Any]:
    properties = Struct()
    properties.update(inputs)
    request = analyzer_pb2.AnalyzeRequest(type=kind, name=name, urn=f"urn::{name}", properties=properties)
    return list(pack.Analyze(request).diagnostics)


def test_it_has_every_rule_but_the_one_whose_facts_pulumi_keeps_to_itself(pack):
    info = pack.GetAnalyzerInfo(Empty())
    assert info.name == "market-research"
    assert {one.name for one in info.policies} == {rule.name for rule in RULES} - {"retain"}
    assert {one.enforcementLevel for one in info.policies} == {analyzer_pb2.MANDATORY}


def test_a_container_that_complies_passes_though_its_image_is_not_built_yet(pack):
    assert analyzed(pack, CONTAINER, "web", {**GOOD, "image": UNKNOWN}) == []


@pytest.mark.parametrize(
    ("rule", "inputs"),
    [
        ("limits", {"memory": None}),
        ("non-root", {"user": "0:0"}),
        ("public-bind", {"ports": [{"internal": 1, "external": 1, "ip": "0.0.0.0"}], "envs": ["HTTPS_PORT=1"]}),
    ],
)
def test_a_container_that_does_not_is_refused(pack, rule: str, inputs: dict[str, Any]):
    (found,) = analyzed(pack, CONTAINER, "web", {**GOOD, **inputs})
    assert (found.policyName, found.enforcementLevel) == (rule, analyzer_pb2.MANDATORY)
    assert f"Rule {rule}: " in found.message


def test_the_whole_program_passes(pack, request: pytest.FixtureRequest):
    declared: Declared = request.getfixturevalue("whole")
    of_docker = {(kind, name): inputs for (kind, name), inputs in declared.inputs.items() if ruled(kind)}
    assert len(of_docker) > 50
    assert [found for (kind, name), inputs in of_docker.items() for found in analyzed(pack, kind, name, inputs)] == []


def test_a_kind_that_no_rule_is_about_is_refused(pack):
    (found,) = analyzed(pack, "docker:index/service:Service", "web", {})
    assert found.policyName == "known-kind"
