"""Log lines of errors: where they come from, without what people wrote."""

import json
import logging
from collections.abc import Callable

import psycopg
import pytest
from market_research.logs import JsonLines
from pydantic import BaseModel

WRITTEN = "a launch nobody may hear of"


class Answer(BaseModel):
    number: int


def taken() -> None:
    raise psycopg.errors.UniqueViolation(f"duplicate key\nDETAIL:  Key (email)=({WRITTEN}) already exists.")


def unreadable() -> None:
    Answer.model_validate({"number": WRITTEN})


def chained() -> None:
    try:
        unreadable()
    except ValueError as error:
        raise RuntimeError("an answer could not be kept") from error


def during() -> None:
    try:
        taken()
    finally:
        raise RuntimeError("an answer could not be kept")


def several() -> None:
    try:
        int(WRITTEN)
    except ValueError as error:
        raise ExceptionGroup("an answer could not be kept", [error]) from None


def line(mistake: Callable[[], None]) -> str:
    """What is logged of a mistake."""
    try:
        mistake()
    except Exception as error:
        record = logging.LogRecord(
            "api", logging.ERROR, "", 0, "it failed", None, (type(error), error, error.__traceback__)
        )
        return str(json.loads(JsonLines().format(record))["trace"])
    raise AssertionError("it did not fail")


@pytest.mark.parametrize(
    ("mistake", "kind"),
    [
        (taken, "UniqueViolation"),
        (unreadable, "ValidationError"),
        (chained, "ValidationError"),
        (during, "UniqueViolation"),
        (several, "ValueError"),
        (lambda: WRITTEN.encode("latin-1") + "\u2260".encode("latin-1"), "UnicodeEncodeError"),
        (lambda: {"": ""}[WRITTEN], "KeyError"),
    ],
)
def test_an_error_is_told_by_its_kind_and_place_and_not_by_what_it_was_given(
    mistake: Callable[[], None], kind: str
) -> None:
    told = line(mistake)
    assert kind in told.split()
    assert "test_logs.py" in told
    assert WRITTEN not in told


@pytest.mark.parametrize("mistake", [chained, during, several])
def test_the_words_of_this_program_are_kept(mistake: Callable[[], None]) -> None:
    assert "an answer could not be kept" in line(mistake)


def test_what_led_to_an_error_comes_first() -> None:
    told = line(chained)
    assert told.index("ValidationError\n") < told.index("which led to") < told.index("RuntimeError: ")
