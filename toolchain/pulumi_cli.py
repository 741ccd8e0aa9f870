"""The pulumi command with its Python language host, at the version of the Python SDK."""

import os
import shutil
import sys
from importlib.metadata import version
from pathlib import Path

from toolchain.command import Command, found
from toolchain.go_program import GoProgram
from toolchain.machine import cache_folder
from toolchain.official import OfficialDownloads
from toolchain.step import Say
from toolchain.unfinished import unfinished

SDK = "github.com/pulumi/pulumi/sdk/v3"
CLI = GoProgram("pulumi", SDK, version_symbol=f"{SDK}/go/common/version.Version")
LANGUAGE_HOST = GoProgram("language-host", SDK)
EXECUTOR = "pulumi-language-python-exec"


def command() -> Path:
    """Return the pulumi command of this environment."""
    return Path(sys.prefix) / "bin" / "pulumi"


class PulumiCli:
    """Installs the official command, or builds it where the official one is out of reach."""

    name = "pulumi"

    def __init__(self, downloads: OfficialDownloads) -> None:
        self.downloads = downloads
        self.version = version("pulumi")
        self.official = cache_folder() / f"pulumi-{self.version}-official"
        self.built = cache_folder() / f"{CLI.recipe}-with-{LANGUAGE_HOST.recipe}"

    def present(self) -> str | None:
        """Return where the pinned version is, and let this environment's command lead to it."""
        own = [folder / "bin" / "pulumi" for folder in (self.official, self.built)]
        others = [path.resolve() for path in (found("pulumi"), command()) if path and path.exists()]
        foreign = [path for path in others if cache_folder() not in path.parents]
        for candidate in [*own, *foreign]:
            if candidate.exists() and (candidate in own or self._is_pinned(candidate)):
                link(command(), candidate)
                return f"{self.version}, {candidate}"
        return None

    def install(self, say: Say) -> str:
        """Put the pinned version into the cache."""
        if self.downloads.reachable:
            say(f"downloading {self.version}")
            self._download()
            link(command(), self.official / "bin" / "pulumi")
            return f"{self.version}, {self.official / 'bin'}"
        self._build(say)
        link(command(), self.built / "bin" / "pulumi")
        return f"{self.version}, built from its Go modules ({self.downloads.answer.reason})"

    def _is_pinned(self, candidate: Path) -> bool:
        environment = {"PULUMI_SKIP_UPDATE_CHECK": "true"}
        asked = Command([candidate, "version"], advice="", seconds=20, environment=environment).outcome()
        return asked.returncode == 0 and asked.stdout.strip().lstrip("v") == self.version

    def _download(self) -> None:
        with unfinished(self.official) as folder:
            Command(
                ["sh", "-s", "--", "--version", self.version, "--install-root", folder, "--no-edit-path"],
                advice="Pulumi's installer came through, its archive did not: run `make up` again.",
            ).run(stdin=self.downloads.answer.installer)

    def _build(self, say: Say) -> None:
        cli, host = CLI.build(say), LANGUAGE_HOST.build(say)
        executor = CLI.source_folder(say) / "python" / "cmd" / EXECUTOR
        with unfinished(self.built) as folder:
            (folder / "bin").mkdir()
            os.link(cli, folder / "bin" / "pulumi")
            os.link(host, folder / "bin" / host.name)
            shutil.copyfile(executor, folder / "bin" / EXECUTOR)
            (folder / "bin" / EXECUTOR).chmod(0o755)


def link(here: Path, target: Path) -> None:
    """Let a command of .venv/bin lead to the pinned one; pulumi looks for its language host beside the target."""
    if here.resolve() != target:
        here.unlink(missing_ok=True)
        here.symlink_to(target)
