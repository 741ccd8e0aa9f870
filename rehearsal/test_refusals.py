"""Mistakes that must be told in plain words, with no container and no data touched."""

import http.server
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.own_passphrase import OwnPassphrase
from rehearsal.project import Project, Result


@pytest.fixture(autouse=True)
def nothing_is_touched(project: Project) -> Iterator[None]:
    """Every test here ends with the containers and volumes that it began with."""

    def everything() -> set[str]:
        containers = project.docker.containers.list(all=True, filters=project.labels)
        volumes = project.docker.volumes.list(filters=project.labels)
        return {*(str(one.id) for one in containers), *(str(one.name) for one in volumes)}

    before, file = everything(), project.file.read_text()
    yield
    project.file.write_text(file)
    assert everything() == before


def refusal(result: Result) -> str:
    assert result.code != 0, result.text
    assert "Traceback" not in result.text
    return result.text


def test_an_unknown_key_in_the_stack_file(project: Project) -> None:
    project.choose("redis", memory=64)
    message = f"Pulumi.{project.stack}.yaml: market-research:services.redis.memory: unknown key; allowed are"
    assert message in refusal(project.up())


def test_a_port_that_another_program_listens_on(project: Project) -> None:
    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        project.choose("frontend", port=server.server_port)
        message = f"services.frontend.port: {server.server_port} is taken by another program"
        assert message in refusal(project.up())
    finally:
        server.shutdown()
        server.server_close()


def test_memory_that_the_host_does_not_have(project: Project) -> None:
    project.choose("neo4j", memory_mb=10_000_000)
    assert "services need 10" in refusal(project.up())


def test_no_docker_engine(project: Project) -> None:
    nowhere = "tcp://127.0.0.1:1"
    assert f"no Docker engine answers at {nowhere}" in refusal(project.pulumi("preview", DOCKER_HOST=nowhere))


def test_a_wrong_passphrase(project: Project, tmp_path: Path) -> None:
    wrong = tmp_path / "passphrase"
    wrong.write_text("wrong")
    result = project.pulumi("preview", PULUMI_CONFIG_PASSPHRASE_FILE=str(wrong))
    assert "incorrect passphrase" in refusal(result)


def test_an_image_that_does_not_build_shows_the_end_of_the_build(project: Project) -> None:
    broken = {"FROM scratch": "RUN echo broken on purpose >&2; exit 7\nFROM scratch"}
    with project.changed("images/redis/Dockerfile", broken):
        message = refusal(project.up())
    assert "images/redis does not build; no container was touched" in message
    assert "broken on purpose" in message
    assert "exit code: 7" in message


def test_a_second_checkout_of_the_same_stack(project: Project) -> None:
    second = OwnPassphrase(project.folder.parent / "second", project.stack)
    second.state = project.state
    shutil.copytree(project.folder, second.folder, symlinks=True)
    assert f"brought up from the checkout {project.folder}" in refusal(second.up())
    shutil.rmtree(second.folder)
