"""The buildx plugin of the docker command, which builds the images."""

import os
import shutil
import tempfile
from pathlib import Path

from toolchain.command import Command
from toolchain.go_program import GoProgram
from toolchain.step import Say

MODULE = "github.com/docker/buildx"
PLUGIN = "docker-buildx"
BUILDX = GoProgram("buildx", MODULE, version_symbol=f"{MODULE}/version.Version")


class Buildx:
    """Takes the buildx that `docker` has, or builds it from its Go module."""

    name = "docker buildx"

    def present(self) -> str | None:
        """Return the version of the buildx that works."""
        asked = Command(["docker", "buildx", "version"], advice="", seconds=20).outcome()
        return asked.stdout.split()[1].lstrip("v") if asked.returncode == 0 else None

    def install(self, say: Say) -> str:
        """Put buildx into the user's folder of docker command plugins."""
        folder = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker") / "cli-plugins"
        folder.mkdir(parents=True, exist_ok=True)
        built = BUILDX.build(say)
        with tempfile.TemporaryDirectory(dir=folder) as temporary:
            file = Path(temporary) / PLUGIN
            shutil.copy2(built, file)
            file.rename(folder / PLUGIN)
        return f"{BUILDX.version}, built from its Go module into {folder}"
