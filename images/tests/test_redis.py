"""Redis' image: the official image's rules, the ACL file as its only guard, and data that outlives the process."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from images.tests.engine import Engine, Running

COMMAND = ["redis-server", "--aclfile", "/run/secrets/users.acl", "--appendonly", "yes", "--maxmemory", "32mb"]
PROBE = 'REDISCLI_AUTH="$(cat /run/secrets/probe_password)" redis-cli -h 127.0.0.1 --user probe PING | grep -q PONG'


def secrets(password: str) -> dict[str, str | bytes]:
    """The secret files, with `password` for the application's user."""
    rights = {"app": ("~* &* +@all -@dangerous", password), "probe": ("-@all +ping", f"probe-{password}")}
    users = [f"user {name} on #{hashlib.sha256(p.encode()).hexdigest()} {r}\n" for name, (r, p) in rights.items()]
    return {"users.acl": "user default off\n" + "".join(users), "probe_password": f"probe-{password}"}


@pytest.fixture(scope="module")
def redis(image: Callable[[str], str]) -> str:
    return image("redis")


@contextmanager
def start(engine: Engine, image: str, data: str, password: str, **options: Any) -> Iterator[Running]:
    """Start the image on a data volume as the platform does, healthy."""
    with engine.volume(secrets(password)) as files:
        volumes = {data: {"bind": "/data", "mode": "rw"}, files: {"bind": "/run/secrets", "mode": "ro"}}
        defaults: dict[str, Any] = {
            "user": "999:999",
            "tmpfs": {"/tmp": ""},
            "mem_limit": "64m",
            "memswap_limit": "64m",
        }
        with engine.run(image, volumes=volumes, **{"command": COMMAND, **defaults, **options}) as store:
            store.wait_until(lambda: store.attempt("sh", "-c", PROBE)[0] == 0)
            yield store


@pytest.fixture(scope="module")
def store(engine: Engine, redis: str) -> Iterator[Running]:
    with engine.volume() as data, start(engine, redis, data, "first") as store:
        yield store


def ask(store: Running, *command: str, user: str = "app", password: str = "first") -> str:
    """The answer of Redis, which may be an error."""
    return store.attempt("redis-cli", "--user", user, *command, environment={"REDISCLI_AUTH": password})[1]


def test_the_image_has_the_size_it_promises(engine: Engine, redis: str) -> None:
    assert engine.client.images.get(redis).attrs["Size"] <= 25e6


def test_it_is_redis_8_and_every_process_runs_as_999(store: Running) -> None:
    assert store.exec("redis-server", "--version").startswith("Redis server v=8.")
    ids = store.exec("sh", "-c", "grep -h ^Uid: /proc/[0-9]*/status").splitlines()
    assert {line.split()[1] for line in ids} == {"999"}


def test_the_application_reads_what_it_wrote(store: Running) -> None:
    assert ask(store, "SET", "answer", "42") == "OK"
    assert ask(store, "GET", "answer") == "42"


@pytest.mark.parametrize(("user", "password"), [("app", "wrong"), ("default", ""), ("default", "first")])
def test_nobody_else_gets_in(store: Running, user: str, password: str) -> None:
    assert "WRONGPASS" in ask(store, "PING", user=user, password=password) or "NOAUTH" in ask(
        store, "PING", user=user, password=password
    )


def test_the_probe_may_ping_and_nothing_else(store: Running) -> None:
    assert ask(store, "PING", user="probe", password="probe-first") == "PONG"
    assert "NOPERM" in ask(store, "GET", "answer", user="probe", password="probe-first")


def test_no_password_is_in_an_environment_an_argument_or_a_log(store: Running) -> None:
    found = store.exec("sh", "-c", "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline")
    assert "probe-first" not in found + store.logs()


def test_data_outlive_a_stop_and_a_crash_and_a_changed_acl_file_counts_at_the_next_start(
    engine: Engine, redis: str
) -> None:
    with engine.volume() as data:
        with start(engine, redis, data, "first") as store:
            ask(store, "SET", "stopped", "kept")
            assert store.stop(within=5) == 0
            assert "DB saved on disk" in store.logs()
        with start(engine, redis, data, "second") as store:
            assert "WRONGPASS" in ask(store, "PING", password="first")
            assert ask(store, "GET", "stopped", password="second") == "kept"
            ask(store, "SET", "killed", "kept too", password="second")
            store.container.kill("SIGKILL")
        with start(engine, redis, data, "third") as store:
            assert ask(store, "GET", "killed", password="third") == "kept too"
            modes = store.exec("find", "/data", "-name", "*.aof", "-perm", "600")
            assert modes, "nobody but Redis reads the sessions"


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        (["--version"], "Redis server v=8."),
        (["redis-cli", "--version"], "redis-cli 8."),
        (["sh", "-c", "echo as is, $(id -u), $(pwd)"], "as is, 999, /data"),
        (["redis-sentinel", "--version"], "Redis server v=8."),
    ],
)
def test_options_go_to_the_server_and_other_commands_run_as_they_are(
    engine: Engine, redis: str, command: Sequence[str], answer: str
) -> None:
    with engine.run(redis, list(command)) as once:
        once.exit_code()
        assert answer in once.logs()


def test_without_any_acl_other_hosts_get_in_as_with_the_official_image(engine: Engine, redis: str) -> None:
    with engine.run(redis) as store:
        store.wait_until(lambda: store.attempt("redis-cli", "PING")[1] == "PONG")
        address = store.exec("grep", store.container.short_id, "/etc/hosts").split()[0]
        assert store.exec("redis-cli", "-h", address, "SET", "answer", "42") == "OK"


def test_a_configuration_file_goes_to_the_server_and_may_turn_protected_mode_on(engine: Engine, redis: str) -> None:
    with engine.volume({"redis.conf": "port 7000\nprotected-mode yes\n"}) as files:
        mounts = {files: {"bind": "/etc/redis", "mode": "ro"}}
        with engine.run(redis, ["/etc/redis/redis.conf"], volumes=mounts) as store:
            store.wait_until(lambda: store.attempt("redis-cli", "-p", "7000", "PING")[1] == "PONG")
            assert store.exec("redis-cli", "-p", "7000", "CONFIG", "GET", "protected-mode").endswith("yes")


def test_a_start_as_root_hands_the_data_over_and_gives_up_its_rights(engine: Engine, redis: str) -> None:
    with engine.volume({"of-root": ""}) as data:
        options = {"user": "0:0", "cap_add": ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"]}
        mounts = {data: {"bind": "/data", "mode": "rw"}}
        with engine.run(redis, ["redis-server", "--pidfile", "/data/pid"], volumes=mounts, **options) as store:
            store.wait_until(lambda: store.attempt("redis-cli", "PING")[1] == "PONG")
            assert "of-root" in store.exec("find", "/data", "-user", "999", "-name", "of-root")
            assert "Uid:\t999\t999\t999\t999" in store.exec("sh", "-c", 'cat "/proc/$(cat /data/pid)/status"')
