"""What the smoke tests ask with: the deployed stack and ways into it, all gone afterwards."""

import os
import signal
from collections.abc import Generator, Iterator

import neo4j
import psycopg
import pytest
import redis
from playwright.sync_api import Browser, Page

from smoke_tests.browser import NoBrowserError, browser, fresh_page
from smoke_tests.clients import graph_driver, postgres_connection, redis_client
from smoke_tests.deployment import Deployment
from smoke_tests.guest import turn_out_abandoned
from smoke_tests.person import Person, newcomer
from smoke_tests.stack import NotUpError
from smoke_tests.tunnel import Tunnel
from smoke_tests.website import Website

FOUND = pytest.StashKey[Deployment]()
PATIENCE_SECONDS = 120


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--stack", help="the stack to test; default: the selected one, else dev")
    parser.addoption(
        "--require-browser",
        action="store_true",
        default="CI" in os.environ,
        help="fail, and do not skip, where no browser is installed; always so where CI is set",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Find the stack before anything else; without one the session ends with a sentence."""
    if config.option.help:
        return
    # Longer tracebacks show arguments, and drivers are called with passwords.
    config.option.showlocals = config.option.fulltrace = False
    config.option.tbstyle = {"auto": "short", "long": "short"}.get(config.option.tbstyle, config.option.tbstyle)
    try:
        config.stash[FOUND] = deployment = Deployment.find(config.getoption("--stack", None))
    except NotUpError as error:
        pytest.exit(str(error), returncode=pytest.ExitCode.USAGE_ERROR)
    turn_out_abandoned(deployment.engine)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Generator[None, object, object]:
    """No test waits for ever: Docker's own streams can stay open after the container that they lead to is gone."""
    before = signal.signal(signal.SIGALRM, _lose_patience)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE_SECONDS, PATIENCE_SECONDS)
    try:
        return (yield)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _lose_patience(*_: object) -> None:
    pytest.fail(f"no answer within {PATIENCE_SECONDS} s")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for a `service`, a `store` or an `outsider` runs for each of them."""
    deployment = metafunc.config.stash[FOUND]
    each = {"service": deployment.outputs.services, "store": deployment.stores, "outsider": deployment.outsiders}
    for name in each.keys() & set(metafunc.fixturenames):
        metafunc.parametrize(name, each[name])


@pytest.fixture(scope="session")
def deployment(pytestconfig: pytest.Config) -> Deployment:
    """The stack under test."""
    return pytestconfig.stash[FOUND]


@pytest.fixture(scope="session")
def tunnel(deployment: Deployment) -> Iterator[Tunnel]:
    """A way to the stores, on their own networks."""
    with deployment.invite(deployment.store_networks) as guest, Tunnel(guest) as tunnel:
        yield tunnel


@pytest.fixture(scope="session")
def website(deployment: Deployment) -> Iterator[Website]:
    """The public address, reached from the engine's host: a port bound to its 127.0.0.1 is open nowhere else."""
    with deployment.invite(network_mode="host") as guest, Tunnel(guest) as tunnel:
        yield Website(tunnel, deployment.outputs.url, deployment.entrance_address, deployment.trusted())


@pytest.fixture(scope="session")
def person(deployment: Deployment, website: Website) -> Iterator[Person]:
    """Somebody with an account of the tests' own, logged in."""
    with newcomer(deployment, website) as person:
        yield person


@pytest.fixture(scope="module")
def chromium(pytestconfig: pytest.Config) -> Iterator[Browser]:
    """A running browser. Without one the test is skipped, or fails where a browser is required."""
    try:
        with browser() as running:
            yield running
    except NoBrowserError as error:
        if pytestconfig.getoption("--require-browser"):
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture
def page(chromium: Browser, website: Website) -> Iterator[Page]:
    """An empty page of a fresh browser, for this site."""
    scheme = "https" if website.is_secure else "http"
    with fresh_page(chromium, f"{scheme}://127.0.0.1:{website.port}") as page:
        yield page


@pytest.fixture(scope="session")
def postgres(deployment: Deployment, tunnel: Tunnel) -> Iterator[psycopg.Connection]:
    """A connection as the application's role."""
    with postgres_connection(deployment, tunnel) as connection:
        yield connection


@pytest.fixture(scope="session")
def graph(deployment: Deployment, tunnel: Tunnel) -> Iterator[neo4j.Driver]:
    """A driver as the application's user."""
    with graph_driver(deployment, tunnel) as driver:
        driver.verify_connectivity()
        yield driver


@pytest.fixture(scope="session")
def cache(deployment: Deployment, tunnel: Tunnel) -> Iterator[redis.Redis]:
    """A client as the application's user."""
    with redis_client(deployment, tunnel) as client:
        client.ping()
        yield client
