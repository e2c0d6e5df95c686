"""What a member reads of a brief or an answer: the lines of its card, as Discord's Markdown and as plain text.

Everything here is text and pure; bot/commands/layout.py puts the Markdown on Discord, a terminal shows the plain text.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

from bot.briefs.brief import Brief, BriefBase, Source, Status, first_day
from bot.language.texts import MONTHS

MAX_CARD = 3900
"""How many characters a card may have: Discord takes 4,000 in all, and the rest is for the buttons' own words."""


_MARKDOWN = str.maketrans({char: "\\" + char for char in "\\*_~|`<>[]#@"})
_IN_LINK = str.maketrans({"\\": "%5C", "(": "%28", ")": "%29"})  # what would end a link early
_LIST_MARK = re.compile(r"(?:^|(?<=\r))([^\S\r\n]*\d*)([-+.])", re.MULTILINE)  # no \s: blank lines would take seconds


@dataclass(frozen=True, slots=True)
class Card:
    """The words of one card, in reading order, exactly as the admin wrote them."""

    id: str
    status: Status
    title: str
    summary: str
    facts: tuple[tuple[str, str | None], ...]
    standing: str
    notice: str | None
    changed: datetime | None
    sources: tuple[Source, ...]
    related: tuple[Brief, ...]


def card_of(brief: Brief, base: BriefBase, today: date, changed: datetime | None = None) -> Card:
    """Return the card of ``brief`` as it reads on ``today``, last ``changed`` then if that is known."""
    return Card(
        id=brief.id,
        status=brief.status,
        title=brief.title,
        summary=brief.summary,
        facts=tuple((fact.text, fact.by) for fact in brief.facts),
        standing=f"{brief.status.capitalize()}, as of {_spoken(brief.as_of)}",
        notice=_notice(brief) if brief.expired(today) else None,
        changed=changed,
        sources=brief.sources,
        related=base.related(brief),
    )


def markdown(card: Card) -> tuple[str, ...]:
    """Return the card's text blocks in Discord's Markdown, in which every character of the admin's reads as written."""
    blocks = [f"### {neutralised(card.title)}", neutralised(card.summary)]
    if card.facts:
        blocks.append("\n".join(f"- {_fact(neutralised(text), by and neutralised(by))}" for text, by in card.facts))
    foot = [f"**{card.standing}**"]
    if card.notice:
        foot.append(f"⚠️ {card.notice}")
    foot.append(f"{_sources_label(card)} " + "; ".join(map(_source_link, card.sources)))
    if card.changed:
        foot.append(f"Last changed <t:{card.changed.timestamp():.0f}:D>")
    blocks.append("\n".join(f"-# {line}" for line in foot))
    return tuple(blocks)


def plain(card: Card) -> str:
    """Return all that a member would read of the brief, as plain text; when it was changed is no part of it."""
    lines = [card.title, "", card.summary]
    if card.facts:
        lines += ["", *(f"- {_fact(text, by)}" for text, by in card.facts)]
    lines += ["", card.standing]
    if card.notice:
        lines.append(card.notice)
    lines.append(f"{_sources_label(card)} " + "; ".join(map(_source_text, card.sources)))
    if card.related:
        lines.append("Related: " + "; ".join(brief.title for brief in card.related))
    return "\n".join(lines)


def card_length(brief: Brief) -> int:
    """Return how many characters the largest card of ``brief`` has on Discord, all that its foot may say included."""
    card = card_of(brief, BriefBase(), date.max, datetime.max.replace(tzinfo=UTC))
    return sum(map(len, markdown(card)))


def neutralised(text: str) -> str:
    """Return ``text`` so that Discord shows each character as written: no formatting, mention, link or emoji code.

    A translation table, because the library's own escaping takes seconds on a text of brackets.
    """
    return _LIST_MARK.sub(r"\1\\\2", text.translate(_MARKDOWN)).replace("://", r":\//")


def _fact(text: str, by: str | None) -> str:
    return f"{text} — {by}" if by else text


def _notice(brief: Brief) -> str:
    return f"This may be out of date since {_spoken(brief.expires or '')}."


def _sources_label(card: Card) -> str:
    return "Source:" if len(card.sources) == 1 else "Sources:"


def _source_link(source: Source) -> str:
    """Return a source's name as the text of its link, or before it if the name needs backslashes or is an address.

    Discord shows backslashes in the text of a link, and makes no link of one whose text has an address in it.
    """
    name = neutralised(source.name)
    if not source.url:
        return name
    address = source.url.translate(_IN_LINK)
    return f"[{name}](<{address}>)" if name == source.name else f"{name} ([link](<{address}>))"


def _source_text(source: Source) -> str:
    return f"{source.name} ({source.url})" if source.url else source.name


def _spoken(day: str) -> str:
    """Return ``2024-10`` as "October 2024" and ``2024-10-18`` as "18 October 2024", whatever the locale."""
    first = first_day(day)
    month = f"{MONTHS[first.month - 1]} {first.year}"
    return f"{first.day} {month}" if day.count("-") == 2 else month
