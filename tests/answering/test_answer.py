"""The decision: what is named is the answer, what is likely enough too, and the rest is offered or missed honestly."""

from collections.abc import Sequence
from dataclasses import FrozenInstanceError, replace
from typing import Any, cast

import pytest

from bot.answering.answer import SUGGESTIONS, Answer, Found, Missing, Unsure, answer
from bot.answering.matcher import Candidate, Judgement, Matcher, Thresholds
from bot.briefs.brief import Brief, BriefBase
from bot.storage.lookups import Lookup
from tests.brief_files import a_brief, base_of

LEVELS = Thresholds(answer=0.6, show=0.5, offer=0.1, suggest=0.4, unknown=0.3, rival=0.2)


class Scored:
    """A matcher that has made up its mind: the ranking it is given, for whatever is asked."""

    thresholds = LEVELS

    def __init__(self, judged: Judgement, named: Brief | None) -> None:
        self._judged, self._named = judged, named

    def named(self, query: str) -> Brief | None:
        return self._named

    def asked(self, query: str, language: str | None = None) -> list["Scored"]:
        return [self]

    def judge(self, query: str, limit: int) -> Judgement:
        return replace(self._judged, candidates=self._judged.candidates[:limit])

    def current(self, brief: Brief, confidence: float) -> Candidate:
        return Candidate(brief, confidence)

    def examples(self) -> list[str]:
        return ["Who asks so?"]


@pytest.fixture(scope="session")
def briefs(shipped: BriefBase) -> list[Brief]:
    return list(shipped.briefs.values())[:5]


def decide(
    briefs: Sequence[Brief],
    scores: Sequence[float],
    named: Brief | None = None,
    unknown: float = 0.0,
    others: tuple[str, ...] = (),
    rival: float = 0.0,
    empty: bool = False,
) -> Answer:
    candidates = tuple(Candidate(*pair) for pair in zip(briefs, scores, strict=False))
    judged = Judgement(candidates, sum(scores), unknown, others, rival, empty)
    return answer("whatever", cast("Matcher", Scored(judged, named)))


@pytest.mark.parametrize(
    ("scores", "outcome", "offered", "shown"),
    [
        ([0.9, 0.05], "answer", [], False),
        ([0.6], "answer", [], False),
        ([0.59, 0.2, 0.1, 0.1], "suggest", [0.59, 0.2, 0.1], True),
        ([0.5, 0.09], "suggest", [0.5], True),
        ([0.49, 0.3, 0.01], "suggest", [0.49, 0.3], False),
        ([0.2, 0.2], "suggest", [0.2, 0.2], False),
        ([0.09, 0.08, 0.08, 0.08, 0.08], "suggest", [0.09], False),  # any of them, but which?
        ([0.2, 0.1, 0.05, 0.04], "miss", [0.2, 0.1, 0.05], False),
        ([0.01], "miss", [0.01], False),
        ([], "miss", [], False),
    ],
)
def test_the_thresholds_decide_between_an_answer_suggestions_and_a_miss(
    briefs: list[Brief], scores: list[float], outcome: str, offered: list[float], shown: bool
) -> None:
    found = decide(briefs, scores)
    assert found.outcome == outcome
    assert [candidate.confidence for candidate in found.suggestions] == offered
    assert found.confidence == (scores[0] if scores else 0)
    assert (isinstance(found, Unsure) and found.shown is briefs[0]) is shown


def test_only_an_answer_has_a_brief_and_it_is_the_best_one(briefs: list[Brief]) -> None:
    assert decide(briefs, [0.7, 0.2]) == Found(briefs[0], 0.7)
    assert decide(briefs, [0.5]) == Unsure((Candidate(briefs[0], 0.5),), briefs[0])
    assert decide(briefs, [0.5]).brief is None
    assert decide(briefs, [0.1, 0.09]) == Missing(
        (Candidate(briefs[0], 0.1), Candidate(briefs[1], 0.09)), offered=(briefs[0],)
    )
    assert decide(briefs, [0.1]).brief is None


