"""Memory settings inside a service are derived from its limit, and fit into it."""

import pytest

from infra.services import neo4j, postgres, redis
from infra.tests.conftest import Declared
from stacks.settings import ServiceSettings

LIMITS = [ServiceSettings(cpus=1, memory_mb=1024), ServiceSettings(cpus=2, memory_mb=4096)]


def megabytes(text: str) -> float:
    for unit, factor in {"kB": 1 / 1024, "MB": 1, "mb": 1, "m": 1}.items():
        if text.endswith(unit):
            return int(text.removesuffix(unit)) * factor
    raise AssertionError(text)


@pytest.mark.parametrize("limits", LIMITS)
def test_postgres_stays_within_its_limit_when_every_connection_sorts(limits: ServiceSettings):
    tuned = postgres.tuning(limits)
    assert megabytes(tuned["shared_buffers"]) == limits.memory_mb / 4
    sorting = int(tuned["max_connections"]) * megabytes(tuned["work_mem"])
    assert megabytes(tuned["shared_buffers"]) + sorting <= limits.memory_mb


def test_postgres_builds_no_index_in_parallel():
    assert postgres.tuning(LIMITS[1])["max_parallel_maintenance_workers"] == "0"


@pytest.mark.parametrize(("limit", "expected"), [(256, "160mb"), (1024, "640mb")])
def test_redis_leaves_room_for_copy_on_write(limit: int, expected: str):
    assert ("--maxmemory", expected) in redis.options(ServiceSettings(cpus=1, memory_mb=limit))


@pytest.mark.parametrize("limit", [neo4j.Neo4j.minimum_memory_mb, 2048, 8192])
def test_neo4j_leaves_room_for_the_jvm_itself(limit: int):
    tuned = neo4j.memory(ServiceSettings(cpus=1, memory_mb=limit))
    heap, cache = megabytes(tuned["server.memory.heap.max_size"]), megabytes(tuned["server.memory.pagecache.size"])
    assert tuned["server.memory.heap.initial_size"] == tuned["server.memory.heap.max_size"]
    assert 500 + limit // 10 <= limit - heap - cache <= 501 + limit // 10


def test_redis_knows_passwords_only_by_their_hash_and_lets_nobody_else_in():
    passwords = {"api_a": "hunter2", "local_a": "swordfish", "monitor_a": "tr0ub4dor"}
    acl = redis.acl(passwords)
    assert not [password for password in passwords.values() if password in acl]
    assert acl.splitlines()[0] == "user default off"
    assert "+ping" in acl.splitlines()[2]
    assert "user backup" not in acl


def test_the_api_starts_a_worker_for_each_whole_core(declared: Declared):
    assert "WORKERS=1" in declared.containers()["api"]["envs"]


def test_nginx_starts_a_worker_for_each_core_begun(declared: Declared):
    assert declared.containers()["frontend"]["command"] == ["nginx", "-g", "daemon off; worker_processes 1;"]
