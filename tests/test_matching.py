"""Qualities of matching on the shipped base. Its figures are measured in bench/; only the floor is held here."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.answer import answer
from bot.brief import BriefBase
from bot.matching import Matcher

QUESTIONS: dict[str, dict[str, str]] = yaml.safe_load((Path(__file__).parent / "questions.yaml").read_text("utf-8"))
IN_SCOPE = [(query, brief) for group in QUESTIONS.values() for query, brief in group.items() if brief != "miss"]
OUT_OF_SCOPE = [query for group in QUESTIONS.values() for query, brief in group.items() if brief == "miss"]


def test_the_questions_are_many_and_expect_briefs_that_exist(shipped: BriefBase) -> None:
    assert len(IN_SCOPE) + len(OUT_OF_SCOPE) >= 150
    assert {brief for _, brief in IN_SCOPE} == shipped.briefs.keys()


def test_most_questions_in_scope_are_answered_or_suggested_rightly(matcher: Matcher) -> None:
    right = 0
    for query, expected in IN_SCOPE:
        found = answer(query, matcher)
        offered = [found.brief] if found.brief else [candidate.brief for candidate in found.suggestions]
        right += found.outcome != "miss" and expected in [brief.id for brief in offered]
    assert right / len(IN_SCOPE) >= 0.85


def test_few_questions_out_of_scope_are_answered(matcher: Matcher) -> None:
    assert sum(answer(query, matcher).outcome == "answer" for query in OUT_OF_SCOPE) / len(OUT_OF_SCOPE) <= 0.03


def test_every_phrase_of_a_brief_finds_it_in_any_case_and_order(shipped: BriefBase, matcher: Matcher) -> None:
    for brief in shipped.briefs.values():
        for phrase in brief.phrases:
            assert answer(f"  {phrase.upper()}?!", matcher).brief == brief
            backwards = " ".join(reversed(phrase.split()))
            assert matcher.rank(backwards, 1)[0].brief == brief


@pytest.mark.parametrize("query", ["", "   ", "?!", "\x00", "\ud800", "​"])
def test_a_query_without_a_word_has_no_candidate(matcher: Matcher, query: str) -> None:
    assert matcher.rank(query, 3) == []
    assert matcher.named(query) is None
    assert answer(query, matcher).confidence == 0


@given(st.text(alphabet=st.characters(exclude_categories=[]), max_size=300))
def test_any_text_is_ranked_and_completed_without_an_error(matcher: Matcher, text: str) -> None:
    ranked = matcher.rank(text, 3)
    assert len(ranked) <= 3
    assert [c.confidence for c in ranked] == sorted((c.confidence for c in ranked), reverse=True)
    assert all(0 <= c.confidence <= 1 for c in ranked)
    assert len({c.brief.id for c in ranked}) == len(ranked)
    assert len(matcher.complete(text, 25)) <= 25


def test_a_title_or_an_id_beats_another_briefs_alias(shipped: BriefBase) -> None:
    one = shipped.briefs["troops"].model_copy(update={"id": "one", "title": "Two words", "aliases": ("other",)})
    two = shipped.briefs["ships"].model_copy(update={"id": "other", "title": "Ships", "aliases": ()})
    matcher = Matcher(BriefBase({"one": one, "other": two}))
    assert answer("other", matcher).brief == two
    assert answer("two words", matcher).brief == one


def test_unknown_words_lower_the_confidence(matcher: Matcher) -> None:
    plain = matcher.rank("north korean troops", 1)[0]
    doubtful = matcher.rank("north korean troops xylophone concerto", 1)[0]
    assert doubtful.confidence < plain.confidence


def test_half_typed_text_is_completed_by_what_it_begins(matcher: Matcher) -> None:
    assert matcher.complete("security mee", 3)[0].id == "security-meeting"
    assert matcher.complete("SECURITY  Mée", 3)[0].id == "security-meeting"
