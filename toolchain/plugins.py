"""The plugins that the program's resources need, at the versions of their Python packages."""

import shutil
from importlib.metadata import version
from pathlib import Path

from toolchain.command import Command
from toolchain.go_program import GoProgram
from toolchain.machine import pulumi_home
from toolchain.official import OfficialDownloads
from toolchain.pulumi_cli import command
from toolchain.step import Say
from toolchain.unfinished import unfinished

DOCKER_BUILD_MODULE = "github.com/pulumi/pulumi-docker-build"
DOCKER_BUILD = GoProgram(
    "docker-build", DOCKER_BUILD_MODULE, version_symbol=f"{DOCKER_BUILD_MODULE}/provider.Version", prefix=""
)
MARK = "built-from.txt"


class Plugin:
    """Installs one official plugin, or what stands in for it where the official one is out of reach."""

    origin: str

    def __init__(self, resource: str, downloads: OfficialDownloads) -> None:
        self.resource = resource
        self.downloads = downloads
        self.version = version(f"pulumi-{resource}")
        self.name = f"plugin {resource}"
        self.folder = pulumi_home() / "plugins" / f"resource-{resource}-v{self.version}"
        self.binary = self.folder / f"pulumi-resource-{resource}"

    def present(self) -> str | None:
        """Return which kind is installed; an official one always counts, a stand-in only when it is this one."""
        if not self.binary.exists() or self.folder.with_name(f"{self.folder.name}.partial").exists():
            return None
        if self.is_official():
            return self.version
        return f"{self.version}, {self.origin}" if self.is_current() else None

    def install(self, say: Say) -> str:
        """Put the plugin where pulumi looks for it."""
        if self.downloads.reachable:
            say(f"downloading {self.version}")
            self._download()
            return self.version
        with unfinished(self.folder) as folder:
            self.stand_in(folder, say)
        return f"{self.version}, {self.origin} ({self.downloads.answer.reason})"

    def _download(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)  # at most a stand-in: an official one is left alone
        Command(
            [command(), "plugin", "install", "resource", self.resource, self.version],
            advice="Run `make up` again; or put the plugin there yourself: `pulumi plugin install --help`, --file.",
        ).run()

    def is_official(self) -> bool:
        """Return whether what is installed is no stand-in."""
        raise NotImplementedError

    def is_current(self) -> bool:
        """Return whether the installed stand-in is the one that would be installed now."""
        raise NotImplementedError

    def stand_in(self, folder: Path, say: Say) -> None:
        """Fill the plugin's folder. Raises StepError."""
        raise NotImplementedError


class BuiltPlugin(Plugin):
    """The docker-build plugin: the official program, built from its Go module."""

    origin = "built from its Go module"

    def is_official(self) -> bool:
        """A build carries the name of its recipe."""
        return not (self.folder / MARK).exists()

    def is_current(self) -> bool:
        """Compare the recipe."""
        return (self.folder / MARK).read_text() == DOCKER_BUILD.recipe

    def stand_in(self, folder: Path, say: Say) -> None:
        """Build the plugin."""
        shutil.copy2(DOCKER_BUILD.build(say), folder / self.binary.name)
        (folder / MARK).write_text(DOCKER_BUILD.recipe)


class BuiltInPlugin(Plugin):
    """The docker and random plugins, for which this package has small providers of its own."""

    origin = "this project's built-in provider"

    @property
    def script(self) -> str:
        """The stand-in: it names no checkout, but runs the provider of the environment that is active."""
        return (
            "#!/bin/sh\n"
            "if ! python -P -c 'import toolchain.providers' 2>/dev/null; then\n"
            f"    echo 'pulumi-resource-{self.resource} is a built-in provider of the market-research project.' >&2\n"
            "    echo 'Activate its environment first: . .venv/bin/activate' >&2\n"
            "    exit 1\n"
            "fi\n"
            f'exec python -P -m toolchain.providers {self.resource} "$@"\n'
        )

    def is_official(self) -> bool:
        """An official plugin is no script."""
        with self.binary.open("rb") as binary:
            return binary.read(2) != b"#!"

    def is_current(self) -> bool:
        """Compare the script."""
        return self.binary.read_text() == self.script

    def stand_in(self, folder: Path, say: Say) -> None:
        """Write the script."""
        binary = folder / self.binary.name
        binary.write_text(self.script)
        binary.chmod(0o755)
