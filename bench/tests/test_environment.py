import sys
from pathlib import Path

import pytest

from bench.environment import LoadEnvironment
from toolchain.command import StepError

# A Python that makes an environment with a pip that notes what it is asked for.
PYTHON = """#!/bin/sh
mkdir -p "$3/bin"
printf '#!/bin/sh\\necho "$@" >>"{calls}"\\nexit {exit_code}\\n' >"$3/bin/python"
chmod +x "$3/bin/python"
"""


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lock file, in a home of its own."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    use_python(tmp_path, monkeypatch)
    file = tmp_path / "requirements.lock"
    file.write_text("locust==1\n")
    return file


def use_python(folder: Path, monkeypatch: pytest.MonkeyPatch, exit_code: int = 0) -> None:
    python = folder / "python"
    python.write_text(PYTHON.format(calls=folder / "calls", exit_code=exit_code))
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))


def test_the_environment_is_made_once_from_the_lock_with_its_hashes(lock: Path) -> None:
    environment = LoadEnvironment(lock)
    assert environment.present() is None
    environment.install(lambda _: None)
    assert environment.present() == str(environment.folder)
    assert environment.python.exists()
    assert f"--require-hashes -r {lock}" in (lock.parent / "calls").read_text()


def test_another_lock_makes_another_environment(lock: Path) -> None:
    LoadEnvironment(lock).install(lambda _: None)
    lock.write_text("locust==2\n")
    assert LoadEnvironment(lock).present() is None


def test_an_environment_that_could_not_be_filled_is_not_taken_for_one(
    lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_python(lock.parent, monkeypatch, exit_code=1)
    with pytest.raises(StepError, match="pip config list"):
        LoadEnvironment(lock).install(lambda _: None)
    assert LoadEnvironment(lock).present() is None
