"""Redis remembers for as long as it was told to, through a restart, and takes orders from the application alone."""

import secrets
import time
from collections.abc import Iterator

import pytest
import redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, NoPermissionError
from redis.retry import Retry

from smoke_tests.clients import redis_client
from smoke_tests.deployment import Deployment
from smoke_tests.tunnel import Tunnel
from smoke_tests.website import Website

LIFETIME_SECONDS = 300
STOP_SECONDS = 60


@pytest.fixture
def key(cache: redis.Redis) -> Iterator[str]:
    """A key of this test's own; tests give it a lifetime, so that it goes even when they are killed."""
    name = f"smoke:{secrets.token_hex(8)}"
    yield name
    cache.delete(name)


def test_a_lifetime_is_counted_down(cache: redis.Redis, key: str) -> None:
    cache.set(key, "session", ex=LIFETIME_SECONDS)
    first = cache.pttl(key)
    time.sleep(0.05)
    assert 0 < cache.pttl(key) < first <= LIFETIME_SECONDS * 1000, "a session's remaining time must run down"


def test_a_key_is_gone_when_its_lifetime_is_over(cache: redis.Redis, key: str) -> None:
    cache.set(key, "answer", px=100)
    time.sleep(0.2)
    assert cache.get(key) is None, "a cached answer must be forgotten in time"


def test_a_key_survives_a_restart(deployment: Deployment, cache: redis.Redis, key: str, website: Website) -> None:
    cache.set(key, "kept", ex=LIFETIME_SECONDS)
    try:
        deployment.container("redis").restart(timeout=STOP_SECONDS)
    finally:
        deployment.wait_until_healthy("redis", 30)
    assert cache.get(key) == "kept", "sessions must survive a restart of Redis"
    deadline = time.monotonic() + 15
    while (page := website.get("/health")).status != 200:
        assert time.monotonic() < deadline, f"the API must find Redis again by itself: {page.text}"
        time.sleep(0.2)


def test_redis_refuses_a_wrong_password(deployment: Deployment, tunnel: Tunnel) -> None:
    with redis_client(deployment, tunnel, secret="wrong") as client, pytest.raises(AuthenticationError):
        client.ping()


def test_redis_refuses_whoever_does_not_log_in(deployment: Deployment, tunnel: Tunnel) -> None:
    port = tunnel.port(deployment.outputs.services["redis"].address)
    client = redis.Redis(host="127.0.0.1", port=port, retry=Retry(NoBackoff(), 0))
    with client, pytest.raises(AuthenticationError):
        client.ping()


def test_the_application_may_not_administer_redis(cache: redis.Redis) -> None:
    for administer in (cache.config_get, cache.acl_list, cache.slowlog_get):
        with pytest.raises(NoPermissionError):
            administer()
