"""bootstrap, with a Python that only writes down what it is asked to do."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from toolchain.tests.conftest import Machine

SOURCE = Path(__file__).parents[1]


@pytest.fixture
def checkout(machine: Machine) -> Path:
    """A checkout with the files that bootstrap looks at, and a Python that can make environments."""
    folder = machine.root / "check out"
    (folder / "toolchain").mkdir(parents=True)
    for name in ("bootstrap", "environment.sh"):
        shutil.copy(SOURCE / name, folder / "toolchain")
    (folder / "requirements.lock").write_text("pulumi==1\n")
    (folder / "pyproject.toml").touch()
    python = machine.program("packaged-python")
    machine.program(
        "python3",
        f'if [ "$1 $2" = "-m venv" ]; then mkdir -p "$4/bin"; cat {python} >"$4/bin/python";'
        ' chmod +x "$4/bin/python"; : >"$4/bin/activate"; fi',
    )
    return folder


def bootstrap(checkout: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    script = checkout / "toolchain" / "bootstrap"
    return subprocess.run([script, *arguments], capture_output=True, text=True, check=False, env=os.environ)


def environment_calls(machine: Machine) -> list[str]:
    return [call.removeprefix("packaged-python ") for call in machine.calls("packaged-python")]


def test_a_fresh_checkout_gets_the_locked_environment_and_hands_over(machine: Machine, checkout: Path) -> None:
    assert bootstrap(checkout, "test").returncode == 0

    locked, project, handed_over = environment_calls(machine)[-3:]
    assert "--require-hashes -r" in locked
    assert "--no-deps --no-build-isolation -e" in project
    assert handed_over == "-m toolchain test"


def test_the_second_run_only_hands_over(machine: Machine, checkout: Path) -> None:
    bootstrap(checkout)
    (machine.root / "calls").unlink()

    assert bootstrap(checkout).stdout == ""
    assert environment_calls(machine) == ["-m toolchain"]
    activate = (checkout / ".venv" / "bin" / "activate").read_text()
    assert activate == '. "${VIRTUAL_ENV%/*}/toolchain/environment.sh"\n'


def test_another_lock_is_installed_into_the_same_environment(machine: Machine, checkout: Path) -> None:
    bootstrap(checkout)
    (checkout / "requirements.lock").write_text("pulumi==2\n")
    (machine.root / "calls").unlink()
    bootstrap(checkout)

    assert not [call for call in machine.calls("python3") if "venv" in call and "-c" not in call]
    assert any("--require-hashes" in call for call in environment_calls(machine))


def test_a_moved_checkout_gets_a_new_environment(machine: Machine, checkout: Path) -> None:
    bootstrap(checkout)
    moved = checkout.rename(machine.root / "elsewhere")
    (machine.root / "calls").unlink()
    bootstrap(moved)

    assert any(call.startswith("python3 -m venv --clear") for call in machine.calls("python3"))


def test_an_install_that_fails_shows_its_last_lines_and_is_not_taken_for_done(machine: Machine, checkout: Path) -> None:
    failing = f'case "$*" in *--require-hashes*) echo "no matching distribution"; exit 1 ;; esac\n# {machine.root}'
    machine.program("packaged-python", failing)
    failed = bootstrap(checkout)

    assert failed.returncode == 1
    assert "no matching distribution" in failed.stderr
    assert "package index" in failed.stderr
    assert not (checkout / ".venv" / ".installed").exists()


def test_a_machine_without_a_new_enough_python_is_told_what_to_install(machine: Machine, checkout: Path) -> None:
    machine.program("python3", "exit 1")
    machine.program("id", "echo 1000")
    failed = bootstrap(checkout)

    assert failed.returncode == 1
    assert "python3-venv" in failed.stderr


def test_root_on_debian_gets_python_from_apt(machine: Machine, checkout: Path) -> None:
    machine.program("python3", "exit 1")
    machine.program("id", "echo 0")
    machine.program("apt-get")

    assert "older than 3.11" in bootstrap(checkout).stderr
    assert "python3 python3-venv" in machine.calls("apt-get")[-1]
