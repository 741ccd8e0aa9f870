"""A release that does not work is taken back, and one that never began is not."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from requests import ReadTimeout

from operations import release as module
from operations.deploy import Order
from operations.exit_codes import ExitCode, OperationError
from operations.release import release
from operations.running_stack import RunningStack


class Scene:
    """What a release meets: `refuses` keeps the deploy from changing anything, `passes` is the smoke tests' verdict.

    `hiccups` of the engine come once it has changed the images, the last one first.
    """

    def __init__(self) -> None:
        self.images = {"api": "old"}
        self.refuses = False
        self.passes = True
        self.hiccups: list[Exception] = []
        self.locked = False
        self.done: list[str] = []
        self.forgotten: list[Any] = []

    @contextmanager
    def alone(self, _: RunningStack, order: Order) -> Iterator[Order]:
        self.locked = True
        yield order
        self.locked = False

    def carried_out(self, _: RunningStack, order: Order) -> None:
        assert self.locked
        self.done.append(f"deploy {dict(order.pins)}" if order.pins else "deploy")
        if order.pins:
            self.images = {service: str(image) for service, image in order.pins.items()}
            return
        if self.refuses:
            raise OperationError(ExitCode.BROKEN, "the policy refuses this; nothing was changed")
        self.images = {"api": "new"}
        if self.hiccups:
            raise self.hiccups.pop()

    def run(self, command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        assert self.locked
        self.done.append("tests")
        return subprocess.CompletedProcess(command, 0 if self.passes else 1)

    def forget_set(self, images: dict[str, str]) -> None:
        self.forgotten.append(images)

    def running(self) -> dict[str, str]:
        if self.hiccups and self.images == {"api": "new"}:
            raise self.hiccups.pop()
        if not self.images:
            raise OperationError(ExitCode.NOT_THERE, "stack dev is not up on this engine")
        return self.images


@pytest.fixture
def scene(stack: RunningStack, monkeypatch: pytest.MonkeyPatch) -> Scene:
    set_up = Scene()
    monkeypatch.setattr(module, "alone", set_up.alone)
    monkeypatch.setattr(module, "carried_out", set_up.carried_out)
    monkeypatch.setattr(module, "PAUSES_SECONDS", (0,))
    monkeypatch.setattr(module, "GoodImages", lambda _: set_up)
    monkeypatch.setattr(RunningStack, "is_up", property(lambda _: bool(set_up.images)))
    monkeypatch.setattr(subprocess, "run", set_up.run)
    return set_up


def refused() -> str:
    with pytest.raises(OperationError) as error:
        release("dev")
    return str(error.value)


def test_what_passes_stays(scene: Scene):
    release("dev")
    assert scene.done == ["deploy", "tests"]


def test_what_does_not_pass_gives_way_to_what_ran_before_and_is_a_failure(scene: Scene):
    scene.passes = False
    assert "the images of before serve again. stack dev does not pass its smoke tests" in refused()
    assert scene.done == ["deploy", "tests", "deploy {'api': 'old'}"]
    assert scene.images == {"api": "old"}
    assert scene.forgotten == [{"api": "new"}]


def test_an_engine_that_stammers_after_the_change_does_not_leave_an_untested_version(scene: Scene):
    scene.hiccups = [ReadTimeout("nothing for 60 s"), ReadTimeout("nothing for 60 s")]
    assert "the images of before serve again. the engine failed: nothing for 60 s" in refused()
    assert scene.done == ["deploy", "deploy {'api': 'old'}"]
    assert scene.forgotten == [{"api": "new"}]


def test_what_was_refused_is_not_rolled_back_to_what_was_before_it(scene: Scene):
    scene.refuses = True
    assert refused() == "the policy refuses this; nothing was changed"
    assert scene.done == ["deploy"]


def test_a_first_deploy_has_nothing_to_go_back_to(scene: Scene):
    scene.images, scene.refuses = {}, True
    assert refused() == "the policy refuses this; nothing was changed"
    assert scene.done == ["deploy"]


def test_a_first_deploy_that_does_not_pass_stays_to_be_looked_at(scene: Scene):
    scene.images, scene.passes = {}, False
    assert refused().startswith("stack dev does not pass its smoke tests")
    assert scene.done == ["deploy", "tests"]
