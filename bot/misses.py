"""What members asked in vain, grouped by likeness, with the brief that is nearest to it."""

from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import datetime

from rapidfuzz import fuzz, process

from bot.answer import answer
from bot.brief import Brief
from bot.likeness import content, same_question
from bot.matching import Matcher
from bot.text import normalise_query

MOST_WORDINGS = 1000
"""Most different wordings that are grouped, the newest ones: more would take seconds."""


_COMPARED = 200
_WORTH_A_LOOK = 60
"""Percent of likeness, letter by letter, from which on two queries are compared word by word."""


@dataclass(frozen=True, slots=True)
class Miss:
    """A lookup that was not answered, or whose asker said that ``brief`` was not what was asked.

    ``asker`` tells one member from another, None if that is not kept.
    """

    lookup: int
    asked_at: datetime
    query: str
    brief: str | None
    asker: str | None


@dataclass(frozen=True, slots=True)
class MissGroup:
    """Misses that are one question. ``wordings`` has the most frequent one first, which ``lookup`` is of, and
    ``askers`` counts the members who are still known; ``nearest`` is the brief that it may belong to.
    """

    lookup: int
    wordings: tuple[str, ...]
    count: int
    askers: int
    last: datetime
    nearest: Brief | None


def open_misses(misses: Iterable[Miss], matcher: Matcher, ignored: Container[str]) -> list[MissGroup]:
    """Group the misses that ``matcher`` would still not answer, the most frequent question first.

    ``ignored`` holds normalised queries that are not to be reported.
    """
    by_text: dict[str, list[Miss]] = {}
    for miss in sorted(misses, key=lambda miss: miss.asked_at, reverse=True):
        text = normalise_query(miss.query)
        if text and text not in ignored and (text in by_text or len(by_text) < MOST_WORDINGS):
            by_text.setdefault(text, []).append(miss)
    still = {text: kept for text, found in by_text.items() if (kept := _open(found, matcher))}
    groups = [_group([miss for text in texts for miss in still[text]], matcher) for texts in _alike(still)]
    return sorted(groups, key=lambda group: (-group.count, group.wordings))


def _open(same: list[Miss], matcher: Matcher) -> list[Miss]:
    """Return which of the misses of one text are not answered now, or by the brief alone that was not meant."""
    found = answer(same[0].query, matcher).brief
    return [miss for miss in same if found is None or found.id == miss.brief]


def _alike(by_text: dict[str, list[Miss]]) -> list[list[str]]:
    """Let each text, the most frequent first, join one of those before it that lead a group, or lead one."""
    groups: dict[str, list[str]] = {}
    keys: dict[str, str] = {}
    for text in sorted(by_text, key=lambda text: (-len(by_text[text]), text)):
        key = " ".join(content(text))[:_COMPARED]
        near = process.extract(key, keys, scorer=fuzz.WRatio, score_cutoff=_WORTH_A_LOOK, limit=10)
        leader = next((leader for _, _, leader in near if same_question(text, leader)), text)
        groups.setdefault(leader, []).append(text)
        keys.setdefault(leader, key)
    return list(groups.values())


def _group(misses: list[Miss], matcher: Matcher) -> MissGroup:
    wordings = [wording for wording, _ in Counter(miss.query for miss in misses).most_common()]
    first = next(miss for miss in misses if miss.query == wordings[0])
    wrong = {miss.brief for miss in misses}
    nearest = next((c.brief for c in matcher.rank(first.query, 3) if c.brief.id not in wrong), None)
    return MissGroup(
        lookup=first.lookup,
        wordings=tuple(wordings),
        count=len(misses),
        askers=len({miss.asker for miss in misses if miss.asker}),
        last=max(miss.asked_at for miss in misses),
        nearest=nearest,
    )
