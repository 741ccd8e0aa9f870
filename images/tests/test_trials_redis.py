"""The drill and the restore of Redis' dumps, against a store of the product's image."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from images.tests.engine import Engine, Running
from images.tests.trials import Trials, trials

KEYS = (
    "SET answer 42",
    "HSET session:1 user ada",
    "EXPIRE session:1 5000",
    "LPUSH list a b c",
    "SET gone soon EX 15",
)
COMMAND = ["redis-server", "--appendonly", "yes", "--enable-debug-command", "local", "--repl-diskless-sync-delay", "0"]


@pytest.fixture(scope="module")
def redis(image: Callable[[str], str]) -> str:
    return image("redis")


@contextmanager
def store(stand: Trials, data: str) -> Iterator[Running]:
    """A store that writes into the exchange as the backup's container would."""
    mounts = {data: {"bind": "/data", "mode": "rw"}, stand.dumps: {"bind": "/exchange", "mode": "rw"}}
    with stand.engine.run(stand.image, COMMAND, volumes=mounts, tmpfs={"/tmp": ""}, user="999:999") as running:
        running.wait_until(lambda: running.attempt("redis-cli", "PING")[1] == "PONG")
        yield running
        assert running.stop() == 0


def ask(running: Running, command: str) -> str:
    return running.exec("redis-cli", *command.split())


@pytest.fixture
def stand(engine: Engine, redis: str) -> Iterator[Trials]:
    """With a dump of four keys, one of which is past its time when anybody loads it."""
    with trials(engine, redis, "sh") as stand, engine.volume() as data:
        stand.script("mkdir -m 777 redis drill drill/redis")
        with store(stand, data) as source:
            for command in KEYS:
                ask(source, command)
            source.exec("redis-cli", "--rdb", "/exchange/redis/dump.rdb")
            held = f"keys\t{ask(source, 'DBSIZE')}\nkeys with a lifetime\t2\ndigest\t{ask(source, 'DEBUG DIGEST')}\n"
            assert held.startswith("keys\t4\n"), held
            source.exec("sh", "-c", "chmod 644 /exchange/redis/dump.rdb")
            source.wait_until(lambda: ask(source, "EXISTS gone") == "0")
        stand.put({"redis/expected.tsv": held})
        stand.script("cp redis/dump.rdb drill/redis/")
        yield stand


def refusal(answer: tuple[int, str]) -> str:
    """The one line that a script said itself when it failed."""
    assert answer[0] == 1, answer[1]
    (line,) = (line for line in answer[1].splitlines() if "-redis.sh: " in line)
    return line


def test_a_drill_tells_what_a_dump_holds_also_what_has_expired_since(stand: Trials) -> None:
    code, output = stand.run("drill-redis.sh")
    assert (code, output) == (0, "")
    assert stand.whole("drill/redis/facts.tsv") == stand.whole("redis/expected.tsv")
    assert set(stand.entries("drill/redis")) == {"dump.rdb", "facts.tsv"}


