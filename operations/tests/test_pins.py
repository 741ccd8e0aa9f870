"""Images in a stack's file, which is otherwise left as somebody wrote it."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import yaml
from rich.console import Console

from operations.deploy import tell_pins
from operations.exit_codes import OperationError
from operations.pins import own_images, pinned, pins
from operations.rollback import refuse_over_own
from operations.stack_file import StackFile
from operations.stack_file_edit import edited

API = ["shop:services", "api"]
FLOW = """config:
  shop:free_disk_gb: 4  # a comment
  shop:services:
    api: {cpus: 1, memory_mb: 512}  # the product
    frontend: {cpus: 0.5, memory_mb: 256, port: 8080}
"""
BLOCK = """config:
  shop:services:
    api:
      cpus: 1
      memory_mb: 512  # enough

    # below is the rest
    frontend:
      cpus: 0.5
      memory_mb: 256
"""


@pytest.mark.parametrize("text", [FLOW, BLOCK], ids=["flow", "block"])
def test_an_image_is_set_replaced_and_taken_out_and_nothing_else_changes(text: str):
    once = edited(text, API, "image", "sha256:1")
    assert yaml.safe_load(once)["config"]["shop:services"]["api"]["image"] == "sha256:1"
    twice = edited(once, API, "image", "sha256:2")
    assert yaml.safe_load(twice)["config"]["shop:services"]["api"]["image"] == "sha256:2"
    assert edited(twice, API, "image", None) == text
    assert len(twice) - len(text) == len(once) - len(text)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{image: x, cpus: 1}", "{cpus: 1}"),
        ("{cpus: 1, image: x, memory_mb: 5}", "{cpus: 1, memory_mb: 5}"),
        ("{cpus: 1}", "{cpus: 1}"),
    ],
)
def test_an_image_is_taken_out_wherever_it_stands(before: str, after: str):
    text = "config:\n  shop:services:\n    api: {}\n"
    assert edited(text.replace("{}", before), API, "image", None) == text.replace("{}", after)


def test_a_service_that_the_file_does_not_know_is_refused_by_its_place():
    with pytest.raises(OperationError, match="config / shop:services / edge"):
        edited(FLOW, ["shop:services", "edge"], "image", "sha256:1")


@pytest.fixture
def file(tmp_path: Path) -> StackFile:
    (tmp_path / "Pulumi.yaml").write_text("name: shop\n")
    (tmp_path / "Pulumi.dev.yaml").write_text(FLOW)
    return StackFile("dev", tmp_path)


def test_pins_stay_when_all_goes_well(file: StackFile):
    with pinned(file, {"api": "sha256:1"}):
        pass
    assert pins(file) == {"api": "sha256:1"}


@pytest.mark.parametrize("failure", [OperationError(1, "no"), KeyboardInterrupt()], ids=["refused", "interrupted"])  # type: ignore[arg-type]
def test_the_file_is_put_back_when_it_does_not(file: StackFile, failure: BaseException):
    with pytest.raises(type(failure)), pinned(file, {"api": "sha256:1"}):
        raise failure
    assert file.path.read_text() == FLOW


def test_an_image_that_somebody_chose_is_no_pin(file: StackFile):
    file.path.write_text(edited(FLOW, API, "image", "registry.example.com/api:1.2"))
    assert pins(file) == {}
    assert own_images(file) == {"api": "registry.example.com/api:1.2"}


def test_a_rollback_does_not_replace_an_image_that_somebody_chose(file: StackFile):
    file.path.write_text(edited(FLOW, API, "image", "registry.example.com/api:1.2"))
    running = cast(Any, SimpleNamespace(file=file))
    with pytest.raises(OperationError, match=r"Pulumi.dev.yaml: services.api.image is registry.example.com/api:1.2"):
        refuse_over_own(running, ["api", "frontend"])
    refuse_over_own(running, ["frontend"])


def test_pins_are_told_with_how_to_end_them(file: StackFile, capsys: pytest.CaptureFixture[str]):
    file.path.write_text(edited(FLOW, API, "image", "sha256:0123456789abcdef"))
    tell_pins(file, Console(width=200))
    told = capsys.readouterr().out
    assert "api is pinned to sha256:0123456789ab by a rollback, in Pulumi.dev.yaml" in told
    assert "`research rollback --off -s dev`" in told
