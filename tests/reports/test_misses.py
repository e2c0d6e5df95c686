"""Unanswered questions: grouped, the most frequent first, and only what is still open."""

import time
from collections.abc import Container, Iterable
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.matcher import Matcher
from bot.reports.misses import Miss, MissGroup, open_misses, with_nearest
from tests.brief_files import PROPERTY, a_brief, base_of

NOON = datetime(2024, 10, 20, 12, tzinfo=UTC)
MATCHER = Matcher(
    base_of(
        a_brief("ships", aliases=["boats", "cargo vessels"], questions=["How many ships are there?"]),
        a_brief("weapons", title="Weapons", aliases=["guns", "artillery"], questions=["Which weapons were sent?"]),
        a_brief("troops", title="Troops in Russia", aliases=["soldiers"], questions=["How many soldiers were sent?"]),
    )
)


def missed(*queries: str, brief: str | None = None, asker: str | None = None) -> list[Miss]:
    """Return a miss for each query, a minute after the one before; their ids count from 1."""
    return [Miss(n, NOON + timedelta(minutes=n), query, brief, None, asker) for n, query in enumerate(queries, 1)]


def groups_of(*queries: str) -> list[set[str]]:
    """Return which wordings are taken for one question."""
    return [set(group.wordings) for group in open_now(missed(*queries))]


def open_now(misses: Iterable[Miss], ignored: Container[str] = ()) -> list[MissGroup]:
    return with_nearest(open_misses(misses, MATCHER, ignored), MATCHER)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("who is the pope", "Who is the Pope?"),
        ("who is the pope", "who  is\tthe pope"),
        ("cluster munitions", "clutser munition"),
        ("is there a ceasefire", "ceаsefire?"),
        ("star link", "starlink"),
        ("cost of the war", "war cost"),
        ("north korean drones", "drones north korean"),
        ("is iran sending missiles", "Is Iran sending missles??"),
        ("capital of mongolia", "mongolia capital of"),
        ("café in kyiv", "Cafe in Kyiv"),
        ("where's zelensky now", "wheres zelensky now"),
        ("무기 공장", "무기  공장?"),
    ],
)
def test_spelling_case_and_order_of_words_make_no_other_question(one: str, other: str) -> None:
    assert groups_of(one, other) == [{one, other}]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("who is the pope", "capital of mongolia"),
        ("north korean drones", "north korean nuclear test"),
        ("weather in kyiv", "pizza in kyiv"),
        ("us reaction", "eu sanctions"),
        ("war start", "war end"),
        ("north korea", "south korea"),
        ("f-16 jets", "f-35 jets"),
        ("how do i join the server", "how do i leave the server"),
        ("what does china say", "what did trump do"),
        ("무기 공장", "날씨"),
    ],
)
def test_other_questions_stay_apart(one: str, other: str) -> None:
    assert sorted(map(len, groups_of(one, other))) == [1, 1]


def test_the_most_frequent_question_comes_first_and_what_is_as_frequent_by_its_words() -> None:
    found = open_now(missed("zebra crossing", "opera", "chess rules", "opera", "Chess rules?", "chess rules", "apples"))
    assert [(group.wordings[0], group.count) for group in found] == [
        ("chess rules", 3),
        ("opera", 2),
        ("apples", 1),
        ("zebra crossing", 1),
    ]


def test_wordings_gather_around_the_most_frequent_one() -> None:
    """The other two are like it, but not like each other."""
    often, one, other = "rockit attack", "rocket attack", "rackit attack"
    assert sorted(map(len, groups_of(one, other))) == [1, 1]
    assert groups_of(one, other, often, often) == [{often, one, other}]


def test_the_most_frequent_wording_speaks_for_a_question_and_its_lookup_was_worded_so() -> None:
    misses = missed("chess rules", "chess rules", "rules chess", "Chess rules!")
    (group,) = open_now(misses)
    assert group.wordings[0] == "chess rules"
    assert set(group.wordings) == {"chess rules", "rules chess", "Chess rules!"}
    assert {miss.lookup: miss.query for miss in misses}[group.lookup] == "chess rules"
    assert (group.count, group.last) == (4, NOON + timedelta(minutes=4))


def test_members_are_counted_once_and_those_no_longer_known_not_at_all() -> None:
    misses = [
        *missed("opera", "Opera", asker="a"),
        *missed("opera?", asker="b"),
        *missed("opera", "opera", "opera"),
    ]
    (group,) = open_now(misses)
    assert (group.count, group.askers) == (6, 2)


def test_what_the_base_answers_now_is_gone() -> None:
    assert groups_of("boats", "How many ships are there", "opera") == [{"opera"}]


@pytest.mark.parametrize(("query", "brief", "stays"), [
    ("boats", "ships", True), ("Boats?", "ships", True), ("boats", "weapons", False), ("opera", "weapons", True),
])  # fmt: skip
def test_a_wrong_answer_stays_while_the_same_brief_answers(query: str, brief: str, *, stays: bool) -> None:
    assert bool(open_now(missed(query, brief=brief))) == stays


