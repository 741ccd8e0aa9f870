"""A PostgreSQL container as the platform starts it, and what the tests ask of it."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from images.tests.engine import Engine, Running

DATA = "/var/lib/postgresql/data"
PGDATA = f"{DATA}/pgdata"
ENVIRONMENT = {
    "POSTGRES_PASSWORD_FILE": "/run/secrets/postgres_password",
    "POSTGRES_DB": "market_research",
    "POSTGRES_INITDB_ARGS": "--data-checksums --no-sync",
    "PGDATA": PGDATA,
}
# Killed processes lose nothing of what the kernel has: only a power cut needs fsync, and it takes most of the time.
COMMAND = ["postgres", "-c", "shared_buffers=32MB", "-c", "fsync=off"]
HEALTH = ("pg_isready", "-q", "-h", "127.0.0.1", "-U", "postgres", "-d", "market_research")


@contextmanager
def start(engine: Engine, image: str, data: str, password: str | None, **options: Any) -> Iterator[Running]:
    """Start the image on a data volume with a secret file that holds `password` (None: no secrets at all)."""
    with ExitStack() as stack:
        volumes = {data: {"bind": DATA, "mode": "rw"}, **options.pop("volumes", {})}
        if password is not None:
            secret = stack.enter_context(engine.volume({"postgres_password": password}))
            volumes[secret] = {"bind": "/run/secrets", "mode": "ro"}
        defaults: dict[str, Any] = {
            "user": "999:999",
            "environment": ENVIRONMENT,
            "tmpfs": {"/tmp": "", "/var/run/postgresql": ""},
            "command": COMMAND,
        }
        yield stack.enter_context(engine.run(image, volumes=volumes, **{**defaults, **options}))


@contextmanager
def ready(engine: Engine, image: str, data: str, password: str | None, **options: Any) -> Iterator[Running]:
    """As `start`, healthy."""
    with start(engine, image, data, password, **options) as store:
        store.wait_until(lambda: store.attempt(*HEALTH)[0] == 0)
        yield store


@contextmanager
def starting_with(
    engine: Engine, image: str, data: str, command: Sequence[str] = COMMAND, **secrets: str
) -> Iterator[Running]:
    """A store on the data, with the superuser's password and these secret files."""
    with engine.volume({"postgres_password": "superuser's", **secrets}) as files:
        mounts = {files: {"bind": "/run/secrets", "mode": "ro"}}
        with start(engine, image, data, None, command=list(command), volumes=mounts) as store:
            yield store


@contextmanager
def ready_with(
    engine: Engine, image: str, data: str, command: Sequence[str] = COMMAND, **secrets: str
) -> Iterator[Running]:
    """As `starting_with`, healthy, and stopped in the end."""
    with starting_with(engine, image, data, command, **secrets) as store:
        store.wait_until(lambda: store.attempt(*HEALTH)[0] == 0)
        yield store
        store.stop()


def sql(store: Running, *statements: str, user: str = "postgres", database: str = "market_research") -> str:
    """What the statements print, without headers, over the local socket."""
    arguments = [part for statement in statements for part in ("-c", statement)]
    return store.exec("psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-U", user, "-d", database, *arguments)


def lets_in(store: Running, password: str) -> bool:
    """Whether the superuser gets in with this password from the network."""
    command = 'psql -X -h "$(hostname -i)" -U postgres -d market_research -c "SELECT 1"'
    code, output = store.attempt("sh", "-c", command, environment={"PGPASSWORD": password})
    assert code == 0 or "password authentication failed" in output, output
    return code == 0


def ask_as(store: Running, login: str, password: str, statement: str) -> tuple[int, str]:
    """Exit code and answer of a login from the network."""
    command = 'psql -XqAt -h "$(hostname -i)" -U "$0" -d market_research -c "$1"'
    return store.attempt("sh", "-c", command, login, statement, environment={"PGPASSWORD": password})
