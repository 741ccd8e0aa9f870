"""Neo4j's users are those of a file, at the start and while the server runs.

The tests of one server run in the order of this file: a start takes a quarter of a minute.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from neo4j.exceptions import AuthError, ClientError

from images.tests.engine import Engine, wait_until
from images.tests.neo4j_server import Server, run_to_the_end, started

USERS = {"NEO4J_USERS_PATH": "/run/secrets/neo4j_users"}
FOLLOWS_WITHIN = 15
MANAGE = "system"
SET = "Password of user api_a set from the configured secret"


def secrets(**changed: str) -> dict[str, str | bytes]:
    """The file of users, those changed that are named."""
    users = {"api_a": "api-a-first", "api_b": "api-b-first", "monitor_a": "monitor-first", **changed}
    return {"neo4j_users": "".join(f"{name}/{password}\n" for name, password in users.items())}


@pytest.fixture(scope="module")
def neo4j_image(image: Callable[[str], str]) -> str:
    return image("neo4j")


@pytest.fixture(scope="module")
def files(engine: Engine) -> Iterator[str]:
    with engine.volume(secrets()) as volume:
        yield volume


@pytest.fixture(scope="module")
def server(engine: Engine, neo4j_image: str, files: str) -> Iterator[Server]:
    """On data of the version before, whose only user was neo4j."""
    with engine.volume() as data:
        with started(engine, neo4j_image, {data: "/data"}, {"NEO4J_AUTH": "neo4j/known-to-many"}) as before:
            before.ask("CREATE (:Page {n: 1})", "known-to-many")
            assert before.running.stop(within=60) == 0
        with started(engine, neo4j_image, {data: "/data", files: "/run/secrets"}, USERS) as now:
            yield now


def lets_in(server: Server, user: str, password: str) -> bool:
    try:
        return bool(server.ask("RETURN 1", password, user=user))
    except AuthError:
        return False
    except ClientError as error:
        assert "AuthenticationRateLimit" in str(error.code), error
        return False


def test_the_users_are_those_of_the_file_and_the_data_come_through(server: Server) -> None:
    for user, password in (("api_a", "api-a-first"), ("api_b", "api-b-first"), ("monitor_a", "monitor-first")):
        assert server.ask("MATCH (p:Page) RETURN p.n AS n", password, user=user) == [{"n": 1}]
    assert not lets_in(server, "neo4j", "known-to-many")
    names = {row["user"] for row in server.ask("SHOW USERS YIELD user", "api-a-first", MANAGE, "api_a")}
    assert names == {"api_a", "api_b", "monitor_a"}


def test_the_running_server_takes_over_a_changed_file_and_ends_who_came_in_before(
    engine: Engine, server: Server, files: str
) -> None:
    """That any user may manage users is what Neo4j's Community edition is: one that was made by hand goes, too."""
    server.ask("CREATE USER mine SET PASSWORD 'made-by-hand' CHANGE NOT REQUIRED", "monitor-first", MANAGE, "monitor_a")
    with ExitStack() as stack:
        leaving, staying = (
            stack.enter_context(stack.enter_context(server.driver(f"api-{slot}-first", f"api_{slot}")).session())
            for slot in ("a", "b")
        )
        leaving.run("RETURN 1").consume()
        staying.run("RETURN 1").consume()
        before = server.running.logs().count(SET)
        engine.fill(files, secrets(api_a="api-a-second"))
        # Asking by the new password before it is one would close the account for seconds.
        seconds = wait_until(lambda: server.running.logs().count(SET) == before + 1, FOLLOWS_WITHIN)
        print(f"\nfollowed after {seconds:.1f} s")  # noqa: T201 - a figure of the README
        assert connections(server, "api_b") >= 1, "who uses the other login is not disturbed"
        wait_until(lambda: connections(server, "api_a") == 0, FOLLOWS_WITHIN)
        staying.run("RETURN 1").consume()
    assert lets_in(server, "api_a", "api-a-second")
    assert not lets_in(server, "api_a", "api-a-first")
    assert not lets_in(server, "mine", "made-by-hand")


def connections(server: Server, user: str) -> int:
    rows = server.ask("CALL dbms.listConnections() YIELD username", "monitor-first", MANAGE, "monitor_a")
    return sum(row["username"] == user for row in rows)


def test_a_file_that_is_wrong_for_a_moment_changes_nothing_and_is_told(
    engine: Engine, server: Server, files: str
) -> None:
    engine.fill(files, {"neo4j_users": "api_a/short"})
    server.running.wait_until(lambda: "each line has to be <user>/<password>" in server.running.logs(), FOLLOWS_WITHIN)
    assert lets_in(server, "api_b", "api-b-first")
    engine.fill(files, secrets(api_a="api-a-third"))
    server.running.wait_until(lambda: server.running.logs().count(SET) == 3, FOLLOWS_WITHIN)
    assert lets_in(server, "api_a", "api-a-third")


def test_the_passwords_are_nowhere_to_be_read(server: Server) -> None:
    processes = server.running.exec("sh", "-c", "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline")
    assert not [word for word in ("-first", "-second", "-third") if word in processes + server.running.logs()]


def test_it_stops_cleanly(server: Server) -> None:
    assert server.running.stop(within=60) == 0
    assert server.running.logs().rstrip().endswith("Stopped.")


@pytest.mark.parametrize("text", ["api_a/short", "api_a", "Api/long-enough", "api_a/long/enough", ""])
def test_a_file_that_says_something_else_ends_the_start(engine: Engine, neo4j_image: str, text: str) -> None:
    with engine.volume({"neo4j_users": text}) as files:
        mounts = {files: {"bind": "/run/secrets", "mode": "ro"}}
        code, logs = run_to_the_end(engine, neo4j_image, environment=USERS, volumes=mounts)
    assert code != 0
    assert "each line has to be <user>/<password>" in logs


def test_a_file_of_users_that_is_not_there_is_named(engine: Engine, neo4j_image: str) -> None:
    code, logs = run_to_the_end(engine, neo4j_image, environment=USERS)
    assert code == 1
    assert "NEO4J_USERS_PATH: cannot read /run/secrets/neo4j_users" in logs
