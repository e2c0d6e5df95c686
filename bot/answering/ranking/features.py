"""Texts as sparse vectors: word stems, pairs of stems and letter n-grams, weighted by TF-IDF.

The vector space model (Salton, Wong & Yang 1975) with sublinear term frequency and smoothed inverse document frequency:

    value(f) = (1 + ln tf(f)) * idf(f),    idf(f) = ln((1 + N) / (1 + df(f))) + 1

over N phrases, of which df(f) hold f. A vector has two blocks, one of words (stems and pairs of neighbouring stems)
and one of letters (1- to 3-grams of each word with its ends marked), each scaled to length sqrt(1/2), so that the
whole has length 1. What the base has never seen has no weight but counts in the length, with the idf of df = 0: a
question full of unknown words has a short vector, and so a low score with every brief.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from bot.language.stemming import LONGEST, Stem

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]

GRAMS = (1, 2, 3)
"""Lengths of the letter n-grams; 4-grams double the index and add nothing."""

REMEMBERED = 4096
"""Words of which the n-grams are remembered: most words of a question were asked before."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word as typed and as read: itself or its repair (None if the base knows nothing like it).

    likeness is the share of letters that both have, 1 for a word read as typed. A filler says nothing of what the
    question is about.
    """

    typed: str
    read: str | None
    likeness: float
    filler: bool = False


@dataclass(frozen=True, slots=True)
class Vector:
    """One sparse vector: ids [k] of features and their values [k]."""

    ids: Ints
    values: Floats


@dataclass(frozen=True, slots=True)
class Rows:
    """Sparse vectors below one another (compressed sparse rows): row i is at starts[i]:starts[i + 1]."""

    starts: Ints
    ids: Ints
    values: Floats


def ranges(starts: Ints, sizes: Ints) -> Ints:
    """Return the numbers starts[i], starts[i] + 1, … (sizes[i] of them) for each i, one after the other."""
    first: Ints = (starts - sizes.cumsum() + sizes).repeat(sizes)
    return np.arange(len(first)) + first


def grams(word: str) -> list[str]:
    """Return the letter n-grams of a word, with "<" and ">" for its ends."""
    marked = f"<{word}>"
    return [marked[i : i + n] for n in GRAMS for i in range(len(marked) - n + 1)]


class Features:
    """What is countable in the phrases of a base; ids run over stems, then pairs of stems, then letter n-grams."""

    def __init__(self, phrases: Sequence[str], stem: Stem) -> None:
        self.stem = stem
        self.words: dict[str, int] = {}
        self.stems: dict[str, int] = {}
        self.grams: dict[str, int] = {}
        tokens = [[self.words.setdefault(word, len(self.words)) for word in text.split()] for text in phrases]
        stem_of = [self.stems.setdefault(stem(word), len(self.stems)) for word in self.words]
        grams_of = [[self.grams.setdefault(gram, len(self.grams)) for gram in grams(word)] for word in self.words]

        # One entry per word, pair or n-gram of each phrase: the row (phrase) it is in and its feature's id.
        word = np.array([w for row in tokens for w in row], np.int64)
        row = np.repeat(np.arange(len(tokens)), [len(t) for t in tokens])
        stems = np.array(stem_of, np.int64)[word]
        neighbours = row[1:] == row[:-1]
        self.pairs, pairs = np.unique(
            stems[:-1][neighbours] * len(self.stems) + stems[1:][neighbours], return_inverse=True
        )
        self.first_pair, self.first_gram = len(self.stems), len(self.stems) + len(self.pairs)
        gram_sizes = np.array([len(g) for g in grams_of], np.int64)
        gram_starts = np.cumsum(gram_sizes) - gram_sizes
        flat_grams = np.array([g for word_grams in grams_of for g in word_grams], np.int64)
        letters = flat_grams[ranges(gram_starts[word], gram_sizes[word])]
        ids = np.concatenate((stems, self.first_pair + pairs, self.first_gram + letters))
        rows = np.concatenate((row, row[1:][neighbours], np.repeat(row, gram_sizes[word])))

        self.size = self.first_gram + len(self.grams)
        keys, tf = np.unique(rows * self.size + ids, return_counts=True)
        rows, ids = np.divmod(keys, self.size)
        self.idf = self._idf(len(phrases), np.bincount(ids, minlength=self.size))
        self.idf_unknown = float(self._idf(len(phrases), np.zeros(1))[0])
        values = (1 + np.log(tf)) * self.idf[ids]
        block = 2 * rows + (ids >= self.first_gram)
        values /= np.sqrt(2 * np.bincount(block, values**2, minlength=2 * len(phrases)))[block]
        self.rows = Rows(np.searchsorted(rows, np.arange(len(phrases) + 1)), ids, values.astype(np.float32))
        self.frequency = np.bincount(word, minlength=len(self.words))  # of each word, in order of self.words
        self._remembered = lru_cache(REMEMBERED)(partial(_gram_ids, self.grams))  # no method: that would be a cycle

    @staticmethod
    def _idf(total: int, frequency: NDArray[np.number]) -> Floats:
        return np.asarray(np.log((1 + total) / (1 + frequency)) + 1, np.float32)

    def neighbours(self, left: str, right: str) -> bool:
        """Whether a phrase has the two words side by side, in whatever inflection."""
        return self.pair_id(self.stems.get(self.stem(left)), self.stems.get(self.stem(right))) is not None

    def stem_id(self, word: Word) -> int | None:
        """Return the id of the word's stem, None if no phrase has it."""
        return None if word.read is None else self.stems.get(self.stem(word.read))

    def encode(self, words: Sequence[Word]) -> Vector:
        """Return the vector of a question. A repaired word counts with its letters as typed and as read, half each."""
        stems = [self.stem_id(word) for word in words]
        lexical = Counter(stems)
        lexical.update(self.pair_id(left, right) for left, right in pairwise(stems))
        letters = Counter(chain.from_iterable(self.gram_ids(word.typed) for word in words))
        share = 1.0
        if any(word.read not in (None, word.typed) for word in words):
            letters.update(chain.from_iterable(self.gram_ids(word.read or word.typed) for word in words))
            share = 0.5
        unknown = lexical.pop(None, 0), letters.pop(None, 0) * share
        size, first = len(lexical) + len(letters), len(lexical)
        ids = np.fromiter(chain(lexical, letters), np.int64, size)
        ids[first:] += self.first_gram
        tf = np.fromiter(chain(lexical.values(), letters.values()), np.float32, size)
        tf[first:] *= share
        values: Floats = np.where(tf > 1, 1 + np.log(tf), tf) * self.idf[ids]
        for block, number in zip((values[:first], values[first:]), unknown, strict=True):
            block /= max(math.sqrt(2 * (float(block @ block) + number * self.idf_unknown**2)), 1e-9)
        return Vector(ids, values)

    def gram_ids(self, word: str) -> tuple[int | None, ...]:
        """Return the ids of a word's letter n-grams, None for each that no phrase has."""
        return self._remembered(word) if len(word) <= LONGEST else _gram_ids(self.grams, word)

    def pair_id(self, left: int | None, right: int | None) -> int | None:
        """Return the id of two stems side by side, None if no phrase has them so."""
        if left is None or right is None:
            return None
        key = left * len(self.stems) + right
        at = int(self.pairs.searchsorted(key))
        return self.first_pair + at if at < len(self.pairs) and self.pairs[at] == key else None


def _gram_ids(known: Mapping[str, int], word: str) -> tuple[int | None, ...]:
    return tuple(map(known.get, grams(word)))
