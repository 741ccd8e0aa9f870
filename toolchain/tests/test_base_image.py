import subprocess
from pathlib import Path
from typing import Any

import pytest

from toolchain import base_image
from toolchain.base_image import BaseImage
from toolchain.command import StepError
from toolchain.official import OfficialDownloads
from toolchain.tests.conftest import DownloadServer, Machine, quiet

OUT_OF_REACH = 'case "$1" in pull) echo "lookup registry: no such host" >&2; exit 1 ;; esac'


@pytest.fixture
def keyring(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = machine.root / "keyring.gpg"
    file.touch()
    monkeypatch.setattr(base_image, "KEYRING", file)
    return file


def test_an_image_that_the_engine_has_is_not_pulled(machine: Machine, unreachable: str) -> None:
    machine.program("docker")

    assert BaseImage(OfficialDownloads(unreachable)).present() == "debian:trixie-slim"
    assert machine.calls("docker") == ["docker image inspect debian:trixie-slim"]


def test_the_image_is_pulled_where_the_registry_answers(machine: Machine, unreachable: str) -> None:
    machine.program("docker")

    assert BaseImage(OfficialDownloads(unreachable)).install(quiet) == "debian:trixie-slim, pulled"


def test_behind_a_firewall_the_image_is_made_with_this_machines_trust(
    machine: Machine, unreachable: str, keyring: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (machine.root / "company.crt").touch()
    monkeypatch.setattr(base_image, "OWN_CERTIFICATES", machine.root)
    machine.program("docker", OUT_OF_REACH)
    machine.program("mmdebstrap")

    assert "made from the Debian mirror (not to be pulled: no such host)" in BaseImage(
        OfficialDownloads(unreachable), "debian:test"
    ).install(quiet)

    [made] = machine.calls("mmdebstrap")
    assert f"--keyring={keyring}" in made
    assert f"--customize-hook=copy-in {machine.root}/company.crt {machine.root}" in made
    assert " trixie /" in made
    assert machine.calls("docker")[-1].endswith("/base.tar debian:test")


def test_root_on_debian_gets_mmdebstrap(
    debian_root: Machine, unreachable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base_image, "KEYRING", debian_root.root / "missing.gpg")
    debian_root.program("docker", OUT_OF_REACH)

    with pytest.raises(StepError):
        BaseImage(OfficialDownloads(unreachable)).install(quiet)
    assert debian_root.calls("apt-get")[-1].endswith("mmdebstrap debian-archive-keyring")


def test_without_mmdebstrap_the_failing_pull_is_told(machine: Machine, unreachable: str) -> None:
    machine.program("docker", OUT_OF_REACH)

    with pytest.raises(StepError, match=r"no such host(.|\n)*docker load"):
        BaseImage(OfficialDownloads(unreachable)).install(quiet)


@pytest.mark.parametrize(("address", "patience"), [("reachable", 600), ("out of reach", 20)])
def test_a_pull_behind_a_firewall_is_not_waited_for_long(
    machine: Machine, server: DownloadServer, monkeypatch: pytest.MonkeyPatch, address: str, patience: int
) -> None:
    machine.program("docker", OUT_OF_REACH)
    limits = []
    run = subprocess.run

    def noting(*arguments: Any, **options: Any) -> Any:
        limits.append((arguments[0][:2], options["timeout"]))
        return run(*arguments, **options)

    monkeypatch.setattr(subprocess, "run", noting)
    downloads = OfficialDownloads(server.address if address == "reachable" else "http://127.0.0.1:1")
    with pytest.raises(StepError):
        BaseImage(downloads).install(quiet)

    assert (["docker", "pull"], patience) in limits