def test_of_equal_questions_only_those_that_got_what_is_answered_still_are_open() -> None:
    misses = [*missed("boats", brief="ships"), *missed("Boats", "boats"), *missed("boats", brief="weapons")]
    (group,) = open_now(misses)
    assert group.count == 1


def test_the_nearest_brief_is_one_that_was_not_wrong() -> None:
    (vain,) = open_now(missed("weapons troops"))
    assert vain.nearest
    (wrong,) = open_now(missed("weapons troops", brief=vain.nearest.id))
    assert wrong.nearest
    assert wrong.nearest.id != vain.nearest.id


def test_a_question_that_every_brief_was_wrong_for_has_no_nearest() -> None:
    misses = [
        miss for brief in ("ships", "weapons", "troops") for miss in missed("ship soldier guns list", brief=brief)
    ]
    (group,) = open_now(misses)
    assert (group.count, group.nearest) == (3, None)


def test_what_is_ignored_is_not_reported_however_it_is_written() -> None:
    misses = missed("Opera?", "opera", "chess rules")
    assert [group.wordings for group in open_now(misses, {"opera"})] == [("chess rules",)]


def test_nothing_missed_is_nothing_to_report() -> None:
    assert open_now([]) == []


@pytest.mark.parametrize("greeting", ["hello", "help", "how many", "thanks lol"])
def test_what_says_nothing_of_what_it_is_about_is_no_question(greeting: str) -> None:
    assert open_now(missed(greeting, greeting)) == []


@pytest.mark.parametrize("blank", ["", " ", "\t\n", "?!", "\u200b", "```", "…", "<@1> <:ship:2>"])
def test_a_question_without_words_is_none(blank: str) -> None:
    assert open_now(missed(blank, blank)) == []


@pytest.mark.parametrize(
    "hostile",
    ["x" * 6000, "x " * 3000, "[a](" * 1500, "a\0b", "a\ud800b", "\u202eopera", "o\u0301" * 2000, "a" * 200 + "b",
     "' OR 1=1 --", "%s {} \\", "<@1> @everyone opera"],
    ids=range(11),
)  # fmt: skip
def test_a_hostile_question_is_grouped_like_any_other(hostile: str) -> None:
    started = time.perf_counter()
    found = {group.wordings: group.count for group in open_now(missed(hostile, "pizza recipe", hostile))}
    assert found == {(hostile,): 2, ("pizza recipe",): 1}
    assert time.perf_counter() - started < 2


def test_long_questions_are_told_apart_by_how_they_begin() -> None:
    words = [f"{first}{second}rgle" for first in "bcdfgkl" for second in "aeiouy"]
    for beginning, groups in ((words[:40], 1), (words[:39], 2)):
        assert len(groups_of(" ".join([*beginning, "pizza"]), " ".join([*beginning, "opera"]))) == groups


def test_a_wording_that_was_asked_several_times_counts_as_often() -> None:
    often = Miss(1, NOON, "opera", None, None, "a", times=5)
    found = open_now([often, *missed("chess rules", "chess rules", "opera?")])
    assert [(group.wordings, group.count) for group in found] == [(("opera", "opera?"), 6), (("chess rules",), 2)]


def test_what_more_members_asked_comes_first_and_of_the_rest_everybodys_first_before_anybodys_second() -> None:
    """One member asks many things and often, with a second account too; two others, one at home, ask one each."""
    flood = [Miss(n, NOON, f"{n} q{n}z", None, 1, "flooder", times=90 - n) for n in range(9)]
    second = [Miss(n, NOON, f"{n} w{n}k", None, 1, "second", times=80 - n) for n in range(10, 13)]
    single = [Miss(20, NOON, "pizza recipe", None, 2, "a"), Miss(21, NOON, "opera tickets", None, 1, "b")]
    common = [Miss(22, NOON, "chess rules", None, 2, "a"), Miss(23, NOON, "chess rules", None, 1, "b")]
    found = [group.wordings[0] for group in open_now([*flood, *second, *single, *common])]
    assert found[:6] == ["chess rules", "0 q0z", "pizza recipe", "10 w10k", "opera tickets", "1 q1z"]
    assert len(found) == 15


@PROPERTY
@given(st.lists(st.text("abc ?\0é", max_size=12), max_size=12), st.randoms(use_true_random=False))
def test_groups_hold_each_open_miss_once_and_do_not_depend_on_the_order_of_the_rows(
    queries: list[str], random: Random
) -> None:
    misses = missed(*queries)
    found = open_now(misses)
    wordings = [wording for group in found for wording in group.wordings]
    assert len(wordings) == len(set(wordings))
    assert set(wordings) <= set(queries)
    assert sum(group.count for group in found) == sum(query in wordings for query in queries)
    random.shuffle(misses)
    assert open_now(misses) == found
