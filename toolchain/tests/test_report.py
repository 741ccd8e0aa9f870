import io
import re
import time

from toolchain.report import StepLine


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_step_with_nothing_to_do_is_one_line() -> None:
    out = io.StringIO()
    with StepLine("pulumi", out) as line:
        line.done("3.259.0")

    assert re.fullmatch(r"pulumi +3\.259\.0 \(0\.\d s\)\n", out.getvalue())


def test_away_from_a_terminal_long_work_is_announced_first() -> None:
    out = io.StringIO()
    with StepLine("pulumi", out) as line:
        line.say("building")
        line.done("built")

    assert [text.split()[1] for text in out.getvalue().splitlines()] == ["building", "built"]


def test_on_a_terminal_long_work_counts_its_seconds_in_place() -> None:
    out = Terminal()
    with StepLine("pulumi", out) as line:
        line.say("building")
        time.sleep(1.1)
        line.done("built")

    assert re.search(r"\r\x1b\[Kpulumi +building \.\.\. 1\.\d s\r\x1b\[Kpulumi +built", out.getvalue())
    assert out.getvalue().count("\n") == 1
