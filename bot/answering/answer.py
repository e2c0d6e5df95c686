"""The one decision of the bot: whether a query gets an answer, a suggestion or a miss.

Pure: no clock, disk, network or environment. The numbers of the decision are in `bot.answering.matcher.Thresholds`.
"""

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from bot.answering.matcher import Candidate, Matcher
from bot.briefs.brief import Brief, BriefBase

SUGGESTIONS = 3

Outcome = Literal["answer", "suggest", "miss"]


@dataclass(frozen=True, slots=True)
class Found:
    """The brief that answers the query. ``replaces`` is the brief that was found, if ``brief`` has replaced it."""

    brief: Brief
    confidence: float
    replaces: Brief | None = None
    outcome: ClassVar[Outcome] = "answer"
    suggestions: ClassVar[tuple[Candidate, ...]] = ()
    offered: ClassVar[tuple[Brief, ...]] = ()

    @property
    def shown(self) -> Brief:
        """The brief whose card the asker sees at once."""
        return self.brief


@dataclass(frozen=True, slots=True)
class Unsure:
    """One to three briefs, best first, from which the member should choose.

    ``shown`` is the first of them if it is likely enough. Its card is shown at once, to the asker alone. ``offered``
    are the briefs that have a button: all of them, or all but ``shown``.
    """

    suggestions: tuple[Candidate, ...]
    shown: Brief | None = None
    outcome: ClassVar[Outcome] = "suggest"
    brief: ClassVar[None] = None

    @property
    def confidence(self) -> float:
        return self.suggestions[0].confidence

    @property
    def offered(self) -> tuple[Brief, ...]:
        return tuple(candidate.brief for candidate in self.suggestions[bool(self.shown) :])

    @property
    def replaces(self) -> Brief | None:
        """The brief that was found, if the one that is shown has replaced it."""
        return self.suggestions[0].replaces

    @property
    def only(self) -> Brief | None:
        """The brief of the question "Did you mean …?", if only one brief is offered."""
        return None if self.shown or len(self.suggestions) > 1 else self.suggestions[0].brief


@dataclass(frozen=True, slots=True)
class Missing:
    """No brief answers the query.

    ``suggestions`` are up to three nearest briefs, even if they are very unlikely. ``offered`` are those of them that
    are likely enough to be named to the member. ``empty``: the query has no word that says what it is about, like
    "hello" or "help". Then ``examples`` has up to three questions that have an answer.
    """

    suggestions: tuple[Candidate, ...] = ()
    offered: tuple[Brief, ...] = ()
    empty: bool = False
    examples: tuple[str, ...] = ()
    outcome: ClassVar[Outcome] = "miss"
    brief: ClassVar[None] = None
    shown: ClassVar[None] = None
    replaces: ClassVar[None] = None

    @property
    def confidence(self) -> float:
        return self.suggestions[0].confidence if self.suggestions else 0.0


Answer = Found | Unsure | Missing


def answer(query: str, matcher: Matcher, language: str | None = None) -> Answer:
    """Return the brief for ``query``, or up to three to choose from, or a miss with the nearest topics.

    A title or an id that is typed in full finds its brief at once, because Discord may send either of them for a choice
    of autocomplete. If a brief was replaced, the one that replaced it is returned. Of the answers in several languages
    the best one counts; ``language`` is the reader's, as a tag. The briefs are in the base's own language in any case.
    """
    return decided(query, matcher, language)[0]


def read_in(found: Answer, edition: BriefBase) -> Answer:
    """Return an answer with the briefs of an edition of the base, see BriefBase.in_language."""

    def told(brief: Brief) -> Brief:
        return edition.briefs.get(brief.id, brief)

    def candidate(one: Candidate) -> Candidate:
        return Candidate(told(one.brief), one.confidence, one.replaces and told(one.replaces))

    if isinstance(found, Found):
        return Found(told(found.brief), found.confidence, found.replaces and told(found.replaces))
    suggestions = tuple(map(candidate, found.suggestions))
    if isinstance(found, Unsure):
        return Unsure(suggestions, found.shown and told(found.shown))
    return replace(found, suggestions=suggestions, offered=tuple(map(told, found.offered)))


def decided(query: str, matcher: Matcher, language: str | None = None) -> tuple[Answer, Matcher]:
    """Return the answer as `answer` does, and the matcher of the language that gave it."""
    if named := matcher.named(query):
        current = matcher.current(named, 1.0)
        return Found(current.brief, 1.0, current.replaces), matcher
    first, *others = matcher.asked(query, language)
    best, by = _judged(query, first), first
    for other in others:
        if isinstance(best, Found):
            break
        found = _judged(query, other)
        if _worth(found) > _worth(best):
            best, by = found, other
    return (best if by is matcher else _in_base(best, matcher)), by


def _worth(found: Answer) -> tuple[int, float]:
    """Return what an answer is worth beside one in another language; of two misses the first one counts."""
    kind = 2 if isinstance(found, Found) else 1 if isinstance(found, Unsure) else 0
    return kind, found.confidence if kind else 0.0


def _in_base(found: Answer, matcher: Matcher) -> Answer:
    """Return an answer with the briefs of the base, and with what has replaced them, in place of translated ones."""

    def own(candidate: Candidate) -> Candidate:
        current = matcher.current(matcher.base.briefs[candidate.brief.id], candidate.confidence)
        before = candidate.replaces and matcher.base.briefs[candidate.replaces.id]
        return replace(current, replaces=current.replaces or before)

    if isinstance(found, Found):
        current = own(Candidate(found.brief, found.confidence, found.replaces))
        return Found(current.brief, found.confidence, current.replaces)
    candidates = tuple({each.brief.id: each for each in map(own, reversed(found.suggestions))}.values())[::-1]
    if isinstance(found, Unsure):
        return Unsure(candidates, candidates[0].brief if found.shown else None)
    offered = {matcher.current(matcher.base.briefs[brief.id], 1.0).brief.id for brief in found.offered}
    return replace(
        found, suggestions=candidates, offered=tuple(each.brief for each in candidates if each.brief.id in offered)
    )


def _judged(query: str, matcher: Matcher) -> Answer:
    """Return the answer of the briefs in one language."""
    judged, least = matcher.judge(query, SUGGESTIONS), matcher.thresholds
    candidates = judged.candidates
    likely = tuple(candidate for candidate in candidates if candidate.confidence >= least.offer)
    if judged.empty:
        return Missing(candidates, empty=True, examples=tuple(matcher.examples()))
    if not candidates or judged.relevance < least.suggest:
        return Missing(candidates, tuple(candidate.brief for candidate in likely))
    best = candidates[0]
    unrivalled = judged.rival <= least.rival
    if best.confidence >= least.answer and unrivalled and judged.unknown <= least.unknown and not judged.others:
        return Found(best.brief, best.confidence, best.replaces)
    return Unsure(likely or candidates[:1], best.brief if best.confidence >= least.show else None)
