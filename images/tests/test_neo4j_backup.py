"""Neo4j's programs for backups: a dump is whole or is not there, and a load replaces a database whole or not at all.

The tests of one database run in the order of this file: a start of the server takes a quarter of a minute.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from images.tests.engine import Engine
from images.tests.exchange import exchange, read
from images.tests.neo4j_server import TMPFS, Server, run_to_the_end, started

PASSWORD = "first-password"
DUMP = "/exchange/neo4j"
ROWS = """
CREATE (:Persona:Person {id: 'a', seen: datetime('2026-11-30T03:30:00Z'), v: [1.5, 2.25]})
    -[:SAID {at: point({x: 1, y: 2})}]->(:Answer {id: 1, text: 'żółw'})
    -[:MENTIONS]->(:Theme)
"""
COUNTS = {
    "nodes": 3,
    "relationships": 2,
    "label Persona": 1,
    "label Person": 1,
    "label Answer": 1,
    "label Theme": 1,
    "type SAID": 1,
    "type MENTIONS": 1,
    "constraints": 1,
    "constraint persona_id": "FOR (persona:Persona) REQUIRE persona.id IS UNIQUE",
    "indexes": 3,
    "index persona_id": "RANGE on Persona (id)",
}


class Volumes:
    """What the programs are run on: a data folder, the exchange, and a folder to count in."""

    def __init__(self, engine: Engine, image: str, data: str, dumps: str) -> None:
        self.engine, self.image, self.data, self.dumps = engine, image, data, dumps

    def run(self, *command: str, data: str | None = None) -> tuple[int, str]:
        """Exit code and output of a program that runs as the platform runs it, without any network."""
        mounts = {
            data or self.data: {"bind": "/data", "mode": "rw"},
            self.dumps: {"bind": "/exchange", "mode": "rw"},
        }
        return run_to_the_end(self.engine, self.image, list(command), volumes=mounts, network_mode="none")

    def count(self) -> dict[str, Any]:
        """The facts of the dump that lies in the exchange."""
        with self.engine.volume() as scratch:
            assert self.run("count-dump", DUMP, data=scratch) == (0, "")
            assert self.run("ls", "-A", "/data", data=scratch) == (0, ""), "the scratch folder is left empty"
        facts: dict[str, Any] = json.loads(self.file("facts.json") or b"")
        return facts

    def facts_of_database(self) -> dict[str, Any]:
        code, output = self.run("dump-database", DUMP)
        assert code == 0, output
        return self.count()

    def file(self, name: str) -> bytes | None:
        return read(self.engine, self.dumps, f"neo4j/{name}")

    def put(self, name: str, content: bytes) -> None:
        self.engine.fill(self.dumps, {f"neo4j/{name}": content})


@pytest.fixture(scope="module")
def neo4j_image(image: Callable[[str], str]) -> str:
    return image("neo4j")


@pytest.fixture(scope="module")
def volumes(engine: Engine, neo4j_image: str) -> Iterator[Volumes]:
    with engine.volume() as data, exchange(engine) as dumps:
        yield Volumes(engine, neo4j_image, data, dumps)


@pytest.fixture(scope="module")
def server(engine: Engine, volumes: Volumes) -> Iterator[Server]:
    environment = {"NEO4J_AUTH": f"neo4j/{PASSWORD}"}
    with started(engine, volumes.image, {volumes.data: "/data"}, environment) as server:
        server.ask("CREATE CONSTRAINT persona_id FOR (one:Persona) REQUIRE one.id IS UNIQUE", PASSWORD)
        server.ask(ROWS, PASSWORD)
        yield server


def test_a_running_server_is_not_dumped(server: Server, volumes: Volumes) -> None:
    code, output = volumes.run("dump-database", DUMP)

    assert (code, len(output.splitlines())) == (1, 1)
    assert "dump-database: a server, or another of these programs, uses /data: stop it" in output
    assert volumes.file("neo4j.dump") is None
    assert server.ask("RETURN 1 AS one", PASSWORD) == [{"one": 1}]


@pytest.fixture(scope="module")
def stopped(server: Server, volumes: Volumes) -> Volumes:
    assert server.running.stop(within=60) == 0
    return volumes


@pytest.fixture(scope="module")
def facts(stopped: Volumes) -> dict[str, Any]:
    return stopped.facts_of_database()


def test_a_dump_says_how_it_was_made_and_others_may_read_it(facts: dict[str, Any], stopped: Volumes) -> None:
    told = json.loads(stopped.file("dump.json") or b"")
    dump = stopped.file("neo4j.dump")

    assert dump is not None
    assert told["bytes"] == len(dump)
    assert 0 < told["seconds"] < 60
    assert told["neo4j"].startswith("5.26.")
    assert stopped.run("find", DUMP, "-name", "*.*", "!", "-perm", "644") == (0, "")
    assert stopped.run("find", DUMP, "-perm", "777") == (0, f"{DUMP}\n")


def test_a_count_names_what_the_database_holds(facts: dict[str, Any]) -> None:
    assert {name: facts.get(name) for name in COUNTS} == COUNTS
    assert len(facts["node checksum"]) == len(facts["relationship checksum"]) == 64
    assert facts["node checksum"] != facts["relationship checksum"]


def test_the_server_starts_again_and_what_it_wrote_before_it_was_killed_is_dumped(
    engine: Engine, facts: dict[str, Any], stopped: Volumes
) -> None:
    with started(engine, stopped.image, {stopped.data: "/data"}, {"NEO4J_AUTH": f"neo4j/{PASSWORD}"}) as again:
        assert again.ask("MATCH (n) RETURN count(n) AS nodes", PASSWORD) == [{"nodes": 3}]
        again.ask("MATCH (one:Answer) SET one.text = 'turtle' CREATE (:Answer)", PASSWORD)
        again.running.container.kill("SIGKILL")

    code, output = stopped.run("dump-database", DUMP)
    assert (code, output) == (
        0,
        "dump-database: the server was not stopped but ended: its database is recovered first\n",
    )
    later = stopped.count()
    assert (later["nodes"], later["label Answer"]) == (4, 2)
    assert later["node checksum"] != facts["node checksum"]
    assert later["relationship checksum"] == facts["relationship checksum"], "ends are known by their ids"


SPOILS: dict[str, Callable[[bytes], bytes]] = {
    "half": lambda dump: dump[: len(dump) // 2],
    "one byte short": lambda dump: dump[:-1],
    "one bit flipped": lambda dump: dump[:5000] + bytes([dump[5000] ^ 1]) + dump[5001:],
    "empty": lambda _: b"",
    "no dump": lambda _: b"this is no dump at all",
}


def test_a_spoiled_dump_is_refused_and_leaves_the_database(stopped: Volumes) -> None:
    before = stopped.facts_of_database()
    dump = stopped.file("neo4j.dump") or b""

    for name, spoil in SPOILS.items():
        stopped.put("neo4j.dump", spoil(dump))
        code, output = stopped.run("load-dump", DUMP)
        assert (code, len(output.splitlines())) == (1, 1), f"{name}: {output}"
        assert "not a whole dump of Neo4j" in output, name
    with stopped.engine.volume() as scratch:
        assert stopped.run("count-dump", DUMP, data=scratch)[0] == 1
    assert stopped.file("facts.json") is None
    assert stopped.run("ls", "-A", "/data") == (0, "databases\nserver_id\ntransactions\n")
    assert stopped.facts_of_database() == before


def test_a_dump_that_is_not_what_it_should_be_replaces_nothing(stopped: Volumes) -> None:
    before = stopped.facts_of_database()
    stopped.put("expected.json", json.dumps({**before, "nodes": 99}).encode())

    code, output = stopped.run("load-dump", DUMP)
    assert code == 1
    told = (
        f"the dump has nodes {before['nodes']}, and not 99 as /exchange/neo4j/expected.json says: nothing was replaced"
    )
    assert told in output
    assert stopped.facts_of_database() == before


def test_a_load_replaces_the_database_and_leaves_nothing_else_behind(stopped: Volumes) -> None:
    former = stopped.facts_of_database()
    dump = stopped.file("neo4j.dump") or b""
    with stopped.engine.volume() as data:
        stopped.put("expected.json", json.dumps(former).encode())
        assert stopped.run("load-dump", DUMP, data=data) == (0, "")
        assert stopped.run("load-dump", DUMP, data=data) == (0, ""), "a database that is there is replaced"
        assert stopped.run("ls", "-A", "/data", data=data) == (0, "databases\ntransactions\n")
        # As if the load had been killed between its two renames; what stands there is another database.
        script = "mkdir -p /data/loaded/databases && mv /data/databases/neo4j /data/loaded/databases/"
        assert stopped.run("sh", "-c", script, data=data) == (0, "")
        with started(stopped.engine, stopped.image, {data: "/data"}, {"NEO4J_AUTH": "neo4j/other-password"}) as server:
            nodes = server.ask("MATCH (n) RETURN count(n) AS nodes", "other-password")
            assert nodes == [{"nodes": former["nodes"]}]
            assert "loaded" not in server.running.exec("ls", "-A", "/data")
            assert server.running.stop(within=60) == 0
        stopped.put("neo4j.dump", dump)
        assert stopped.run("load-dump", DUMP, data=data) == (0, "")
        with started(stopped.engine, stopped.image, {data: "/data"}, {}) as server:
            assert server.ask("RETURN 1 AS one", "other-password") == [{"one": 1}], "the password stays"


def test_a_dump_that_does_not_fit_leaves_nothing_that_looks_like_one(stopped: Volumes) -> None:
    mounts = {stopped.data: {"bind": "/data", "mode": "rw"}}
    script = f"dump-database {DUMP}; echo left with $?; ls -A {DUMP}"
    tmpfs = {**TMPFS, "/exchange": "size=4k,mode=777"}
    _, output = run_to_the_end(stopped.engine, stopped.image, ["sh", "-c", script], volumes=mounts, tmpfs=tmpfs)

    assert "No space left on device" in output
    assert output.endswith("left with 1\n")


def test_what_an_earlier_run_left_does_not_outlive_a_dump_that_fails(stopped: Volumes) -> None:
    for name in ("neo4j.dump", "neo4j.dump.partial", "dump.json", "facts.json"):
        stopped.put(name, b"old")
    with stopped.engine.volume() as empty:
        code, output = stopped.run("dump-database", DUMP, data=empty)

    assert code == 1
    assert "dump-database: /data holds no database neo4j" in output
    assert stopped.run("ls", "-A", DUMP) == (0, "expected.json\n")


def test_a_count_does_not_touch_a_database(stopped: Volumes) -> None:
    code, output = stopped.run("count-dump", DUMP)
    assert code == 1
    assert "count-dump: /data holds a database: mount an empty volume there" in output


@pytest.mark.parametrize("call", ["dump-database", "count-dump /exchange/a /exchange/b", "load-dump /nowhere/neo4j"])
def test_wrong_use_is_told(stopped: Volumes, call: str) -> None:
    command = call.split()
    code, output = stopped.run(*command)
    assert code == 2
    assert f"{command[0]}: needs one argument, a folder" in output
