"""Statistics of a time: lookups by day and by outcome, and the briefs shown most. As values and as plain text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from bot.answering.answer import Outcome
from bot.briefs.brief import BriefBase
from bot.catalogues.catalogue import ENGLISH, N_, Catalogue
from bot.errors import printable
from bot.language.tags import endonym
from bot.language.texts import shortened
from bot.reports.corrections import Reported, kinds_of
from bot.reports.misses import MissGroup

OUTCOMES: Mapping[Outcome, str] = {"answer": N_("answered"), "suggest": N_("suggested"), "miss": N_("missed")}
"""The word for each outcome in a report, in the order in which they are shown."""

_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Day:
    """The number of lookups of one day (UTC) by outcome."""

    day: date
    counts: Mapping[Outcome, int]


class Spoken(NamedTuple):
    """How many lookups were asked by members whose Discord is in a language, and how many of them missed."""

    language: str
    lookups: int
    missed: int


@dataclass(frozen=True, slots=True)
class Stats:
    """Statistics. ``days`` has no gaps. ``top`` holds the ids of briefs and how often each was shown, highest first.
    ``languages`` are those of the askers, the most frequent first.
    """

    days: Sequence[Day]
    top: Sequence[tuple[str, int]]
    languages: Sequence[Spoken] = ()

    @property
    def total(self) -> int:
        return sum(map(self.of, OUTCOMES))

    def of(self, outcome: Outcome) -> int:
        return sum(day.counts.get(outcome, 0) for day in self.days)


def headline(stats: Stats, catalogue: Catalogue = ENGLISH) -> str:
    """Return the sums as two sentences. They are also the description of the picture for blind readers."""
    say = catalogue
    days = say.ngettext("{n} day", "{n} days", len(stats.days))
    if not stats.total:
        return say.gettext("No lookups in {days}.", days=days)
    shares = [
        f"{say.number(stats.of(outcome))} {say.gettext(name)} ({stats.of(outcome) / stats.total:.0%})"
        for outcome, name in OUTCOMES.items()
    ]
    busiest = max(stats.days, key=lambda day: sum(day.counts.values()))
    return say.gettext(
        "{lookups} in {days}: {shares}. The busiest day was {day} with {number}.",
        lookups=say.ngettext("{n} lookup", "{n} lookups", stats.total),
        days=days,
        shares=", ".join(shares),
        day=busiest.day.isoformat(),
        number=say.number(sum(busiest.counts.values())),
    )


def plain_stats(stats: Stats, base: BriefBase) -> str:
    """Return the statistics for a terminal: the sums, a line for each day, and the briefs shown most."""
    lines = [headline(stats)]
    if stats.total:
        lines += ["", f"{'day':10}" + "".join(f"{name:>11}" for name in OUTCOMES.values())]
        lines += [
            f"{day.day}" + "".join(f"{day.counts.get(outcome, 0):>11,}" for outcome in OUTCOMES) for day in stats.days
        ]
    if stats.top:
        lines += ["", "Shown most:", *(f"{count:>7,}  {name}" for name, count in named_top(stats, base))]
    if said := language_lines(stats):
        lines += ["", "By the language of the askers:", *(f"  {line}" for line in said)]
    return "\n".join(lines)


def language_lines(stats: Stats, catalogue: Catalogue = ENGLISH) -> list[str]:
    """Return a line for each language of the askers; none if all have one."""
    if len(stats.languages) < 2:
        return []
    say = catalogue
    return [
        say.gettext(
            "{language}: {lookups}, {missed} missed",
            language=endonym(tag),
            lookups=say.ngettext("{n} lookup", "{n} lookups", lookups),
            missed=say.number(missed),
        )
        for tag, lookups, missed in stats.languages
    ]


def plain_misses(
    groups: Sequence[MissGroup], days: int, left_out: int = 0, unsaid: int = 0, reported: Sequence[Reported] = ()
) -> str:
    """Return for a terminal what members say is wrong, and the misses: a block of lines for each brief and question."""
    blocks = omissions(left_out, unsaid)
    for brief in reported:
        said = "".join(
            f"\n        {_shown(f'{each.text} {each.link}')}" for each in brief.said if each.text or each.link
        )
        blocks.append(f"wrong?  {brief.brief}: {kinds_of(brief)}{said}")
    if not groups:
        blocks.append(f"No unanswered questions in {days:,} {'day' if days == 1 else 'days'}.")
    for group in groups:
        first, *others = map(_shown, group.wordings)
        also = f"\n        also: {'; '.join(some_of(others, 3))}" if others else ""
        also += f"\n        Discord in: {', '.join(map(endonym, group.languages))}" if group.languages else ""
        nearest = f"\n        nearest: {group.nearest.title}" if group.nearest else ""
        rejected = "".join(f"\n        {line}" for line in rejections(group))
        said = "".join(f"\n        said: {_shown(words)}" for words in group.said)
        blocks.append(f"{group.count:>5}x  {first}{also}{rejected}{said}{nearest}")
    return "\n".join(blocks)


def omissions(left_out: int, unsaid: int, catalogue: Catalogue = ENGLISH) -> list[str]:
    """Return the lines that say what a report of misses leaves out."""
    lines = [left_out_line(left_out, catalogue)] if left_out else []
    if unsaid:
        lines.append(
            catalogue.ngettext(
                "Brief this found nothing for {n} message more, of which no words are kept.",
                "Brief this found nothing for {n} messages more, of which no words are kept.",
                unsaid,
            )
        )
    return lines


def rejections(group: MissGroup, catalogue: Catalogue = ENGLISH) -> list[str]:
    """Return a line for each brief that was shown and rejected."""
    return [
        catalogue.ngettext(
            "answered with {brief}, rejected by {n} member",
            "answered with {brief}, rejected by {n} members",
            number,
            brief=brief,
        )
        for brief, number in group.rejected
    ]


def left_out_line(wordings: int, catalogue: Catalogue = ENGLISH) -> str:
    """Return the line that says how many wordings a report leaves out."""
    return catalogue.ngettext(
        "{n} wording more is left out: the rarer ones of those who asked the most.",
        "{n} wordings more are left out: the rarer ones of those who asked the most.",
        wordings,
    )


def named_top(stats: Stats, base: BriefBase) -> list[tuple[str, int]]:
    """Return the titles of the briefs shown most, with the counts. A removed brief has its id in place of the title."""
    return [(base.briefs[brief].title if brief in base.briefs else brief, count) for brief, count in stats.top]


def some_of(wordings: Sequence[str], most: int, catalogue: Catalogue = ENGLISH) -> list[str]:
    """Return the first wordings, and how many there are besides."""
    rest = len(wordings) - most
    more = catalogue.ngettext("and {n} wording more", "and {n} wordings more", rest)
    return [*wordings[:most], *([more] if rest > 0 else [])]


def _shown(query: str) -> str:
    """Return a member's words on one short line, without control characters."""
    return shortened(printable(" ".join(query.split())), _LONGEST)
