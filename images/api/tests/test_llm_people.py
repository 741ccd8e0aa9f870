"""Whom the offline model invents for an audience."""

import asyncio

import pytest
from market_research.llm.model import Known, Profile
from market_research.llm.offline import OfflineModel

from tests.offline_group import people


@pytest.mark.parametrize(
    "audience", ["cyclists", "retired people", "x" * 500, "in X" + "x" * 490, "日本語", "a\x00 \ud800 b", "{} “%s”"]
)
def test_an_audience_gets_as_many_people_as_asked_for_each_with_another_name(audience: str) -> None:
    assert len({profile.name for profile in people(audience)}) == 12


def test_the_same_audience_gets_the_same_people_and_more_of_them_when_more_are_asked_for() -> None:
    assert people("cyclists", 3) == people("cyclists", 12)[:3]
    assert people("cyclists") != people("gardeners")


def test_who_is_known_already_is_not_invented_again() -> None:
    model = OfflineModel()
    first = people("cyclists", 6)
    known = Known(len(first), frozenset(one.name for one in first))
    others = asyncio.run(model.personas("cyclists", 6, known)).value
    assert not known.names & {one.name for one in others}
    assert {(one.age, one.occupation) for one in others} != {(one.age, one.occupation) for one in first}


def test_nobody_comes_twice_however_often_one_asks() -> None:
    everybody: list[Profile] = []
    for _ in range(20):
        known = Known(len(everybody), frozenset(one.name for one in everybody))
        everybody += asyncio.run(OfflineModel().personas("cyclists", 12, known)).value
    assert len({one.name for one in everybody}) == 240


def test_people_whose_names_are_not_at_hand_are_passed_over_by_their_number() -> None:
    others = asyncio.run(OfflineModel().personas("cyclists", 12, Known(12))).value
    assert not set(people("cyclists")) & set(others)


def test_people_differ_in_age_occupation_and_place() -> None:
    found = people("the general public")
    for kind in ({one.age for one in found}, {one.occupation for one in found}, {one.location for one in found}):
        assert len(kind) >= 8


def test_the_description_takes_up_the_audience_in_two_sentences() -> None:
    description = people("cyclists who own no car", 1)[0].description
    assert "cyclists who own no car" in description
    assert description.count(". ") == 1


@pytest.mark.parametrize(
    ("audience", "youngest", "oldest"),
    [
        ("commuters aged 25-40", 25, 40),
        ("women between 40 and 30", 30, 40),
        ("over 60", 60, 90),
        ("under 30", 18, 30),
        ("pensioners", 62, 84),
        ("students in Lisbon", 18, 27),
    ],
)
def test_people_have_the_ages_that_the_audience_names_or_means(audience: str, youngest: int, oldest: int) -> None:
    assert all(youngest <= one.age <= oldest for one in people(audience))


def test_ages_below_eighteen_and_numbers_that_are_no_ages_are_passed_over() -> None:
    assert {one.age >= 18 for one in people("teenagers aged 12-15") + people("owners of iPhone 12 and 13")} == {True}


def test_people_have_the_occupation_and_the_place_that_the_audience_names() -> None:
    found = people("nurses from Porto Alegre who work nights")
    assert {one.occupation for one in found} == {"nurse"}
    assert {one.location for one in found} == {"Porto Alegre"}
    assert {one.occupation for one in people("retired nurses")} == {"retired nurse"}
