"""`make remote`: what CI runs, against an engine on another host that is reached by ssh alone.

Its images are made of those that this machine's engine builds, so that nothing but one file has to be built there.
"""

import os
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from operations.audit import journal
from operations.stack_file import StackFile
from rehearsal.other_host import OtherHost, other_host
from rehearsal.project import CHECKOUT, Project, Result

IMAGES = ("postgres", "redis", "neo4j", "api", "frontend", "edge", "engine", "backup")
SERVICES = 9
BASE = "debian:trixie-slim"
BROKEN_PAGE = "<!doctype html><title>nothing to load</title>\n"


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OtherHost]:
    carried = [f"carried/{name}:1" for name in IMAGES]
    for name, tag in zip(IMAGES, carried, strict=True):
        build = ["docker", "buildx", "build", "--quiet", "--load", "--tag", tag, f"images/{name}"]
        subprocess.run(build, cwd=CHECKOUT, check=True)
    with other_host(tmp_path_factory.mktemp("host")) as host:
        host.carry(BASE, *carried)
        subprocess.run(["docker", "image", "rm", "--force", *carried], check=True, capture_output=True)
        yield host


class Runner(Project):
    """What a CI runner has: a checkout, the shared state, and what an environment of GitHub hands out."""

    def __init__(self, folder: Path, stack: str, host: OtherHost) -> None:
        super().__init__(folder, stack)
        self.host = host

    @property
    def environment(self) -> dict[str, str]:
        handed_out = {
            "CI": "true",
            "STACK": self.stack,
            "DOCKER_HOST": self.host.engine,
            "DEPLOY_SSH_KEY": self.host.key,
            "DEPLOY_SSH_KNOWN_HOSTS": self.host.known_hosts,
            "PULUMI_CONFIG_PASSPHRASE": "known to this environment alone",
        }
        return {**super().environment, **handed_out}

    def first_settings(self) -> str:
        """A public stack with backups, under a passphrase of its own, whose edge speaks TLS."""
        dev: dict[str, Any] = yaml.safe_load(super().first_settings())
        config = dev["config"]
        config["market-research:bind_address"] = self.host.address
        config["market-research:edge"] = {"rate_limit": 10_000, "https_port": 443}
        config["market-research:backup"] = True
        config["market-research:services"]["edge"] = {"cpus": 0.5, "memory_mb": 128, "port": 80}
        return yaml.safe_dump({"config": config})

    def set_way_in(self) -> None:
        """The edge has the ports; what was prepared has given one to the frontend."""
        content = yaml.safe_load(self.file.read_text())
        del content["config"]["market-research:services"]["frontend"]["port"]
        self.file.write_text(yaml.safe_dump(content))

    def make(self, target: str, **environment: str) -> Result:
        """Run a target, and show what it printed to whoever reads the log."""
        result = self.run("make", target, **environment)
        print(f"\n$ make {target} -> {result.code}, {result.seconds:.0f} s\n{result.text[-3000:]}")  # noqa: T201
        return result


@pytest.fixture(scope="module")
def runner(host: OtherHost, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    runner = Runner(tmp_path_factory.mktemp("runner"), f"remote-{secrets.token_hex(3)}", host)
    runner.prepare()
    runner.set_way_in()
    for name in IMAGES:
        (runner.folder / "images" / name / "Dockerfile").write_text(f"FROM carried/{name}:1\n")
    # The environment is there, and its name is this checkout's: only the rest of the toolchain is to be looked at.
    bootstrap = runner.folder / "toolchain" / "bootstrap"
    bootstrap.write_text("#!/bin/sh\n. .venv/bin/activate\nexec python -m toolchain\n")
    yield runner
    runner.make("down")
    journal(StackFile(runner.stack, runner.folder)).unlink(missing_ok=True)


def image_of(runner: Runner, service: str) -> str:
    label = f"label=pulumi.service={service}"
    [container] = runner.host.docker("ps", "-q", "--filter", label).split()
    return runner.host.docker("inspect", "--format", "{{.Image}}", container).strip()


def test_a_pull_request_is_told_what_a_deploy_would_do(runner: Runner, tmp_path: Path) -> None:
    gh = tmp_path / "gh"
    gh.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >{tmp_path}/called\n')
    gh.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    result = runner.make("comment", PR="7", PATH=path, GITHUB_STEP_SUMMARY=str(tmp_path / "summary"))
    assert result.code == 0
    told = (tmp_path / "called").read_text()
    assert told.startswith("pr\ncomment\n7\n--edit-last\n--create-if-none\n--body\n### Deploying this to")
    assert "| ✅ | `edge` | is started |" in told
    assert (tmp_path / "summary").read_text() in told
    assert not runner.host.docker("ps", "-aq")


def test_a_deploy_brings_it_up_over_there_and_uses_it_by_its_public_address(runner: Runner) -> None:
    result = runner.make("deploy")
    assert result.code == 0
    assert f"works at https://{runner.host.address}" in result.text
    assert " passed" in result.text
    assert len(runner.host.docker("ps", "-q").split()) == SERVICES
    assert not runner.docker.containers.list(all=True, filters=runner.labels)


def test_there_is_no_drift_until_somebody_changes_something_by_hand(runner: Runner) -> None:
    assert runner.make("drift").code == 0
    container = runner.host.docker("ps", "-q", "--filter", "label=pulumi.service=frontend").strip()
    runner.host.docker("rm", "--force", container)
    assert runner.make("drift").code != 0
    refreshed = ("pulumi", "up", "--refresh", "--yes", "--skip-preview", "--stack", runner.stack)
    repaired = runner.run("python", "-m", "toolchain.ssh_engine", *refreshed)
    assert repaired.code == 0, repaired.text
    assert runner.make("drift").code == 0


def test_the_newest_backup_can_be_restored(runner: Runner) -> None:
    assert runner.make("drill").code != 0, "there is no backup yet"
    made = runner.run("research", "backup", "run", "--stack", runner.stack)
    assert made.code == 0, made.text
    assert runner.make("drill").code == 0


def test_a_version_that_is_healthy_and_does_not_work_is_rolled_back(runner: Runner) -> None:
    before = image_of(runner, "frontend")
    folder = runner.folder / "images" / "frontend"
    (folder / "broken.html").write_text(BROKEN_PAGE)
    (folder / ".dockerignore").write_text("")
    recipe = "FROM carried/frontend:1\nCOPY broken.html /usr/share/nginx/html/index.html\n"
    with runner.changed("images/frontend/Dockerfile", {"FROM carried/frontend:1\n": recipe}):
        result = runner.make("deploy")
    assert result.code != 0
    assert "the new version does not work, the images of before serve again" in result.text
    assert image_of(runner, "frontend") == before
    assert "image: " in runner.file.read_text()
