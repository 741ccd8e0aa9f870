from dataclasses import dataclass, field
from typing import Any

import pytest

from bench.deploys.side import SideError
from bench.deploys.trial import Findings, Row, Trial
from rehearsal.project import Result


@dataclass
class Stage:
    """Stands in for a side: notes what it is told, and fails when it is told to."""

    name: str = "stage"
    code: int = 0
    told: list[str] = field(default_factory=list)

    def up(self) -> Result:
        return self._result("up")

    def up_alone(self) -> Result:
        return self._result("up alone")

    def down(self) -> Result:
        return self._result("down")

    def forget(self) -> None:
        self.told.append("forget")

    def set_value(self, _: str) -> None:
        self.told.append("value")

    def mark(self, _: str) -> None:
        self.told.append("mark")

    def damage(self) -> None:
        self.told.append("damage")

    def mend(self) -> None:
        self.told.append("mend")

    def containers(self, _: str) -> list[Any]:
        return []

    @property
    def source(self) -> "Stage":
        return self

    def _result(self, what: str) -> Result:
        self.told.append(what)
        return Result(self.code, "the end of its output", 1.5)


class QuietTrial(Trial):
    """Without visitors, for whom there is no server here."""

    def _under_visitors(self, row: Row, *, fails: bool = False) -> None:
        self._timed(row, self.side.up, fails=fails)


def trial(stage: Any) -> Trial:
    return QuietTrial(stage, Findings({}), lambda _: None)


def test_a_life_goes_from_nothing_to_nothing() -> None:
    stage = Stage()
    trial(stage).run(broken=False)
    assert stage.told[0] == "up"
    assert stage.told[-2:] == ["down", "forget"]


def test_each_change_is_made_before_it_is_deployed() -> None:
    stage = Stage()
    trial(stage).run(broken=False)
    assert stage.told[stage.told.index("value") :][:4] == ["value", "up", "mark", "up"]


def test_every_deploy_is_timed() -> None:
    life = trial(Stage())
    life.run(broken=False)
    assert life.findings.times.keys() == set(Row) - {Row.BROKEN, Row.MENDED}
    assert life.findings.times[Row.COLD].seconds == [1.5]


def test_a_deploy_that_must_succeed_and_does_not_ends_the_run_with_its_output() -> None:
    with pytest.raises(SideError, match="the end of its output"):
        trial(Stage(code=1)).run(broken=False)
