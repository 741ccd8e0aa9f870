"""What is still to be asked, and what is shown of what was said."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from market_research.groups.analysis import MOST_QUOTES, _mentions, _themes
from market_research.groups.answer import Answer
from market_research.groups.group import Group, Participant
from market_research.groups.interview import Turn, missing
from market_research.groups.opinions import _by_size
from market_research.groups.routes import _no_graph_yet
from market_research.health import Doctor
from market_research.llm.model import Mention, Stance
from market_research.personas.persona import Persona

from tests.conftest import FakeStores

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def participant(name: str) -> Participant:
    persona = Persona(
        id=uuid4(), name=name, age=40, occupation="baker", location="Gdynia", description="Bakes.", created_at=NOW
    )
    return Participant(id=uuid4(), persona=persona)


def said(number: int, who: Participant, question: int, **stances: Stance) -> Answer:
    themes = [Mention(theme=theme, stance=stance) for theme, stance in stances.items()]
    return Answer(
        id=number,
        participant_id=who.id,
        question=question,
        text=f"{number}",
        themes=themes,
        cached=False,
        created_at=NOW,
    )


def group(people: list[Participant], *results: Answer, questions: int = 2) -> Group:
    return Group(
        id=uuid4(),
        project_id=uuid4(),
        topic="Rye bread",
        state="running",
        participants=len(people),
        answers=len(results),
        expected=len(people) * questions,
        error=None,
        created_at=NOW,
        project_name="Rye",
        questions=[f"Why {n}?" for n in range(questions)],
        stimulus=None,
        people=people,
        results=list(results),
    )


def test_what_is_answered_is_not_asked_again_and_questions_come_in_their_order() -> None:
    ada, ben = participant("Ada"), participant("Ben")
    assert missing(group([ada, ben], said(1, ada, 0))) == [Turn(ben, 0), Turn(ada, 1), Turn(ben, 1)]


def test_nothing_is_left_when_all_have_answered_all() -> None:
    ada = participant("Ada")
    assert missing(group([ada], said(1, ada, 0), said(2, ada, 1))) == []


def test_the_largest_community_comes_first() -> None:
    assert _by_size({"a": 7, "b": 9, "c": 9}) == [["b", "c"], ["a"]]


def test_mentions_are_counted_by_person_theme_and_stance() -> None:
    ada = participant("Ada")
    counts = {
        (one.theme, one.stance): one.count
        for one in _mentions(
            group([ada], said(1, ada, 0, price="negative"), said(2, ada, 1, price="negative", taste="positive"))
        )
    }
    assert counts == {("price", "negative"): 2, ("taste", "positive"): 1}


def test_the_most_central_theme_comes_first_with_a_few_quotes_of_different_people() -> None:
    people = [participant(name) for name in ("Ada", "Ben", "Cleo", "Dan")]
    stances: list[Stance] = ["negative", "negative", "positive", "neutral"]
    answers = [said(n, who, 0, price=stance) for n, (who, stance) in enumerate(zip(people, stances, strict=True))]
    answers += [said(9, people[0], 1, price="positive", taste="positive")]
    price, taste = _themes(group(people, *answers), {"taste": 0.4, "price": 1.0})
    assert (price.theme, price.mentions, price.negative, price.positive, price.neutral) == ("price", 5, 2, 2, 1)
    assert len(price.quotes) == MOST_QUOTES
    speakers: list[UUID] = [quote.participant_id for quote in price.quotes]
    assert len(set(speakers)) == MOST_QUOTES
    assert {quote.stance for quote in price.quotes} == {"negative", "neutral", "positive"}
    assert taste.score == 0.4


@pytest.mark.anyio
@pytest.mark.parametrize(("neo4j_error", "status"), [(None, 409), (ConnectionError("refused"), 503)])
async def test_a_graph_that_is_being_written_is_a_failure_only_while_neo4j_is_away(
    doctor: Doctor, stores: FakeStores, neo4j_error: Exception | None, status: int
) -> None:
    stores.neo4j.error = neo4j_error
    answer = await _no_graph_yet(doctor)
    assert answer.status_code == status
    assert int((answer.headers or {})["Retry-After"]) > 0
