"""What happens to data while the stack changes around them."""

import shutil

import pytest

from infra.market_research import SERVICES
from rehearsal.project import Project
from rehearsal.stores import database
from smoke_tests.secret_files import password

MIGRATION_SOURCE = "images/api/market_research/migrate.py"


@pytest.fixture(scope="module", autouse=True)
def a_row(project: Project) -> None:
    """A row of the application's, to be found again after everything."""
    with database(project) as connection:
        connection.execute("CREATE TABLE rehearsal (word text)")
        connection.execute("INSERT INTO rehearsal VALUES ('kept')")


def row(project: Project) -> str:
    with database(project) as connection:
        found = connection.execute("SELECT word FROM rehearsal").fetchone()
        assert found
        return str(found[0])


def test_a_migration_that_fails_shows_its_log_and_leaves_the_api_running(project: Project) -> None:
    before = project.containers()
    source = (project.folder / MIGRATION_SOURCE).read_text()
    with project.changed(MIGRATION_SOURCE, {source: f'raise SystemExit("no such column")\n{source}'}):
        result = project.up()
    assert result.code != 0
    assert "migration: failed with exit code 1" in result.text
    assert "no such column" in result.text
    assert project.containers() == before
    again = project.up()
    assert again.code == 0, again.text


def test_a_destroyed_stack_finds_its_rows_again_with_a_new_password(project: Project) -> None:
    old = password(project.deployment(), "postgres")
    destroyed = project.pulumi("destroy", "--yes", "--skip-preview")
    assert destroyed.code == 0, destroyed.text
    assert not project.containers()
    volumes = {volume.name for volume in project.docker.volumes.list(filters=project.labels)}
    keeping = [service for service in SERVICES if service.data_path]
    every = {f"market-research-{project.stack}-{service.name}" for service in keeping}
    always = {f"market-research-{project.stack}-{service.name}" for service in keeping if not service.optional}
    assert always <= volumes <= every, "data stays, and nothing else"
    again = project.up()
    assert again.code == 0, again.text
    assert password(project.deployment(), "postgres") != old
    assert row(project) == "kept"


def test_a_lost_state_is_told_with_a_way_back_that_keeps_the_rows(project: Project) -> None:
    shutil.rmtree(project.state)
    project.state.mkdir()
    assert project.pulumi("stack", "init", project.stack).code == 0
    refused = project.up()
    assert refused.code != 0
    assert "that this Pulumi state does not know" in refused.text
    way_back = [line.strip() for line in refused.text.splitlines() if line.strip().startswith("docker ")]
    for command in dict.fromkeys(way_back):
        done = project.run("bash", "-c", command)
        assert done.code == 0, done.text
    again = project.up()
    assert again.code == 0, again.text
    assert row(project) == "kept"
