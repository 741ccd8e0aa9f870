"""What the Neo4j image's entry point decides before a server runs."""

from collections.abc import Callable

import pytest

from images.tests.engine import Engine
from images.tests.neo4j_server import TMPFS, run_to_the_end

SIZE_LIMIT = 225_000_000


@pytest.fixture(scope="module")
def neo4j_image(image: Callable[[str], str]) -> str:
    return image("neo4j")


def test_the_image_is_small(engine: Engine, neo4j_image: str) -> None:
    assert engine.client.images.get(neo4j_image).attrs["Size"] <= SIZE_LIMIT


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
