"""Who did what; history.json is Pulumi's own of a real stack, trimmed to what is read of it."""

import json
from pathlib import Path
from unittest.mock import Mock

import pytest
from typer.testing import CliRunner

from operations import audit
from operations.__main__ import app
from operations.audit import noted, record, signed
from operations.exit_codes import ExitCode, OperationError
from operations.stack_file import StackFile

HISTORY = Path(__file__).with_name("history.json").read_text()


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StackFile:
    (tmp_path / "Pulumi.yaml").write_text("name: shop\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\n")
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(audit, "StackFile", lambda stack: StackFile(stack, tmp_path))
    monkeypatch.setattr(audit, "Pulumi", lambda *_: Mock(answer=lambda *_: HISTORY))
    return StackFile("dev", tmp_path)


def told(*options: str) -> list[dict[str, str]]:
    result = CliRunner().invoke(app, ["audit", "--json", *options])
    assert result.exit_code == 0, result.output
    entries: list[dict[str, str]] = json.loads(result.stdout)
    return entries


def test_updates_are_told_the_oldest_first_with_who_why_result_and_what_changed(file: StackFile):
    assert [(entry["who"], entry["result"], entry["detail"]) for entry in told()] == [
        (
            "Seed 7efd79ab maintainers",
            "succeeded",
            "Keep files of material apart from their rows, and their routes apart from the projects' "
            "(4 replace, 1 update)",
        ),
        ("ada@laptop", "succeeded", "less for everybody (7 replace)"),
        ("ada@laptop", "failed", "a broken version (4 replace, 1 update)"),
        ("", "succeeded", " (58 delete)"),
    ]


def test_a_commit_with_changes_on_top_is_marked(file: StackFile):
    assert told()[0]["commit"] == "78892f9170+"


def test_what_pulumi_does_not_know_is_told_in_between_by_time(file: StackFile):
    record(file, "data remove", "market-research-dev-redis")
    assert [entry["action"] for entry in sorted(told(), key=lambda entry: entry["at"])] == [
        entry["action"] for entry in told()
    ]
    assert "data remove" in [entry["action"] for entry in told()]


def test_only_the_newest_are_told_when_few_are_asked_for(file: StackFile):
    record(file, "maintenance on")
    assert len(told("--last", "2")) == 2


def test_a_refusal_is_recorded_by_its_first_sentence(file: StackFile):
    with pytest.raises(OperationError), noted(file, "deploy", "refused"):
        raise OperationError(ExitCode.BROKEN, "ada deploys. Wait for her")
    refused = next(entry for entry in told() if entry["action"] == "deploy")
    assert (refused["result"], refused["detail"]) == ("refused", "ada deploys")


def test_who_signs_a_reason_is_found_again_and_the_reason_left_alone():
    found = audit.SIGNATURE.search(signed("why [not]"))
    assert found and "@" in found["who"]
    assert audit.SIGNATURE.sub("", signed("why [not]")) == "why [not]"
