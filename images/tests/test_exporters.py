"""The exporters' image: each program against the real store, with a password that no process shows."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from images.tests import postgres_store
from images.tests.engine import Engine, Running
from images.tests.monitoring_stand import Exporter, Stand, eventually, stand

PASSWORD = "Plain-1.2_3~4"
QUOTED = 'it\'s "a" \\ $word'
DATA_SOURCE = {
    "DATA_SOURCE_URI": "postgres:5432/market_research?sslmode=disable&connect_timeout=3",
    "DATA_SOURCE_USER": "monitor_a",
}
REDIS = {"REDIS_ADDR": "redis://redis:6379"}
REDIS_RIGHTS = "resetchannels -@all +info +client|setname +latency|latest +latency|histogram +slowlog|len +slowlog|get"
BLACKBOX = "modules: {public: {prober: http, timeout: 3s}}"


@pytest.fixture(scope="module")
def exporters(image: Callable[[str], str]) -> str:
    return image("exporters")


@pytest.fixture(scope="module")
def network(engine: Engine) -> Iterator[Stand]:
    with stand(engine) as network:
        yield network


@pytest.fixture(scope="module")
def postgres(network: Stand, image: Callable[[str], str]) -> Iterator[Running]:
    secrets = {"postgres_password": "superuser's", "postgres_monitor_a_password": PASSWORD}
    with network.engine.volume() as data, network.engine.volume(secrets) as files:
        options: dict[str, Any] = {
            "command": [*postgres_store.COMMAND, "-c", "shared_preload_libraries=pg_stat_statements"],
            "volumes": {files: {"bind": "/run/secrets", "mode": "ro"}},
            **network.join("postgres"),
        }
        with postgres_store.ready(network.engine, image("postgres"), data, None, **options) as store:
            yield store


@pytest.fixture(scope="module")
def redis(network: Stand, image: Callable[[str], str]) -> Iterator[Running]:
    rights = {"app": ("x", "~* &* +@all"), "monitor": (QUOTED, REDIS_RIGHTS)}
    users = [f"user {name} on #{hashlib.sha256(p.encode()).hexdigest()} {r}\n" for name, (p, r) in rights.items()]
    with network.engine.volume({"users.acl": "user default off\n" + "".join(users)}) as files:
        options: dict[str, Any] = {
            "volumes": {files: {"bind": "/run/secrets", "mode": "ro"}},
            "tmpfs": {"/tmp": ""},
            **network.join("redis"),
        }
        command = ["redis-server", "--aclfile", "/run/secrets/users.acl", "--save", "", "--maxmemory", "32mb"]
        with network.engine.run(image("redis"), command, **options) as store:
            store.wait_until(lambda: "Ready to accept" in store.logs())
            yield store


@contextmanager
def watching_postgres(network: Stand, exporters: str) -> Iterator[Exporter]:
    secrets = {"postgres_monitor_password": f"{PASSWORD}\n"}
    with network.exporter(exporters, ["postgres"], 9187, secrets, environment=DATA_SOURCE) as exporter:
        yield exporter


@contextmanager
def watching_redis(network: Stand, exporters: str, password: str = QUOTED) -> Iterator[Exporter]:
    secrets = {"redis_monitor_password": f"{password}\n"}
    with network.exporter(exporters, ["redis"], 9121, secrets, environment=REDIS) as exporter:
        yield exporter


def shows(exporter: Exporter, password: str) -> bool:
    """In an environment, an argument, the log or the metrics."""
    found = exporter.running.exec("sh", "-c", "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline")
    return password in found + exporter.running.logs() + exporter.get()[1]


def test_the_image_has_the_size_it_promises(engine: Engine, exporters: str) -> None:
    assert engine.client.images.get(exporters).attrs["Size"] <= 65e6


def test_postgres_is_seen_as_the_role_monitor(network: Stand, exporters: str, postgres: Running) -> None:
    with watching_postgres(network, exporters) as exporter:
        postgres_store.sql(postgres, "SELECT count(*) FROM pg_class")
        expected = {
            "pg_up",
            "pg_database_size_bytes",
            "pg_stat_activity_count",
            "pg_settings_max_connections",
            "pg_stat_statements_calls_total",
            "pg_stat_checkpointer_num_timed_total",
            "pg_long_running_transactions",
        }
        assert expected <= exporter.names()
        assert exporter.metrics()["pg_up"] == 1
        assert exporter.metrics()["pg_exporter_last_scrape_error"] == 0
        failed = [one for one, value in exporter.metrics().items() if "collector_success" in one and value != 1]
        assert not failed
        assert not shows(exporter, PASSWORD)
        held = postgres_store.sql(postgres, "SELECT count(*) FROM pg_stat_activity WHERE usename = 'monitor_a'")
        assert int(held) <= 2, "a third is for whoever asks at the same time"


def test_postgres_away_is_told_and_its_return_too(network: Stand, exporters: str, postgres: Running) -> None:
    with watching_postgres(network, exporters) as exporter:
        eventually(exporter, "pg_up", 1)
        postgres.container.stop(timeout=30)
        eventually(exporter, "pg_up", 0)
        postgres.container.start()
        eventually(exporter, "pg_up", 1)


def test_redis_is_seen_as_the_user_monitor(network: Stand, exporters: str, redis: Running) -> None:
    with watching_redis(network, exporters) as exporter:
        expected = {"redis_memory_max_bytes", "redis_max_clients", "redis_evicted_keys_total", "redis_slowlog_length"}
        assert expected <= exporter.names()
        assert exporter.metrics()["redis_up"] == 1
        assert not shows(exporter, QUOTED)
        denied = redis.exec("redis-cli", "--user", "app", "ACL", "LOG", environment={"REDISCLI_AUTH": "x"})
        assert denied == ""


def test_redis_away_and_a_wrong_password_are_told(network: Stand, exporters: str, redis: Running) -> None:
    with watching_redis(network, exporters, "wrong") as exporter:
        assert exporter.metrics()["redis_up"] == 0
    with watching_redis(network, exporters) as exporter:
        redis.container.stop(timeout=30)
        eventually(exporter, "redis_up", 0)
        redis.container.start()
        eventually(exporter, "redis_up", 1)


def test_the_host_is_seen_from_an_ordinary_container(network: Stand, exporters: str, engine: Engine) -> None:
    host = engine.client.info()
    with network.exporter(exporters, ["node"], 9100) as exporter:
        metrics = exporter.metrics()
        assert metrics["node_memory_MemTotal_bytes"] == host["MemTotal"]
        assert sum(1 for one in metrics if one.startswith("node_cpu_seconds_total") and "idle" in one) == host["NCPU"]
        disks = {one for one in metrics if one.startswith("node_filesystem_avail_bytes")}
        assert len(disks) == 1
        assert 'mountpoint="/"' in disks.pop()
        assert {"node_load1", "node_disk_io_time_seconds_total", "node_timex_sync_status"} <= exporter.names()
        own = [
            one for one in exporter.names() if one.startswith(("node_network", "node_netstat", "node_os", "node_uname"))
        ]
        assert own == [], "these would be the container's"


def test_what_a_job_has_left_comes_with_the_hosts_figures(network: Stand, exporters: str) -> None:
    with (
        network.engine.volume(
            {"backup.prom": 'backup_last_success_timestamp_seconds{store="postgres"} 1.5e+09\n'}
        ) as left,
        network.exporter(exporters, ["node"], 9100, volumes={left: {"bind": "/var/lib/node-exporter"}}) as exporter,
    ):
        metrics = exporter.metrics()
        assert metrics['backup_last_success_timestamp_seconds{store="postgres"}'] == 1.5e9
        assert metrics["node_textfile_scrape_error"] == 0


def test_the_public_way_in_is_probed(network: Stand, exporters: str) -> None:
    with (
        network.engine.volume({"blackbox.yml": BLACKBOX}) as files,
        network.exporter(exporters, ["node"], 9100) as target,
        network.exporter(
            exporters, ["blackbox"], 9115, volumes={files: {"bind": "/run/configuration", "mode": "ro"}}
        ) as exporter,
    ):
        probe = f"/probe?module=public&target=http://{target.address}"
        assert "probe_success 1" in exporter.get(f"{probe}:9100/")[1]
        assert "probe_success 0" in exporter.get(f"{probe}:1/")[1]


MISTAKES: dict[str, tuple[str, dict[str, str], dict[str, str | bytes]]] = {
    "DATA_SOURCE_URI is not set; write host:port/database": ("postgres", {}, {"postgres_monitor_password": "x"}),
    "/run/secrets/postgres_monitor_password does not exist": ("postgres", DATA_SOURCE, {}),
    "/run/secrets/postgres_monitor_password is empty": ("postgres", DATA_SOURCE, {"postgres_monitor_password": "\n"}),
    "other characters than letters": ("postgres", DATA_SOURCE, {"postgres_monitor_password": QUOTED}),
    "REDIS_ADDR is not set; write redis://host:port": ("redis", {}, {"redis_monitor_password": "x"}),
    "REDIS_ADDR is 'redis:6379'; allowed is redis://host:port": ("redis", {"REDIS_ADDR": "redis:6379"}, {}),
    "'redis://a@b:1'; allowed is redis://host:port": ("redis", {"REDIS_ADDR": "redis://a@b:1"}, {}),
    "/run/secrets/redis_monitor_password does not exist": ("redis", REDIS, {}),
    "/run/secrets/redis_monitor_password is empty": ("redis", REDIS, {"redis_monitor_password": ""}),
    "/run/configuration/blackbox.yml cannot be read": ("blackbox", {}, {}),
    "no command; allowed are blackbox, node, postgres and redis": ("", {}, {}),
}


@pytest.mark.parametrize("complaint", MISTAKES)
def test_a_mistake_is_named_in_one_line(engine: Engine, exporters: str, complaint: str) -> None:
    command, environment, secrets = MISTAKES[complaint]
    with engine.volume(secrets) as files:
        mounts = {files: {"bind": "/run/secrets", "mode": "ro"}}
        with engine.run(exporters, [command], environment=environment, volumes=mounts, tmpfs={"/tmp": ""}) as once:
            assert once.exit_code() == 64
            assert complaint in once.logs()
            assert len(once.logs().splitlines()) == 1


def test_a_secret_that_is_closed_to_it_is_named(engine: Engine, exporters: str) -> None:
    with engine.volume() as files:
        engine.fill(files, {"redis_monitor_password": "x"}, mode=0o400)
        mounts = {files: {"bind": "/run/secrets", "mode": "ro"}}
        with engine.run(exporters, ["redis"], environment=REDIS, volumes=mounts, tmpfs={"/tmp": ""}) as once:
            assert once.exit_code() == 64
            assert "/run/secrets/redis_monitor_password cannot be read by user 65534" in once.logs()


def test_without_room_for_the_passwords_redis_says_so(engine: Engine, exporters: str) -> None:
    with engine.volume({"redis_monitor_password": "x"}) as files:
        mounts = {files: {"bind": "/run/secrets", "mode": "ro"}}
        with engine.run(exporters, ["redis"], environment=REDIS, volumes=mounts) as once:
            assert once.exit_code() == 64
            assert "/tmp cannot be written; mount a tmpfs there" in once.logs()


def test_every_process_runs_as_nobody_and_stops_at_once(network: Stand, exporters: str) -> None:
    with network.exporter(exporters, ["node"], 9100) as exporter:
        ids = exporter.running.exec("sh", "-c", "cat /proc/[0-9]*/status").split("Uid:\t")[1:]
        assert {line.split()[0] for line in ids} == {"65534"}
        assert exporter.running.stop(within=5) != 137
