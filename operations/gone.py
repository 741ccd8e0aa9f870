"""Containers that go while they are asked for something."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from docker.errors import APIError, NotFound


@contextmanager
def unless_gone() -> Iterator[None]:
    """Leave the block without an error when the engine has removed the container, or is at it."""
    try:
        yield
    except NotFound:
        return
    except APIError as error:
        if error.status_code != HTTPStatus.CONFLICT:
            raise
