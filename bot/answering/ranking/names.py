"""Words of a question that belong to another name than the brief's: "south korean" is not "north korean".

Either is a reason not to answer for all to read, though the brief may be the closest match.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from bot.answering.ranking.features import Features, Word
from bot.answering.ranking.regression import SoftmaxRegression

LEAST = 2  # phrases that must have a word behind another, before it counts as a part of that name


class Names:
    """Which words of a base stand side by side, in which briefs."""

    def __init__(self, features: Features, regression: SoftmaxRegression) -> None:
        self.features, self.regression = features, regression
        count = len(features.stems)
        held = np.bincount(features.rows.ids, minlength=features.size)
        left, right = np.divmod(features.pairs, max(1, count))
        always = held[features.first_pair : features.first_gram] == held[right]
        always &= held[right] >= LEAST
        self.before = np.full(count, -1)  # of each stem the one that stands before it in all phrases, or -1
        self.before[right[always]] = left[always]

    def others(self, words: Sequence[Word], brief: int) -> list[str]:
        """Return the words, or pairs of words, of a question that belong to names that are none of the brief's.

        A pair does if phrases have it, but this brief's have only its second word; a word does if all phrases have it
        behind a word that is not asked ("un" of "kim jong un").
        """
        stems = [None if word.filler else self.features.stem_id(word) for word in words]
        found = [
            f"{left.typed} {right.typed}"
            for (left, a), (right, b) in pairwise(zip(words, stems, strict=True))
            if a is not None and b is not None and self._is_others(a, b, brief)
        ]
        known = set(stems)
        for word, stem in zip(words, stems, strict=True):
            if stem is not None and (before := int(self.before[stem])) >= 0 and before not in known:
                found.append(word.typed)
        return found

    def _is_others(self, left: int, right: int, brief: int) -> bool:
        pair = self.features.pair_id(left, right)
        return pair is not None and self._has(brief, right) and not self._has(brief, pair)

    def _has(self, brief: int, feature: int) -> bool:
        return bool((self.regression.holders(feature) == brief).any())