@pytest.mark.parametrize("doubt", [{"unknown": 0.31}, {"others": ("south korean",)}, {"rival": 0.21}])
def test_a_question_about_something_more_is_no_answer_but_the_closest_match(
    briefs: list[Brief], doubt: dict[str, Any]
) -> None:
    assert decide(briefs, [0.99], **doubt) == Unsure((Candidate(briefs[0], 0.99),), briefs[0])
    assert decide(briefs, [0.99], unknown=0.3, rival=0.2) == Found(briefs[0], 0.99)


def test_a_question_that_says_nothing_is_a_miss_whatever_is_near(briefs: list[Brief]) -> None:
    found = decide(briefs, [0.99], empty=True)
    assert found == Missing((Candidate(briefs[0], 0.99),), empty=True, examples=("Who asks so?",))


@pytest.mark.parametrize("query", ["hello", "help", "hey can you help me pls", "lol", "what is it", "thanks", "?"])
def test_words_that_say_nothing_are_an_empty_question(matcher: Matcher, query: str) -> None:
    found = answer(query, matcher)
    assert isinstance(found, Missing)
    assert found.empty


@pytest.mark.parametrize("query", ["lone", "hare", "whey", "adele"])
def test_a_word_that_is_only_like_one_that_says_nothing_is_a_question(matcher: Matcher, query: str) -> None:
    found = answer(query, matcher)
    assert isinstance(found, Missing)
    assert not found.empty


def test_a_brief_that_is_named_is_certain_whatever_ranks_first(briefs: list[Brief]) -> None:
    assert decide(briefs, [0.99, 0.1], named=briefs[1]) == Found(briefs[1], 1.0)


def test_titles_and_ids_find_their_brief_for_an_autocomplete_choice_does_not_bind(
    shipped: BriefBase, matcher: Matcher
) -> None:
    for brief in shipped.briefs.values():
        assert answer(brief.title, matcher) == Found(brief, 1.0)
        assert answer(brief.id, matcher) == Found(brief, 1.0)


@pytest.mark.parametrize("query", ["", " ", "\t\n", "?!", "\ud800", "​"])
def test_a_blank_query_is_a_miss_with_nothing_to_offer(matcher: Matcher, query: str) -> None:
    assert answer(query, matcher) == Missing(empty=True, examples=tuple(matcher.examples()))
    assert answer(query, matcher).confidence == 0


@pytest.mark.parametrize("query", ["fishing in Alaska", "troops " * 857, "\ud800troops", "0", "/brief", "x" * 6000])
def test_every_query_gets_a_decision_that_keeps_its_bounds(matcher: Matcher, query: str) -> None:
    found = answer(query, matcher)
    confidences = [candidate.confidence for candidate in found.suggestions]
    assert 0 <= found.confidence <= 1
    assert len(confidences) <= SUGGESTIONS == 3
    assert confidences == sorted(confidences, reverse=True)
    assert (found.brief is not None) == (found.outcome == "answer")
    assert (not found.suggestions) or found.confidence == confidences[0]


def test_what_travels_cannot_be_changed(briefs: list[Brief]) -> None:
    lookup = Lookup("troops", "answer", "troops", 1.0, 0.1, "slash")
    for value, name in ((lookup, "query"), (Found(briefs[0], 1.0), "brief"), (Missing(), "suggestions")):
        with pytest.raises(FrozenInstanceError):
            setattr(value, name, None)


