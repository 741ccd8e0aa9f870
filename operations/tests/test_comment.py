"""A plan in Markdown."""

from operations.changes import Change
from operations.comment import markdown, refusal
from operations.exit_codes import ExitCode, OperationError


def test_every_change_is_a_row_and_a_pipe_stays_in_its_cell():
    text = markdown("prod", [Change("api", "stops", "STOPS for about 5 s", ("environment A|B",))])
    assert text.splitlines()[-1] == r"| ⚠️ | `api` | STOPS for about 5 s | environment A\|B |"


def test_nothing_to_do_is_said():
    assert "changes nothing" in markdown("prod", [])


def test_a_refusal_is_quoted_as_it_is():
    text = refusal("prod", OperationError(ExitCode.BROKEN, "the policy refuses this\ncontainer api: user is 0:0"))
    assert text.endswith("    the policy refuses this\n    container api: user is 0:0\n")
