"""Deploys behind the edge, each while a crowd is using the stack: no request may be lost."""

import re
import sys
import time
from collections.abc import Iterator

import pytest

from rehearsal.crowd import VERSION, Crowd, crowd
from rehearsal.project import Project, Result

pytestmark = pytest.mark.usefixtures("edge")

API_APP = "images/api/market_research/app.py"
API_HEALTH = "images/api/market_research/health.py"
NGINX = "images/frontend/nginx/nginx.conf"
PAGE = "images/frontend/index.html"
ROUTES = "    for module in (routes,"


def marked(version: str) -> str:
    """Source that makes the API tell its version in every answer."""
    return f'''
    @app.middleware("http")
    async def tell_version(request, call_next):
        answer = await call_next(request)
        answer.headers["{VERSION}"] = "{version}"
        return answer

{ROUTES}'''


@pytest.fixture
def people(project: Project) -> Iterator[Crowd]:
    with crowd(project) as working:
        yield working


def deployed(project: Project, people: Crowd) -> Result:
    """Bring the stack to what the copy says while people work; none of them may notice."""
    result = project.up()
    assert result.code == 0, result.text
    time.sleep(1)
    assert not people.failed, f"{people}: {people.failed}"
    print(f"\nup in {result.seconds:.1f} s meanwhile {people}")  # noqa: T201 - figures that people look for
    return result


def refused(result: Result) -> None:
    """That a version which does not get healthy was told of as such."""
    assert result.code != 0
    assert "its health check fails" in result.text or "not healthy after" in result.text, result.text
    assert "still serving: " in result.text, result.text


def running(project: Project, service: str) -> set[str]:
    """The containers of a service, by ID."""
    found = project.docker.containers.list(filters=project.labels)
    return {str(one.id) for one in found if one.labels["pulumi.service"] == service}


def test_the_edge_is_on_the_port_and_reaches_everything(project: Project) -> None:
    files = [f"smoke_tests/test_{name}.py" for name in ("services", "connections", "isolation", "website", "edge")]
    result = project.run(sys.executable, "-m", "pytest", "-q", "--stack", project.stack, *files)
    assert result.code == 0, result.text


def test_there_is_nothing_left_to_change_with_an_edge(project: Project) -> None:
    result = project.pulumi("preview", "--diff", "--expect-no-changes")
    assert result.code == 0, result.text


def test_a_new_version_of_the_api_loses_no_request(project: Project, people: Crowd) -> None:
    before = project.containers()
    path = project.folder / API_APP
    path.write_text(path.read_text().replace(ROUTES, marked("second")))
    deployed(project, people)
    after = project.containers()
    assert {name for name in after if after[name] != before[name]} == {"api"}
    assert people.versions["second"], "the new version must serve once it is there"


def test_a_new_version_of_the_pages_loses_no_request(project: Project, people: Crowd) -> None:
    before = project.containers()
    path = project.folder / PAGE
    path.write_text(path.read_text().replace("</head>", "<!-- another one --></head>"))
    deployed(project, people)
    after = project.containers()
    assert {name for name in after if after[name] != before[name]} == {"frontend"}


def test_a_change_of_settings_loses_no_request(project: Project, people: Crowd) -> None:
    before = project.containers()
    project.choose("api", cpus=0.9)
    project.choose("frontend", cpus=0.4)
    deployed(project, people)
    after = project.containers()
    assert {name for name in after if after[name] != before[name]} == {"api", "frontend"}


def test_going_to_two_replicas_loses_no_request(project: Project, people: Crowd) -> None:
    project.choose("api", replicas=2)
    deployed(project, people)
    assert len(project.outputs().services["api"].containers) == 2


def test_a_new_version_of_two_replicas_loses_no_request(project: Project, people: Crowd) -> None:
    before = set(project.outputs().services["api"].containers)
    path = project.folder / API_APP
    path.write_text(path.read_text().replace('"second"', '"third"'))
    deployed(project, people)
    assert not before & set(project.outputs().services["api"].containers)
    assert people.versions["third"]


def test_a_version_that_never_gets_healthy_serves_nobody_and_changes_nothing(project: Project, people: Crowd) -> None:
    good = set(project.outputs().services["api"].containers)
    app = (project.folder / API_APP).read_text()
    health = (project.folder / API_HEALTH).read_text()
    sick = re.sub(r'status = "ok"', 'status = "unavailable"', health)
    assert sick != health
    with project.changed(API_HEALTH, {health: sick}), project.changed(API_APP, {app: app.replace("third", "broken")}):
        for arguments in ([], [], ["--refresh"]):
            refused(project.up(*arguments))
            assert good <= {one.id for one in project.docker.containers.list(filters=project.labels)}
    deployed(project, people)
    assert not people.versions["broken"], "no request may reach a version before it is healthy"
    assert people.versions["third"]
    assert len(running(project, "api")) == 2, "neither the broken version nor the one before may be left"


def test_a_frontend_that_never_gets_healthy_serves_nobody_and_changes_nothing(project: Project, people: Crowd) -> None:
    good = running(project, "frontend")
    with project.changed(NGINX, {"listen 8080;": "listen 8090;"}):
        refused(project.up())
        assert good <= running(project, "frontend")
    deployed(project, people)
    assert len(running(project, "frontend")) == len(good)
