"""Which of many groups of phrases a question belongs to, and how sure that is.

A question's words are repaired, counted as features and scored for every brief. Two parts make the score: the margin
of a softmax regression over all other briefs, and the share of the question that a brief knows at all. A conditional
logit, fitted on the base's own phrases, makes scores chances of being right.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.ranking.calibration import CANDIDATES, Briefs, calibrate, confidence
from bot.ranking.features import Features, Word
from bot.ranking.regression import SoftmaxRegression
from bot.ranking.spelling import Speller
from bot.stemming import Stem
from bot.text import has_word

CERTAIN = 1.0
"""Nats of margin, beyond which more says nothing about whether any brief is right."""

COVERAGE = 6.0
"""Nats for a question that a brief covers in full."""

UNKNOWN = 2.0
"""How much more a word weighs that no brief has than one that a single brief has: it asks for something else."""

DOUBT = 1.0
"""Nats that every question lacks of being covered, so that a lone common word is not covered in full."""

MOST_WORDS = 300
"""Words of a question that are read: who pastes pages has said by then what they are about."""

SIGNS = ".+#*"
"""What a word may begin or end with. Without them it is another word, and the likeliest one if the base lacks it."""

MISREAD = 0.8
"""Chance lost by a repair of no likeness at all: one edit in six letters leaves an answer."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the score of every brief is made of, in nats, [C] each; the score is their sum."""

    margin: NDArray[np.float64]
    coverage: NDArray[np.float64]

    @property
    def score(self) -> NDArray[np.float64]:
        return self.margin + self.coverage


@dataclass(frozen=True, slots=True)
class Ranked:
    """A brief's id, the chance that it is meant, the parts of its score, and whether a phrase has the very words."""

    brief: str
    confidence: float
    margin: float
    coverage: float
    same_words: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """How each word was read, and the briefs, best first."""

    words: tuple[Word, ...]
    ranked: tuple[Ranked, ...]


class Scorer:
    """Reads a question and scores every brief, without calibration."""

    def __init__(self, briefs: Briefs, stem: Stem) -> None:
        phrases = [text for texts in briefs for text in texts]
        labels = np.repeat(np.arange(len(briefs)), [len(texts) for texts in briefs])
        self.features = Features(phrases, stem)
        self.speller = Speller(dict(zip(self.features.words, self.features.frequency.tolist(), strict=True)))
        self.regression = SoftmaxRegression(self.features.rows, labels, len(briefs), self.features.size)

        # Inverse brief frequency of every stem: ln((1 + C) / (1/2 + briefs with it)).
        held = np.diff(self.regression.starts)[: self.features.first_pair]
        self.weights = np.log((1 + len(briefs)) / (0.5 + held))
        self.unknown = UNKNOWN * float(np.log((1 + len(briefs)) / 0.5))

    def _weight(self, word: Word) -> float:
        stem = self.features.stem_id(word)
        return self.unknown if stem is None else float(self.weights[stem])

    def read(self, question: str) -> tuple[Word, ...]:
        """Return the words of a question, those that no phrase has with the likeliest that one has.

        Signs and emoji that no phrase has say nothing: members decorate with them.
        """
        typed = question.split()[:MOST_WORDS]
        known: dict[str, tuple[str | None, float]] = {word: (word, 1.0) for word in typed if self.features.knows(word)}
        for word in typed:
            if word not in known and self.features.knows(bare := word.strip(SIGNS)):
                known[word] = bare, len(bare) / len(word)
        known |= self.speller.repair(word for word in typed if word not in known)
        return tuple(Word(word, *known.get(word, (None, 0.0))) for word in typed if word in known or has_word(word))

    def parts(self, words: Sequence[Word]) -> Parts:
        """Return what the score of every brief is made of.

        Margin: that of the regression, up to CERTAIN. Coverage: COVERAGE times the cube of the share, by inverse brief
        frequency, of the question's different words that the brief's phrases have, a repaired one by its likeness.
        """
        scores = self.regression.score(self.features.encode(words))
        asked = {word.read or word.typed: self._weight(word) for word in words}
        likeness = np.zeros(self.features.first_pair)
        for word in words:
            if (stem := self.features.stem_id(word)) is not None:
                likeness[stem] = max(likeness[stem], word.likeness)
        is_stem = scores.features < self.features.first_pair
        stems = scores.features[is_stem]
        known = np.bincount(scores.briefs[is_stem], self.weights[stems] * likeness[stems], len(scores.logits))
        share = known / (sum(asked.values()) + DOUBT)
        return Parts(np.minimum(scores.margin(), CERTAIN), COVERAGE * share**3)

    def score(self, question: str) -> NDArray[np.float64]:
        """Return the score of every brief, [C] in nats."""
        return self.parts(self.read(question)).score


class Ranker:
    """Ranks briefs by their phrases, given by id. All texts, here and in questions, are normalised already."""

    def __init__(self, phrases: Mapping[str, Sequence[str]], stem: Stem) -> None:
        briefs = list(phrases.values())
        self._ids = list(phrases)
        self._scorer = Scorer(briefs, stem)
        self._bias, self._scale = calibrate(briefs, lambda part: Scorer(part, stem).score)
        self._bags: dict[tuple[str, ...], set[int]] = defaultdict(set)
        for brief, texts in enumerate(briefs):
            for words in map(str.split, texts):
                self._bags[_bag(words, stem)].add(brief)
                self._bags[_bag(filter(has_word, words), stem)].add(brief)
        self._stem = stem

    def rank(self, question: str, limit: int = 3) -> list[tuple[str, float]]:
        """Return the likeliest briefs, best first, each with the chance that it answers the question."""
        return [(ranked.brief, ranked.confidence) for ranked in self.explain(question, limit).ranked]

    def explain(self, question: str, limit: int = 3) -> Explanation:
        """Return the same with all that led to it.

        A question of the very words of a phrase, in whatever order and inflection, is that phrase, as surely as its
        words were read.
        """
        words = self._scorer.read(question)
        if not words or not self._ids:
            return Explanation(words, ())
        parts = self._scorer.parts(words)
        best = np.argsort(-parts.score, kind="stable")[: max(limit, CANDIDATES)]
        sure = confidence(parts.score[best], self._bias, self._scale)
        chances = dict(zip(best.tolist(), sure.tolist(), strict=True))
        same = self._bags.get(_bag((word.read or word.typed for word in words), self._stem), set())
        if len(same) == 1:
            (brief,) = same
            misread = max(1 - word.likeness for word in words)
            chances[brief] = max(chances.get(brief, 0.0), 1 - MISREAD * misread)
        order = sorted(chances, key=lambda brief: (-chances[brief], brief))[:limit]
        ranked = tuple(
            Ranked(self._ids[b], chances[b], float(parts.margin[b]), float(parts.coverage[b]), same == {b})
            for b in order
        )
        return Explanation(words, ranked)


def _bag(words: Iterable[str], stem: Stem) -> tuple[str, ...]:
    return tuple(sorted(map(stem, words)))
