"""How commands end when something is wrong: a code and a sentence, never a traceback."""

import errno
import io
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest
from docker.errors import APIError, DockerException
from requests.exceptions import ConnectionError as NoConnection

from operations.clients import redis
from operations.exit_codes import EXPLAINED, ExitCode, OperationError, told
from operations.running_stack import RunningStack
from stacks.settings import SettingsError


def end(error: BaseException) -> object:
    """The exit code of a command that raises this."""
    with pytest.raises(SystemExit) as ended, told():
        raise error
    return ended.value.code


def test_what_the_stacks_file_has_wrong_is_found_broken_with_what_to_type(capsys: pytest.CaptureFixture[str]):
    assert end(SettingsError("Pulumi.dev.yaml: market-research:edge: unknown")) == ExitCode.BROKEN
    said = capsys.readouterr().err
    assert said.startswith("error: Pulumi.dev.yaml: market-research:edge: unknown\n")
    assert "`research doctor -s <stack>`" in said


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (DockerException("no such\n  socket"), "no such socket"),
        (APIError("500 Server Error for http+docker://localhost", Mock(), explanation="disk is full"), "disk is full"),
        (NoConnection("refused"), "refused"),
    ],
)
def test_an_engine_that_fails_is_not_there_with_what_to_type(
    error: Exception, reason: str, capsys: pytest.CaptureFixture[str]
):
    assert end(error) == ExitCode.NOT_THERE
    said = capsys.readouterr().err
    assert said.startswith(f"error: the engine failed: {reason}\n")
    assert "`research doctor -s <stack>`" in said


def test_the_code_stays_when_nobody_can_be_told(monkeypatch: pytest.MonkeyPatch):
    closed = Mock(spec=io.StringIO)
    closed.write.side_effect = OSError(errno.EIO, "Input/output error")
    monkeypatch.setattr(sys, "stderr", closed)
    assert end(OperationError(ExitCode.WRONG_USE, "no")) == ExitCode.WRONG_USE


def test_a_quote_that_is_left_open_is_wrong_use(stack: RunningStack):
    with pytest.raises(OperationError, match="--command get 'a: No closing quotation") as refused:
        redis(command="get 'a")
    assert refused.value.code == ExitCode.WRONG_USE


def test_the_readme_explains_the_codes_as_every_help_does():
    readme = Path(__file__).parents[2] / "README.md"
    assert EXPLAINED in " ".join(readme.read_text().split())
