"""Which briefs a question means, and how sure that is: the qualities on small bases. Stems are tried here too."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.ranking.confidence import CANDIDATES
from bot.answering.ranking.ranker import BM25, COVERED, IN_FULL, IN_TEXT, Ranked, Ranker, Scorer
from bot.language.stemming import LANGUAGES, stemmer
from tests.brief_files import PROPERTY

ENGLISH = stemmer("english")
BRIEFS = {
    "kim": ["kim jong un and putin", "what did kim write to putin", "closest comrade", "북한 김정은"],
    "ships": ["russian ships in chongjin", "which ships carried the soldiers", "port of chongjin", "кораблі"],
    "troops": ["north korean troops in russia", "how many soldiers are in russia", "troops", "the 1500 soldiers"],
    "weapons": ["weapons from north korea", "what weapons did russia get", "ammunition", "kn23 missiles"],
}
VOCABULARY = sorted({word for texts in BRIEFS.values() for text in texts for word in text.split()})
QUESTIONS = ["troops", "north korean trops", "what did kim write", "xylophone", "1500", "the", "ships and weapons"]


@pytest.fixture(scope="module")
def ranker() -> Ranker:
    return Ranker(BRIEFS, ENGLISH)


def sure(ranker: Ranker, question: str) -> float:
    return ranker.explain(question).ranked[0].confidence


def check(ranked: tuple[Ranked, ...], limit: int) -> None:
    """Hold a ranking to what is true of every one."""
    chances = [one.confidence for one in ranked]
    assert len(ranked) <= limit
    assert len({one.brief for one in ranked}) == len(ranked)
    assert np.isfinite([(one.confidence, one.margin, one.coverage) for one in ranked]).all()
    assert all(0 <= chance <= 1 for chance in chances)
    assert chances == sorted(chances, reverse=True)
    assert sum(one.confidence for one in ranked[:CANDIDATES] if not one.same_words) <= 1 + 1e-9


# Stems


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_loads_and_stems_any_word(language: str) -> None:
    stem = stemmer(language)
    assert [stem(word) for word in ("soldiers", "북한", "солдати", "123", "")][3:] == ["123", ""]
    assert stem("soldiers") == stem("soldiers")


def test_no_stemmer_changes_nothing() -> None:
    stem = stemmer("none")
    assert [word for word in [*VOCABULARY, "Ünïted", "soldiers ", "", "\ud800"] if stem(word) != word] == []


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [("soldier", "soldiers", True), ("deployed", "deploy", True), ("troop", "troupe", False), ("kim", "kin", False)],
)
def test_inflections_have_one_stem_and_other_words_another(one: str, other: str, alike: bool) -> None:
    assert (ENGLISH(one) == ENGLISH(other)) is alike


def test_each_language_has_stems_of_its_own() -> None:
    french = stemmer("french")
    assert french("chantait") == french("chanter")
    assert ENGLISH("chantait") != ENGLISH("chanter")


def test_without_stems_an_inflection_is_a_repair_at_best() -> None:
    (word,) = Ranker(BRIEFS, stemmer("none")).explain("troop").words
    assert (word.typed, word.read, word.likeness < 1) == ("troop", "troops", True)


# Words as read


@pytest.mark.parametrize(
    ("question", "read"),
    [
        pytest.param("troops", ["troops"], id="as it is"),
        pytest.param("soldier ship", ["soldier", "ship"], id="inflections"),
        pytest.param("trops amunition", ["troops", "ammunition"], id="typing errors"),
        pytest.param("xylophone troops qqqq", [None, "troops", None], id="unknown"),
        pytest.param("1501 kn 24 1500", [None, "kn", None, "1500"], id="numbers"),
        pytest.param("кораблы 김정운", ["кораблі", "김정은"], id="other scripts"),
        pytest.param("chong weap", [None, "weapons"], id="an unfinished last word"),
        pytest.param("russian sh", ["russian", "ships"], id="an unfinished last word of two letters, behind another"),
        pytest.param("sh", [None], id="an unfinished last word of two letters alone"),
        pytest.param("trops trops", ["troops", "troops"], id="twice"),
        pytest.param("", [], id="no word"),
    ],
)
def test_each_word_is_read_in_its_place(ranker: Ranker, question: str, read: list[str | None]) -> None:
    words = ranker.explain(question).words
    assert [word.typed for word in words] == question.split()
    assert [word.read for word in words] == read
    for word in words:
        assert (word.likeness == 0) == (word.read is None)
        assert word.likeness < 1 or word.read == word.typed


# Ranks


@pytest.mark.parametrize("brief", BRIEFS)
def test_the_words_of_a_phrase_in_any_order_and_inflection_are_that_phrase(ranker: Ranker, brief: str) -> None:
    for phrase in BRIEFS[brief]:
        backwards = " ".join(reversed(phrase.split()))
        inflected = backwards.replace("soldiers", "soldier").replace("weapons", "weapon").replace("ships", "ship")
        for question in (phrase, backwards, inflected):
            best = ranker.explain(question).ranked[0]
            assert (best.brief, best.same_words, best.confidence) == (brief, True, 1), question


def test_a_phrase_with_a_misread_word_is_nearly_as_sure_and_the_less_the_shorter_the_word(ranker: Ranker) -> None:
    long, short = ranker.explain("amunition").ranked[0], ranker.explain("trops").ranked[0]
    assert long.same_words
    assert short.same_words
    assert 1 > long.confidence > short.confidence > 0.5


@pytest.mark.parametrize(
    "question", ["north korean troops", "kim putin", "chongjin ships", "which weapons did they get"]
)
def test_each_unknown_word_lowers_the_confidence(ranker: Ranker, question: str) -> None:
    chances = [sure(ranker, question + " xylophone" * bool(n) + " quartz" * (n > 1)) for n in range(3)]
    assert chances == sorted(set(chances), reverse=True)


def test_the_order_of_words_makes_little_difference(ranker: Ranker) -> None:
    for question in ("north korean troops xylophone", "kim wrote putin what", "soldiers in chongjin port"):
        forth, back = (
            ranker.explain(" ".join(words)).ranked[0] for words in (question.split(), question.split()[::-1])
        )
        assert forth.brief == back.brief
        assert abs(forth.confidence - back.confidence) < 0.15


def test_a_rare_word_tells_more_than_a_common_one(ranker: Ranker) -> None:
    assert ranker.rank("in ammunition", 1)[0][0] == "weapons"
    assert ranker.rank("the russia chongjin", 1)[0][0] == "ships"


def test_fewer_candidates_are_the_first_of_more(ranker: Ranker) -> None:
    for question in QUESTIONS:
        whole = ranker.rank(question, 9)
        assert [brief for brief, _ in whole] == [one.brief for one in ranker.explain(question, 9).ranked]
        assert len(whole) == len(BRIEFS)
        assert [ranker.rank(question, limit) for limit in range(4)] == [whole[:limit] for limit in range(4)]


def test_the_score_is_the_weighted_sum_of_its_parts(ranker: Ranker) -> None:
    phrases = list(BRIEFS.values())
    scorer = Scorer(phrases, [["soldiers", "quartz"] for _ in phrases], ENGLISH, frozenset(), {})
    for question in [*QUESTIONS, "quartz troops"]:
        found = scorer.evidence(scorer.reader.read(question))
        covered = COVERED * found.coverage + IN_FULL * found.coverage**3
        assert found.score == pytest.approx(found.margin + covered + IN_TEXT * found.in_text + BM25 * found.bm25)
        assert (found.coverage >= 0).all()
        assert (found.in_text >= 0).all()
        assert (found.coverage + found.in_text <= 1 + 1e-9).all()


WORD = st.one_of(st.sampled_from(VOCABULARY), st.text("abcdefg북한ї1", min_size=1, max_size=7))


@PROPERTY
@given(st.lists(WORD, max_size=12), st.integers(0, 9))
def test_any_question_is_ranked_within_the_bounds(ranker: Ranker, words: list[str], limit: int) -> None:
    check(ranker.explain(" ".join(words), limit).ranked, limit)


# The same each time


def test_two_builds_rank_alike(ranker: Ranker) -> None:
    again = Ranker(BRIEFS, ENGLISH)
    assert [again.explain(question) for question in QUESTIONS] == [ranker.explain(question) for question in QUESTIONS]


@pytest.mark.slow
def test_another_process_with_another_hash_seed_ranks_alike(ranker: Ranker) -> None:
    code = (
        "import json, sys; from bot.answering.ranking.ranker import Ranker; from bot.language.stemming import stemmer;"
        "briefs, questions = json.load(sys.stdin); ranker = Ranker(briefs, stemmer('english'));"
        "json.dump([[ranker.rank(q, 4), [w.read for w in ranker.explain(q).words]] for q in questions], sys.stdout)"
    )
    given = json.dumps([BRIEFS, QUESTIONS])
    here = [[ranker.rank(q, 4), [word.read for word in ranker.explain(q).words]] for q in QUESTIONS]
    root = Path(__file__).parent.parent.parent
    for seed in ("1", "4242"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(root)}
        there = subprocess.run(
            [sys.executable, "-c", code], input=given, capture_output=True, text=True, env=environment, check=True
        )
        assert json.loads(there.stdout) == json.loads(json.dumps(here))


# Small and odd bases


@pytest.mark.parametrize(
    "briefs",
    [
        pytest.param({"ships": ["ships"]}, id="one phrase"),
        pytest.param({"ships": ["the russian ships", "ships"]}, id="one brief"),
        pytest.param({"ships": ["ships"], "weapons": ["weapons"]}, id="two briefs"),
        pytest.param({"a": ["a"], "b": ["b"]}, id="words of one letter"),
        pytest.param({"2024": ["2024"], "2025": ["2025"]}, id="numbers"),
        pytest.param({"one": ["ships", "and more"], "two": ["ships at sea"]}, id="a phrase within another"),
        pytest.param({"ships": ["ships"], "none": []}, id="a brief without phrases"),
        pytest.param(
            {"b1": ["russia attacks ukraine", "b1"], "b2": ["ukraine attacks russia", "b2"], "b3": ["cats", "b3"]},
            id="phrases of the same words",
        ),
        pytest.param(
            {},
            id="no brief",
        ),
    ],
)
def test_a_small_base_ranks_its_phrases_first_and_what_is_unknown_unsurely(briefs: dict[str, list[str]]) -> None:
    ranker = Ranker(briefs, ENGLISH)
    for question in ("xylophone", "ships", "the the the", "shps qqq", "a 2024"):
        check(ranker.explain(question, 9).ranked, 9)
    for brief, phrases in briefs.items():
        for phrase in phrases:
            assert ranker.rank(phrase, 1)[0][0] == brief
    assert all(chance < 0.5 for _, chance in ranker.rank("xylophone"))


def test_the_same_words_in_two_briefs_are_no_proof_of_either() -> None:
    briefs = BRIEFS | {"a": ["russia invades ukraine"], "b": ["ukraine invades russia"]}
    first, second, *_ = Ranker(briefs, ENGLISH).explain("russia invade ukraine").ranked
    assert (first.brief, second.brief) == ("a", "b")  # by the order of its words
    assert not first.same_words
    assert first.confidence < 1


@pytest.mark.parametrize(
    "question",
    [
        pytest.param("a" * 6000, id="one word"),
        pytest.param(" ".join(["north korean troops"] * 300), id="known words"),
        pytest.param(" ".join(f"q{chr(97 + n % 26)}{chr(97 + n // 26)}zzk" for n in range(1000)), id="unknown words"),
    ],
)
def test_a_text_of_thousands_of_letters_is_ranked(ranker: Ranker, question: str) -> None:
    check(ranker.explain(question, 3).ranked, 3)
