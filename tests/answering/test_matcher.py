"""Qualities of matching on the shipped base. Its figures are measured in bench/; only the floor is held here."""

import gc
import weakref
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.answer import answer
from bot.answering.matcher import Matcher
from bot.briefs.brief import BriefBase
from tests.brief_files import a_brief, base_of

QUESTIONS: dict[str, dict[str, str]] = yaml.safe_load(
    (Path(__file__).parent.parent / "questions.yaml").read_text("utf-8")
)
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


# What is answered, asked back about or a miss on the shipped base, where wording decides


@pytest.mark.parametrize(
    ("query", "brief"),
    [
        ("soldier", "troops"),
        ("soldiers north koreans", "troops"),
        ("TROOP", "troops"),
        ("trops", "troops"),
        ("torops", "troops"),
        ("shels", "shells"),
        ("jong kim un", "kim-putin"),
        ("KIM PUTÍN", "kim-putin"),
        ("볼라디보스토크", "aerial-images"),
        ("Владивастока", "aerial-images"),
        ("мовний бар'ер", "combat-doubts"),
    ],
)
def test_words_of_a_brief_in_other_forms_are_answered(matcher: Matcher, query: str, brief: str) -> None:
    found = answer(query, matcher).brief
    assert found
    assert found.id == brief


@pytest.mark.parametrize(
    ("query", "brief"),
    [("kim jong un wife", "kim-putin"), ("zelensky's wife", "zelensky-claim"), ("troops in iraq", "troops")],
)
def test_an_unknown_word_beside_a_known_name_is_asked_back_about(matcher: Matcher, query: str, brief: str) -> None:
    found = answer(query, matcher)
    assert found.outcome == "suggest"
    assert found.suggestions[0].brief.id == brief


@pytest.mark.parametrize(
    "query",
    [
        *("shell script, shell company, troupe, moonlight, peeper, wife".split(", ")),
        *("the, how many, a, of, and, are, which, who, what, is, in, from, why, korea".split(", ")),
    ],
)
def test_near_misses_and_common_words_are_not_answered(matcher: Matcher, query: str) -> None:
    assert answer(query, matcher).outcome != "answer"


def test_case_accents_and_spacing_change_nothing(matcher: Matcher) -> None:
    for query, _ in IN_SCOPE[::5]:
        for other in (query.upper(), f"\t{query}  ?!", "".join(c + "\u0301" * (c in "aeiou") for c in query)):
            assert matcher.rank(other, 3) == matcher.rank(query, 3)


def test_the_order_of_words_hardly_ever_changes_the_brief(matcher: Matcher) -> None:
    same = [
        matcher.rank(" ".join(reversed(query.split())), 1)[0].brief == matcher.rank(query, 1)[0].brief
        for query, _ in IN_SCOPE
    ]
    assert sum(same) / len(same) >= 0.95


@given(st.permutations("how many north korean soldiers xylophone in russia".split()))
def test_every_order_of_a_question_finds_the_same_brief(matcher: Matcher, words: list[str]) -> None:
    assert matcher.rank(" ".join(words), 1)[0].brief.id == "troops"


def test_two_matchers_of_one_base_answer_alike(shipped: BriefBase, matcher: Matcher) -> None:
    again = Matcher(shipped)
    for query in [*OUT_OF_SCOPE[::7], *(query for query, _ in IN_SCOPE[::7])]:
        assert again.rank(query, 3) == matcher.rank(query, 3)
        assert again.complete(query[:6], 9) == matcher.complete(query[:6], 9)


@pytest.mark.parametrize(
    "query",
    ["north korean troops " * 300, "a" * 6000, " ".join(f"zq{n}" for n in range(1000)), "\x00\x1b[31m\x7f troops \x07"],
)
def test_long_and_strange_queries_are_ranked_and_completed(matcher: Matcher, query: str) -> None:
    ranked = matcher.rank(query, 3)
    assert all(0 <= one.confidence <= 1 for one in ranked)
    assert len(ranked) == 3
    assert len(matcher.complete(query, 25)) <= 25


def test_control_characters_are_not_read(matcher: Matcher) -> None:
    assert answer("\x00tro\u200bops\x07", matcher) == answer("troops", matcher)


# Tiny bases


def test_a_brief_with_a_title_only_is_found_and_nothing_else_is_answered() -> None:
    matcher = Matcher(base_of(a_brief("ships", title="Ships")))
    assert [answer(query, matcher).outcome for query in ("ships", "SHIP", "shipss")] == ["answer"] * 3
    assert all(answer(query, matcher).outcome != "answer" for query in ("moon", "the", "ships moon", "shipwreck"))


def test_two_briefs_are_told_apart() -> None:
    matcher = Matcher(base_of(a_brief("ships", title="Ships from Chongjin"), a_brief("moon", title="The moon")))
    for query, brief in {"ship": "ships", "from chongjin": "ships", "moons": "moon", "chonjin": "ships"}.items():
        assert matcher.rank(query, 1)[0].brief.id == brief
    assert answer("ships moon", matcher).outcome != "answer"
    assert answer("xylophone", matcher).outcome != "answer"


def test_an_empty_base_misses_everything() -> None:
    matcher = Matcher(BriefBase())
    assert answer("troops", matcher).outcome == "miss"
    assert matcher.rank("troops", 3) == []
    assert matcher.complete("troops", 3) == []


def test_a_matcher_is_freed_as_soon_as_nothing_refers_to_it() -> None:
    """Else each reload would need a full collection, during which nobody is answered."""
    gc.disable()
    try:
        matcher = Matcher(base_of(a_brief("cats", title="Cats purr", questions=["Why do cats purr?"])))
        answer("why do catts purr", matcher)
        matcher.complete("ca", 25)
        freed = weakref.ref(matcher), weakref.ref(matcher.ranker.scorer.features)
        del matcher
        assert [reference() for reference in freed] == [None, None]
    finally:
        gc.enable()


@pytest.mark.slow
def test_the_garbage_collector_has_as_little_to_look_at_in_a_large_matcher_as_in_a_small_one() -> None:
    words = [f"{a}{b}" for a in "bdfgklmnprst" for b in ("aros", "emik", "ilut", "onas")]

    def looked_at(briefs: int) -> int:
        base = base_of(
            *(a_brief(f"b{n}", title=f"{words[n % 48]} {words[n // 48]} {n}", aliases=[f"{n}"]) for n in range(briefs))
        )
        gc.collect()
        before = len(gc.get_objects())
        matcher = Matcher(base).built()
        gc.collect()
        return len(gc.get_objects()) - before if matcher else 0

    looked_at(1)  # what libraries keep of their first use
    assert looked_at(400) - looked_at(2) < 100
