"""The two steps of a rotation, what is proven after them, and what happens when one of them does not end."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from rich.console import Console

from infra.logins import SLOTS, slot_in_use, times_drawn
from operations import rotate
from operations.exit_codes import ExitCode, OperationError
from operations.generations import generations, raised
from operations.logins import KIND, Login
from operations.rotate import Rotation
from operations.stack_file import StackFile

FILE = """config:
  market-research:free_disk_gb: 4
  market-research:services:
    postgres: {cpus: 1, memory_mb: 512}  # the product
    redis: {cpus: 1, memory_mb: 256, password_generation: 4}
    neo4j: {cpus: 1, memory_mb: 2048}
"""
OTHERS = [{"op": "update", "urn": "urn:pulumi:dev::market-research::docker:index/container:Container::api"}]
LEFT = [{"op": "create", "urn": f"urn:pulumi:dev::market-research::{KIND}::postgres-api-a"}]


@dataclass
class World:
    """Pulumi, whose state follows the file, and stores, which follow that unless they are `deaf`."""

    file: StackFile
    state: dict[tuple[str, str], str] = field(default_factory=dict)
    stores: dict[tuple[str, str], str] = field(default_factory=dict)
    pending: list[dict[str, str]] = field(default_factory=list)
    deaf: bool = False
    too_open: bool = False
    ups: list[dict[str, Any]] = field(default_factory=list)
    fails_at: int = 0

    def preview(self) -> list[dict[str, str]]:
        return [{"op": "same", "urn": "urn"}, *self.pending]

    def show(self, *_: str) -> None:
        numbers = generations(self.file, ("postgres", "redis", "neo4j"))
        self.ups.append({**numbers, "used": slot_in_use(numbers["postgres"])})
        if len(self.ups) == self.fails_at:
            raise OperationError(ExitCode.BROKEN, "it was interrupted")
        for store, number in numbers.items():
            self.state |= {(store, f"api_{slot}"): f"{store}-{slot}-{times_drawn(slot, number)}" for slot in SLOTS}
        self.state["postgres", "postgres"] = f"superuser-{numbers['postgres'] // 2}"
        self.pending = []
        if not self.deaf:
            self.stores = dict(self.state)

    def answer(self, *arguments: str) -> str:
        if arguments[:2] == ("stack", "output"):
            return "http://127.0.0.1:8080"
        resources = [
            {
                "urn": f"urn::{KIND}::{store}-{self._purpose(user)}",
                "type": KIND,
                "outputs": {"result": self._secret(text)},
            }
            for (store, user), text in self.state.items()
        ]
        gone = {"urn": f"urn::{KIND}::postgres-api-a", "type": KIND, "delete": True, "outputs": {}}
        return json.dumps({"deployment": {"resources": [*resources, gone, {"urn": "urn::x::y", "type": "x"}]}})

    def let_in(self, _: Any, logins: Sequence[Login]) -> list[bool]:
        return [self.too_open or self.stores[one.name] == one.password for one in logins]

    @staticmethod
    def _purpose(user: str) -> str:
        return "superuser" if user == "postgres" else user.replace("_", "-")

    @staticmethod
    def _secret(text: str) -> dict[str, str]:
        return {"4dabf18193072939515e22adb298388d": "...", "plaintext": json.dumps(text)}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    (tmp_path / "Pulumi.yaml").write_text("name: market-research\n")
    (tmp_path / "Pulumi.dev.yaml").write_text(FILE)
    world = World(StackFile("dev", tmp_path))
    world.show()
    world.ups.clear()
    monkeypatch.setattr(rotate, "Pulumi", lambda *_: world)
    monkeypatch.setattr(rotate, "let_in", world.let_in)
    monkeypatch.setattr(rotate, "planned", lambda _: [])
    monkeypatch.setattr(rotate, "verify", lambda *_: "1")
    monkeypatch.setattr(rotate, "FOLLOWS_WITHIN_SECONDS", 0)
    return world


def rotation(world: World, *stores: str) -> Rotation:
    stack = SimpleNamespace(name="dev", file=world.file)
    return Rotation(cast(Any, stack), stores or ("postgres", "redis", "neo4j"), Console(file=io.StringIO()))


def test_clients_change_over_first_and_what_they_left_is_refused_then(world: World):
    before = dict(world.state)
    done = rotation(world, "postgres").carried_out(yes=True)
    assert [(up["postgres"], up["used"], up["redis"]) for up in world.ups] == [(1, "b", 4), (2, "b", 4)]
    changed = {name for name, password in before.items() if world.state[name] != password}
    assert changed == {("postgres", "api_a"), ("postgres", "postgres")}
    assert (done["generations"], done["refused"]) == ({"postgres": 2}, 2)


def test_all_of_them_go_together_and_the_file_is_otherwise_left_as_it_was(world: World):
    assert rotation(world).carried_out(yes=True)["refused"] == 4
    after = FILE.replace("memory_mb: 512}", "memory_mb: 512, password_generation: 2}")
    after = after.replace("password_generation: 4", "password_generation: 6")
    assert world.file.path.read_text() == after.replace("2048}", "2048, password_generation: 2}")


@pytest.mark.parametrize(("fails_at", "left"), [(1, 1), (2, 2)])
def test_what_was_interrupted_is_ended_by_the_next_one(world: World, fails_at: int, left: int):
    world.fails_at = fails_at
    with pytest.raises(OperationError, match="it was interrupted"):
        rotation(world, "postgres").carried_out(yes=True)
    assert generations(world.file, ["postgres"]) == {"postgres": left}
    world.fails_at, world.pending = 0, OTHERS if fails_at == 1 else LEFT
    before = len(world.ups)
    rotation(world, "postgres").carried_out(yes=True)
    ran = [up["postgres"] for up in world.ups[before:]]
    assert ran == ([1, 2] if fails_at == 1 else [2])
    assert world.stores == world.state


def interrupted(world: World, store: str) -> None:
    """A rotation of a store that ended early in its second step."""
    world.fails_at = 2
    with pytest.raises(OperationError, match="it was interrupted"):
        rotation(world, store).carried_out(yes=True)
    world.fails_at, world.pending = 0, LEFT


def test_what_another_rotation_left_over_comes_first_and_does_not_stand_for_what_was_asked(world: World):
    interrupted(world, "postgres")
    before = dict(world.state)
    done = rotation(world, "redis").carried_out(yes=True)
    assert done["generations"] == {"postgres": 2, "redis": 6}
    assert {name for name, password in before.items() if world.state[name] != password} >= {("redis", "api_a")}
    assert done["refused"] == 1
    assert world.stores == world.state


def test_the_rest_of_a_rotation_is_asked_about_too(world: World):
    interrupted(world, "postgres")
    ups = len(world.ups)
    with pytest.raises(OperationError, match="nothing was changed"):
        rotation(world, "postgres").carried_out(yes=False)
    assert len(world.ups) == ups


def test_a_deploy_that_is_due_comes_first(world: World):
    world.pending = OTHERS
    with pytest.raises(OperationError, match="research deploy -s dev` first"):
        rotation(world).carried_out(yes=True)
    assert not world.ups
    assert world.file.path.read_text() == FILE


def test_without_a_yes_nothing_is_changed(world: World):
    with pytest.raises(OperationError, match="nothing was changed"):
        rotation(world).carried_out(yes=False)
    assert not world.ups
    assert world.file.path.read_text() == FILE


def test_a_store_that_does_not_follow_is_told_of(world: World):
    world.deaf = True
    with pytest.raises(OperationError, match="do not let in api_a of postgres, postgres of postgres") as caught:
        rotation(world, "postgres").carried_out(yes=True)
    assert caught.value.code == ExitCode.BROKEN
    assert "postgres-a" not in str(caught.value)


def test_an_old_password_that_is_still_good_is_told_of(world: World):
    world.too_open = True
    with pytest.raises(OperationError, match="still let in, by the old password, api_a of postgres"):
        rotation(world, "postgres").carried_out(yes=True)


def test_what_cannot_be_rotated_is_told_with_what_can():
    with pytest.raises(
        OperationError, match="edge: not to be rotated; there are postgres, redis, neo4j, all"
    ) as caught:
        rotate.rotate(["redis", "edge"])
    assert caught.value.code == ExitCode.WRONG_USE


def test_a_generation_is_raised_in_the_file_alone(world: World):
    for _ in range(2):
        world.file.path.write_text(raised(world.file, ["redis"]))
    assert world.file.path.read_text() == FILE.replace("password_generation: 4", "password_generation: 6")