SIGNED = Matcher(
    base_of(
        a_brief("c", title="C"),
        a_brief("cpp", title="C++", aliases=["cpp", "g++"]),
        a_brief("csharp", title="C#"),
        a_brief("dotnet", title=".NET"),
        a_brief("net", title="The internet", aliases=["net"]),
        a_brief("equality", title="Equality", aliases=["=="], questions=["What is == in JavaScript?"]),
        a_brief("identity", title="Identity", aliases=["==="], questions=["What is === in JavaScript?"]),
        a_brief("ships", title="Ships", aliases=["🚢"]),
        a_brief("ukraine", title="Ukraine 🇺🇦", aliases=["🇺🇦"]),
        a_brief("australia", title="Australia 🇦🇺", aliases=["🇦🇺"]),
        a_brief("asking", title="Ask in <#123>"),
        a_brief("pens", title="مَدْرَسَة"),
    )
)
"""Briefs whose phrases differ by signs alone."""


@pytest.mark.parametrize(
    ("query", "brief"),
    [
        ("c", "c"), ("C++", "cpp"), ("c++?", "cpp"), ("(c++)", "cpp"), ("**ｃ＋＋**", "cpp"), ("g++", "cpp"),
        ("c#", "csharp"), (".net", "dotnet"), ("net", "net"), ("==", "equality"), ("`===`", "identity"),
        ("🚢", "ships"), ("ships 👍🏽", "ships"), ("ships!!! 🎉", "ships"), ("🇺🇦", "ukraine"), ("🇦🇺", "australia"),
        ("ukraine", "ukraine"), ("<@1> c++ <:joy:2>", "cpp"), ("<t:1:R>: c#", "csharp"), ("Ask in <#123>", "asking"),
        ("مدرسة", "pens"),
    ],
)  # fmt: skip
def test_a_sign_that_makes_another_word_makes_another_brief(query: str, brief: str) -> None:
    found = answer(query, SIGNED)
    assert found.brief
    assert found.brief.id == brief


@pytest.mark.parametrize("query", ["c+", "f#", "<:ships:1>", "<@1>", "<#123>", "🎉"])
def test_another_sign_is_not_answered_with_the_nearest(query: str) -> None:
    assert answer(query, SIGNED).outcome != "answer"


@pytest.mark.parametrize(
    ("query", "likeness"), [("troops+", 6 / 7), (".troops", 6 / 7), ("troops++", 0.75), ("troops 🎉 ==", 1.0)]
)
def test_signs_that_no_phrase_has_leave_a_word_as_likely_as_it_is_alike(
    matcher: Matcher, query: str, likeness: float
) -> None:
    (word,) = matcher.explain(query, 1).words
    assert (word.read, word.likeness) == ("troops", likeness)


OLD = a_brief("old-ships", title="Old ships", aliases=["freighters"], replaced_by="vessels", summary="They sail.")
NEW = a_brief("vessels", title="Vessels of today", questions=["Which vessels sail?"], summary="They float.")
OTHER = a_brief("troops", title="Troops", questions=["How many soldiers march?"])


@pytest.mark.parametrize("query", ["Old ships", "old-ships", "freighters", "freigters pls"])
def test_asked_for_a_brief_that_was_replaced_members_get_the_one_that_replaced_it(query: str) -> None:
    found = answer(query, Matcher(base_of(OLD, NEW, OTHER)))
    assert isinstance(found, Found)
    assert (found.brief, found.replaces) == (NEW, OLD)


def test_the_chances_of_a_brief_and_of_what_it_replaced_add_up() -> None:
    matcher = Matcher(base_of(OLD, NEW, OTHER))
    apart = {one.brief: one.confidence for one in matcher.explain("sail", 3).ranked}
    (first, *_) = matcher.judge("sail", 3).candidates
    assert first.brief == NEW
    assert first.confidence == pytest.approx(min(1, apart["old-ships"] + apart["vessels"]))


def test_no_example_or_completion_is_a_brief_that_was_replaced() -> None:
    matcher = Matcher(base_of(OLD, NEW, OTHER))
    assert OLD not in matcher.complete("", 25)
    assert matcher.complete("old sh", 25)[0] == NEW
    assert "Old ships" not in matcher.examples()
