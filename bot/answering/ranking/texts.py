"""The words of the cards themselves: BM25 over the text of every brief, beside what its phrases say."""

from collections.abc import Callable, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.answering.ranking.features import Ints
from bot.language.stemming import Stem

SATURATION = 1.2  # k1: how soon one more occurrence of a word adds nothing
LENGTH = 0.75  # b: how much a long text counts less


class Postings(NamedTuple):
    """The briefs [n] whose texts have a word, what the word adds to the BM25 of each [n], and 1 for each of them whose
    phrases lack it [n], else 0."""

    briefs: Ints
    values: NDArray[np.float64]
    alone: NDArray[np.float64]


NOWHERE = Postings(np.zeros(0, np.int64), np.zeros(0), np.zeros(0))


class Texts:
    """An inverted index of stems, weighted by BM25 (Robertson & Zaragoza 2009)."""

    def __init__(
        self, texts: Sequence[Sequence[str]], stem: Stem, holders: Callable[[str], NDArray[np.integer]]
    ) -> None:
        """``texts`` [C]: the words of each brief's card. ``holders`` returns the briefs whose phrases have a stem."""
        self.stem = stem
        self.stems: dict[str, int] = {}
        words = list(chain.from_iterable(texts))
        ids = {word: self.stems.setdefault(stem(word), len(self.stems)) for word in dict.fromkeys(words)}
        lengths = np.array([len(text) for text in texts], np.int64)
        word = np.array([ids[word] for word in words], np.int64)
        count = max(1, len(texts))
        keys, tf = np.unique(word * count + np.repeat(np.arange(len(texts)), lengths), return_counts=True)
        stems, self.briefs = np.divmod(keys, count)
        self.starts = np.searchsorted(stems, np.arange(len(self.stems) + 1))
        held = np.diff(self.starts)
        idf = np.log1p((len(texts) - held + 0.5) / (held + 0.5))
        norm = SATURATION * (1 - LENGTH + LENGTH * lengths / max(1.0, float(lengths.mean() if len(texts) else 0)))
        self.values = idf[stems] * tf * (SATURATION + 1) / (tf + norm[self.briefs])
        self.alone = np.ones(len(stems))
        in_phrases = np.zeros(count, bool)
        for name, place in zip(self.stems, map(slice, self.starts, self.starts[1:]), strict=True):
            in_phrases[holders(name)] = True
            self.alone[place][in_phrases[self.briefs[place]]] = 0
            in_phrases[holders(name)] = False

    def of(self, word: str) -> Postings:
        """Return where the word is, in whatever inflection."""
        at = self.stems.get(self.stem(word))
        if at is None:
            return NOWHERE
        place = slice(self.starts[at], self.starts[at + 1])
        return Postings(self.briefs[place], self.values[place], self.alone[place])
