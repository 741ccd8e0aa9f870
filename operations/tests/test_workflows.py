"""What CI runs is what `make` runs: every step is a target, every action a commit."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

CHECKOUT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((CHECKOUT / ".github" / "workflows").glob("*.yml"))
TARGETS = set(re.findall(r"^([a-z]+):.*## ", (CHECKOUT / "Makefile").read_text(), re.MULTILINE))
PINNED = re.compile(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")

every_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)


def jobs(path: Path) -> dict[str, dict[str, Any]]:
    return dict(yaml.safe_load(path.read_text())["jobs"])


def commands(path: Path) -> Iterator[str]:
    for job in jobs(path).values():
        yield from (step["run"] for step in job["steps"] if "run" in step)


def triggers(path: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(path.read_text())[True])  # YAML 1.1 takes `on` for a truth value


def test_there_are_the_workflows_that_the_readme_tells_of():
    assert [path.stem for path in WORKFLOWS] == ["check", "deploy", "drift", "drill", "preview"]


@every_workflow
def test_every_command_is_a_target_that_there_is(path: Path):
    found = list(commands(path))
    assert found
    for command in found:
        make, target = command.split()
        assert make == "make"
        assert target in TARGETS


@every_workflow
def test_every_action_is_pinned_to_a_commit_and_says_of_which_version(path: Path):
    lines = [line.strip().removeprefix("- ") for line in path.read_text().splitlines() if "uses:" in line]
    assert lines
    for line in lines:
        assert PINNED.match(line), line


@every_workflow
def test_a_job_has_no_right_that_it_does_not_name_and_an_end(path: Path):
    assert yaml.safe_load(path.read_text())["permissions"] == {}
    for job in jobs(path).values():
        assert job["permissions"].get("contents") == "read"
        writes = {right for right, how in job["permissions"].items() if how == "write"}
        assert writes <= {"id-token", "pull-requests"}
        assert job["timeout-minutes"] <= 60


@every_workflow
def test_secrets_are_handed_out_by_environments_alone_and_to_the_command_alone(path: Path):
    for job in jobs(path).values():
        assert "secrets." not in str(job.get("env"))
        if "secrets." in str(job):
            assert job["environment"] in ("preview", "plan", "production")


def test_what_waits_for_reviewers_and_what_nobody_waits_for_have_environments_of_their_own():
    used = {(path.stem, job.get("environment")) for path in WORKFLOWS for job in jobs(path).values()}
    of_main = {("deploy", "plan"), ("deploy", "production"), ("drift", "plan"), ("drill", "plan")}
    assert {(name, environment) for name, environment in used if environment} == {*of_main, ("preview", "preview")}


def test_whom_github_gives_no_secrets_gets_the_plan_of_a_new_stack():
    both = jobs(CHECKOUT / ".github" / "workflows" / "preview.yml")
    same, dependabot = "github.event.pull_request.head.repo.full_name", "github.event.pull_request.user.login"
    without = f"{same} != github.repository || {dependabot} == 'dependabot[bot]'"
    with_secrets = f"{same} == github.repository && {dependabot} != 'dependabot[bot]'"
    assert (both["fork"]["if"], both["stack"]["if"]) == (without, with_secrets)
    assert "secrets." not in str(both["fork"])


@every_workflow
def test_no_workflow_runs_what_a_fork_says_with_what_this_repository_may(path: Path):
    assert not triggers(path).keys() & {"pull_request_target", "workflow_run", "issue_comment"}


def test_only_what_was_approved_deploys():
    deploying = [(path.stem, job["environment"]) for path in WORKFLOWS for job in jobs(path).values() if deploys(job)]
    assert deploying == [("deploy", "production")]


def deploys(job: dict[str, Any]) -> bool:
    return any(step.get("run") == "make deploy" for step in job["steps"])
