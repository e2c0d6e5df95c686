"""Which of many groups of phrases a question belongs to, and how sure that is.

A question's words are read as words of the base, counted as features and scored for every brief: by the margin of a
softmax regression, by the share of the question that a brief's phrases know, and by what its text knows. A logit over
the scores of the best briefs and some signals of the question makes them chances of being right.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.answering.ranking.confidence import CANDIDATES, SIGNALS, chances
from bot.answering.ranking.features import Features, Word
from bot.answering.ranking.names import Names
from bot.answering.ranking.reading import RUN_TOGETHER, Reader, Vocabulary, counts, with_words_apart
from bot.answering.ranking.regression import SoftmaxRegression
from bot.answering.ranking.same_words import SameWords
from bot.answering.ranking.texts import NOWHERE, Texts
from bot.answering.ranking.tokens import tokens
from bot.language.stemming import Stem

CERTAIN = 1.0
"""Most nats that the margin counts. A larger margin does not make it likelier that any brief is meant."""

COVERED, IN_FULL = 1.5, 5.0
"""Nats for the share of a question that a brief's phrases cover: COVERED times the share, IN_FULL times its cube."""

IN_TEXT, BM25 = 4.0, 0.6
"""Nats for the share of a question that only a brief's text covers, and nats for each unit of the text's BM25."""

UNKNOWN = 2.0
"""A word that no brief has weighs this many times the rarity of such a word: it probably asks for something else."""

FILLER, KNOWN_FILLER = 0.1, 0.5
"""Factors for the weight of a filler, such as "the": FILLER if no phrase has it, KNOWN_FILLER if one does."""

DOUBT = 1.0
"""Nats that are added to the weight of every question, so that a single common word never covers it in full."""

MISREAD = 0.41
"""Chance lost if all letters of a question were misread. With one of six, the rest of 0.93 is enough for an answer."""

MANY = 1000
"""Briefs above which the best ones are looked for before they are sorted."""

LEEWAY = 0.15
"""If a question is a phrase of one brief with fillers around it, this much chance of another brief costs nothing."""

Floats = NDArray[np.float64]


class Asked(NamedTuple):
    """One of the different words of a question, its weight in nats, and the [n] briefs whose phrases have it."""

    word: Word
    weight: float
    briefs: NDArray[np.integer[Any]]

    @property
    def nats(self) -> float:
        """The weight of the word as it was read: a repair counts by its likeness."""
        return self.weight * self.word.likeness


@dataclass(frozen=True, slots=True)
class Evidence:
    """The parts of the score of every brief, as arrays [C], and two properties of the whole question.

    ``margin`` is in nats. ``coverage`` and ``in_text`` are the shares of the question that a brief's phrases, or only
    its text, have. ``bm25`` is that of the text. ``asked`` has the words of the question, ``total`` their weight.
    """

    margin: Floats
    coverage: Floats
    in_text: Floats
    bm25: Floats
    asked: tuple[Asked, ...]
    total: float

    @property
    def misread(self) -> float:
        """The share of the question's letters, by weight of the words, that are read as others."""
        weight = sum(one.weight for one in self.asked)
        return sum(one.weight * (1 - one.word.likeness) for one in self.asked) / max(weight, 1e-9)

    @property
    def score(self) -> Floats:
        covered = self.coverage * (COVERED + IN_FULL * self.coverage * self.coverage)
        return self.margin + covered + IN_TEXT * self.in_text + BM25 * self.bm25


