"""Figures that a change has left over, and what takes their place."""

import pytest

from bot.briefs.brief import Brief
from bot.briefs.leftover import leftovers, replaced, replacements
from tests.brief_files import a_brief


def brief(summary: str, *facts: str) -> Brief:
    return a_brief(summary=summary, facts=[{"text": fact} for fact in facts])


@pytest.mark.parametrize(
    ("before", "after", "fact", "found"),
    [
        ("2.45 crowns", "2.55 crowns", "It is 2.45.", {"2.45": "2.55"}),
        ("from 2.10 to 2.45", "from 2.20 to 2.55", "2.45, not 2.10", {"2.10": "2.20", "2.45": "2.55"}),
        ("1,500 came", "1,600 came", "1500 of 15,000", {"1500": "1,600"}),
        ("1 of 10", "10 of 11", "10 are here", {}),
        ("1,500 came", "many came", "1,500 are here", {}),
        ("1,500 came", "1,600 came", "15,000 are 1.500", {}),
    ],
)
def test_a_figure_that_is_left_over_takes_what_stands_in_its_place(
    before: str, after: str, fact: str, found: dict[str, str]
) -> None:
    was, now = brief(before, fact), brief(after, fact)
    assert replacements(was, now) == found
    assert bool(leftovers(was, now)) == bool(found) or after == "many came"


def test_two_texts_that_disagree_on_the_new_figure_replace_nothing() -> None:
    was, now = brief("5 came", "It was 5.", "All 5 went."), brief("6 came", "It was 7.", "All 5 went.")
    assert leftovers(was, now)
    assert replacements(was, now) == {}


@pytest.mark.parametrize("said", ["“No 5 came”", '"No 5 came"', "«No 5 came»", "„No 5 came“"])
def test_what_somebody_said_stays_as_they_said_it(said: str) -> None:
    assert replacements(brief("5 came", f"All said: {said}."), brief("6 came", f"All said: {said}.")) == {}
    assert replaced(f"5 of 50: {said}, not 5", {"5": "6"}) == f"6 of 50: {said}, not 6"


def test_an_address_stays_as_it_is() -> None:
    text = "[All 5](https://example.org/5?a=5) and www.example.org/5, 5"
    assert replaced(text, {"5": "6"}) == "[All 6](https://example.org/5?a=5) and www.example.org/5, 6"


def test_a_figure_is_replaced_as_a_whole_word_of_digits_alone() -> None:
    assert replaced("5, 50, 5.5, 1,500 and 5", {"5": "6", "1500": "2,000"}) == "6, 50, 5.5, 2,000 and 6"
