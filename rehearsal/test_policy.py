"""Programs that break one rule each, by one fact: `research deploy` refuses them before anything is touched."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from policy.rules import RULES
from rehearsal.project import Project
from rehearsal.research import research

BAD_PROGRAMS: dict[str, tuple[str, str, str, str]] = {
    "known-kind": (
        "infra/images.py",
        "return docker_build.Image(",
        'docker_build.Index(name, sources=["one:1"], tag="two:1", push=False)\n        return docker_build.Image(',
        "index api: it is a docker-build:index:Index",
    ),
    "limits": (
        "infra/container.py",
        "memory=limits.memory_mb,",
        "",
        "container redis: memory has no limit",
    ),
    "health-check": (
        "infra/service.py",
        "arguments.healthcheck = self._docker_health_check()",
        "",
        "container api: it has no healthcheck",
    ),
    "non-root": (
        "infra/services/redis.py",
        'user = "999:999"',
        'user = "0:0"',
        "container redis: user is 0:0",
    ),
    "read-only": (
        "infra/container.py",
        "read_only=True,\n        tmpfs",
        "tmpfs",
        "container api: readOnly is not true",
    ),
    "privileges": (
        "infra/container.py",
        'drops=["ALL"]',
        'adds=["NET_ADMIN"], drops=["ALL"]',
        "container postgres: capabilities adds NET_ADMIN",
    ),
    "host-paths": (
        "infra/services/frontend.py",
        'environment={"API_ADDRESS": api.address}',
        'environment={"API_ADDRESS": api.address}, host_paths={"/host": "/etc"}',
        "container frontend: it sees /etc of the host",
    ),
    "public-bind": (
        "infra/service.py",
        "return str(self.stack.settings.bind_address)",
        'return "0.0.0.0"',
        "listens on 0.0.0.0 while the stack's secrets are under the published passphrase, or an empty one",
    ),
    "retain": (
        "infra/lasting_volume.py",
        "retain_on_delete=True",
        "retain_on_delete=False",
        "volume postgres-data: it is not retained",
    ),
    "no-latest": (
        "infra/images.py",
        ":{self._stack.name}",
        ":latest",
        "image api: its image market-research/api:latest is whatever is newest",
    ),
    "no-wildcard": (
        "infra/services/frontend.py",
        '"API_ADDRESS": api.address',
        '"API_ADDRESS": api.address, "ALLOWED_HOSTS": "*"',
        "container frontend: ALLOWED_HOSTS=* allows everything",
    ),
}
"""For each rule the file, what it says, what it is made to say, and the start of what is told of that."""


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A copy whose stack is never brought up."""
    folder: Path = tmp_path_factory.mktemp("policy")
    with Project(folder, f"policy-{secrets.token_hex(3)}").prepared() as project:
        yield project


def test_the_program_as_it_is_may_be_deployed(planned: Project) -> None:
    assert research(planned, "plan").code == 0


@pytest.mark.parametrize("rule", dict.fromkeys(rule.name for rule in RULES))
def test_a_program_that_breaks_a_rule_is_refused(planned: Project, rule: str) -> None:
    file, says, is_made_to_say, told = BAD_PROGRAMS[rule]
    with planned.changed(file, {says: is_made_to_say}):
        result = research(planned, "deploy", "--yes")
    assert result.code == 1
    assert "the policy refuses this; nothing was changed" in result.text
    assert f"{told}. Rule {rule}: " in result.text
    assert "Traceback" not in result.text
    assert not planned.docker.containers.list(all=True, filters=planned.labels)
    assert not planned.docker.volumes.list(filters=planned.labels)
