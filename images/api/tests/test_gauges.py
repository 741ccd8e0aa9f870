"""What is looked at every few seconds."""

import asyncio

import pytest
from market_research.accounts.presence import Presence
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


class Crowd(Presence):
    """Two within five minutes, and one more before."""

    async def count(self) -> dict[int, int]:
        return {5: 2, 15: 3}


async def look(clients: Stores, doctor: Doctor, presence: Presence | None = None) -> None:
    """Look once."""
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await gauges.look(clients, doctor, presence or Presence(clients.redis))


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


async def test_people_are_counted_by_how_long_ago_they_were_here(clients: Stores, doctor: Doctor) -> None:
    await look(clients, doctor, Crowd(clients.redis))
    assert (figure("users_active", window="5m"), figure("users_active", window="15m")) == (2, 3)


async def test_a_redis_that_is_away_does_not_end_the_looking(clients: Stores, doctor: Doctor) -> None:
    await look(clients, doctor)
    assert figure("store_up", store="redis") == 1, "as the doctor of this test says"
