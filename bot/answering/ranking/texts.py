"""The words of the cards themselves: BM25 over the text of every brief, beside what its phrases say."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.answering.ranking.features import Ints
from bot.language.stemming import Stem

SATURATION = 1.2  # k1: how soon one more occurrence of a word adds nothing
LENGTH = 0.75  # b: how much a long text counts less


@dataclass(frozen=True, slots=True)
class Postings:
    """The briefs [n] whose texts have a word, and what the word adds to the BM25 of each [n]."""

    briefs: Ints
    values: NDArray[np.float64]


NOWHERE = Postings(np.zeros(0, np.int64), np.zeros(0))


class Texts:
    """An inverted index of stems, weighted by BM25 (Robertson & Zaragoza 2009)."""

    def __init__(self, texts: Sequence[Sequence[str]], stem: Stem) -> None:
        """``texts`` [C]: the words of each brief's card."""
        self.stem = stem
        self.stems: dict[str, int] = {}
        ids = {word: self.stems.setdefault(stem(word), len(self.stems)) for text in texts for word in text}
        lengths = np.array([len(text) for text in texts], np.int64)
        word = np.array([ids[word] for text in texts for word in text], np.int64)
        count = max(1, len(texts))
        keys, tf = np.unique(word * count + np.repeat(np.arange(len(texts)), lengths), return_counts=True)
        stems, self.briefs = np.divmod(keys, count)
        self.starts = np.searchsorted(stems, np.arange(len(self.stems) + 1))
        held = np.diff(self.starts)
        idf = np.log1p((len(texts) - held + 0.5) / (held + 0.5))
        norm = SATURATION * (1 - LENGTH + LENGTH * lengths / max(1.0, float(lengths.mean() if len(texts) else 0)))
        self.values = idf[stems] * tf * (SATURATION + 1) / (tf + norm[self.briefs])

    def of(self, word: str) -> Postings:
        """Return where the word is, in whatever inflection."""
        at = self.stems.get(self.stem(word))
        if at is None:
            return NOWHERE
        place = slice(self.starts[at], self.starts[at + 1])
        return Postings(self.briefs[place], self.values[place])
