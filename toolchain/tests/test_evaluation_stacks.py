from pathlib import Path

import pytest

from toolchain.command import StepError
from toolchain.evaluation_stacks import EvaluationStacks
from toolchain.pulumi_cli import command
from toolchain.tests.conftest import Machine, quiet


def pulumi_lists(machine: Machine, stacks: str, otherwise: str = "exit 0") -> None:
    script = f"case \"$1 $2\" in 'stack ls') echo '{stacks}' ;; *) {otherwise} ;; esac"
    machine.program("pulumi", script, folder=command().parent)


@pytest.fixture(autouse=True)
def passphrase(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "")


def changes(machine: Machine) -> list[str]:
    return [call for call in machine.calls("pulumi") if " ls " not in call]


def test_missing_stacks_are_initialised_and_dev_is_selected(machine: Machine) -> None:
    pulumi_lists(machine, "[]")

    assert EvaluationStacks().present() is None
    EvaluationStacks().install(quiet)
    assert changes(machine) == [
        "pulumi stack init dev --no-select --non-interactive",
        "pulumi stack init prod --no-select --non-interactive",
        "pulumi stack select dev --non-interactive",
    ]


def test_with_a_passphrase_of_ones_own_there_is_nothing_to_initialise(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pulumi_lists(machine, "[]")
    (tmp_path / "passphrase").write_text("mine")
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE_FILE", str(tmp_path / "passphrase"))

    assert EvaluationStacks().present() == "as they are: the passphrase is one of your own"
    assert machine.calls("pulumi") == []


def test_what_exists_is_left_alone(machine: Machine) -> None:
    pulumi_lists(machine, '[{"name": "dev", "current": false}, {"name": "organization/x/prod", "current": true}]')

    assert EvaluationStacks().present() == "dev prod"
    EvaluationStacks().install(quiet)
    assert changes(machine) == []


def test_a_wrong_passphrase_is_told_with_the_way_out(machine: Machine) -> None:
    pulumi_lists(machine, "[]", otherwise="echo 'error: incorrect passphrase' >&2; exit 255")

    with pytest.raises(StepError, match=r"incorrect passphrase(.|\n)*Unset PULUMI_CONFIG_PASSPHRASE"):
        EvaluationStacks().install(quiet)


def test_a_missing_passphrase_file_is_named(machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pulumi_lists(machine, "[]")
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE_FILE", str(tmp_path / "gone"))

    with pytest.raises(StepError, match="gone, and there is no such file"):
        EvaluationStacks().install(quiet)


def test_no_passphrase_at_all_asks_for_the_environment(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    pulumi_lists(machine, "[]")
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE")

    with pytest.raises(StepError, match="activate"):
        EvaluationStacks().install(quiet)
