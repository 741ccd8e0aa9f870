"""What is looked at every few seconds."""

import asyncio

import pytest
from market_research.health import Doctor
from market_research.stores import Stores
from market_research.telemetry import gauges
from prometheus_client import REGISTRY

from tests.conftest import parts

pytestmark = pytest.mark.anyio


@pytest.fixture
def clients(doctor: Doctor) -> Stores:
    """Clients of stores that are not there."""
    return parts(doctor).stores


async def look(clients: Stores, doctor: Doctor) -> None:
    """Look once."""
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await gauges.look(clients, doctor)


def figure(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, labels)


async def test_connections_of_redis_are_idle_or_used(clients: Stores, doctor: Doctor) -> None:
    pool = clients.redis.connection_pool
    pool.max_connections = 7
    used, idle = (pool.get_available_connection() for _ in range(2))  # type: ignore[no-untyped-call]
    await pool.release(idle)
    await look(clients, doctor)
    assert figure("db_client_connection_count", pool="redis", state="used") == 1
    assert figure("db_client_connection_count", pool="redis", state="idle") == 1
    assert figure("db_client_connection_max", pool="redis") == 7
    await pool.release(used)
    await look(clients, doctor)
    assert figure("db_client_connection_count", pool="redis", state="used") == 0
