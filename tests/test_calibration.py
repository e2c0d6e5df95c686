"""Scores become chances: bounded, ordered, and believed no more than the base can show."""

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from rapidfuzz.distance import OSA

from bot.ranking.calibration import CANDIDATES, PRIOR, Briefs, Scorer, calibrate, confidence, examples, misspell
from bot.ranking.ranker import Scorer as RealScorer
from bot.stemming import stemmer
from tests.briefs import PROPERTY

BIAS, SCALE = PRIOR.tolist()
BASE = [[f"{brief * 6} {phrase * 5}" for phrase in "pqrstu"] for brief in "abcdefghijklmno"]
"""Phrases so different that none becomes another by an edit; the first word tells the brief, even misspelt."""

SCORES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=9).map(lambda scores: sorted(scores, reverse=True))


def first_words(known: float) -> Callable[[Briefs], Scorer]:
    """Return a scorer that gives ``known`` to the brief whose phrases begin like the question, and 0 to all others."""

    def build(part: Briefs) -> Scorer:
        def score(question: str) -> NDArray[np.float64]:
            start = Counter(question.split()[0]).most_common(1)[0][0]
            return np.array([known if texts[0].startswith(start) else 0.0 for texts in part])

        return score

    return build


def chances(*scores: float, bias: float = BIAS, scale: float = SCALE) -> list[float]:
    return [float(chance) for chance in confidence(np.array(scores), bias, scale)]


@PROPERTY
@given(SCORES, st.floats(-5, 5), st.floats(0.01, 5))
def test_chances_are_bounded_in_order_and_the_best_ones_at_most_one_in_sum(
    scores: list[float], bias: float, scale: float
) -> None:
    found = chances(*scores, bias=bias, scale=scale)
    assert all(0 <= chance <= 1 for chance in found)
    assert found == sorted(found, reverse=True)
    assert sum(found[:CANDIDATES]) <= 1 + 1e-9


def test_a_higher_score_is_a_higher_chance_and_a_rival_lowers_it() -> None:
    found = [chances(score, 0)[0] for score in (-2, -1, 0, 1, 2, 4)]
    assert found == sorted(set(found))
    assert chances(2, 1)[0] < chances(2, 0)[0] < chances(2)[0]


def test_two_that_are_alike_share_the_chance_and_a_missing_one_has_none() -> None:
    one, other = chances(3, 3)
    assert one == other <= 0.5
    assert chances(3, -np.inf) == [chances(3)[0], 0]


def test_rows_are_read_each_for_itself() -> None:
    rows = confidence(np.array([[3.0, 1.0], [0.5, 0.5]]), BIAS, SCALE)
    assert rows.tolist() == [chances(3, 1), chances(0.5, 0.5)]


@pytest.mark.parametrize("base", [[], [["ships"]], [["ships"], ["weapons"]]])
def test_a_base_too_small_to_tell_gets_the_prior(base: list[list[str]]) -> None:
    assert calibrate(base, lambda part: RealScorer(part, stemmer("english")).score) == pytest.approx(PRIOR)


def test_chances_rise_with_the_score_and_the_more_the_better_it_tells() -> None:
    telling = calibrate(BASE, first_words(6.0))
    random = calibrate(BASE, first_words(0.1))
    for bias, scale in (telling, random):
        found = [chances(score, 0, bias=bias, scale=scale)[0] for score in (0, 1, 2, 4, 6)]
        assert found == sorted(set(found))
    assert chances(6, 0, bias=telling[0], scale=telling[1])[0] > chances(6, 0)[0]


def test_a_score_that_is_always_wrong_is_believed_less_than_one_that_is_right() -> None:
    right, wrong = calibrate(BASE, first_words(3.0)), calibrate(BASE, first_words(-3.0))
    assert chances(3, 0, bias=wrong[0], scale=wrong[1])[0] < chances(3, 0, bias=right[0], scale=right[1])[0]


def test_calibrating_twice_gives_the_same() -> None:
    assert calibrate(BASE, first_words(2.0)) == calibrate(BASE, first_words(2.0))


def test_phrases_of_the_same_words_do_not_make_chances_nan() -> None:
    base = [["russia attacks ukraine", "b1"], ["ukraine attacks russia", "b2"], ["cats", "b3"]]
    bias, scale = calibrate(base, lambda part: RealScorer(part, stemmer("english")).score)
    assert np.isfinite([bias, scale]).all()
    assert scale > 0


def test_what_is_asked_was_left_out_of_the_scorer_that_is_asked() -> None:
    asked = 0

    def build(part: Briefs) -> Scorer:
        known = {text for texts in part for text in texts}

        def score(question: str) -> NDArray[np.float64]:
            nonlocal asked
            asked += 1
            assert question not in known
            return np.zeros(len(part))

        return score

    scores, right = examples(BASE, build)
    assert scores.shape == (asked, CANDIDATES)
    assert right.shape == (asked,)


def test_the_right_candidate_is_where_the_scorer_puts_it() -> None:
    _, best = examples(BASE, first_words(1.0))
    assert set(best.tolist()) == {0, -2}  # -2: the brief itself was left out
    _, last = examples(BASE, first_words(-1.0))
    assert set(last.tolist()) == {-1, -2}  # -1: it was there, but not among the candidates
    scores, places = examples(BASE[:3], first_words(-1.0))
    assert (places == (scores > -np.inf).sum(1) - 1)[places > -2].all()
    assert np.isneginf(scores[:, 3:]).all()


@PROPERTY
@given(st.lists(st.text("abcdeй북", min_size=1, max_size=9), min_size=1, max_size=9), st.integers(0, 99))
def test_misspelling_is_at_most_one_edit_in_every_third_word_and_spares_short_ones(words: list[str], seed: int) -> None:
    text = " ".join(words)
    changed = misspell(text, np.random.default_rng(seed))
    assert changed == misspell(text, np.random.default_rng(seed))
    edits = [OSA.distance(old, new) for old, new in zip(words, changed.split(), strict=True)]
    assert max(edits) <= 1
    assert sum(edits) <= max(1, len(words) // 3)
    assert not any(edit and len(word) < 3 for edit, word in zip(edits, words, strict=True))
