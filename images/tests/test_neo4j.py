"""The Neo4j image keeps the contract of the official one, and its password follows the secret.

The tests of one server run in the order of this file: a start takes a quarter of a minute.
"""

from collections.abc import Callable, Iterator

import pytest
from neo4j.exceptions import AuthError, ClientError

from images.tests.engine import Engine
from images.tests.neo4j_server import TMPFS, Server, run_to_the_end, started

FIRST, SECOND = "first-password", "second-password"


@pytest.fixture(scope="module")
def neo4j_image(image: Callable[[str], str]) -> str:
    return image("neo4j")


@pytest.fixture(scope="module")
def data(engine: Engine) -> Iterator[str]:
    with engine.volume() as volume:
        yield volume


@pytest.fixture(scope="module")
def server(engine: Engine, neo4j_image: str, data: str) -> Iterator[Server]:
    """A first start with the password in NEO4J_AUTH_PATH, and rows in it."""
    environment = {
        "NEO4J_AUTH_PATH": "/run/secrets/neo4j_auth",
        "NEO4J_PLUGINS": '["apoc", "graph-data-science"]',
        "NEO4J_db_transaction_timeout": "77s",
        "NEO4J_server_jvm_additional": "-Dcontract.flag=arrived -Dcontract.other=too\n-Dcontract.third=three",
    }
    with (
        engine.volume({"neo4j_auth": f"neo4j/{FIRST}\n"}) as secrets,
        started(engine, neo4j_image, {data: "/data", secrets: "/run/secrets"}, environment) as first,
    ):
        first.ask("CREATE (:Page {n: 1})-[:LINKS]->(:Page {n: 2})-[:LINKS]->(:Page {n: 3})", FIRST)
        yield first


def test_it_is_unhealthy_until_http_and_bolt_answer(server: Server) -> None:
    assert not server.healthy_at_once
    assert server.running.attempt("healthy") == (0, "")


def test_the_secret_is_the_password_of_a_new_store(server: Server) -> None:
    assert server.ask("RETURN 1 AS one", FIRST) == [{"one": 1}]
    for wrong in ("neo4j", "wrong-password"):
        with pytest.raises(AuthError):
            server.ask("RETURN 1", wrong)


def test_the_password_is_set_before_a_port_opens_and_is_nowhere_to_be_read(server: Server) -> None:
    logs = server.running.logs()
    processes = server.running.exec("sh", "-c", "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline")

    assert logs.index("Password of user neo4j set") < logs.index("Bolt enabled on")
    assert FIRST not in logs
    assert "CommunityEntryPoint" in processes
    assert FIRST not in processes


def test_settings_of_the_environment_reach_the_server(server: Server) -> None:
    rows = server.ask("SHOW SETTINGS YIELD name, value RETURN name, value", FIRST)
    settings = {row["name"]: row["value"] for row in rows}

    assert settings["db.transaction.timeout"] == "1m17s"
    assert settings["server.memory.heap.max_size"] == "600.00MiB"
    assert settings["dbms.usage_report.enabled"] == "false"
    assert settings["server.https.enabled"] == "false"
    command = server.running.exec("sh", "-c", "cat /proc/[0-9]*/cmdline")
    flags = {"-Dcontract.flag=arrived", "-Dcontract.other=too", "-Dcontract.third=three"}
    assert {"-Xmx600m", "-Xms600m", "-XX:+DisableExplicitGC", *flags} <= {*command.split("\0")}


def test_graph_data_science_and_apoc_are_there(server: Server) -> None:
    versions = server.ask("RETURN gds.version() AS gds, apoc.version() AS apoc", FIRST)
    assert versions[0]["gds"].startswith("2.13.")
    assert versions[0]["apoc"].startswith("5.26.")

    server.ask("CALL gds.graph.project('pages', 'Page', 'LINKS')", FIRST)
    ranks = server.ask(
        "CALL gds.pageRank.stream('pages') YIELD nodeId, score RETURN gds.util.asNode(nodeId).n AS n ORDER BY score",
        FIRST,
    )
    assert [row["n"] for row in ranks] == [1, 2, 3]
    server.ask("CALL gds.louvain.write('pages', {writeProperty: 'community'})", FIRST)
    assert server.ask("CALL apoc.meta.stats() YIELD nodeCount RETURN nodeCount", FIRST) == [{"nodeCount": 3}]
    batches = "CALL apoc.periodic.iterate('MATCH (p:Page) RETURN p', 'SET p.seen = true', {}) YIELD total RETURN total"
    assert server.ask(batches, FIRST) == [{"total": 3}]


