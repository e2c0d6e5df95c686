"""What a proposed change does to answers: which questions find another brief by it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from bot.answering.answer import answer
from bot.answering.matcher import Matcher
from bot.errors import Problem


class Move(NamedTuple):
    """A phrase that finds another brief than before; None stands for no brief at all, or no single one."""

    phrase: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would do. ``moves`` are the phrases that are answered otherwise, of ``asked`` that were tried;
    ``doubts`` are about the changed files; ``problems`` in other files keep the change from being used for now.
    """

    lines: tuple[str, ...]
    moves: tuple[Move, ...] = ()
    asked: int = 0
    doubts: tuple[Problem, ...] = ()
    problems: tuple[Problem, ...] = ()


def moves(phrases: Iterable[str], before: Matcher, after: Matcher) -> Iterator[Move]:
    """Yield each phrase that is answered otherwise by ``after``."""
    for phrase in phrases:
        old, new = (found.id if (found := answer(phrase, matcher).brief) else None for matcher in (before, after))
        if old != new:
            yield Move(phrase, old, new)
