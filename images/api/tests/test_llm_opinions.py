"""What the offline model's people say, and that their opinions come in camps."""

import asyncio
import subprocess
import sys
from itertools import combinations, product
from statistics import mean

import pytest
from market_research.llm.model import OPINION_LENGTH, Mention, Opinion, Profile, Stance
from market_research.llm.offline import OfflineModel
from market_research.llm.outlook import outlook
from market_research.llm.themes import THEMES

from tests.offline_group import QUESTIONS, people, says, written_by_hand


def positions(profile: Profile) -> set[Mention]:
    return {mention for question in QUESTIONS for mention in says(profile, question).themes}


def agreement(one: Profile, other: Profile) -> float:
    mine, theirs = positions(one), positions(other)
    return len(mine & theirs) / len(mine | theirs)


def test_the_same_person_says_the_same_and_another_process_hears_it_too() -> None:
    code = (
        "import asyncio; from market_research.llm.offline import OfflineModel as M;"
        "p = asyncio.run(M().personas('cyclists', 5)).value[4];"
        "print(asyncio.run(M().opinion(p, 'Oats', 'Why?', None)).value.model_dump_json())"
    )
    other = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env={"PYTHONHASHSEED": "7"}
    )
    mine = says(people("cyclists", 5)[4], "Why?", "Oats")
    assert mine == says(people("cyclists", 5)[4], "Why?", "Oats")
    assert Opinion.model_validate_json(other.stdout) == mine


def test_an_answer_depends_on_the_person_the_topic_and_the_question() -> None:
    one, other = people("cyclists", 2)
    texts = {says(one).text, says(other).text, says(one, QUESTIONS[1]).text, says(one, topic="A loan").text}
    assert len(texts) == 4
    assert len({says(written_by_hand(f"Jo {number}", 40, "Nurse")).text for number in range(12)}) >= 8


def test_an_answer_names_one_to_three_known_themes_and_fits_whatever_was_written() -> None:
    for one, question in product(people("everybody"), QUESTIONS):
        opinion = says(one, question, "long topic " * 45, "long material " * 70)
        assert 1 <= len(opinion.themes) <= 3
        assert {mention.theme for mention in opinion.themes} <= set(THEMES)
        assert len(opinion.text) < OPINION_LENGTH


def test_a_question_about_the_price_is_mostly_answered_with_it() -> None:
    answers = [says(one, "Is it too expensive for you?") for one in people("everybody")]
    assert sum("price" in {mention.theme for mention in answer.themes} for answer in answers) >= 8


def test_only_food_has_a_taste() -> None:
    def tastes(topic: str) -> int:
        answers = [says(one, question, topic) for one in people("nurses") for question in QUESTIONS]
        return sum("taste" in {mention.theme for mention in answer.themes} for answer in answers)

    assert tastes("An oat drink for breakfast") >= 6
    assert tastes("A helmet") == 0


def test_a_sentence_belongs_to_one_theme_and_one_stance() -> None:
    stances: tuple[Stance, ...] = ("positive", "neutral", "negative")
    sentences = [text for theme in THEMES.values() for stance in stances for text in theme.sentences(stance)]
    assert len(sentences) == len(set(sentences))


def test_what_was_shown_is_taken_up() -> None:
    assert "a red poster" in says(people("cyclists", 1)[0], material="a red poster").text


def test_tokens_are_words() -> None:
    profile = written_by_hand("Ada Rossi", 40, "dentist")
    reply = asyncio.run(OfflineModel().opinion(profile, "Oat milk", "Why not?", "one poster"))
    assert reply.tokens.input == 2 + 1 + 1 + 2 + 3 + 2 + 2 + 2
    assert reply.tokens.output == len(reply.value.text.split())


def test_people_of_one_age_and_line_of_work_agree_more_than_with_others() -> None:
    developers = [written_by_hand(f"Dev {n}", 24 + n, "Backend developer") for n in range(6)]
    pensioners = [written_by_hand(f"Pen {n}", 68 + n, "Retired postman") for n in range(6)]
    within = [agreement(*pair) for camp in (developers, pensioners) for pair in combinations(camp, 2)]
    across = [agreement(*pair) for pair in product(developers, pensioners)]
    assert mean(within) > 2 * mean(across)
    assert mean(within) > 0.3


def test_what_a_kind_of_people_usually_thinks_holds_for_most_topics() -> None:
    carpenter = written_by_hand("Jo", 45, "Carpenter")
    answers = [says(carpenter, "What about the price?", f"Product number {number}").themes for number in range(40)]
    stances = [mention.stance for themes in answers for mention in themes if mention.theme == "price"]
    assert len(stances) > 30
    assert 0.6 < stances.count("negative") / len(stances) < 1


@pytest.mark.parametrize("audience", ["everybody", "cyclists in Berlin", "people who buy online"])
def test_a_mixed_group_has_camps_that_agree_among_themselves(audience: str) -> None:
    group = people(audience)
    assert len({outlook(one).likes for one in group}) >= 3
    within: list[float] = []
    across: list[float] = []
    for pair in combinations(group, 2):
        (within if outlook(pair[0]) is outlook(pair[1]) else across).append(agreement(*pair))
    assert mean(within) > 1.5 * mean(across)
