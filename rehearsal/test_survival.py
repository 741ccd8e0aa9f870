"""A process dies while people work: it comes back by itself, and nothing that was acknowledged is lost."""

from collections.abc import Iterator
from functools import partial

import pytest

from rehearsal.project import Project
from rehearsal.survival.faults import FAULTS, killed
from rehearsal.survival.recovery import survived
from rehearsal.survival.stand import Services
from rehearsal.survival.witnesses import Witnesses, witnesses

SERVICES = ("frontend", "api", "postgres", "redis")


@pytest.fixture(scope="module")
def people(project: Project, edge: None) -> Iterator[Witnesses]:
    """They are there for all of it."""
    with witnesses(project) as working:
        yield working


@pytest.mark.parametrize("service", SERVICES)
def test_a_killed_service_is_back_in_time(project: Project, people: Witnesses, service: str) -> None:
    fault = next(one for one in FAULTS if one.what == f"SIGKILL: {service}")
    found = survived(people, fault, partial(killed, Services(project), service))
    print(f"\n{found}")  # noqa: T201 - figures that people look for
    assert not found.missed, str(found)
