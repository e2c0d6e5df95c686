"""What a proposed change does to answers: which questions would find another brief."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from bot.answering.answer import answer
from bot.answering.matcher import Matcher
from bot.briefs.brief import BriefBase
from bot.errors import Problem
from bot.language.fillers import fillers
from bot.language.normalise import normalise

_MOST_WORDS = 8
"""Words of a phrase of which the runs are tried: 8 have 35 of them."""


class AnswerChange(NamedTuple):
    """A phrase that finds another brief than before. None means no brief, or no single one."""

    phrase: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would do.

    ``asked`` phrases were tried, and ``answer_changes`` are those that are answered otherwise. ``warnings`` are about
    the changed files. While there are ``problems`` in other files, the change is not used. ``was`` is the base before
    it, and ``now`` the one with it.
    """

    lines: tuple[str, ...]
    answer_changes: tuple[AnswerChange, ...] = ()
    asked: int = 0
    warnings: tuple[Problem, ...] = ()
    problems: tuple[Problem, ...] = ()
    was: BriefBase = field(default_factory=BriefBase)
    now: BriefBase = field(default_factory=BriefBase)


def answer_changes(phrases: Iterable[str], before: Matcher, after: Matcher) -> Iterator[AnswerChange]:
    """Yield each phrase that ``after`` answers differently than ``before``."""
    for phrase in phrases:
        old, new = (found.id if (found := answer(phrase, matcher).brief) else None for matcher in (before, after))
        if old != new:
            yield AnswerChange(phrase, old, new)


def parts(phrase: str) -> Iterator[str]:
    """Yield each run of words within the first words of ``phrase``: what a phrase more may bring another brief for.

    One that begins or ends with a word that says nothing of a topic, as in "water ok to", is left out: nobody asks so.
    """
    words = phrase.split()[:_MOST_WORDS]
    says_nothing = [normalise(word) in fillers("english") for word in words]
    for length in range(len(words) - 1, 0, -1):
        for start in range(len(words) - length + 1):
            if not (says_nothing[start] or says_nothing[start + length - 1]):
                yield " ".join(words[start : start + length])
