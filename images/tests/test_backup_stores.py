"""Backups of Redis, Neo4j, the uploads and the stack's state: what is stored is what was there, and it comes back."""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from images.tests.backup_stand import Stand, inner_network, stand
from images.tests.engine import Engine, Running

RIGHTS = {"app": ("~* &* +@all", "first"), "backup": ("+sync +psync +replconf +ping", "copies")}
ACL = "user default off\n" + "".join(
    f"user {name} on #{hashlib.sha256(password.encode()).hexdigest()} {rights}\n"
    for name, (rights, password) in RIGHTS.items()
)
NEO4J_LEFT = """
import json, os, sys
folder = "/exchange/neo4j"
os.umask(0)
os.makedirs(folder, 0o777, exist_ok=True)
for name, text in json.loads(sys.argv[1]).items():
    with open(f"{folder}/{name}", "w", opener=lambda path, flags: os.open(path, flags, 0o644)) as file:
        file.write(text)
"""
DUMP = "dump of a graph " * 1000
FACTS = {"nodes": 12, "relationships": 30, "type SAID": 30, "node checksum": "-77"}


@dataclass(frozen=True)
class Store:
    """A Redis and the backup's stand on one network."""

    stand: Stand
    server: Running

    def ask(self, *command: str) -> str:
        return self.server.exec("redis-cli", "--user", "app", *command, environment={"REDISCLI_AUTH": "first"})


@pytest.fixture
def plain(engine: Engine, image: Callable[[str], str]) -> Iterator[Stand]:
    with stand(engine, image("backup"), ["/files"]) as made:
        yield made


@pytest.fixture
def redis(engine: Engine, image: Callable[[str], str]) -> Iterator[Store]:
    with ExitStack() as stack:
        network = stack.enter_context(inner_network(engine))
        acl = stack.enter_context(engine.volume({"users.acl": ACL}))
        options = {"user": "999:999", "tmpfs": {"/tmp": "", "/data": "mode=1777"}, "network": network}
        mounts = {acl: {"bind": "/run/secrets", "mode": "ro"}}
        command = ["redis-server", "--aclfile", "/run/secrets/users.acl", "--repl-diskless-sync-delay", "0"]
        server = stack.enter_context(engine.run(image("redis"), command, volumes=mounts, **options))
        environment = {"REDIS_ADDRESS": f"{server.container.name}:6379", "REDIS_LOGIN": "backup"}
        made = stack.enter_context(stand(engine, image("backup"), environment=environment, network=network))
        store = Store(made, server)
        server.wait_until(lambda: store.ask("PING") == "PONG")
        yield store


def test_redis_comes_back_as_it_was_with_what_has_expired_since(redis: Store) -> None:
    redis.ask("SET", "kept", "żółć")
    redis.ask("SET", "passing", "away", "PX", "12000")
    redis.ask("HSET", "session", "user", "7")
    redis.ask("EXPIRE", "session", "3600")
    redis.stand.job("redis", {"backup": "20261130T033000Z"}).must()
    shown = redis.stand.manifest("20261130T033000Z", "redis")
    facts = shown["facts"]
    assert f"v={shown['versions']['redis']}" in redis.server.exec("redis-server", "--version").split()
    assert (facts["keys"], facts["keys with a lifetime"], len(facts["digest"])) == (3, 2, 40)
    assert redis.stand.file("/exchange", "redis/dump.rdb") is None
    redis.server.wait_until(lambda: redis.ask("EXISTS", "passing") == "0")
    redis.stand.restore("fetch", {"store": "redis"}).must()
    copy = redis.stand.file("/exchange", "redis/dump.rdb") or b""
    assert copy.startswith(b"REDIS")
    expected = redis.stand.file("/exchange", "redis/expected.json") or b""
    assert json.loads(expected) == facts
    recount = (
        "import json, pathlib, backup.redis as r; print(json.dumps(r.count(pathlib.Path('/exchange/redis/dump.rdb'))))"
    )
    assert json.loads(redis.stand.python(recount)) == facts


CUT_OFF = """#!/opt/venv/bin/python
import os, subprocess, sys
done = subprocess.run(["/usr/bin/redis-cli", *sys.argv[1:]])
if "--rdb" in sys.argv:
    path = sys.argv[-1]
    os.truncate(path, os.path.getsize(path) * 2 // 3)
sys.exit(done.returncode)
"""


