"""What a probe is told, and how long it waits for it."""

import time

import anyio
import pytest
from httpx import AsyncClient
from market_research import health
from market_research.health import Doctor

from tests.conftest import FakeStores

pytestmark = pytest.mark.anyio
DOWN = ConnectionRefusedError("connection refused")


async def test_with_all_stores_up_the_api_is_healthy(api: AsyncClient) -> None:
    response = await api.get("/health")
    assert response.status_code == 200
    expected = {"status": "ok", "postgres": "up", "redis": "up", "neo4j": "up", "migration": "0003", "version": "0.1.0"}
    assert response.json() == expected


@pytest.mark.parametrize("store", ["postgres", "redis"])
async def test_without_a_required_store_it_is_503_and_says_which(
    api: AsyncClient, stores: FakeStores, store: str
) -> None:
    getattr(stores, store).error = DOWN
    response = await api.get("/health")
    assert response.status_code == 503
    body = response.json()
    assert [name for name in ("postgres", "redis", "neo4j") if body[name] == "down"] == [store]


async def test_without_neo4j_it_stays_healthy_and_says_so(api: AsyncClient, stores: FakeStores) -> None:
    stores.neo4j.error = DOWN
    response = await api.get("/health")
    assert (response.status_code, response.json()["neo4j"]) == (200, "down")


async def test_it_is_starting_until_it_could_serve_once_and_unavailable_after(
    api: AsyncClient, stores: FakeStores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "FRESH_SECONDS", 0)
    stores.redis.error = DOWN
    assert (await api.get("/health")).json()["status"] == "starting"
    stores.redis.error = None
    assert (await api.get("/health")).json()["status"] == "ok"
    stores.redis.error = DOWN
    assert (await api.get("/health")).json()["status"] == "unavailable"


async def test_stores_that_hang_cost_a_probe_less_than_a_second_together(api: AsyncClient, stores: FakeStores) -> None:
    stores.postgres.hangs = stores.redis.hangs = stores.neo4j.hangs = True
    start = time.monotonic()
    assert (await api.get("/health")).status_code == 503
    assert time.monotonic() - start < 1


async def test_many_probes_at_once_ask_each_store_once(api: AsyncClient, stores: FakeStores) -> None:
    async with anyio.create_task_group() as group:
        for _ in range(20):
            group.start_soon(api.get, "/health")
    assert (stores.postgres.asked, stores.redis.asked, stores.neo4j.asked) == (1, 1, 1)


async def test_draining_is_told_at_once_whatever_the_stores_do(
    api: AsyncClient, doctor: Doctor, stores: FakeStores, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await api.get("/health")).status_code == 200
    monkeypatch.setattr(health, "FRESH_SECONDS", 0)
    stores.postgres.hangs = True
    doctor.draining = True
    start = time.monotonic()
    response = await api.get("/health")
    assert (response.status_code, response.json()["status"]) == (503, "draining")
    assert time.monotonic() - start < 0.4


async def test_the_process_is_live_without_any_store(api: AsyncClient, stores: FakeStores) -> None:
    stores.postgres.hangs = stores.redis.hangs = True
    assert (await api.get("/live")).json() == {"status": "live"}


async def test_people_are_told_latencies_and_which_migration_is_expected(api: AsyncClient, stores: FakeStores) -> None:
    stores.redis.error = DOWN
    response = await api.get("/api/status")
    body = response.json()
    assert response.status_code == 200
    assert body["latency_ms"]["redis"] is None
    assert body["latency_ms"]["postgres"] >= 0
    assert body["migration"] == body["expected_migration"]


async def test_the_documentation_lists_every_operation_and_loads_nothing(api: AsyncClient) -> None:
    page = (await api.get("/api/docs")).text
    paths = (await api.get("/api/openapi.json")).json()["paths"]
    assert set(paths) >= {"/health", "/live", "/api/status"}
    assert all(f"<code>{path}</code>" in page for path in paths)
    assert "http" not in page
    assert "<script" not in page
