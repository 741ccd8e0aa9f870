"""The age of logs, as people write it."""

from datetime import timedelta

import pytest

from operations.exit_codes import ExitCode, OperationError
from operations.logs import age


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("10m", 600), ("2h", 7200), ("3d", 259200)])
def test_an_age_is_a_number_and_a_unit(text: str, seconds: int):
    assert age(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "10", "m", "-1m", "1w", "10 m"])
def test_another_age_is_wrong_use_with_what_is_allowed(text: str):
    with pytest.raises(OperationError, match="write a number and one of s, m, h, d") as refused:
        age(text)
    assert refused.value.code == ExitCode.WRONG_USE
