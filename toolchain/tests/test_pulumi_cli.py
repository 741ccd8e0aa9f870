import subprocess
from importlib.metadata import version

import pytest

from toolchain.command import StepError
from toolchain.official import OfficialDownloads
from toolchain.pulumi_cli import PulumiCli, command
from toolchain.tests.conftest import DownloadServer, Machine, quiet

VERSION = version("pulumi")
INSTALLER = """#!/bin/sh
[ "$1 $2 $3 $5" = "--version {version} --install-root --no-edit-path" ] || exit 9
mkdir -p "$4/bin"
echo official >"$4/bin/pulumi"
"""


def test_an_open_network_takes_the_official_installer(machine: Machine, server: DownloadServer) -> None:
    server.body = INSTALLER.format(version=VERSION)
    machine.go()
    step = PulumiCli(OfficialDownloads(server.address))

    assert "built" not in step.install(quiet)
    assert command().read_text() == "official\n"
    assert machine.calls("go") == []


def test_behind_a_firewall_the_go_modules_are_built(machine: Machine, unreachable: str) -> None:
    machine.go()

    assert "built from its Go modules" in PulumiCli(OfficialDownloads(unreachable)).install(quiet)

    folder = command().resolve().parent
    assert command().read_text() == "built\n"
    assert (folder / "pulumi-language-python").read_text() == "built\n"
    assert (folder / "pulumi-language-python-exec").stat().st_mode & 0o111 == 0o111
    assert f"sdk/v3/go/common/version.Version=v{VERSION}" in machine.calls("go")[1]


def test_a_login_page_in_place_of_the_installer_counts_as_out_of_reach(
    machine: Machine, server: DownloadServer
) -> None:
    server.body = "<html>Please log in</html>"
    machine.go()

    assert "no installer" in PulumiCli(OfficialDownloads(server.address)).install(quiet)


def test_a_download_server_in_trouble_is_not_a_firewall(machine: Machine, server: DownloadServer) -> None:
    server.status = 503
    machine.go()

    with pytest.raises(StepError, match=r"HTTP 503(.|\n)*Try again"):
        PulumiCli(OfficialDownloads(server.address)).install(quiet)
    assert machine.calls("go") == []


def test_an_installer_that_fails_shows_its_last_lines_and_leaves_nothing(
    machine: Machine, server: DownloadServer
) -> None:
    server.body = "#!/bin/sh\nmkdir -p $4/bin; touch $4/bin/pulumi\necho 'no space left on device' >&2\nexit 3\n"
    step = PulumiCli(OfficialDownloads(server.address))

    with pytest.raises(StepError, match=r"exit code 3(.|\n)*no space left(.|\n)*make up"):
        step.install(quiet)
    assert step.present() is None
    assert list(machine.cache.iterdir()) == []


def test_the_download_server_is_asked_once(machine: Machine, server: DownloadServer) -> None:
    downloads = OfficialDownloads(server.address)

    assert [downloads.reachable, downloads.reachable] == [True, True]
    assert len(server.requests) == 1


def test_the_second_run_starts_no_program(machine: Machine, unreachable: str) -> None:
    machine.go()
    PulumiCli(OfficialDownloads(unreachable)).install(quiet)
    (machine.root / "calls").unlink()

    assert PulumiCli(OfficialDownloads(unreachable)).present()
    assert not (machine.root / "calls").exists()


def test_a_failing_build_is_told_and_not_taken(machine: Machine, unreachable: str) -> None:
    machine.go(build='echo half >"$output"; echo "cannot find module" >&2; exit 1')
    step = PulumiCli(OfficialDownloads(unreachable))

    with pytest.raises(StepError, match=r"go build(.|\n)*cannot find module(.|\n)*module proxy"):
        step.install(quiet)
    assert step.present() is None

    machine.go()
    step.install(quiet)
    assert command().read_text() == "built\n"


def test_a_killed_build_is_not_taken(machine: Machine, unreachable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    machine.go(build='echo half >"$output"')
    step = PulumiCli(OfficialDownloads(unreachable))
    assert not step.downloads.reachable
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(subprocess, "run", killed)
        step.install(quiet)

    assert step.present() is None


def test_the_pinned_version_on_the_path_is_used(machine: Machine, unreachable: str) -> None:
    own = machine.program("pulumi", f"echo v{VERSION}")

    assert PulumiCli(OfficialDownloads(unreachable)).present() == f"{VERSION}, {own}"
    assert command().resolve() == own


def test_another_version_on_the_path_is_not_used(machine: Machine, unreachable: str) -> None:
    machine.program("pulumi", "echo v3.1.0")

    assert PulumiCli(OfficialDownloads(unreachable)).present() is None


def test_a_build_from_other_pins_is_not_used(machine: Machine, unreachable: str) -> None:
    old = machine.program("pulumi", f"echo v{VERSION}", folder=machine.cache / "pulumi-of-other-pins" / "bin")
    command().symlink_to(old)

    assert PulumiCli(OfficialDownloads(unreachable)).present() is None
