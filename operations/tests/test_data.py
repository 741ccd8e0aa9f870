"""Data volumes, which are removed only when nothing uses them and somebody said so by name."""

import json
from typing import Any, cast
from unittest.mock import Mock

import pytest
from typer.testing import CliRunner

from infra.engine import MIB, Engine
from operations import data
from operations.__main__ import app
from operations.data import sizes

OURS = {"pulumi.project": "market-research", "pulumi.stack": "dev"}


def volume(name: str, **labels: str) -> dict[str, Any]:
    return {"Name": name, "Labels": {**OURS, **labels}, "UsageData": {"Size": 3 * MIB}}


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Mock:
    found = Mock()
    found.api.containers.return_value = []
    found.df.return_value = {
        "Volumes": [
            volume("market-research-dev-redis"),
            volume("dev-checkout-1a2b3c"),
            volume("market-research-dev-2-redis", **{"pulumi.stack": "dev-2"}),
            {"Name": "market-research-dev-mine", "Labels": None, "UsageData": {"Size": 1}},
        ]
    }
    monkeypatch.setattr(data, "connected", lambda: Engine(cast(Any, found)))
    monkeypatch.setattr(data, "record", lambda *_: None)
    return found


def remove(*options: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["data", "remove", *options])
    return result.exit_code, f"{result.output} {result.exception}"


def test_only_volumes_with_the_stacks_labels_and_names_are_its_data(client: Mock):
    assert sizes(Engine(client), OURS, "market-research-dev-") == {"market-research-dev-redis": 3.0}


def test_they_go_when_the_stack_was_named(client: Mock):
    code, text = remove("--confirm", "dev")
    assert code == 0, text
    client.volumes.get.assert_called_once_with("market-research-dev-redis")
    client.volumes.get.return_value.remove.assert_called_once_with()


@pytest.mark.parametrize(
    ("options", "message"), [(("--confirm", "prod"), "'prod' is not 'dev'"), ((), "--confirm dev")]
)
def test_they_stay_when_it_was_not(client: Mock, options: tuple[str, ...], message: str):
    _, text = remove(*options)
    assert message in text
    client.volumes.get.assert_not_called()


def test_they_stay_while_the_stack_has_a_container(client: Mock):
    client.api.containers.return_value = [{"Id": "1"}]
    _, text = remove("--confirm", "dev")
    assert "is up: `pulumi destroy --stack dev` first" in text
    client.volumes.get.assert_not_called()


def test_programs_get_what_was_removed_and_nothing_else(client: Mock):
    result = CliRunner().invoke(app, ["data", "remove", "--confirm", "dev", "--json"])
    assert json.loads(result.stdout) == {"stack": "dev", "removed_mb": {"market-research-dev-redis": 3.0}}
    assert "market-research-dev-redis  3.0 MB" in result.stderr


def test_programs_are_told_that_there_was_nothing(client: Mock):
    client.df.return_value = {"Volumes": None}
    result = CliRunner().invoke(app, ["data", "remove", "--json"])
    assert json.loads(result.stdout) == {"stack": "dev", "removed_mb": {}}
