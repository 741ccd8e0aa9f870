"""Passwords of running stores change while a crowd is at work: no request is lost, and no store restarted."""

import time
from dataclasses import dataclass, field

import neo4j
import psycopg
import pytest
import redis

from rehearsal.crowd import crowd
from rehearsal.project import Project
from rehearsal.research import research, told
from rehearsal.stores import reached
from smoke_tests.clients import graph_driver, postgres_connection, redis_client
from smoke_tests.deployment import Deployment
from smoke_tests.secret_files import password
from smoke_tests.tunnel import Tunnel

pytestmark = pytest.mark.usefixtures("edge")

STORES = ("postgres", "redis", "neo4j")
FOLLOWS_WITHIN = 30


@dataclass(frozen=True)
class Login:
    """With what the API logs in to a store at a moment."""

    store: str
    user: str
    password: str = field(repr=False)


def used(deployment: Deployment) -> list[Login]:
    services = deployment.outputs.services
    return [Login(store, services[store].login, password(deployment, store)) for store in STORES]


def lets_in(deployment: Deployment, tunnel: Tunnel, login: Login) -> bool:
    try:
        if login.store == "postgres":
            postgres_connection(deployment, tunnel, login.password, login.user).__enter__().close()
        elif login.store == "redis":
            redis_client(deployment, tunnel, login.password, login.user).ping()
        else:
            with graph_driver(deployment, tunnel, login.password, login.user) as driver:
                driver.verify_connectivity()
    except psycopg.OperationalError as error:
        assert "password authentication failed" in str(error)
        return False
    except (redis.AuthenticationError, neo4j.exceptions.AuthError):
        return False
    return True


def starts(project: Project) -> dict[str, tuple[str, str]]:
    """Which container each store is, and when it was started last."""
    found = project.docker.containers.list(filters=project.labels)
    return {
        one.labels["pulumi.service"]: (str(one.id), str(one.attrs["State"]["StartedAt"]))
        for one in found
        if one.labels["pulumi.service"] in STORES
    }


def why(project: Project) -> str:
    """What API and edge have to say of answers that were none."""
    of_api = research(project, "logs", "api", "--grep", '"level": "warning"').text
    return of_api + research(project, "logs", "edge", "--grep", " 503 ").text


def test_all_passwords_are_rotated_without_losing_a_request(project: Project) -> None:
    stores, old = starts(project), used(project.deployment())
    with crowd(project) as people:
        done = told(research(project, "rotate", "all", "--yes", "--json"))
        time.sleep(1)
        assert not people.failed, f"{people}: {people.failed}\n{why(project)}"
    print(f"meanwhile {people}")  # noqa: T201 - figures that people look for
    assert starts(project) == stores, "no store is replaced or restarted for a password"
    assert done["refused"] >= len(old)
    with reached(project) as way:
        new = used(way[0])
        assert [lets_in(*way, login) for login in new] == [True] * len(STORES)
        assert [lets_in(*way, login) for login in old] == [False] * len(STORES)
    assert not {login.user for login in old} & {login.user for login in new if login.store == "postgres"}


def test_nothing_is_left_to_change_and_nobody_is_told_of_it(project: Project) -> None:
    for more in ([], ["--refresh"]):
        result = project.pulumi("preview", "--diff", "--expect-no-changes", *more)
        assert result.code == 0, result.text
    audit = research(project, "audit")
    assert "clients change over to their other login" in audit.text
    assert "postgres, redis, neo4j" in audit.text
    secrets = [login.password for login in used(project.deployment())]
    assert not [secret for secret in secrets if secret in audit.text]


def test_a_generation_that_is_raised_by_hand_counts_too(project: Project) -> None:
    """By four, so that no client's password is one that a store knew before."""
    stores, old = starts(project), used(project.deployment())
    for store in STORES:
        project.choose(store, password_generation=6)
    result = project.up()
    assert result.code == 0, result.text
    assert starts(project) == stores
    with reached(project) as way:
        assert [lets_in(*way, login) for login in used(way[0])] == [True] * len(STORES)
        assert [lets_in(*way, login) for login in old] == [False] * len(STORES)


def test_a_rotation_that_was_interrupted_is_ended_by_the_next_one(project: Project) -> None:
    project.choose("redis", password_generation=7)
    assert research(project, "rotate", "postgres", "--yes").code == 1, "a deploy is due: it is not the chosen store's"
    done = told(research(project, "rotate", "redis", "--yes", "--json"))
    assert done["generations"] == {"redis": 8}
