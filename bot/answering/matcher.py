"""Finds the brief that a query means.

`named` finds a phrase that was typed in full, `judge` ranks the briefs for any other question, and `complete` offers
briefs while somebody types. The translations into each language have a matcher of their own, see `Matcher.asked`.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Self

from bot.answering.completion import Completer
from bot.answering.ranking.tokens import MOST_WORDS
from bot.briefs.brief import Brief, BriefBase
from bot.language.fillers import fillers
from bot.language.normalise import normalise, normalise_phrase, normalise_query, without_markup
from bot.language.scripts import main_script
from bot.language.stemming import LIGHT, stemmer, stemmer_of
from bot.language.tags import closest

if TYPE_CHECKING:
    from bot.answering.ranking.ranker import Explanation, Ranked, Ranker


@dataclass(frozen=True, slots=True)
class Candidate:
    """A brief that a query may mean, and the confidence: the chance from 0 to 1 that it is meant.

    ``replaces`` is the brief that was found, if ``brief`` has replaced it.
    """

    brief: Brief
    confidence: float
    replaces: Brief | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a query may mean.

    ``candidates``: briefs, best first. ``relevance``: the chance that any brief is meant. ``unknown``: the share of the
    query, by weight, that the best brief does not know. ``others``: words of the query that belong to another name than
    the best brief's. ``rival``: the chance that the second brief is meant. ``empty``: the query has no word that says
    what it is about.
    """

    candidates: tuple[Candidate, ...]
    relevance: float
    unknown: float
    others: tuple[str, ...]
    rival: float
    empty: bool


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The numbers by which `bot.answering.answer` decides. All are from 0 to 1.

    ``answer``: the least confidence of a brief that is the answer.
    ``show``: the least confidence of a brief whose card is shown as the closest match.
    ``offer``: the least confidence of a brief that is offered to choose from.
    ``suggest``: the least relevance of a query that gets a suggestion. Below it there is a miss.
    ``unknown``: the most of a query, by weight, that the answer may not know.
    ``rival``: the most confidence that the second brief may have beside an answer.
    """

    answer: float = 0.93
    show: float = 0.45
    offer: float = 0.05
    suggest: float = 0.2
    unknown: float = 0.3
    rival: float = 0.02


LIGHTLY_STEMMED = Thresholds(show=0.25)
"""For languages with a light rule in place of a stemmer. Much of what a member types is an unknown form of a known word
there, so that the confidence is too low: of 20 questions between 0.25 and 0.45 all were meant as they were read.
"""

REMEMBERED = 256
"""Queries whose ranking a matcher keeps, because members of many servers ask the same questions."""

NARROWED = 3
"""With this many characters or more, completion offers only briefs that the text may mean. With fewer it fills up."""

EXAMPLES = 3

_LINK = re.compile(r"https?://\S+")


class Matcher:
    """A brief base and the index over it. Both are immutable: a reload makes a new matcher.

    The index is made when a question first needs it, which takes long; ``built`` has it made before.

    ``translated`` has a matcher of the translations into each language. They are not pooled into one index, for what a
    word of one language is worth would depend on how many words of the others there are.
    """

    def __init__(self, base: BriefBase, language: str = "english") -> None:
        """``language`` is one of stemming.LANGUAGES."""
        self.base = base
        self.thresholds = LIGHTLY_STEMMED if language in LIGHT else Thresholds()
        self.fillers = fillers(language)
        self.script = main_script(" ".join(brief.title for brief in base.briefs.values()))
        self.translated = {tag: _matcher_of(edition, tag) for tag, edition in base.editions.items()}
        self._stem = stemmer(language)
        self._briefs = list(base.briefs.values())
        self._live = [brief for brief in self._briefs if brief is base.current(brief.id)]
        self._phrases = {each.id: tuple(dict.fromkeys(map(normalise_phrase, each.phrases))) for each in self._briefs}
        self._titles = {normalise_phrase(brief.title): brief for brief in self._briefs}
        self._exact = {text: base.briefs[name] for name, texts in self._phrases.items() for text in reversed(texts)}

    @cached_property
    def ranker(self) -> "Ranker":
        # Imported here because numpy takes 0.1 s, which connecting to Discord need not wait for.
        from bot.answering.ranking.ranker import Ranker
        from bot.answering.ranking.reading import initialisms

        texts = {brief.id: _LINK.sub(" ", " . ".join(_texts(brief))) for brief in self._briefs}
        return Ranker(
            self._phrases,
            self._stem,
            {brief: normalise(text) for brief, text in texts.items()},
            self.fillers,
            initialisms([*texts.values(), *(brief.title for brief in self._briefs)]),
        )

    @cached_property
    def _explained(self) -> Callable[[str, int], "Explanation"]:
        return lru_cache(REMEMBERED)(self.ranker.explain)

    @cached_property
    def _completer(self) -> Completer:
        texts = self._phrases.values()
        return Completer(
            [text for each in texts for text in each], [place for place, each in enumerate(texts) for _ in each]
        )

    def build(self) -> None:
        """Make the index over these briefs, if that has not been done yet. The translations have their own."""
        _made = self._explained, self._completer

    def built(self) -> Self:
        """Return this matcher with the index of every language, so that no question waits for one."""
        self.build()
        for each in self.translated.values():
            each.build()
        return self

    def named(self, query: str) -> Brief | None:
        """Return the brief that has ``query`` as its title, id or another phrase in any language; None if none has."""
        by_id = self.base.briefs.get(query.strip().lower())
        # A title may hold what is taken out of queries.
        for text in map(normalise, dict.fromkeys((query, without_markup(query)))):
            if brief := self._titles.get(text) or by_id or self._exact.get(text):
                return brief
            for each in self.translated.values():
                if brief := each._titles.get(text) or each._exact.get(text):
                    return self.base.briefs[brief.id]
        return None

    def asked(self, query: str, language: str | None = None) -> list["Matcher"]:
        """Return the matchers to ask, in this order until one is sure: those of its script, then the base's.

        Of several languages with one script, the one that knows most words of the query comes first; of equal ones that
        of the reader, given as a tag. The others are asked only if they know a word that the first does not.
        """
        if not self.translated:
            return [self]
        script = main_script(query)
        alike = {tag: each for tag, each in self.translated.items() if each.script == script}
        words = set(normalise_query(query).split()[:MOST_WORDS]) if alike else set()
        if not words:
            return [self]
        matchers = {self.base.language: self} | alike
        known = {tag: {word for word in words if each.knows(word)} for tag, each in matchers.items()}
        nearest = closest(language, matchers)
        order = sorted(matchers, key=lambda tag: (matchers[tag].script != script, -len(known[tag]), tag != nearest))
        return [matchers[tag] for tag in order if tag == order[0] or known[tag] - known[order[0]]]

    def knows(self, word: str) -> bool:
        """Return whether a normalised word says nothing in this language, or is one of the briefs'."""
        return word in self.fillers or self.ranker.knows(word)

    def rank(self, query: str, limit: int) -> list[Candidate]:
        """Return up to ``limit`` briefs, best first, by the language of the query; a blank query has none."""
        first = self.asked(query)[0]
        found = first.judge(query, limit).candidates
        if first is self:
            return list(found)
        return [self.current(self.base.briefs[each.brief.id], each.confidence) for each in found]

    def judge(self, query: str, limit: int) -> Judgement:
        """Return up to ``limit`` briefs that ``query`` may mean, and how sure it is that any is meant."""
        found = self.explain(query, limit)
        candidates = self._merged(found.ranked)
        rival = min(found.rival, candidates[1].confidence if len(candidates) > 1 else 0.0)
        return Judgement(candidates[:limit], found.relevance, found.unknown, found.others, rival, found.empty)

    def current(self, brief: Brief, confidence: float) -> Candidate:
        """Return what a member who asks for ``brief`` gets: the brief itself, or the one that has replaced it."""
        current = self.base.current(brief.id) or brief
        return Candidate(current, confidence, brief if current.id != brief.id else None)

    def _merged(self, ranked: Iterable["Ranked"]) -> tuple[Candidate, ...]:
        """Return the briefs that members get for the ranked ones, best first.

        If several of the ranked briefs were replaced by one, that one has the sum of their confidences, at most 1.
        """
        merged: dict[str, Candidate] = {}
        for one in ranked:
            candidate = self.current(self.base.briefs[one.brief], one.confidence)
            before = merged.get(candidate.brief.id)
            if before:
                candidate = replace(before, confidence=min(1.0, before.confidence + candidate.confidence))
            merged[candidate.brief.id] = candidate
        return tuple(sorted(merged.values(), key=lambda candidate: -candidate.confidence))

    def explain(self, query: str, limit: int) -> "Explanation":
        """Return how each word of ``query`` was read, and the parts of the confidence of the best briefs."""
        return self._explained(normalise_query(query), limit)

    def complete(self, text: str, limit: int, language: str | None = None) -> list[Brief]:
        """Return up to ``limit`` briefs for half-typed ``text``, in the reader's language where they are translated.

        First come the briefs with a phrase that goes on from the text, then others by rank. From NARROWED characters
        on, all of them are briefs that the text may mean. Without text, all briefs come by title. A brief that was
        replaced is offered as the one that replaced it.
        """
        edition = self.base.in_language(language) if language else self.base
        typed = normalise_query(text)
        if not typed:
            return sorted((edition.briefs[each.id] for each in self._live), key=_title)[:limit]
        found: dict[str, None] = {}
        for each in self.asked(text, language):
            found |= dict.fromkeys(brief.id for brief in each._completed(typed, text, limit))
        current = {brief.id: brief for name in found if (brief := edition.current(name))}
        return list(current.values())[:limit]

    def _completed(self, typed: str, text: str, limit: int) -> list[Brief]:
        """Return the briefs of this language for half-typed text, which is normalised as ``typed``."""
        found = [self.current(self._briefs[position], 1).brief for position in self._completer.find(typed, limit)]
        if len(found) < limit:
            least = self.thresholds.offer if len(typed) >= NARROWED else 0.0
            found += [
                candidate.brief for candidate in self.judge(text, limit).candidates if candidate.confidence >= least
            ]
        return found

    def examples(self) -> list[str]:
        """Return one question of each of up to three briefs, which are spread over the base."""
        briefs = self._live
        chosen = [briefs[len(briefs) * third // EXAMPLES] for third in range(EXAMPLES)] if briefs else []
        return list(dict.fromkeys((brief.questions or (brief.title,))[0] for brief in chosen))


def _title(brief: Brief) -> str:
    return brief.title.casefold()


def _matcher_of(edition: BriefBase, tag: str) -> Matcher:
    """Return a matcher of the briefs that an edition has in its own language."""
    translated = {
        name: brief for name, brief in edition.briefs.items() if brief.translated and brief.translated.language == tag
    }
    return Matcher(BriefBase(translated, language=tag), stemmer_of(tag))


def _texts(brief: Brief) -> Iterator[str]:
    """Yield the texts of a brief that are searched besides its phrases: its summary, facts and names of sources."""
    yield brief.summary.plain
    for fact in brief.facts:
        yield fact.text.plain
        yield fact.by or ""
        yield fact.quote if fact.quote and fact.quote not in fact.text.plain else ""
    yield from (source.name for source in brief.sources)
