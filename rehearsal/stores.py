"""The stores of the throw-away stack, as the application sees them."""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import Connection

from infra.mounted_files import SecretFiles
from rehearsal.project import Project
from smoke_tests.clients import postgres_connection
from smoke_tests.container_files import files
from smoke_tests.deployment import Deployment
from smoke_tests.tunnel import Tunnel

OWNER = "migration_a"


@contextmanager
def reached(project: Project) -> Iterator[tuple[Deployment, Tunnel]]:
    """The deployment, and a way to its stores."""
    deployment = project.deployment()
    with deployment.invite(deployment.store_networks) as guest, Tunnel(guest) as tunnel:
        yield deployment, tunnel


@contextmanager
def database(project: Project) -> Iterator[Connection]:
    """PostgreSQL, as migrations log in: they own the tables."""
    with reached(project) as (deployment, tunnel):
        store = deployment.container("postgres")
        file = f"postgres_{OWNER}_password"
        secret = files(store, f"{SecretFiles.folder}/{file}")[file].strip()
        with postgres_connection(deployment, tunnel, secret, login=OWNER) as connection:
            yield connection
