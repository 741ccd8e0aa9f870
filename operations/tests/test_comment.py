"""A plan in Markdown."""

import sys
from contextlib import AbstractContextManager

import pytest
from docker.errors import DockerException

from operations import comment
from operations.changes import Change
from operations.comment import markdown, refusal
from operations.exit_codes import ExitCode, OperationError
from stacks.settings import SettingsError
from toolchain.command import StepError


def test_every_change_is_a_row_and_a_pipe_stays_in_its_cell():
    text = markdown("prod", [Change("api", "stops", "STOPS for about 5 s", ("environment A|B",))])
    assert text.splitlines()[-1] == r"| ⚠️ | `api` | STOPS for about 5 s | environment A\|B |"


def test_nothing_to_do_is_said():
    assert "changes nothing" in markdown("prod", [])


def test_a_refusal_is_quoted_as_it_is():
    text = refusal("prod", OperationError(ExitCode.BROKEN, "the policy refuses this\ncontainer api: user is 0:0"))
    assert text.endswith("    the policy refuses this\n    container api: user is 0:0\n")


@pytest.mark.parametrize(
    ("failure", "code", "said"),
    [
        (OperationError(ExitCode.BROKEN, "the policy refuses this"), 1, "    the policy refuses this\n"),
        (
            SettingsError("Pulumi.dev.yaml: free_disk_gb is missing"),
            1,
            "    Pulumi.dev.yaml: free_disk_gb is missing\n",
        ),
        (StepError("pulumi is not installed"), 3, "    pulumi is not installed\n"),
        (DockerException("it went away"), 3, "    the engine failed: it went away\n"),
    ],
    ids=lambda it: type(it).__name__,
)
def test_whatever_there_is_no_plan_for_is_a_refusal(
    failure: Exception,
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    def fails(_: object) -> list[Change]:
        raise failure

    monkeypatch.setattr(sys, "argv", ["comment", "--stack", "dev"])
    monkeypatch.setattr(comment, "planned", fails)
    monkeypatch.setenv("DOCKER_HOST", "tcp://engine:2375")
    assert comment.main() == code
    out = capsys.readouterr().out
    assert out.startswith("### Deploying this to `dev` is refused\n")
    assert said in out


def test_an_engine_that_ssh_does_not_reach_is_a_refusal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def unreachable(_: object) -> AbstractContextManager[None]:
        raise StepError("no Docker engine answers")

    monkeypatch.setattr(sys, "argv", ["comment", "--stack", "dev"])
    monkeypatch.setattr(comment, "engine_over_ssh", unreachable)
    assert comment.main() == ExitCode.NOT_THERE
    assert "    no Docker engine answers\n" in capsys.readouterr().out
