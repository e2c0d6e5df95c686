"""The one decision of the bot: what a query is answered with. Pure: no clock, disk, network or environment."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from bot.answering.matcher import Candidate, Matcher
from bot.briefs.brief import Brief

SUGGESTIONS = 3

Outcome = Literal["answer", "suggest", "miss"]


@dataclass(frozen=True, slots=True)
class Found:
    """The brief that answers the query; ``asked`` is the one that was found, if ``brief`` has replaced it."""

    brief: Brief
    confidence: float
    asked: Brief | None = None
    outcome: ClassVar[Outcome] = "answer"
    suggestions: ClassVar[tuple[Candidate, ...]] = ()
    offered: ClassVar[tuple[Brief, ...]] = ()

    @property
    def shown(self) -> Brief:
        """The brief whose card the asker sees at once."""
        return self.brief


@dataclass(frozen=True, slots=True)
class Unsure:
    """One to three briefs, best first, of which the member should choose.

    ``shown`` is the first of them if it is likely enough for the asker alone to see its card at once. ``offered`` are
    those that the member can choose then.
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
    def asked(self) -> Brief | None:
        """The brief that was found, if the one that is shown has replaced it."""
        return self.suggestions[0].asked

    @property
    def only(self) -> Brief | None:
        """The brief of which the member is asked whether it was meant, if it is the only one."""
        return None if self.shown or len(self.suggestions) > 1 else self.suggestions[0].brief


@dataclass(frozen=True, slots=True)
class Missing:
    """No brief answers the query; ``suggestions`` are the nearest topics, up to three, however far they are, and
    ``offered`` those of them that are worth naming to a member.

    ``empty``: the query holds no word that says what it is about, as "hello" and "help" do. Then ``examples`` are up to
    three questions that have an answer.
    """

    suggestions: tuple[Candidate, ...] = ()
    offered: tuple[Brief, ...] = ()
    empty: bool = False
    examples: tuple[str, ...] = ()
    outcome: ClassVar[Outcome] = "miss"
    brief: ClassVar[None] = None
    shown: ClassVar[None] = None
    asked: ClassVar[None] = None

    @property
    def confidence(self) -> float:
        return self.suggestions[0].confidence if self.suggestions else 0.0


Answer = Found | Unsure | Missing


def answer(query: str, matcher: Matcher) -> Answer:
    """Return the brief for ``query``, or up to three to choose from, or an honest miss with the nearest topics.

    A title or an id that is typed in full finds its brief at once: Discord may send an autocomplete choice's name in
    place of its value, so both have to be understood as the choice they are. In place of a brief that was replaced
    comes the one that replaced it.
    """
    if named := matcher.named(query):
        current = matcher.current(named, 1.0)
        return Found(current.brief, 1.0, current.asked)
    judged, least = matcher.judge(query, SUGGESTIONS), matcher.thresholds
    candidates = judged.candidates
    listed = tuple(candidate for candidate in candidates if candidate.confidence >= least.list)
    if judged.empty:
        return Missing(candidates, empty=True, examples=tuple(matcher.examples()))
    if not candidates or judged.relevance < least.suggest:
        return Missing(candidates, tuple(candidate.brief for candidate in listed))
    best = candidates[0]
    alone = judged.rival <= least.rival
    if best.confidence >= least.answer and alone and judged.unknown <= least.unknown and not judged.others:
        return Found(best.brief, best.confidence, best.asked)
    return Unsure(listed or candidates[:1], best.brief if best.confidence >= least.show else None)
