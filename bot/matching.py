"""Finding the brief that a query means: named in full, by rank, or half-typed."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.brief import Brief, BriefBase
from bot.completion import Completer
from bot.ranking.ranker import Explanation, Ranker
from bot.stemming import Stem, stemmer
from bot.text import normalise, normalise_query, without_markup


@dataclass(frozen=True, slots=True)
class Candidate:
    """A brief that a query may mean, and the confidence from 0 to 1 that it does."""

    brief: Brief
    confidence: float


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which confidence on a brief is the answer, and from which one a suggestion."""

    answer: float = 0.85
    suggest: float = 0.2


REMEMBERED = 256
"""How many queries a matcher knows the ranking of without ranking them again: members of many servers ask alike."""


class Matcher:
    """A brief base and the index over it. Both are immutable: a reload makes a new matcher."""

    def __init__(self, base: BriefBase, stem: Stem | None = None) -> None:
        self.base = base
        self.thresholds = Thresholds()
        phrases = {brief.id: tuple(dict.fromkeys(map(normalise, brief.phrases))) for brief in base.briefs.values()}
        self._titles = {normalise(brief.title): brief for brief in base.briefs.values()}
        self._exact = {text: base.briefs[brief_id] for brief_id, texts in phrases.items() for text in reversed(texts)}
        self._ranker = Ranker(phrases, stem or stemmer("english"))
        self._ranked = lru_cache(REMEMBERED)(self._ranker.rank)
        self._completer = Completer(
            [text for texts in phrases.values() for text in texts],
            [position for position, texts in enumerate(phrases.values()) for _ in texts],
        )

    def named(self, query: str) -> Brief | None:
        """Return the brief whose title, id or other phrase ``query`` is in full, if there is one."""
        by_id = self.base.briefs.get(query.strip().lower())
        # A title may hold what is taken out of queries.
        for text in map(normalise, dict.fromkeys((query, without_markup(query)))):
            if brief := self._titles.get(text) or by_id or self._exact.get(text):
                return brief
        return None

    def rank(self, query: str, limit: int) -> list[Candidate]:
        """Return up to ``limit`` briefs, best first; a blank query has none."""
        return self._rank(normalise_query(query), limit)

    def explain(self, query: str, limit: int) -> Explanation:
        """Return how each word of ``query`` was read, and what the confidence of the best briefs is made of."""
        return self._ranker.explain(normalise_query(query), limit)

    def complete(self, text: str, limit: int) -> list[Brief]:
        """Return up to ``limit`` briefs for half-typed ``text``: those it begins a phrase of first, then by rank.

        Nothing typed yet could become any of them: they come by title.
        """
        typed = normalise_query(text)
        briefs: Sequence[Brief] = list(self.base.briefs.values())
        if not typed:
            return sorted(briefs, key=lambda brief: brief.title.casefold())[:limit]
        found = [briefs[position] for position in self._completer.find(typed, limit)]
        if len(found) < limit:
            found += [candidate.brief for candidate in self._rank(typed, limit)]
        return list({brief.id: brief for brief in found}.values())[:limit]

    def _rank(self, text: str, limit: int) -> list[Candidate]:
        return [Candidate(self.base.briefs[brief], sure) for brief, sure in self._ranked(text, limit)]
