import pytest

from toolchain.command import Command, StepError
from toolchain.tests.conftest import Machine


def test_a_failure_tells_the_command_its_last_lines_and_what_to_do(machine: Machine) -> None:
    machine.program("chatty", "for n in 1 2 3 4 5 6 7 8 9; do echo line $n; echo line 1$n >&2; done; exit 7")

    with pytest.raises(StepError) as failure:
        Command(["chatty", "two words"], advice="Try something else.").run()

    told = str(failure.value).splitlines()
    assert told[0] == "`chatty 'two words'` failed (exit code 7):"
    assert told[-2:] == ["    line 19", "Try something else."]
    assert "    line 3" not in told
    assert len(told) == 17


def test_a_command_that_takes_too_long_is_ended(machine: Machine) -> None:
    machine.program("slow", "while true; do :; done")

    with pytest.raises(StepError, match="no end within"):
        Command(["slow"], advice="", seconds=0.1).run()


def test_a_command_that_is_not_there_is_told(machine: Machine) -> None:
    with pytest.raises(StepError, match="No such file"):
        Command(["nowhere"], advice="").run()
