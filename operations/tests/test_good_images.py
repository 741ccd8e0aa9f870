"""Which images are kept, and where a rollback leads."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast
from unittest.mock import Mock

import docker
import pytest

from operations import good_images
from operations.good_images import KEPT, GoodImages

MARK = "dev-good-"


class FakeEngine:
    """An engine that knows images, their tags and what runs."""

    def __init__(self) -> None:
        self.tags: dict[str, str] = {}
        self.running: dict[str, str] = {}
        self.time = datetime(2026, 1, 1, tzinfo=UTC)

    def images(self, name: str) -> list[dict[str, Any]]:
        own = {tag: image for tag, image in self.tags.items() if tag.startswith(f"{name}:")}
        ids = sorted(set(own.values()))
        return [{"Id": one, "RepoTags": [tag for tag, image in own.items() if image == one]} for one in ids]

    def tag(self, image: str, repository: str, tag: str) -> None:
        self.tags[f"{repository}:{tag}"] = image

    def remove_image(self, tag: str) -> None:
        if self.tags[tag] == "in use":
            raise docker.errors.APIError("conflict")
        del self.tags[tag]

    def replicas(self) -> list[Any]:
        return [Mock(service=name, facts={"Image": image}) for name, image in self.running.items()]


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def good(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> GoodImages:
    stack = Mock(replicas=engine.replicas, engine=Mock(client=Mock(api=engine)))
    stack.name, stack.file.project = "dev", "shop"
    return GoodImages(cast(Any, stack))


def deployed(engine: FakeEngine, good: GoodImages, monkeypatch: pytest.MonkeyPatch, *versions: str) -> None:
    """Deploys one after the other, each an hour after the one before; a version is `<api>/<frontend>`."""
    for version in versions:
        api, _, frontend = version.partition("/")
        engine.running = {"api": api, "frontend": frontend, "postgres": "p"}
        engine.time += timedelta(hours=1)
        monkeypatch.setattr(good_images, "datetime", Mock(now=lambda _: engine.time))
        good.keep()


def test_services_of_one_deploy_carry_one_time_and_stores_none(engine, good, monkeypatch):
    deployed(engine, good, monkeypatch, "a1/f1")
    assert list(good.sets().values()) == [{"api": "a1", "frontend": "f1"}]


def test_a_deploy_that_changes_nothing_adds_no_tag(engine, good, monkeypatch):
    deployed(engine, good, monkeypatch, "a1/f1", "a1/f1")
    assert len(good.sets()) == 1


def test_only_the_newest_sets_are_kept(engine, good, monkeypatch):
    deployed(engine, good, monkeypatch, *(f"a{number}/f" for number in range(KEPT + 2)))
    assert [images["api"] for images in good.sets().values()] == ["a2", "a3", "a4"]


def test_an_image_that_somebody_still_uses_is_no_error(engine, good, monkeypatch):
    deployed(engine, good, monkeypatch, *("in use/f", "a1/f", "a2/f", "a3/f"))
    assert list(good.sets().values())[-1]["api"] == "a3"


def test_a_rollback_leads_to_both_images_of_the_deploy_before(engine, good, monkeypatch):
    deployed(engine, good, monkeypatch, "a1/f1", "a1/f2", "a2/f2")
    assert good.sets()[good.before()] == {"api": "a1", "frontend": "f2"}


def test_a_rollback_from_a_version_that_was_never_good_leads_to_the_newest_good_one(engine, good, monkeypatch):
    deployed(engine, good, monkeypatch, "a1/f1", "a2/f1")
    engine.running["api"] = "broken"
    assert good.sets()[good.before()]["api"] == "a2"


def test_a_second_rollback_does_not_lead_back_to_what_the_first_has_left(engine, good, monkeypatch):
    deployed(engine, good, monkeypatch, "a1/f1", "a2/f1")
    before = good.before()
    engine.running["api"] = "a1"
    good.forget_after(before)
    assert good.before() is None
    assert [images["api"] for images in good.sets().values()] == ["a1"]


def test_what_a_release_took_back_is_nowhere_to_go_back_to(engine, good, monkeypatch):
    deployed(engine, good, monkeypatch, "a1/f1", "a3/f1", "a2/f1")
    good.forget_set({"api": "a3", "frontend": "f1"})
    assert [images["api"] for images in good.sets().values()] == ["a1", "a2"]
    assert good.sets()[good.before()]["api"] == "a1"


def test_from_an_older_good_version_a_rollback_does_not_lead_to_a_newer_one(engine, good, monkeypatch):
    deployed(engine, good, monkeypatch, "a1/f1", "a2/f1")
    engine.running["api"] = "a1"
    assert good.before() is None


def test_without_an_earlier_deploy_there_is_nowhere_to_go_back_to(engine, good, monkeypatch):
    deployed(engine, good, monkeypatch, "a1/f1")
    assert good.before() is None


def test_another_stacks_images_are_not_ours(engine, good, monkeypatch):
    engine.tags = {f"shop/api:dev2-good-{1}": "a9", "shop/api:dev": "a1"}
    engine.running = {"api": "a1", "frontend": "f1"}
    assert good.before() is None


def test_a_rollback_from_a_full_house_keeps_what_was_before_it(engine, good, monkeypatch):
    deployed(engine, good, monkeypatch, "a1/f1", "a2/f1", "a3/f1")
    assert len(good.sets()) == KEPT
    back = good.before()
    engine.running["api"] = "a2"
    assert good.keep(went_back=True) == back
    good.forget_after(back)
    assert [images["api"] for images in good.sets().values()] == ["a1", "a2"]
    assert good.sets()[good.before()]["api"] == "a1"


def test_source_that_was_taken_back_becomes_the_newest_set(engine, good, monkeypatch):
    deployed(engine, good, monkeypatch, "a1/f1", "a2/f1", "a1/f1", "a3/f1")
    assert [images["api"] for images in good.sets().values()] == ["a2", "a1", "a3"]
    assert good.sets()[good.before()]["api"] == "a1"


def test_what_serves_before_the_first_deploy_can_be_gone_back_to(engine, good, monkeypatch):
    monkeypatch.setattr(good_images, "health", lambda _: "healthy")
    monkeypatch.setattr(good_images, "datetime", Mock(now=lambda _: engine.time))
    engine.running = {"api": "a1", "frontend": "f1"}
    good.keep_first()
    deployed(engine, good, monkeypatch, "a2/f1")
    assert good.sets()[good.before()] == {"api": "a1", "frontend": "f1"}


def test_what_is_sick_before_the_first_deploy_is_not_kept(engine, good, monkeypatch):
    monkeypatch.setattr(good_images, "health", lambda one: "unhealthy" if one.service == "api" else "healthy")
    engine.running = {"api": "a1", "frontend": "f1"}
    good.keep_first()
    assert good.sets() == {}


def test_what_was_never_seen_to_work_is_not_kept_beside_what_was(engine, good, monkeypatch):
    monkeypatch.setattr(good_images, "health", lambda _: "healthy")
    deployed(engine, good, monkeypatch, "a1/f1")
    engine.running = {"api": "a2", "frontend": "f1"}
    good.keep_first()
    assert [images["api"] for images in good.sets().values()] == ["a1"]


def test_a_stack_that_is_no_more_keeps_none(engine, good, monkeypatch):
    deployed(engine, good, monkeypatch, "a1/f1", "a2/f2")
    good.forget()
    assert engine.tags == {}
