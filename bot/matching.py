"""Finding the brief that a query means: a first, plain matcher over the words of the base's phrases."""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from bot.brief import Brief, BriefBase
from bot.text import normalise

LONGEST_QUERY = 400


@dataclass(frozen=True, slots=True)
class Candidate:
    """A brief that a query may mean, and the confidence from 0 to 1 that it does."""

    brief: Brief
    confidence: float


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which confidence on a brief is the answer, and from which one a suggestion."""

    answer: float = 0.62
    suggest: float = 0.38


class Matcher:
    """A brief base and the index over it. Both are immutable: a reload makes a new matcher."""

    def __init__(self, base: BriefBase) -> None:
        self.base = base
        self.thresholds = Thresholds()
        self._titles = {normalise(brief.title): brief for brief in base.briefs.values()}
        self._phrases: list[tuple[frozenset[str], Brief]] = []
        self._exact: dict[str, Brief] = {}
        briefs_with: dict[str, set[str]] = defaultdict(set)
        for brief in base.briefs.values():
            for phrase in map(normalise, brief.phrases):
                self._exact.setdefault(phrase, brief)
                words = frozenset(phrase.split())
                self._phrases.append((words, brief))
                for word in words:
                    briefs_with[word].add(brief.id)
        count = len(base.briefs)
        self._weights = {word: math.log(1 + count / len(ids)) for word, ids in briefs_with.items()}
        self._unknown_weight = math.log(1 + count)
        self._vocabulary = list(self._weights)

    def named(self, query: str) -> Brief | None:
        """Return the brief whose title, id or other phrase ``query`` is in full, if there is one."""
        text = normalise(query)
        return self._titles.get(text) or self.base.briefs.get(query.strip().lower()) or self._exact.get(text)

    def rank(self, query: str, limit: int) -> list[Candidate]:
        """Return up to ``limit`` briefs, best first; a blank query has none."""
        words = normalise(query)[:LONGEST_QUERY].split()
        repaired = [(word, *self._repair(word)) for word in dict.fromkeys(words)]
        asked = sum(self._weights.get(known or "", self._unknown_weight) for _, known, _ in repaired)
        credit = {known: likeness for _, known, likeness in repaired if known}
        best: dict[str, float] = {}
        for phrase, brief in self._phrases:
            if shared := phrase & credit.keys():
                common = sum(self._weights[word] * credit[word] for word in shared)
                total = asked + sum(map(self._weights.__getitem__, phrase))
                best[brief.id] = max(best.get(brief.id, 0.0), 2 * common / total)
        order = sorted(best, key=lambda brief_id: (-best[brief_id], brief_id))[:limit]
        return [Candidate(self.base.briefs[brief_id], min(1.0, best[brief_id])) for brief_id in order]

    def complete(self, text: str, limit: int) -> list[Brief]:
        """Return up to ``limit`` briefs for half-typed ``text``: first those it begins a phrase of."""
        begun = normalise(text)
        starts = (brief for phrase, brief in self._exact.items() if f" {phrase}".find(f" {begun}") >= 0)
        return list(_unique([*starts, *(c.brief for c in self.rank(text, limit))]))[:limit]

    def _repair(self, word: str) -> tuple[str | None, float]:
        """Return the known word nearest to ``word``, and how alike they are from 0 to 1."""
        if word in self._weights:
            return word, 1.0
        found = process.extractOne(
            word, self._vocabulary, scorer=OSA.normalized_similarity, score_cutoff=0.72 if len(word) > 4 else 0.9
        )
        if not found and len(word) > 3:
            found = process.extractOne(word, [w for w in self._vocabulary if w.startswith(word)], scorer=fuzz.ratio)
            return (found[0], found[1] / 100) if found else (None, 0.0)
        return (found[0], found[1]) if found else (None, 0.0)


def _unique(briefs: Iterable[Brief]) -> Iterable[Brief]:
    return {brief.id: brief for brief in briefs}.values()
