"""The command line `research` on a running stack, in good and in bad times."""

import json
import os
import signal
import subprocess
import time

import pytest

from infra.engine import Engine
from operations.deploy_lock import DeployLock
from rehearsal.project import Project
from rehearsal.research import RESEARCH, research

pytestmark = pytest.mark.usefixtures("edge")

API_SOURCE = "images/api/market_research/__init__.py"


def touch(project: Project, word: str) -> None:
    (project.folder / API_SOURCE).open("a").write(f"\nTOUCHED = {word!r}\n")


def lock_of(project: Project) -> DeployLock:
    return DeployLock(Engine(project.docker), "market-research", project.stack)


def test_doctor_finds_nothing_that_fails(project: Project) -> None:
    assert research(project, "doctor").code == 0


def test_doctor_says_how_to_mend_an_engine_that_is_stopped(project: Project) -> None:
    result = project.run(*RESEARCH, "doctor", "--stack", project.stack, DOCKER_HOST="unix:///nonexistent.sock")
    assert result.code == 1
    assert "FAIL engine: no Docker engine answers" in result.text
    assert "Traceback" not in result.text


def test_status_tells_every_service_healthy(project: Project) -> None:
    result = research(project, "status", "--json")
    assert result.code == 0
    rows = json.loads(result.text)["services"]
    assert {row["health"] for row in rows} == {"healthy"}
    assert {row["service"] for row in rows} == {"api", "edge", "frontend", "neo4j", "postgres", "redis"}


@pytest.mark.parametrize(("tool", "question"), [("psql", "SELECT 6 * 7"), ("cypher", "RETURN 6 * 7 AS answer")])
def test_a_store_answers_a_question_without_a_password_to_type(project: Project, tool: str, question: str) -> None:
    result = research(project, tool, "-c", question)
    assert result.code == 0
    assert "42" in result.text


def test_a_deploy_that_changes_nothing_says_so_and_keeps_the_images(project: Project) -> None:
    assert project.up().code == 0
    result = research(project, "deploy", "--yes")
    assert result.code == 0
    assert "is up to date" in result.text
    assert not lock_of(project).holder()
    tags = [tag for image in project.docker.images.list() for tag in image.tags]
    assert any(tag.startswith(f"market-research/api:{project.stack}-good-") for tag in tags)


def test_a_rollback_without_a_good_predecessor_changes_nothing(project: Project) -> None:
    before = project.file.read_text()
    result = research(project, "rollback", "--yes")
    assert result.code == 1
    assert "no earlier images that were seen to work; nothing was changed" in result.text
    assert project.file.read_text() == before


def test_a_deploy_with_a_reason_is_in_the_audit(project: Project) -> None:
    touch(project, "deploy")
    plan = research(project, "plan")
    assert "api: is replaced without downtime" in plan.text, plan.text
    result = research(project, "deploy", "--yes", "--reason", "a better word")
    assert result.code == 0
    last = json.loads(research(project, "audit", "--json").text)[-1]
    assert (last["action"], last["result"]) == ("update", "succeeded")
    assert "a better word" in last["detail"]


def test_a_rollback_pins_the_images_before_and_its_end_takes_the_pins_out(project: Project) -> None:
    newer = project.deployment().container("api").attrs["Image"]
    assert research(project, "rollback", "--yes").code == 0
    assert project.deployment().container("api").attrs["Image"] != newer
    assert "image: " in project.file.read_text()
    again = research(project, "rollback", "--yes")
    assert again.code == 1, "what a rollback has left must not be where the next one leads"
    assert research(project, "rollback", "--off", "--yes").code == 0
    assert project.deployment().container("api").attrs["Image"] == newer
    assert "image: " not in project.file.read_text()


def test_a_deploy_while_another_holds_the_lock_says_who(project: Project) -> None:
    with lock_of(project).held("repairs", 0):
        result = research(project, "deploy", "--yes")
    assert result.code == 1
    assert f"(process {os.getpid()})" in result.text
    assert "reason: repairs" in result.text


def test_an_interrupted_deploy_leaves_the_old_version_serving_and_no_lock(project: Project) -> None:
    touch(project, "interrupted")
    command = [*RESEARCH, "deploy", "--yes", "--stack", project.stack]
    with subprocess.Popen(
        command,
        cwd=project.folder,
        env={**os.environ, **project.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as running:
        assert running.stdout
        assert any("Updating" in line for line in running.stdout)
        assert lock_of(project).holder()
        time.sleep(3)
        running.send_signal(signal.SIGINT)
        rest = running.stdout.read()
    assert running.returncode == 1
    assert "was interrupted, and has ended. Behind an edge the API and the frontend of before serve on" in rest
    assert project.status("/health") == 200
    assert not lock_of(project).holder()
    assert research(project, "deploy", "--yes").code == 0


def test_maintenance_shows_a_page_while_probes_go_through(project: Project) -> None:
    assert research(project, "maintenance", "on", "Back at noon").code == 0
    try:
        assert project.status("/") == 503
        assert project.status("/health") == 200
        assert "on" in research(project, "maintenance", "status").text
    finally:
        assert research(project, "maintenance", "off").code == 0
    time.sleep(1)
    assert project.status("/") == 200


def test_logs_are_merged_in_the_order_of_time(project: Project) -> None:
    lines = json.loads(research(project, "logs", "--since", "10m", "--json").text)
    assert len({line["service"] for line in lines}) > 1
    assert [line["at"] for line in lines] == sorted(line["at"] for line in lines)


def test_data_of_a_running_stack_is_not_removed(project: Project) -> None:
    result = research(project, "data", "remove", "--confirm", project.stack)
    assert result.code == 1
    assert "is up: `pulumi destroy" in result.text