def test_a_copy_of_redis_that_is_cut_off_does_not_count(redis: Store, engine: Engine) -> None:
    redis.ask("SET", "long", "x" * 5000)
    with engine.volume() as stub:
        engine.fill(stub, {"redis-cli": CUT_OFF}, 0o755)
        path = {"PATH": "/stub:/opt/venv/bin:/usr/bin"}
        ended = redis.stand.job("redis", environment=path, volumes=redis.stand.mounts(stub=stub))
    assert "is not whole and does not count" in ended.complaint()
    assert redis.stand.heads() == []


def test_a_redis_that_does_not_let_the_backup_in_is_told(redis: Store) -> None:
    redis.ask("ACL", "SETUSER", "backup", "resetpass")
    complaint = redis.stand.job("redis").complaint()
    assert "gave no copy" in complaint
    assert "WRONGPASS" in complaint


def left_by_neo4j(stand: Stand, **files: str) -> None:
    names = {name.replace("_", "."): text for name, text in files.items()}
    stand.python(NEO4J_LEFT, json.dumps(names), user="7474:7474")


def test_what_neo4j_left_is_stored_and_taken_away_and_fetched_again(plain: Stand) -> None:
    left_by_neo4j(plain, neo4j_dump=DUMP, facts_json=json.dumps(FACTS), dump_json=json.dumps({"bytes": len(DUMP)}))
    plain.job("neo4j", {"backup": "20261130T033000Z"}).must()
    assert plain.manifest("20261130T033000Z", "neo4j")["facts"] == FACTS
    assert plain.file("/exchange", "neo4j/neo4j.dump") is None
    plain.restore("fetch", {"store": "neo4j", "backup": "20261130T033000Z"}).must()
    assert plain.file("/exchange", "neo4j/neo4j.dump") == DUMP.encode()
    assert json.loads(plain.file("/exchange", "neo4j/expected.json") or b"") == FACTS


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ({}, "neo4j.dump: No such file"),
        ({"neo4j_dump": DUMP}, "facts.json: No such file"),
        ({"neo4j_dump": DUMP[:-7], "dump_json": f'{{"bytes": {len(DUMP)}}}', "facts_json": "{}"}, "cut off"),
        ({"neo4j_dump": DUMP, "facts_json": "{}"}, "allowed is a JSON object of facts"),
    ],
)
def test_what_neo4j_left_undone_does_not_count(plain: Stand, files: dict[str, str], complaint: str) -> None:
    left_by_neo4j(plain, **files)
    assert complaint in plain.job("neo4j").complaint()
    assert plain.heads() == []


def test_uploads_come_back_and_newer_ones_go(plain: Stand) -> None:
    plain.python("open('/files/a1', 'wb').write(b'first'); open('/files/b2', 'wb').write(b'second')")
    plain.python("open('/files/c3.part', 'wb').write(b'on its way')")
    plain.job("files", {"backup": "20261130T033000Z"}).must()
    facts = plain.manifest("20261130T033000Z", "files")["facts"]
    assert facts["files"] == 2
    assert facts["file a1"] == hashlib.sha256(b"first").hexdigest()
    plain.python("import os; os.remove('/files/a1'); open('/files/b2', 'wb').write(b'spoilt'); open('/files/d4', 'w')")
    restored = plain.restore("files", {"backup": "20261130T033000Z"}).must()
    assert restored["facts_equal"] is True
    assert plain.python("import os; print(sorted(os.listdir('/files')))") == "['a1', 'b2']"
    assert plain.file("/files", "b2") == b"second"


def test_an_empty_folder_of_uploads_is_a_backup_too(plain: Stand) -> None:
    plain.job("files").must()
    plain.python("open('/files/a1', 'w')")
    plain.restore("files", {}).must()
    assert plain.python("import os; print(os.listdir('/files'))") == "[]"


def test_the_state_holds_settings_and_pulumis_state(plain: Stand) -> None:
    plain.put("/work", {"state.json": '{"version": 3}', "stack.yaml": "config: {}\n"})
    plain.job("state", {"backup": "20261130T033000Z"}).must()
    shown = plain.manifest("20261130T033000Z", "state")
    assert set(shown["facts"]) == {"file stack.yaml", "file state.json", "files"}
    plain.restore("fetch", {"store": "state"}).must()
    assert plain.file("/exchange", "state/stack.yaml") == b"config: {}\n"


def test_a_backup_that_is_not_there_is_told_with_those_that_are(plain: Stand) -> None:
    plain.job("files", {"backup": "20261130T033000Z"}).must()
    ended = plain.restore("files", {"backup": "20250101T000000Z"})
    assert ended.code == 2
    assert "backup 20250101T000000Z of files: there is none that counts; the newest are: 20261130T033000Z" in ended.said
