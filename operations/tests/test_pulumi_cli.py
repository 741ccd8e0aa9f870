"""What becomes of pulumi's words, of its end, and of an interrupt."""

import errno
import io
import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from operations.exit_codes import ExitCode, OperationError
from operations.pulumi_cli import Pulumi

UNREADABLE = "unable to read PULUMI_CONFIG_PASSPHRASE_FILE: open /none: no such file or directory"


@pytest.fixture
def pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pulumi:
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return Pulumi("dev", tmp_path)


def acts(pulumi: Pulumi, script: str) -> None:
    """From here on the command `pulumi` is this shell script."""
    path = pulumi.checkout / "pulumi"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def refusal(pulumi: Pulumi, command: str = "up") -> OperationError:
    with pytest.raises(OperationError) as refused:
        pulumi.preview() if command == "preview" else pulumi.show(command)
    return refused.value


def test_a_preview_that_the_program_refuses_gives_its_sentence_and_no_json(pulumi: Pulumi):
    said = '{"message": "error: services.api: too little\\\\n", "severity": "error"}'
    last = '{"message": "error: program exited with non-zero exit code: 1", "severity": "error"}'
    acts(pulumi, f'echo \'{{"steps": [], "diagnostics": [{said}, {last}]}}\'; exit 1')
    assert str(refusal(pulumi, "preview")) == "pulumi preview ended with 1:\nerror: services.api: too little"


def test_a_stack_that_the_state_does_not_have_is_not_there(pulumi: Pulumi):
    acts(pulumi, "echo \"error: no stack named 'dev' found\" >&2; exit 1")
    error = refusal(pulumi, "preview")
    assert error.code == ExitCode.NOT_THERE
    assert "`make up STACK=dev`" in str(error)


@pytest.mark.parametrize(
    ("complaint", "told"),
    [
        ("get stack secrets manager: incorrect passphrase", "incorrect passphrase"),
        ("passphrase must be set with PULUMI_CONFIG_PASSPHRASE or another", "passphrase must be set"),
        (f"manager: {UNREADABLE}", UNREADABLE),
    ],
)
def test_a_passphrase_that_does_not_open_the_stack_is_told_with_where_it_comes_from(
    pulumi: Pulumi, complaint: str, told: str
):
    acts(pulumi, f"echo 'error: getting stack configuration: {complaint}' >&2; exit 1")
    assert f"Pulumi.dev.yaml: {told}; nothing was changed. `source .venv/bin/activate`" in str(refusal(pulumi))
    (pulumi.checkout / "Pulumi.dev.yaml").write_text("config: {}\n")
    assert pulumi.passphrase_problem() == told


def test_a_secret_is_tried_on_a_copy_of_the_stacks_file(pulumi: Pulumi):
    (pulumi.checkout / "Pulumi.dev.yaml").write_text("config: {}\n")
    acts(pulumi, 'while [ $# -gt 1 ]; do [ "$1" != --config-file ] || echo changed >>"$2"; shift; done')
    assert not pulumi.passphrase_problem()
    assert (pulumi.checkout / "Pulumi.dev.yaml").read_text() == "config: {}\n"


def test_pulumis_own_lock_is_told_with_what_to_type(pulumi: Pulumi):
    acts(pulumi, "echo 'error: the stack is currently locked by 1 lock(s)' >&2; exit 255")
    assert "`pulumi cancel --stack dev`" in str(refusal(pulumi))


def test_a_failed_update_names_the_way_on_and_the_way_back(pulumi: Pulumi):
    acts(pulumi, "echo report; exit 1")
    assert "`research rollback -s dev`" in str(refusal(pulumi))


def test_progress_is_shown_aside(pulumi: Pulumi, capfd: pytest.CaptureFixture[str]):
    acts(pulumi, "echo progress")
    pulumi.show("up")
    assert capfd.readouterr() == ("", "progress\n")


def test_pulumi_that_is_missing_is_told(pulumi: Pulumi, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(pulumi.checkout))
    assert "pulumi is not on PATH" in str(refusal(pulumi))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_however_often_somebody_interrupts_pulumi_hears_it_once_and_is_waited_for(
    pulumi: Pulumi, number: signal.Signals
):
    acts(
        pulumi,
        "trap 'echo heard >>heard' INT\n: >ready\nfor _ in 1 2 3 4 5 6; do sleep 0.1; done; echo ended >>heard; exit 1",
    )

    def interrupt() -> None:
        while not (pulumi.checkout / "ready").exists():
            pass
        for _ in range(2):
            os.kill(os.getpid(), number)
            time.sleep(0.2)

    thread = threading.Thread(target=interrupt)
    thread.start()
    error = refusal(pulumi)
    thread.join()
    assert "was interrupted, and has ended" in str(error)
    assert (pulumi.checkout / "heard").read_text().split() == ["heard", "ended"]


def test_an_update_that_was_interrupted_too_late_is_a_done_one(pulumi: Pulumi):
    acts(pulumi, "trap 'echo heard >heard' INT; kill -INT $PPID; while [ ! -e heard ]; do sleep 0.05; done")
    pulumi.show("up")
    assert (pulumi.checkout / "heard").exists()


def test_a_hangup_that_nohup_ignores_stays_ignored(pulumi: Pulumi):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        acts(pulumi, "kill -HUP $PPID; sleep 0.1")
        pulumi.show("up")
    finally:
        signal.signal(signal.SIGHUP, before)


class Closed(io.StringIO):
    """A terminal that went away."""

    def write(self, text: str) -> int:
        raise OSError(errno.EIO, "Input/output error")


def test_pulumi_goes_on_to_its_end_when_nobody_can_be_shown_what_it_does(
    pulumi: Pulumi, monkeypatch: pytest.MonkeyPatch
):
    acts(pulumi, "for _ in $(seq 5000); do echo progress that is longer than what a pipe holds || exit 1; done; : >end")
    monkeypatch.setattr(sys, "stderr", Closed())
    pulumi.show("up")
    assert (pulumi.checkout / "end").exists()


def test_what_is_no_utf_8_does_not_end_the_showing(pulumi: Pulumi, capfd: pytest.CaptureFixture[str]):
    acts(pulumi, "printf 'caf\\351\\n'; echo end")
    pulumi.show("up")
    assert capfd.readouterr().err == "caf\N{REPLACEMENT CHARACTER}\nend\n"
