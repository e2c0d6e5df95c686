"""What is said of a query beside a card: the closest match, a did-you-mean, an honest miss, how to ask."""

import pytest
from hypothesis import given

from bot.answering.answer import Answer, Found, Missing, Unsure
from bot.answering.matcher import Candidate
from bot.answering.wording import HOW_TO_ASK, LONGEST_REPEATED, MISS_NOTED, OR_ONE_OF_THESE, opening, plain_answer
from bot.briefs.card import card_of
from bot.briefs.card_text import MAX_CARD, plain
from bot.language.normalise import one_line
from tests.brief_files import PROPERTY, a_brief
from tests.briefs.test_card import BASE, FULL, SIGNS, TODAY, assert_shown_as_written


def shown_plain(answer: Answer, query: str = "guns", *, noted: bool = False) -> list[str]:
    return plain_answer(answer, query, BASE, TODAY, noted=noted).splitlines()


WEAPONS, SHIPS = BASE.briefs["weapons"], BASE.briefs["ships"]
CARD = plain(card_of(FULL, BASE, TODAY)).splitlines()
SURE, LESS, LEAST = Candidate(FULL, 0.6), Candidate(WEAPONS, 0.2), Candidate(SHIPS, 0.1)
CLOSEST_ALONE, CLOSEST_OF_THREE = Unsure((SURE,), FULL), Unsure((SURE, LESS, LEAST), FULL)
ONE, SEVERAL = Unsure((SURE,)), Unsure((SURE, LESS))
FAR, NEAR = Missing((LEAST,)), Missing((LESS, LEAST), (WEAPONS,))
EMPTY, EMPTY_OF_NONE = Missing((LEAST,), empty=True, examples=("Who *is* it?", "Weapons")), Missing(empty=True)
NO_GUNS = "No brief on “guns”."


@pytest.mark.parametrize(
    ("answer", "lines"),
    [
        (Found(FULL, 1.0), CARD),
        (CLOSEST_ALONE, ["Closest match:", "", *CARD]),
        (
            CLOSEST_OF_THREE,
            ["Closest match:", "", *CARD, "", "Or did you mean:", "  1. Weapons", "  2. Ships"],
        ),
        (ONE, ["Did you mean Troops in Russia?"]),
        (SEVERAL, ["Did you mean one of these?", "  1. Troops in Russia", "  2. Weapons"]),
        (FAR, [NO_GUNS]),
        (NEAR, [NO_GUNS, "The nearest topics are:", "  1. Weapons"]),
        (EMPTY, [HOW_TO_ASK, "For example:", "- Who *is* it?", "- Weapons"]),
        (EMPTY_OF_NONE, [HOW_TO_ASK]),
    ],
)
def test_an_answer_as_plain_text(answer: Answer, lines: list[str]) -> None:
    assert shown_plain(answer) == lines


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (CLOSEST_OF_THREE, "**Closest match** to “guns”"),
        (ONE, "Did you mean **Troops in Russia**?"),
        (Unsure((Candidate(a_brief(title="A*"), 0.3),)), r"Did you mean **A\***?"),
        (SEVERAL, "Did you mean one of these?"),
        (NEAR, NO_GUNS),
        (EMPTY, f"{HOW_TO_ASK}\nFor example:\n- Who \\*is\\* it?\n- Weapons"),
    ],
)
def test_what_is_said_of_a_doubtful_answer_on_discord(answer: Unsure | Missing, text: str) -> None:
    assert opening(answer, "guns", noted=False) == text


@pytest.mark.parametrize("answer", [CLOSEST_OF_THREE, ONE, SEVERAL, NEAR, FAR, EMPTY])
def test_only_a_question_that_was_unanswered_and_is_in_the_log_is_called_noted(answer: Unsure | Missing) -> None:
    unanswered = answer in (NEAR, FAR)
    assert (MISS_NOTED in opening(answer, "guns", noted=True)) is unanswered
    assert (MISS_NOTED in shown_plain(answer, noted=True)) is unanswered
    assert MISS_NOTED not in opening(answer, "guns", noted=False)
    assert MISS_NOTED not in shown_plain(answer)


@pytest.mark.parametrize(
    ("query", "repeated"),
    [
        ("  two\n\twords ", "two words"),
        ("x" * 100, "x" * 100),
        ("x" * 101, "x" * 99 + "…"),
        ("\x1b[31mred\u202eder", "\ufffd[31mred\ufffdder"),
        ("\ud800 lone", "\ufffd lone"),
        ("a" + "\u0301" * 50, "a" + "\u0301" * 3),
        ("👨\u200d👩", "👨\u200d👩"),
    ],
)
def test_a_miss_repeats_the_question_on_one_line_within_100_characters(query: str, repeated: str) -> None:
    assert shown_plain(FAR, query) == [f"No brief on “{repeated}”."]
    assert_shown_as_written(opening(FAR, query, noted=False), f"No brief on “{repeated}”.")


@PROPERTY
@given(SIGNS)
def test_a_miss_shows_a_question_and_obeys_nothing_in_it(query: str) -> None:
    assert_shown_as_written(opening(FAR, query, noted=False), shown_plain(FAR, query)[0])


@PROPERTY
@given(SIGNS)
def test_the_closest_match_shows_a_question_and_obeys_nothing_in_it(query: str) -> None:
    repeated = one_line(query, LONGEST_REPEATED)
    shown = f"Closest match to “{repeated}”" if repeated else "Closest match"
    assert_shown_as_written(opening(CLOSEST_OF_THREE, query, noted=False).replace("**", "", 2), shown)


def test_the_words_around_the_closest_match_fit_beside_the_largest_card() -> None:
    assert MAX_CARD + len(opening(CLOSEST_OF_THREE, "", noted=False)) + len(OR_ONE_OF_THESE) <= 4000
