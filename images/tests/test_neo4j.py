"""The Neo4j image keeps the contract of the official one, and its password follows the secret.

The tests of one server run in the order of this file: a start takes a quarter of a minute.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from neo4j.exceptions import AuthError, ClientError

from images.tests.engine import Engine
from images.tests.neo4j_server import LIMITS, Server, started

FIRST, SECOND = "first-password", "second-password"
TMPFS = {"/tmp": ""}
SIZE_LIMIT = 225_000_000


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


def run_to_the_end(engine: Engine, image: str, command: list[str] | None = None, **options: Any) -> tuple[int, str]:
    """Exit code and logs of a container that ends by itself."""
    with engine.run(image, command, **{"tmpfs": TMPFS, **LIMITS, **options}) as running:
        return running.exit_code(within=120), running.logs()


def test_the_image_is_small_and_tells_what_it_was_built_from(engine: Engine, neo4j_image: str) -> None:
    assert engine.client.images.get(neo4j_image).attrs["Size"] <= SIZE_LIMIT

    _, packages = run_to_the_end(engine, neo4j_image, ["cat", "/usr/share/packages.txt"])
    assert {"openjdk-21-jdk-headless", "org.neo4j.neo4j-kernel", "libc6"} <= {
        line.split("\t")[0].split(":")[0] for line in packages.splitlines()
    }


@pytest.mark.parametrize(
    ("auth", "why"),
    [
        ("neo4j/short", "shorter than 8 characters"),
        ("neo4j/neo4j", "must not be neo4j"),
        ("alice/long-enough", "user must be neo4j"),
        ("no-slash-at-all", "not of the form neo4j/<password>"),
        ("neo4j/with/slashes", "contains '/'"),
    ],
)
def test_a_password_that_neo4j_would_not_take_ends_the_start(
    engine: Engine, neo4j_image: str, auth: str, why: str
) -> None:
    code, logs = run_to_the_end(engine, neo4j_image, environment={"NEO4J_AUTH": auth})

    assert code == 1
    assert "NEO4J_AUTH: " in logs
    assert why in logs
    assert "Allowed: neo4j/<password>" in logs
    assert auth not in logs


@pytest.mark.parametrize("variable", ["NEO4J_AUTH_PATH", "NEO4J_AUTH_FILE", "NEO4J_dbms_usage__report_enabled_FILE"])
def test_a_file_that_is_not_there_is_named(engine: Engine, neo4j_image: str, variable: str) -> None:
    code, logs = run_to_the_end(engine, neo4j_image, environment={variable: "/run/secrets/absent"})

    assert code == 1
    assert f"{variable}: cannot read /run/secrets/absent" in logs


def test_a_plugin_that_the_image_lacks_is_refused_and_not_downloaded(engine: Engine, neo4j_image: str) -> None:
    code, logs = run_to_the_end(engine, neo4j_image, environment={"NEO4J_PLUGINS": '["apoc", "n10s"]'})

    assert code == 1
    assert "NEO4J_PLUGINS: n10s is not in this image" in logs
    assert "Allowed: apoc, graph-data-science" in logs


def test_an_unknown_setting_ends_the_start(engine: Engine, neo4j_image: str) -> None:
    code, logs = run_to_the_end(engine, neo4j_image, environment={"NEO4J_server_nonsense": "1"})

    assert code != 0
    assert "server.nonsense" in logs


def test_settings_replace_those_of_the_image_and_flags_are_added(engine: Engine, neo4j_image: str) -> None:
    environment = {
        "NEO4J_AUTH": "none",
        "NEO4J_dbms_usage__report_enabled": "true",
        "NEO4J_apoc_trigger_refresh": "12345",
        "NEO4J_server_jvm_additional": "-Dcontract.flag=arrived",
        "NEO4J_EDITION": "community",
        "NEO4J_ACCEPT_LICENSE_AGREEMENT": "yes",
    }
    files = ["/tmp/neo4j/conf/neo4j.conf", "/tmp/neo4j/conf/apoc.conf"]
    code, logs = run_to_the_end(engine, neo4j_image, ["cat", *files], environment=environment)
    lines = logs.splitlines()

    assert code == 0
    assert [line for line in lines if line.startswith("dbms.usage_report")] == ["dbms.usage_report.enabled=true"]
    assert "dbms.security.auth_enabled=false" in lines
    assert lines.count("apoc.trigger.refresh=12345") == 1
    assert {"server.jvm.additional=-Dcontract.flag=arrived", "server.jvm.additional=-XX:+DisableExplicitGC"} <= {*lines}
    assert not [line for line in lines if line.startswith(("EDITION", "ACCEPT", "AUTH"))]


def test_dump_config_writes_the_configuration_to_conf(engine: Engine, neo4j_image: str) -> None:
    code, logs = run_to_the_end(engine, neo4j_image, ["dump-config"])
    assert (code, "there is no /conf" in logs) == (1, True)

    mount = {"/conf": "mode=777"}
    assert run_to_the_end(engine, neo4j_image, ["dump-config"], tmpfs={**TMPFS, **mount}) == (0, "")


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