def test_a_drill_of_a_spoiled_dump_fails_and_tells_nothing(stand: Trials) -> None:
    dump = stand.whole("redis/dump.rdb")
    flipped = dump.replace(b"answer", b"answes")
    for spoiled in (dump[: len(dump) // 2], dump[:-1], flipped, b"no dump"):
        stand.put({"drill/redis/dump.rdb": spoiled})
        assert "/exchange/drill/redis/dump.rdb cannot be loaded" in refusal(stand.run("drill-redis.sh"))
        assert stand.entries("drill/redis") == ["dump.rdb"]


@pytest.fixture
def data(engine: Engine, stand: Trials) -> Iterator[str]:
    """The data of a store that holds another key."""
    with engine.volume() as data:
        with store(stand, data) as before:
            ask(before, "SET before yes")
        yield data


def restore(stand: Trials, data: str) -> tuple[int, str]:
    return stand.run("restore-redis.sh", volumes={data: {"bind": "/data", "mode": "rw"}})


def keys(stand: Trials, data: str) -> set[str]:
    """The keys that a store with these data serves."""
    with store(stand, data) as running:
        return set(ask(running, "KEYS *").split())


def test_a_restored_store_starts_with_its_append_only_file_and_all_keys(stand: Trials, data: str) -> None:
    code, output = restore(stand, data)
    assert code == 0, output
    assert output.startswith("restore-redis.sh: the store now holds: keys 4,keys with a lifetime 2,digest ")
    with store(stand, data) as running:
        assert set(ask(running, "KEYS *").split()) == {"answer", "session:1", "list"}, "what is past its time is gone"
        assert 0 < int(ask(running, "TTL session:1")) <= 5000
        assert running.exec("sh", "-c", "ls -A /data").split() == ["appendonlydir"]
        assert running.exec("find", "/data/appendonlydir", "!", "-user", "999") == ""
        ask(running, "SET after yes")
    assert "after" in keys(stand, data)


def test_a_dump_that_is_spoiled_or_another_replaces_nothing(stand: Trials, data: str) -> None:
    dump = stand.whole("redis/dump.rdb")
    stand.put({"redis/dump.rdb": dump[:-20]})
    assert "cannot be loaded" in refusal(restore(stand, data))

    stand.put({"redis/dump.rdb": dump, "redis/expected.tsv": "keys\t5\nkeys with a lifetime\t2\ndigest\t00\n"})
    assert "does not hold what /exchange/redis/expected.tsv says" in refusal(restore(stand, data))
    assert keys(stand, data) == {"before"}


def test_a_disk_that_is_full_replaces_nothing(stand: Trials) -> None:
    tmpfs = {"/tmp": "size=64m", "/data": "size=4k,uid=999,gid=999"}
    assert "Nothing was replaced" in refusal(stand.run("restore-redis.sh", tmpfs=tmpfs))


def do(stand: Trials, data: str, text: str) -> str:
    """What a shell says that does something in a store's data."""
    mounts = {data: {"bind": "/data", "mode": "rw"}}
    with stand.engine.run(stand.image, ["sh", "-ec", f"cd /data; {text}"], volumes=mounts, user="999:999") as shell:
        assert shell.exit_code() == 0, shell.logs()
        return shell.logs()


KILLED = {
    "before the first": "mkdir restored && cp -r appendonlydir restored/",
    "with a folder for what was there": "mkdir restored former && cp -r appendonlydir restored/",
    "between the two": "mkdir restored former && cp -r appendonlydir former/ && mv appendonlydir restored/",
    "after both": "mkdir restored former && cp -r appendonlydir former/",
}


@pytest.mark.parametrize("half", KILLED.values(), ids=KILLED.keys())
def test_a_restore_that_was_killed_among_its_renames_is_finished_by_the_start_of_the_store(
    stand: Trials, data: str, half: str
) -> None:
    do(stand, data, f"{half} && touch dump.rdb")
    assert keys(stand, data) == {"before"}
    left = set(do(stand, data, "ls -A").split()) - {"dump.rdb"}  # the store's own, of its end
    assert left == {"appendonlydir"}


def test_a_store_whose_restore_cannot_be_finished_does_not_start_empty(stand: Trials, data: str) -> None:
    do(stand, data, "mkdir restored former && mv appendonlydir restored/")
    mounts = {data: {"bind": "/data", "mode": "ro"}}
    with stand.engine.run(stand.image, COMMAND, volumes=mounts, tmpfs={"/tmp": ""}, user="999:999") as store:
        assert store.exit_code() != 0
    assert keys(stand, data) == {"before"}


def test_a_restore_that_was_killed_among_its_renames_is_finished_by_the_next(stand: Trials, data: str) -> None:
    do(stand, data, "mkdir restored former && mv appendonlydir restored/")
    stand.script("rm redis/dump.rdb")
    assert "/exchange/redis/dump.rdb is not there" in refusal(restore(stand, data))
    assert keys(stand, data) == {"before"}


def test_an_empty_store_is_restored_as_such(stand: Trials, data: str) -> None:
    stand.script("rm redis/dump.rdb")
    with stand.engine.volume() as empty, store(stand, empty) as source:
        source.exec("redis-cli", "--rdb", "/exchange/redis/dump.rdb")
        source.exec("sh", "-c", "chmod 644 /exchange/redis/dump.rdb")
    stand.put({"redis/expected.tsv": f"keys\t0\nkeys with a lifetime\t0\ndigest\t{'0' * 40}\n"})
    code, output = restore(stand, data)
    assert code == 0, output
    assert keys(stand, data) == set()
