"""Unanswered questions: groups those that ask the same, and finds the nearest brief for each group."""

from collections import Counter
from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from rapidfuzz import fuzz, process

from bot.answering.answer import Missing, answer
from bot.answering.matcher import Matcher
from bot.briefs.brief import Brief
from bot.language.normalise import normalise_query
from bot.language.tags import same_language
from bot.reports.likeness import content_words, same_question

_WORTH_A_LOOK = 60
"""Percent of likeness of the letters, in order. Only queries that are at least so much alike are compared by word."""

_LOOKED_AT = 10
"""How many of the most similar queries are compared by word."""


NEAR = 0.1
"""Confidence from which on a brief is offered for a question: an alias that has nothing to do with its brief brings
members the wrong card."""


@dataclass(frozen=True, slots=True)
class Miss:
    """A question of one member in one server, in one wording, that was not answered. Or the member rejected ``brief``.

    It was asked ``times`` times, last in ``lookup``. ``guild`` and ``asker`` are None where they are no longer kept.
    ``language`` is that of the member's Discord, if it is known.
    """

    lookup: int
    asked_at: datetime
    query: str
    brief: str | None
    guild: int | None
    asker: str | None
    times: int = 1
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Misses:
    """The unanswered questions of a time. ``left_out`` counts further wordings, which are not in ``found``.

    ``unsaid`` counts unanswered lookups of messages, whose words are not kept.
    """

    found: Sequence[Miss]
    left_out: int
    unsaid: int = 0


@dataclass(frozen=True, slots=True)
class MissGroup:
    """Misses that ask the same question.

    ``wordings`` begins with the most frequent one, and ``lookup`` is a lookup of it. ``askers`` counts the members who
    are still known. ``nearest`` is the brief that may answer it; ``with_nearest`` sets it. ``rejected`` holds the ids
    of wrong answers, each with the number of members who rejected it, the highest number first. ``said`` is what these
    said of the answers, in their own words. ``languages`` are those of the askers' Discord that are not the base's own,
    the most frequent first.
    """

    lookup: int
    wordings: tuple[str, ...]
    count: int
    askers: int
    last: datetime
    nearest: Brief | None = None
    rejected: tuple[tuple[str, int], ...] = ()
    said: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AllBut(Container[str]):
    """Contains every query except those in ``left_out``."""

    left_out: Container[str]

    def __contains__(self, query: object) -> bool:
        return query not in self.left_out


def open_misses(misses: Iterable[Miss], matcher: Matcher, ignored: Container[str]) -> list[MissGroup]:
    """Group the misses that ``matcher`` would still not answer.

    The question that most members asked comes first. Among questions of a single member, servers take turns, and so do
    the members of a server, each with the most frequent question first. So nobody can crowd out the questions of
    others. ``ignored`` holds normalised queries that are not reported.
    """
    by_text: dict[str, list[Miss]] = {}
    for miss in sorted(misses, key=lambda miss: miss.lookup, reverse=True):
        if (text := normalise_query(miss.query)) and text not in ignored:
            by_text.setdefault(text, []).append(miss)
    still = {text: kept for text, found in by_text.items() if (kept := _open(found, matcher))}
    alike = [[miss for text in texts for miss in still[text]] for texts in _alike(still)]
    return [_group(group, matcher.base.language) for group in _in_turn(alike)]


def with_nearest(groups: Iterable[MissGroup], matcher: Matcher) -> list[MissGroup]:
    """Return groups with ``nearest`` set. This is a step of its own because each group takes milliseconds to rank."""
    return [replace(group, nearest=_nearest(group, matcher)) for group in groups]


def _nearest(group: MissGroup, matcher: Matcher) -> Brief | None:
    ranked = (each.brief for each in matcher.rank(group.wordings[0], 3) if each.confidence >= NEAR)
    rejected = {brief for brief, _ in group.rejected}
    return next((brief for brief in ranked if brief.id not in rejected), None)


def _in_turn(groups: list[list[Miss]]) -> list[list[Miss]]:
    """Return groups in the order of the report."""
    groups.sort(key=lambda group: (-max(1, _askers(group)), -_times(group), group[0].query))
    several = [group for group in groups if _askers(group) > 1]
    rest = _by_turns(groups[len(several) :], lambda miss: (miss.guild, miss.asker))
    return several + _by_turns(rest, lambda miss: miss.guild)


def _by_turns(groups: list[list[Miss]], whose: Callable[[Miss], Hashable]) -> list[list[Miss]]:
    """Return the first group of everybody, then the second of everybody, and so on."""
    turns: Counter[Hashable] = Counter()

    def turn(group: list[Miss]) -> int:
        turns[owner := whose(group[0])] += 1
        return turns[owner]

    return sorted(groups, key=turn)


def _askers(misses: list[Miss]) -> int:
    """Return how many known members asked."""
    return len({miss.asker for miss in misses if miss.asker})


def _times(misses: list[Miss]) -> int:
    return sum(miss.times for miss in misses)


def _open(same: list[Miss], matcher: Matcher) -> list[Miss]:
    """Return the misses of one text that are still not answered, or only by the brief that was rejected.

    A text without a topic, such as "hello", has none.
    """
    found = answer(same[0].query, matcher)
    if isinstance(found, Missing) and found.empty:
        return []
    return [miss for miss in same if found.brief is None or found.brief.id == miss.brief]


def _alike(by_text: dict[str, list[Miss]]) -> list[list[str]]:
    """Group texts, the most frequent first. Each joins a group whose first text is alike, or begins a new group."""
    groups: dict[str, list[str]] = {}
    keys: dict[str, str] = {}
    joined: dict[str, str] = {}
    for text in sorted(by_text, key=lambda text: (-_times(by_text[text]), text)):
        words = content_words(text)
        key, letters = " ".join(sorted(words)), "".join(words)
        near = process.extract(key, keys, scorer=fuzz.ratio, score_cutoff=_WORTH_A_LOOK, limit=_LOOKED_AT)
        leaders = filter(None, (joined.get(letters), *(leader for _, _, leader in near)))
        leader = next((leader for leader in leaders if same_question(text, leader)), text)
        groups.setdefault(leader, []).append(text)
        if leader == text:
            keys[text] = key
            joined.setdefault(letters, text)
    return list(groups.values())


def _group(misses: list[Miss], own: str) -> MissGroup:
    times: Counter[str] = Counter()
    languages: Counter[str] = Counter()
    for miss in misses:
        times[miss.query] += miss.times
        if miss.language and not same_language(miss.language, own):
            languages[miss.language] += miss.times
    wordings = [wording for wording, _ in times.most_common()]
    first = next(miss for miss in misses if miss.query == wordings[0])
    return MissGroup(
        lookup=first.lookup,
        wordings=tuple(wordings),
        count=_times(misses),
        askers=_askers(misses),
        last=max(miss.asked_at for miss in misses),
        rejected=tuple(sorted(_rejected(misses), key=lambda each: (-each[1], each[0]))),
        languages=tuple(language for language, _ in languages.most_common()),
    )


def _rejected(misses: list[Miss]) -> Iterator[tuple[str, int]]:
    """Yield each rejected brief with the number of members who rejected it, as far as that is known."""
    for brief in {miss.brief for miss in misses if miss.brief}:
        yield brief, max(1, _askers([miss for miss in misses if miss.brief == brief]))
