"""The machine that the toolchain is put on: its folders, and its package manager where we may use it."""

import os
import platform
import pwd
from functools import cache
from pathlib import Path

from toolchain.command import Command, found


def checkout() -> Path:
    """Return the folder of this project."""
    return Path(__file__).resolve().parents[1]


def cache_folder() -> Path:
    """Return the folder that holds everything the toolchain builds or downloads; removing it is safe."""
    return Path.home() / ".cache" / "market-research"


def pulumi_home() -> Path:
    """Return Pulumi's own folder, found as Pulumi does it: the home of the passwd entry, not $HOME."""
    if chosen := os.environ.get("PULUMI_HOME"):
        return Path(chosen)
    try:
        return Path(pwd.getpwuid(os.getuid()).pw_dir) / ".pulumi"
    except KeyError:
        return Path.home() / ".pulumi"


def installs_packages() -> bool:
    """Return whether apt packages may be installed: as root on Debian, Ubuntu or their kin."""
    if os.geteuid() != 0 or not found("apt-get"):
        return False
    system = platform.freedesktop_os_release()
    return not {"debian", "ubuntu"}.isdisjoint([system["ID"], *system.get("ID_LIKE", "").split()])


def install_packages(*names: str) -> None:
    """Install apt packages. Raises StepError when apt does."""
    _refresh_package_lists()
    Command(
        ["apt-get", "install", "-q", "-y", "--no-install-recommends", *names],
        advice=f"Install {', '.join(names)} by hand, then run `make up` again.",
        environment={"DEBIAN_FRONTEND": "noninteractive"},
    ).run()


def package_exists(name: str) -> bool:
    """Return whether apt has a package of this name to install."""
    _refresh_package_lists()
    shown = Command(["apt-cache", "policy", name], advice="").outcome().stdout
    return "Candidate:" in shown and "Candidate: (none)" not in shown


@cache
def _refresh_package_lists() -> None:
    Command(["apt-get", "update", "-q"], advice="Check this machine's package sources, then run `make up` again.").run()
