"""What comparisons of the stores say together, and the exit code of that."""

from market_research.consistency import uploads
from market_research.consistency.finding import Fault, Finding
from market_research.consistency.report import Report

FAULT = Fault("rows without a node", "mend it")


def test_a_line_has_five_examples_at_most_and_says_that_there_are_more() -> None:
    finding = Finding("graph Answer", {"rows": 9, "nodes": 2})
    for one in range(6):
        finding.note(FAULT, one)
    assert finding.line() == "graph Answer: rows 9, nodes 2; rows without a node 6 (0, 1, 2, 3, 4, ...)"


def test_the_last_line_tells_each_way_out_once() -> None:
    first, second = Finding("graph Answer"), Finding("graph Theme")
    for finding in (first, second):
        finding.note(FAULT)
    assert Report([first, second]).lines()[-1] == "mend it"
    assert Report([Finding("sessions")]).lines()[-1] == "consistent"


def test_what_could_not_be_seen_counts_more_than_differences() -> None:
    finding = Finding("sessions")
    assert Report([finding]).code == 0
    finding.note(FAULT)
    assert Report([finding]).code == 1
    assert Report([finding], {"graph": "away"}).code == 2
    assert Report([finding], {"graph": "away"}).lines()[-1] == "mend it; run this again when it can look at everything"


def test_what_does_no_harm_is_told_and_is_no_difference() -> None:
    finding = Finding("uploads")
    finding.note(uploads.UNKNOWN)
    assert Report([finding]).code == 0
    assert "harmless" in Report([finding]).lines()[-1]