@pytest.mark.parametrize(
    "query",
    [
        "CALL apoc.load.json('file:///etc/passwd')",
        "CALL apoc.export.csv.all('/tmp/all.csv', {})",
        "CALL apoc.cypher.runFile('x')",
        "LOAD CSV FROM 'file:///etc/passwd' AS line RETURN line",
    ],
)
def test_cypher_reaches_no_files(server: Server, query: str) -> None:
    with pytest.raises(ClientError, match=r"There is no procedure|allow_csv_import_from_file_urls' is false"):
        server.ask(query, FIRST)


def test_cypher_shell_answers_in_the_container(server: Server) -> None:
    shell = server.running.exec(
        "cypher-shell",
        "--format",
        "plain",
        "MATCH (p:Page) RETURN count(p)",
        environment={"NEO4J_USERNAME": "neo4j", "NEO4J_PASSWORD": FIRST},
    )
    assert shell == "count(p)\n3"


def test_it_stops_cleanly_on_sigterm(server: Server) -> None:
    assert server.running.stop(within=60) == 0
    assert server.running.logs().rstrip().endswith("Stopped.")


@pytest.fixture(scope="module")
def reloaded(engine: Engine, neo4j_image: str, data: str, server: Server) -> Iterator[str]:
    """The stopped store, its database dumped, checked, removed, and loaded from the dump."""
    assert server.running.stop(within=60) == 0
    with engine.volume() as dumps:
        mounts = {data: {"bind": "/data", "mode": "rw"}, dumps: {"bind": "/dumps", "mode": "rw"}}
        script = (
            "neo4j-admin database dump neo4j --to-path=/dumps && neo4j-admin database check neo4j && "
            "rm -r /data/databases/neo4j /data/transactions/neo4j && "
            "neo4j-admin database load neo4j --from-path=/dumps"
        )
        with engine.run("debian:trixie-slim", ["chmod", "777", "/dumps"], volumes=mounts, cap_drop=[]) as carrier:
            assert carrier.exit_code() == 0
        code, logs = run_to_the_end(engine, neo4j_image, ["sh", "-c", script], volumes=mounts)
        assert code == 0, logs
        yield data


def test_after_a_restart_rows_stay_and_only_the_new_password_counts(
    engine: Engine, neo4j_image: str, reloaded: str
) -> None:
    environment = {"NEO4J_AUTH_FILE": "/run/secrets/auth"}
    with (
        engine.volume({"auth": f"neo4j/{SECOND}"}) as secrets,
        started(engine, neo4j_image, {reloaded: "/data", secrets: "/run/secrets"}, environment) as second,
    ):
        with pytest.raises(AuthError):
            second.ask("RETURN 1", FIRST)
        assert second.ask("MATCH (p:Page) RETURN count(p) AS pages", SECOND) == [{"pages": 3}]


def test_as_root_it_takes_over_the_data_and_drops_its_rights(engine: Engine, neo4j_image: str) -> None:
    mode = {"user": "0:0", "cap_drop": [], "tmpfs": {**TMPFS, "/data": "uid=0,gid=0,mode=700,exec"}}
    with started(engine, neo4j_image, {}, {"NEO4J_AUTH": f"neo4j/{FIRST}"}, **mode) as third:
        assert third.ask("RETURN 1 AS one", FIRST) == [{"one": 1}]
        owner = third.running.exec("sh", "-c", "ls -ldn /data; cat /proc/[0-9]*/status", user="0")
        assert "7474     7474" in owner.splitlines()[0]
        assert "Name:\tjava" in owner
        assert owner.split("Name:\tjava")[1].split("Uid:\t")[1].startswith("7474\t7474\t7474\t7474")
