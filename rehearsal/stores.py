"""The stores of the throw-away stack, as the application sees them."""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import Connection

from rehearsal.project import Project
from smoke_tests.clients import postgres_connection
from smoke_tests.deployment import Deployment
from smoke_tests.tunnel import Tunnel


@contextmanager
def reached(project: Project) -> Iterator[tuple[Deployment, Tunnel]]:
    """The deployment, and a way to its stores."""
    deployment = project.deployment()
    with deployment.invite(deployment.store_networks) as guest, Tunnel(guest) as tunnel:
        yield deployment, tunnel


@contextmanager
def database(project: Project) -> Iterator[Connection]:
    """PostgreSQL, as the application's role."""
    with reached(project) as way, postgres_connection(*way) as connection:
        yield connection
