"""Texts as sparse vectors, against the formulas worked out by hand."""

import math
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.ranking.features import Features, Vector, Word, grams, ranges
from bot.language.stemming import stemmer
from tests.brief_files import PROPERTY

PHRASES = ["the troops", "north korean troops in russia", "north korean weapons", "weapons weapons of russia", "북한군"]
FEATURES = Features(PHRASES, stemmer("english"))


def words(text: str) -> list[Word]:
    """Return the words of a text, each read as typed."""
    return [Word(word, word, 1.0) for word in text.split()]


def named(vector: Vector, features: Features) -> dict[object, float]:
    """Return a vector's values by what its features are: (stem,), (stem, stem) or an n-gram."""
    stems = list(features.stems)
    pairs = [(stems[key // len(stems)], stems[key % len(stems)]) for key in features.pairs.tolist()]
    names: list[object] = [*((stem,) for stem in stems), *pairs, *features.grams]
    return {names[at]: value for at, value in zip(vector.ids.tolist(), vector.values.tolist(), strict=True)}


def row(features: Features, at: int) -> Vector:
    span = slice(features.rows.starts[at], features.rows.starts[at + 1])
    return Vector(features.rows.ids[span], features.rows.values[span])


def lexical(text: str) -> list[object]:
    stems = [stemmer("english")(word) for word in text.split()]
    return [*((stem,) for stem in stems), *pairwise(stems)]


def letters(text: str) -> list[object]:
    marked = [f"<{word}>" for word in text.split()]
    return [word[i : i + n] for word in marked for n in (1, 2, 3) for i in range(len(word) + 1 - n)]


def naive_tf_idf(text: str, phrases: list[str]) -> dict[object, float]:
    """Return (1 + ln tf) * (ln((1 + N) / (1 + df)) + 1) of each feature, words and letters each of length sqrt(1/2)."""
    values: dict[object, float] = {}
    for features_of in (lexical, letters):
        block = {
            feature: (1 + math.log(tf))
            * (math.log((1 + len(phrases)) / (1 + sum(feature in features_of(p) for p in phrases))) + 1)
            for feature, tf in Counter(features_of(text)).items()
        }
        length = math.sqrt(2 * sum(value**2 for value in block.values()))
        values |= {feature: value / length for feature, value in block.items()}
    return values


@pytest.mark.parametrize("at", range(len(PHRASES)))
def test_a_phrase_is_what_naive_tf_idf_makes_of_it(at: int) -> None:
    assert named(row(FEATURES, at), FEATURES) == pytest.approx(naive_tf_idf(PHRASES[at], PHRASES), rel=1e-5)


@pytest.mark.parametrize(
    "text", ["russia troops", "korean korean korean troop", "weapon", "the xylophone", "weapons in xyz russia", "qqq"]
)
def test_a_question_is_what_naive_tf_idf_makes_of_it_less_what_the_base_never_saw(text: str) -> None:
    """What is unknown counts in the length as one feature each time, but has no value of its own."""
    known = naive_tf_idf(" ".join(PHRASES), PHRASES)
    values: dict[object, float] = {}
    for features_of in (lexical, letters):
        block, unknown = {}, 0.0
        for feature, tf in Counter(features_of(text)).items():
            df = sum(feature in features_of(p) for p in PHRASES)
            idf = math.log((1 + len(PHRASES)) / (1 + df)) + 1
            if df:
                block[feature] = (1 + math.log(tf)) * idf
            else:
                unknown += tf * idf**2
        length = math.sqrt(2 * (sum(value**2 for value in block.values()) + unknown))
        values |= {feature: value / length for feature, value in block.items()}
    assert named(FEATURES.encode(words(text)), FEATURES) == pytest.approx(values, rel=1e-5)
    assert values.keys() <= known.keys() | {pair for phrase in PHRASES for pair in lexical(phrase)}


@pytest.mark.parametrize("at", range(len(PHRASES)))
def test_a_phrase_asked_is_the_phrase_stored(at: int) -> None:
    asked = FEATURES.encode(words(PHRASES[at]))
    assert named(asked, FEATURES) == pytest.approx(named(row(FEATURES, at), FEATURES), rel=1e-5)
    assert np.linalg.norm(asked.values) == pytest.approx(1, rel=1e-5)


def test_unknown_words_shorten_the_vector() -> None:
    lengths = [np.linalg.norm(FEATURES.encode(words("north troops" + " xylophone" * n)).values) for n in range(4)]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[1] < lengths[0]


def test_a_repaired_word_counts_with_its_letters_as_typed_and_as_read_half_each() -> None:
    vector = FEATURES.encode([Word("trops", "troops", 0.8)])
    found = named(vector, FEATURES)
    assert ("troop",) in found  # the stem as read
    assert found["<tr"] > found["ops"] * 0.5 > 0  # letters of both spellings
    assert found["roo"] > 0  # letters of the word read
    both = naive_tf_idf("troops", PHRASES)
    assert found["roo"] / found["<tr"] == pytest.approx(both["roo"] / both["<tr"] / 2, rel=1e-5)


def test_a_word_that_was_never_read_counts_with_its_letters_alone() -> None:
    found = named(FEATURES.encode([Word("troopish", None, 0.0)]), FEATURES)
    assert "<tr" in found
    assert all(isinstance(feature, str) for feature in found)


def test_rare_features_weigh_more_than_common_ones_and_unknown_ones_most() -> None:
    idf = {stem: float(FEATURES.idf[at]) for stem, at in FEATURES.stems.items()}
    assert idf["russia"] < idf["the"] < FEATURES.idf_unknown


def test_grams_mark_the_ends_of_a_word() -> None:
    assert sorted(grams("ab")) == sorted(["<", "a", "b", ">", "<a", "ab", "b>", "<ab", "ab>"])


@PROPERTY
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4)), max_size=6))
def test_ranges_are_those_of_python_one_after_the_other(spans: list[tuple[int, int]]) -> None:
    starts = np.array([start for start, _ in spans], np.int64)
    sizes = np.array([size for _, size in spans], np.int64)
    assert ranges(starts, sizes).tolist() == [n for start, size in spans for n in range(start, start + size)]


@PROPERTY
@given(st.lists(st.sampled_from("troops russia weapon xyz q 12 북한군 ї".split()), max_size=8))
def test_a_vector_is_finite_with_each_feature_once_and_no_longer_than_one(typed: list[str]) -> None:
    vector = FEATURES.encode(words(" ".join(typed)))
    assert len(set(vector.ids.tolist())) == len(vector.ids) == len(vector.values)
    assert np.isfinite(vector.values).all()
    assert np.linalg.norm(vector.values) <= 1 + 1e-5
    assert all(0 <= at < FEATURES.size for at in vector.ids.tolist())
