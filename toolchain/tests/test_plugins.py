import subprocess

import pytest

from toolchain.official import OfficialDownloads
from toolchain.plugins import BuiltInPlugin, BuiltPlugin
from toolchain.pulumi_cli import command
from toolchain.tests.conftest import DownloadServer, Machine, quiet


def test_an_open_network_lets_pulumi_download_the_plugin(machine: Machine, server: DownloadServer) -> None:
    machine.program("pulumi", folder=command().parent)
    plugin = BuiltInPlugin("docker", OfficialDownloads(server.address))

    assert plugin.install(quiet) == plugin.version
    assert machine.calls("pulumi") == [f"pulumi plugin install resource docker {plugin.version}"]
    assert not plugin.binary.exists()


def test_behind_a_firewall_the_built_in_provider_of_the_active_environment_runs(
    machine: Machine, unreachable: str
) -> None:
    plugin = BuiltInPlugin("random", OfficialDownloads(unreachable))
    assert "built-in provider" in plugin.install(quiet)
    assert "built-in provider" in str(plugin.present())

    machine.program("python")
    subprocess.run([plugin.binary, "127.0.0.1:4711"], check=True)
    assert machine.calls("python")[-1] == "python -P -m toolchain.providers random 127.0.0.1:4711"


def test_without_an_active_environment_the_built_in_provider_says_what_to_do(
    machine: Machine, unreachable: str
) -> None:
    plugin = BuiltInPlugin("docker", OfficialDownloads(unreachable))
    plugin.install(quiet)
    machine.program("python", "exit 1")

    started = subprocess.run([plugin.binary], capture_output=True, text=True, check=False)
    assert started.returncode == 1
    assert ". .venv/bin/activate" in started.stderr


def test_a_stale_script_is_rewritten(machine: Machine, unreachable: str) -> None:
    plugin = BuiltInPlugin("docker", OfficialDownloads(unreachable))
    plugin.folder.mkdir(parents=True)
    plugin.binary.write_text("#!/bin/sh\nexec /a/checkout/that/is/gone\n")

    assert plugin.present() is None
    plugin.install(quiet)
    assert plugin.binary.read_text() == plugin.script


def test_a_stale_script_makes_room_for_the_official_plugin(machine: Machine, server: DownloadServer) -> None:
    plugin = BuiltInPlugin("docker", OfficialDownloads(server.address))
    plugin.folder.mkdir(parents=True)
    plugin.binary.write_text("#!/bin/sh\nexec /a/checkout/that/is/gone\n")
    machine.program("pulumi", folder=command().parent)

    plugin.install(quiet)
    assert not plugin.folder.exists()
    assert len(machine.calls("pulumi")) == 1


@pytest.mark.parametrize("kind", [BuiltInPlugin, BuiltPlugin])
def test_an_official_plugin_counts_as_it_is(
    machine: Machine, unreachable: str, kind: type[BuiltInPlugin | BuiltPlugin]
) -> None:
    plugin = kind("docker", OfficialDownloads(unreachable))
    plugin.folder.mkdir(parents=True)
    plugin.binary.write_bytes(b"\x7fELF")

    assert plugin.present() == plugin.version


def test_a_download_that_pulumi_did_not_finish_does_not_count(machine: Machine, unreachable: str) -> None:
    plugin = BuiltInPlugin("docker", OfficialDownloads(unreachable))
    plugin.folder.mkdir(parents=True)
    plugin.binary.write_bytes(b"\x7fELF")
    plugin.folder.with_name(f"{plugin.folder.name}.partial").touch()

    assert plugin.present() is None


def test_docker_build_is_built_from_its_module_and_again_when_its_pins_change(
    machine: Machine, unreachable: str
) -> None:
    machine.go()
    plugin = BuiltPlugin("docker-build", OfficialDownloads(unreachable))

    assert "built from its Go module" in plugin.install(quiet)
    assert plugin.binary.read_text() == "built\n"
    assert f"provider.Version={plugin.version}" in machine.calls("go")[-1]
    assert plugin.present()

    (plugin.folder / "built-from.txt").write_text("docker-build-0.0.22-other")
    assert plugin.present() is None
