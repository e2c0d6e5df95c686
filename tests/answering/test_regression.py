"""The weights of words for briefs, against a naive dense version of the same formulas."""

import math
import subprocess
import sys
from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from bot.answering.ranking import regression
from bot.answering.ranking.features import Features, Ints, Vector, Word
from bot.answering.ranking.regression import FLOOR, RATE, Scores, SoftmaxRegression, _batches
from bot.answering.ranking.shuffling import permutations
from bot.language.stemming import stemmer
from tests.brief_files import PROPERTY

BRIEFS = [
    ["north korean troops in russia", "troops", "how many soldiers are in russia"],
    ["weapons from north korea", "weapons", "what weapons did russia get"],
    ["ships", "which ships carried them", "russian ships in chongjin"],
    ["kim and putin", "kim jong un"],
]
PHRASES = [phrase for phrases in BRIEFS for phrase in phrases]
LABELS = np.repeat(np.arange(len(BRIEFS)), [len(phrases) for phrases in BRIEFS])
FEATURES = Features(PHRASES, stemmer("english"))


def fitted(features: Features = FEATURES, labels: Ints = LABELS) -> SoftmaxRegression:
    return SoftmaxRegression(features.rows, labels, len(BRIEFS), features.size)


REGRESSION = fitted()


def ask(text: str) -> Scores:
    return REGRESSION.score(FEATURES.encode([Word(word, word, 1.0) for word in text.split()]))


def dense(regression: SoftmaxRegression) -> NDArray[np.float64]:
    weights = np.zeros((regression.count, FEATURES.size))
    feature = np.repeat(np.arange(FEATURES.size), np.diff(regression.starts))
    weights[regression.briefs, feature] = regression.weights
    return weights


def matrix() -> NDArray[np.float64]:
    rows = FEATURES.rows
    x = np.zeros((len(PHRASES), FEATURES.size))
    x[np.repeat(np.arange(len(PHRASES)), np.diff(rows.starts)), rows.ids] = rows.values
    return x


def support() -> NDArray[np.bool_]:
    return np.array([(matrix()[brief == LABELS] > 0).any(axis=0) for brief in range(len(BRIEFS))])


def scores(logits: list[float]) -> Scores:
    return Scores(np.array(logits))


def test_every_phrase_scores_best_with_its_own_brief() -> None:
    for phrase, brief in zip(PHRASES, LABELS, strict=True):
        assert ask(phrase).logits.argmax() == brief, phrase


def test_weights_exist_where_a_briefs_own_phrases_have_the_feature_and_nowhere_else() -> None:
    held = np.zeros((len(BRIEFS), FEATURES.size), bool)
    held[REGRESSION.briefs, np.repeat(np.arange(FEATURES.size), np.diff(REGRESSION.starts))] = True
    assert (held == support()).all()


def test_the_weights_are_those_of_naive_dense_adagrad() -> None:
    x, held = matrix(), support()
    weights, squares = np.zeros(held.shape), np.full(held.shape, FLOOR)
    for batch in _batches(len(PHRASES)):
        power = np.exp(x[batch] @ weights.T)
        error = power / (1 + power.sum(axis=1, keepdims=True)) - np.eye(len(BRIEFS))[LABELS[batch]]
        gradient = np.where(held, error.T @ x[batch], 0)
        squares += gradient**2
        weights -= RATE * gradient / np.sqrt(squares)
    assert dense(REGRESSION) == pytest.approx(weights, abs=1e-3)


@pytest.mark.parametrize("many", [0, 10**9])
def test_logits_are_the_dense_product_however_the_weights_are_gathered(
    many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regression, "MANY", many)
    question = FEATURES.encode([Word(word, word, 1.0) for word in ("russian", "ships", "xylophone")])
    found = REGRESSION.score(question)
    assert found.logits == pytest.approx(dense(REGRESSION)[:, question.ids] @ question.values, abs=1e-5)


def test_fitting_twice_gives_the_same_weights() -> None:
    assert np.array_equal(fitted().weights, REGRESSION.weights)


def test_a_question_of_nothing_known_has_no_logit() -> None:
    nothing = REGRESSION.score(Vector(np.zeros(0, np.int64), np.zeros(0, np.float32)))
    assert nothing.logits.tolist() == [0] * len(BRIEFS)


def test_batches_hold_every_phrase_and_are_the_same_each_time() -> None:
    for phrases in (1, 7, 300, 1000):
        batches = [batch.tolist() for batch in _batches(phrases)]
        assert batches == [batch.tolist() for batch in _batches(phrases)]
        assert {row for batch in batches for row in batch} == set(range(phrases))


@pytest.mark.parametrize("phrases", [0, 1, 2, 3, 256, 257, 5000])
def test_phrases_are_learnt_from_in_the_order_of_numpys_generator(phrases: int) -> None:
    chance = np.random.default_rng(0)
    assert list(islice(permutations(phrases), 3)) == [chance.permutation(phrases).tolist() for _ in range(3)]


@pytest.mark.slow
def test_learning_needs_no_generator_of_numpy() -> None:
    check = (
        "import sys; from bot.answering.ranking.ranker import Ranker; Ranker({'a': ['word']}, str); "
        "sys.exit('numpy.random' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


@PROPERTY
@given(st.lists(st.floats(-10, 10), min_size=1, max_size=8))
def test_the_margin_is_that_of_a_naive_softmax_with_none_of_them(logits: list[float]) -> None:
    total = 1 + sum(map(math.exp, logits))
    naive = [math.log(math.exp(logit) / total / (1 - math.exp(logit) / total)) for logit in logits]
    assert scores(logits).margin() == pytest.approx(naive, abs=1e-4)


@PROPERTY
@given(st.lists(st.floats(-1e9, 1e9), max_size=8))
def test_the_margin_is_finite_and_in_the_order_of_the_logits_however_extreme(logits: list[float]) -> None:
    margin = scores(logits).margin()
    assert np.isfinite(margin).all()
    assert (np.diff(margin[np.argsort(logits)]) >= -1e-6).all()


def test_a_margin_over_nobody_is_the_logit_itself() -> None:
    assert scores([2.5]).margin() == pytest.approx([2.5])
    assert scores([]).margin().shape == (0,)
