"""How the API's image is built: in layers that a source change leaves alone, and with its unit tests inside."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from images.tests.engine import IMAGES
from images.tests.engine import _build_command as build_command

INSTALLING = ("apt-get install", "pip install", "prune.sh", "rootfs.sh", "/opt/venv /opt/venv", "/rootfs /")


def build(context: Path, *options: str) -> str:
    """The log of a build."""
    command = [*build_command(), "--progress=plain", *options, str(context)]
    environment = {**os.environ, "DOCKER_BUILDKIT": "1"}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr[-6000:]
    return result.stderr + result.stdout


def steps(log: str) -> dict[str, bool]:
    """The command of each step, and whether it was taken from the cache."""
    named = {line.split(" ")[0]: line for line in log.splitlines() if line.startswith("#") and " [" in line}
    cached = {line.split(" ")[0] for line in log.splitlines() if line.endswith(" CACHED")}
    return {line: number in cached for number, line in named.items()}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the image's folder, built once."""
    shutil.copytree(IMAGES / "api", tmp_path / "api", ignore=shutil.ignore_patterns("__pycache__"))
    build(tmp_path / "api")
    return tmp_path / "api"


def test_a_source_change_reinstalls_nothing(checkout: Path) -> None:
    with (checkout / "market_research" / "routes.py").open("a") as file:
        file.write(f"\n# {checkout}\n")
    taken = steps(build(checkout))
    for part in INSTALLING:
        matching = {name: cached for name, cached in taken.items() if part in name}
        assert matching, f"no step with {part}"
        assert all(matching.values()), matching
    assert False in taken.values()


def test_what_is_not_named_does_not_reach_the_build(checkout: Path) -> None:
    (checkout / "market_research.env").write_text("SECRET=1")
    (checkout / "market_research" / "__pycache__").mkdir()
    (checkout / "market_research" / "__pycache__" / "stale.pyc").write_bytes(b"x")
    taken = steps(build(checkout))
    assert all(cached for name, cached in taken.items() if "internal" not in name and "FROM" not in name), taken


def test_unit_tests_and_types_pass_with_the_images_own_packages() -> None:
    build(IMAGES / "api", "--target", "tests")
