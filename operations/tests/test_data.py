"""Data volumes, which are removed only when nothing uses them and somebody said so by name."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from unittest.mock import MagicMock, Mock

import pytest
from docker.errors import APIError, ContainerError, NotFound
from typer.testing import CliRunner

from infra.engine import MIB, Engine
from operations import data
from operations.__main__ import app
from operations.data import sizes
from operations.deploy_lock import LABEL

OURS = {"pulumi.project": "market-research", "pulumi.stack": "dev"}


def volume(name: str, **labels: str) -> dict[str, Any]:
    return {"Name": name, "Labels": {**OURS, **labels}, "UsageData": {"Size": 3 * MIB}}


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Mock:
    found = MagicMock()
    found.api.containers.return_value = []
    found.volumes.get.side_effect = lambda name: found.missing(name) if name.endswith("-backup") else found.volume
    found.missing.side_effect = NotFound("no such volume")
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


def remove(*options: str, without_backup: bool = True) -> tuple[int, str]:
    more = ["--without-backup"] if without_backup else []
    result = CliRunner().invoke(app, ["data", "remove", *options, *more])
    return result.exit_code, f"{result.output} {result.exception}"


def test_only_volumes_with_the_stacks_labels_and_names_are_its_data(client: Mock):
    assert sizes(Engine(client), OURS, "market-research-dev-") == {"market-research-dev-redis": 3.0}


def test_they_go_when_the_stack_was_named(client: Mock):
    code, text = remove("--confirm", "dev")
    assert code == 0, text
    client.volume.remove.assert_called_once_with()


def test_the_images_that_a_rollback_would_take_go_with_them(client: Mock):
    tag = "market-research/api:dev-good-20260101T000000"
    client.api.images.side_effect = lambda name: [{"Id": "1", "RepoTags": [tag] if name in tag else []}]
    assert remove("--confirm", "dev")[0] == 0
    client.api.remove_image.assert_called_once_with(tag)


@pytest.mark.parametrize(
    ("options", "message"), [(("--confirm", "prod"), "'prod' is not 'dev'"), ((), "--confirm dev")]
)
def test_they_stay_when_it_was_not(client: Mock, options: tuple[str, ...], message: str):
    _, text = remove(*options)
    assert message in text
    client.volume.remove.assert_not_called()


def test_they_stay_while_the_stack_has_a_container(client: Mock):
    client.api.containers.return_value = [{"Id": "1"}]
    _, text = remove("--confirm", "dev")
    assert "is up: `pulumi destroy --stack dev` first" in text
    client.volume.remove.assert_not_called()


def test_programs_get_what_was_removed_and_nothing_else(client: Mock):
    result = CliRunner().invoke(app, ["data", "remove", "--confirm", "dev", "--json", "--without-backup"])
    assert json.loads(result.stdout) == {"stack": "dev", "removed_mb": {"market-research-dev-redis": 3.0}}
    assert "market-research-dev-redis  3.0 MB" in result.stderr


def test_programs_are_told_that_there_was_nothing(client: Mock):
    client.df.return_value = {"Volumes": None}
    result = CliRunner().invoke(app, ["data", "remove", "--json"])
    assert json.loads(result.stdout) == {"stack": "dev", "removed_mb": {}}


def test_a_volume_that_is_in_use_stays_and_says_who_uses_it(client: Mock):
    client.volume.remove.side_effect = APIError("conflict")
    client.api.containers.side_effect = [[], [{"Id": "1", "Names": ["/scratch"]}]]
    _, text = remove("--confirm", "dev")
    assert "volume market-research-dev-redis stays: container scratch uses it" in text


def test_nothing_is_removed_while_somebody_deploys(client: Mock):
    client.api.create_container.side_effect = APIError("taken", response=Mock(status_code=409))
    facts = {"user": "ann", "host": "elsewhere", "pid": "1", "since": "noon", "reason": "new api"}
    labels = {f"{LABEL}{key}": fact for key, fact in facts.items()}
    client.api.inspect_container.return_value = {"Id": "1", "Config": {"Labels": labels}}
    _, text = remove("--confirm", "dev")
    assert "is being deployed by" in text
    client.volume.remove.assert_not_called()


@pytest.fixture
def kept(client: Mock) -> Mock:
    """A repository, of which a container tells what it is told to."""
    names = ["redis", "backup", "backup-key", "wal-receiver"]
    client.df.return_value = {"Volumes": [volume(f"market-research-dev-{name}") for name in names]}
    client.volumes.get.side_effect = lambda _: client.volume
    return client


def backups(hours: float, *stores: str) -> bytes:
    taken = (datetime.now(UTC) - timedelta(hours=hours)).isoformat()
    return json.dumps([{"backup": "1", "store": store, "taken": taken, "bytes": 1} for store in stores]).encode()


def test_what_was_never_backed_up_goes_only_for_who_says_so(client: Mock):
    _, text = remove("--confirm", "dev", without_backup=False)
    assert "no fresh backup of postgres (last never)" in text
    client.volume.remove.assert_not_called()


def test_with_a_fresh_backup_the_data_goes_and_the_backups_stay(kept: Mock):
    kept.containers.run.return_value = backups(2, "postgres", "files", "redis", "neo4j")
    code, text = remove("--confirm", "dev", without_backup=False)
    assert code == 0, text
    assert "removed 1 volumes" in text


def test_without_a_fresh_one_of_each_store_nothing_goes(kept: Mock):
    kept.containers.run.return_value = backups(30, "postgres", "files", "redis")
    _, text = remove("--confirm", "dev", without_backup=False)
    assert "neo4j (last never): what came since would be lost" in text
    assert "postgres (last 20" in text
    kept.volume.remove.assert_not_called()


def test_a_repository_that_nobody_can_read_is_no_backup(kept: Mock):
    kept.containers.run.side_effect = ContainerError(Mock(), 1, "list", "image", "wrong key")
    _, text = remove("--confirm", "dev", without_backup=False)
    assert "no fresh backup of postgres (last never)" in text


def test_who_says_so_loses_it_and_even_the_backups(kept: Mock):
    code, text = remove("--confirm", "dev", "--with-backups")
    assert code == 0, text
    assert "removed 4 volumes" in text
    kept.containers.run.assert_not_called()