@dataclass(frozen=True, slots=True)
class Ranked:
    """A brief's id, the chance that it is meant, the parts of its score, and whether a phrase has the same words."""

    brief: str
    confidence: float
    margin: float
    coverage: float
    in_text: float
    bm25: float
    same_words: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a question was read, and how its briefs were ranked.

    ``words`` and their ``weights``; ``ranked``, best first; ``relevance``, the chance that any brief is meant, and the
    ``signals`` that it is made of. ``others`` are the words that belong to another name than the best brief's.
    ``unknown`` is the share of the question that the best brief does not know. ``rival`` is the chance that the second
    brief is meant, 0 if the words are those of a phrase.
    """

    words: tuple[Word, ...]
    weights: Mapping[Word, float] = field(default_factory=dict)
    ranked: tuple[Ranked, ...] = ()
    relevance: float = 0.0
    signals: Mapping[str, float] = field(default_factory=dict)
    others: tuple[str, ...] = ()
    unknown: float = 0.0
    rival: float = 0.0

    @property
    def empty(self) -> bool:
        """Whether no word, as it was typed, says what the question is about, and no phrase is made of these words."""
        says_nothing = all(word.filler and word.read == word.typed for word in self.words)
        return says_nothing and not any(one.same_words for one in self.ranked)


class Scorer:
    """Reads a question and says what speaks for every brief."""

    def __init__(
        self,
        phrases: Sequence[Sequence[str]],
        texts: Sequence[Sequence[str]],
        stem: Stem,
        fillers: frozenset[str],
        initials: Mapping[str, Sequence[str]],
    ) -> None:
        """``phrases`` and ``texts`` [C] are those of each brief, as tokens: a phrase with spaces between, a text one by
        one."""
        in_texts = counts(texts)
        vocabulary = Vocabulary(counts(text.split() for group in phrases for text in group), in_texts, fillers, stem)
        groups = [with_words_apart(group, vocabulary) for group in phrases]
        flat = [text for group in groups for text in group]
        self.same_words = SameWords(groups, stem, fillers)
        self.features = Features(flat, stem)
        self.reader = Reader(self.features, in_texts, fillers, initials)
        labels = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
        self.regression = SoftmaxRegression(self.features.rows, labels, len(groups), self.features.size)
        self.names = Names(self.features, self.regression)
        self.texts = Texts(texts, stem, self._holders)
        self.briefs = len(groups)
        self.per_brief = sum(map(len, phrases)) / max(1, self.briefs)
        self.unknown = UNKNOWN * self._rarity(0)
        self.stem = stem

    def _holders(self, stem: str) -> NDArray[np.integer[Any]]:
        """Return the briefs whose phrases have a stem."""
        at = self.features.stems.get(stem)
        return NOWHERE.briefs if at is None else self.regression.holders(at)

    def _rarity(self, briefs: int) -> float:
        """Return the inverse brief frequency of a word: ln((1 + C) / (1/2 + briefs that have it))."""
        return math.log((1 + self.briefs) / (0.5 + briefs))

    def asked(self, words: Iterable[Word]) -> tuple[Asked, ...]:
        """Return the different words of a question; of two with one stem the one that was read best."""
        found: dict[str, Asked] = {}
        for word in words:
            key = self.stem(word.read) if word.read and word.likeness else word.typed
            if key not in found or word.likeness > found[key].word.likeness:
                found[key] = self._weighed(word)
        return tuple(found.values())

    def _weighed(self, word: Word) -> Asked:
        share = FILLER if word.filler else 1.0
        if word.read is None or not word.likeness:
            return Asked(word, share * self.unknown, NOWHERE.briefs)
        stem = self.features.stem_id(word)
        if stem is None:
            return Asked(word, share * self._rarity(len(self.texts.of(word.read).briefs)), NOWHERE.briefs)
        briefs = self.regression.holders(stem)
        return Asked(word, (KNOWN_FILLER if word.filler else 1.0) * self._rarity(len(briefs)), briefs)

    def evidence(self, words: Sequence[Word]) -> Evidence:
        """Return what speaks for every brief."""
        scores = self.regression.score(self.features.encode(words))
        asked = self.asked(words)
        total = sum(one.weight for one in asked) + DOUBT
        told = [(one, self.texts.of(one.word.read)) for one in asked if one.word.read and not one.word.filler]
        nats = np.array([one.nats for one in asked]).repeat([len(one.briefs) for one in asked])
        (coverage,) = self._sums([one.briefs for one in asked], nats)
        in_text, bm25 = self._sums(
            [text.briefs for _, text in told],
            np.concatenate([NOWHERE.values, *(one.nats * text.alone for one, text in told)]),
            np.concatenate([NOWHERE.values, *(one.word.likeness * text.values for one, text in told)]),
        )
        margin = np.minimum(scores.margin(), CERTAIN)
        return Evidence(margin, coverage / total, in_text / total, bm25, asked, total)

    def _sums(self, briefs: Iterable[NDArray[np.integer[Any]]], *values: Floats) -> list[Floats]:
        """Return for each of ``values`` the sum [C] of what the words add to their ``briefs``, one after the other."""
        places = np.concatenate([NOWHERE.briefs, *briefs])
        return [np.asarray(np.bincount(places, each, minlength=self.briefs), float) for each in values]

    def signals(self, evidence: Evidence, best: int) -> dict[str, float]:
        """Return what speaks for or against any brief being meant, given the best one; see confidence.SIGNALS.

        Shares of the question's weight: words that no brief has and the weightiest of them, and words that only other
        briefs have. Else the logarithms of its length, of the number of briefs and of the phrases of each, and what the
        best brief's text says.
        """
        unknown = [one.weight / evidence.total for one in evidence.asked if not one.word.likeness]
        covered = float(evidence.coverage[best] + evidence.in_text[best])
        return {
            "bias": 1.0,
            "phrases": math.log(self.per_brief),
            "briefs": math.log(self.briefs),
            "text": float(evidence.bm25[best]),
            "length": math.log1p(sum(not one.word.filler for one in evidence.asked)),
            "unknown": sum(unknown),
            "elsewhere": 1 - DOUBT / evidence.total - sum(unknown) - covered,
            "rarest": max(unknown, default=0.0),
        }

    def unknown_of(self, evidence: Evidence, brief: int) -> float:
        """Return the share of a question, by weight, that is unknown to a brief: words that no brief has, and words
        that were read as others which this brief has not, for they may have been no typing errors."""
        unknown = [one for one in evidence.asked if not one.word.likeness]
        misread = [one for one in evidence.asked if one.word.likeness and self._is_misread(one, brief)]
        weight = sum(one.weight for one in unknown) + len(misread) * self.unknown
        return weight / (weight + evidence.total - sum(one.weight for one in unknown + misread))

    def _is_misread(self, one: Asked, brief: int) -> bool:
        if one.word.filler or one.word.read is None or one.word.likeness >= RUN_TOGETHER:
            return False
        return brief not in one.briefs and brief not in self.texts.of(one.word.read).briefs


class Ranker:
    """Ranks briefs by their phrases and texts, given by id. All of these, and questions, are normalised already."""

    def __init__(
        self,
        phrases: Mapping[str, Sequence[str]],
        stem: Stem,
        texts: Mapping[str, str] = MappingProxyType({}),
        fillers: frozenset[str] = frozenset(),
        initials: Mapping[str, Sequence[str]] = MappingProxyType({}),
    ) -> None:
        groups = [[" ".join(tokens(text)) for text in group] for group in phrases.values()]
        whole = {text for group in groups for text in group}  # what is a phrase of its own is no filler here
        self._ids = list(phrases)
        words = [tokens(texts.get(brief, "")) for brief in phrases]
        self.scorer = Scorer(groups, words, stem, fillers - whole, initials)

    def knows(self, word: str) -> bool:
        """Return whether a phrase or a text has a normalised word, in whatever inflection."""
        return self.scorer.reader.knows(word)

    def rank(self, question: str, limit: int = 3) -> list[tuple[str, float]]:
        """Return the likeliest briefs, best first, each with the chance that it answers the question."""
        return [(ranked.brief, ranked.confidence) for ranked in self.explain(question, limit).ranked]

    def explain(self, question: str, limit: int = 3) -> Explanation:
        """Return the same with all that led to it.

        A question of the very words of a phrase, in whatever order and inflection, is that phrase. So it is with
        fillers besides, but for the chance that they ask for another brief. No brief is surer than the words were read.
        """
        words = self.scorer.reader.read(question)
        if not words or not self._ids:
            return Explanation(words)
        evidence = self.scorer.evidence(words)
        score = evidence.score
        best = best_of(score, max(limit, CANDIDATES))
        signals = self.scorer.signals(evidence, int(best[0]))
        sure = chances(score[best], np.array([signals[name] for name in SIGNALS]))
        as_read = 1 - MISREAD * evidence.misread
        found = dict(zip(best.tolist(), np.minimum(sure, as_read).tolist(), strict=True))
        same, whole = self.scorer.same_words.find(words)
        if same is not None:
            rival = max((chance for brief, chance in found.items() if brief != same), default=0.0)
            found[same] = as_read if whole else as_read * min(1.0, 1 - rival + LEEWAY)
        order = sorted(found, key=lambda brief: (-found[brief], brief))
        ranked = tuple(self._ranked(b, found[b], evidence, same == b) for b in order[:limit])
        rival = 0.0 if order[0] == same or len(order) == 1 else found[order[1]]
        weights = {one.word: one.weight for one in evidence.asked}
        relevance = max(float(sure.sum()), found[order[0]])
        others = () if order[0] == same else tuple(self.scorer.names.others(words, order[0]))
        unknown = self.scorer.unknown_of(evidence, order[0])
        return Explanation(words, weights, ranked, relevance, signals, others, unknown, rival)

    def _ranked(self, brief: int, chance: float, evidence: Evidence, same: bool) -> Ranked:
        margin, coverage, in_text, bm25 = (
            float(part[brief]) for part in (evidence.margin, evidence.coverage, evidence.in_text, evidence.bm25)
        )
        return Ranked(self._ids[brief], chance, margin, coverage, in_text, bm25, same)


def best_of(scores: Floats, count: int) -> NDArray[np.intp]:
    """Return the places of the highest scores, best first; of equal ones the first."""
    if len(scores) > max(count, MANY):
        least = np.partition(scores, -count)[-count]
        among = np.flatnonzero(scores >= least)
    else:
        among = np.arange(len(scores))
    return among[(-scores[among]).argsort(kind="stable")][:count]
