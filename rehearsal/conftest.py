"""The throw-away stack, brought up once for all rehearsals."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.own_passphrase import OwnPassphrase

RATE_LIMIT = 50_000
"""Requests in ten seconds: on, and above what a crowd sends from its one address."""


@pytest.fixture(scope="session")
def fresh_project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnPassphrase]:
    """The copy, its stack not yet up; destroyed with its data at the end."""
    folder: Path = tmp_path_factory.mktemp("rehearsal")
    with OwnPassphrase(folder, f"rehearsal-{secrets.token_hex(3)}").prepared() as project:
        yield project


@pytest.fixture(scope="session")
def project(fresh_project: OwnPassphrase) -> OwnPassphrase:
    """The copy with its stack up."""
    result = fresh_project.up()
    assert result.code == 0, result.text
    print(f"\nfirst up: {result.seconds:.0f} s")  # noqa: T201 - a figure that people look for in the log
    return fresh_project


@pytest.fixture(scope="session")
def edge(project: OwnPassphrase) -> None:
    """From here on the stack has an edge, which takes over its port."""
    project.get_an_edge(rate_limit=RATE_LIMIT)
    result = project.up()
    assert result.code == 0, result.text
