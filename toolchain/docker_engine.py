"""The Docker engine: the one that runs, or one from the distribution's packages."""

import os
import subprocess
import time
from pathlib import Path

from toolchain.command import Command, StepError, found, last_lines
from toolchain.machine import cache_folder, install_packages, installs_packages, package_exists
from toolchain.step import Say

PACKAGES = ("docker.io", "iptables")
CLIENT = "docker-cli"  # a package of its own on newer systems
SYSTEMD = Path("/run/systemd/system")
START_SECONDS = 60
NEEDED = "Install Docker Engine 20.10 or later and start it, or set DOCKER_HOST to an engine that runs; then `make up`."


class DockerEngine:
    """Uses the engine that answers; installs and starts one on Debian and Ubuntu, as root, where none does."""

    name = "docker engine"

    def present(self) -> str | None:
        """Return the version of the engine that answers the docker command."""
        asked = Command(["docker", "version", "--format", "{{.Server.Version}}"], advice="", seconds=20).outcome()
        return f"{asked.stdout.strip()}, running" if asked.returncode == 0 else None

    def install(self, say: Say) -> str:
        """Install what is missing of engine and command, and start the engine."""
        missing = self._missing_packages()
        if missing:
            say(f"installing {' '.join(missing)} from apt")
            install_packages(*missing)
        started = "" if self.present() else self._start(say)
        engine = self.present()
        if engine is None:
            raise StepError(f"no Docker engine answers.\n{NEEDED}")
        return engine + started

    def _missing_packages(self) -> list[str]:
        remote = os.environ.get("DOCKER_HOST")
        lacks_command = found("docker") is None
        if not lacks_command:
            refuse_what_is_not_ours(remote)
        engine = [] if remote or found("dockerd") else [*PACKAGES]
        if not engine and not lacks_command:
            return []
        if not installs_packages():
            lacking = "the docker command" if lacks_command else "a running Docker engine"
            raise StepError(f"{lacking} is missing, and only root on Debian or Ubuntu can have it installed.\n{NEEDED}")
        client = [CLIENT] if lacks_command and package_exists(CLIENT) else []
        return engine + client or ["docker.io"]

    def _start(self, say: Say) -> str:
        say("starting")
        if SYSTEMD.is_dir():
            advice = "Look at `journalctl -u docker`, then run `make up` again."
            Command(["systemctl", "enable", "--now", "docker"], advice=advice).run()
            return ""
        log = cache_folder() / "dockerd.log"
        self._start_detached(log)
        return f", started without a service manager, log in {log}"

    def _start_detached(self, log: Path) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as out:
            engine = subprocess.Popen(
                ["dockerd"],  # noqa: S607 - found on PATH like every other command here
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                cwd="/",
            )
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and engine.poll() is None:
            if self.present():
                return
            time.sleep(0.5)
        said = subprocess.CompletedProcess(["dockerd"], 1, log.read_text(errors="replace"), "")
        raise StepError(f"dockerd does not start; the end of {log}:\n{last_lines(said)}\n{NEEDED}")


def refuse_what_is_not_ours(remote: str | None) -> None:
    """Raise StepError when the engine that does not answer is one that only its owner can mend."""
    asked = Command(["docker", "version"], advice="", seconds=20).outcome()
    if remote:
        raise StepError(f"the engine at DOCKER_HOST={remote} does not answer:\n{last_lines(asked)}\n{NEEDED}")
    if "permission denied" in asked.stderr:
        raise StepError(
            "the Docker engine runs, but this user may not talk to it.\n"
            "Add the user to the group docker (`sudo usermod -aG docker $USER`), log in again, then `make up`."
        )
    if os.geteuid() != 0:
        raise StepError(f"the Docker engine does not answer:\n{last_lines(asked)}\n{NEEDED}")
