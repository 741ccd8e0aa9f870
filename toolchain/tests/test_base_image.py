from pathlib import Path

import pytest

from toolchain import base_image
from toolchain.base_image import BaseImage
from toolchain.command import StepError
from toolchain.tests.conftest import Machine, quiet

OUT_OF_REACH = 'case "$1" in pull) echo "lookup registry: no such host" >&2; exit 1 ;; esac'


@pytest.fixture
def keyring(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = machine.root / "keyring.gpg"
    file.touch()
    monkeypatch.setattr(base_image, "KEYRING", file)
    return file


def test_an_image_that_the_engine_has_is_not_pulled(machine: Machine) -> None:
    machine.program("docker")

    assert BaseImage().present() == "debian:trixie-slim"
    assert machine.calls("docker") == ["docker image inspect debian:trixie-slim"]


def test_the_image_is_pulled_where_the_registry_answers(machine: Machine) -> None:
    machine.program("docker")

    assert BaseImage().install(quiet) == "debian:trixie-slim, pulled"


def test_behind_a_firewall_the_image_is_made_with_this_machines_trust(
    machine: Machine, keyring: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (machine.root / "company.crt").touch()
    monkeypatch.setattr(base_image, "OWN_CERTIFICATES", machine.root)
    machine.program("docker", OUT_OF_REACH)
    machine.program("mmdebstrap")

    assert "made from the Debian mirror (not to be pulled: no such host)" in BaseImage("debian:test").install(quiet)

    [made] = machine.calls("mmdebstrap")
    assert f"--keyring={keyring}" in made
    assert f"--customize-hook=copy-in {machine.root}/company.crt {machine.root}" in made
    assert " trixie /" in made
    assert machine.calls("docker")[-1].endswith("/base.tar debian:test")


def test_root_on_debian_gets_mmdebstrap(debian_root: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base_image, "KEYRING", debian_root.root / "missing.gpg")
    debian_root.program("docker", OUT_OF_REACH)

    with pytest.raises(StepError):
        BaseImage().install(quiet)
    assert debian_root.calls("apt-get")[-1].endswith("mmdebstrap debian-archive-keyring")


def test_without_mmdebstrap_the_failing_pull_is_told(machine: Machine) -> None:
    machine.program("docker", OUT_OF_REACH)

    with pytest.raises(StepError, match=r"no such host(.|\n)*docker load"):
        BaseImage().install(quiet)
