"""The words of a brief's card, as Markdown for Discord and as plain text for a terminal.

Pure. bot/commands/layout.py puts the Markdown into a message.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import groupby
from typing import NamedTuple

from bot.briefs.brief import Brief, BriefBase, Correction, Fact, Image, Source, Status, first_day
from bot.briefs.markup import Text, link, masked, neutralised
from bot.language.normalise import normalise
from bot.language.texts import MONTHS

MAX_CARD = 3900
"""Most characters of a card. Discord allows 4,000 in a message; the rest is for the texts around the card."""

PHONE_LINE = 30
"""Characters of a line on a phone: a speaker's name takes a line of its own if it saves more than that."""

FIRST_FACTS = 2
"""How many facts a compact card has."""

REPLACES = "The brief that was asked for was replaced by this one."


@dataclass(frozen=True, slots=True)
class Card:
    """The texts of one card in reading order, exactly as the admin wrote them.

    ``replaces`` is the brief that was asked for, if this one has replaced it.
    """

    id: str
    status: Status
    title: str
    replaces: Brief | None
    standing: str
    notice: str | None
    summary: Text
    image: Image | None
    facts: tuple[Fact, ...]
    sources: tuple[Source, ...]
    corrections: tuple[Correction, ...]
    changed: datetime | None
    related: tuple[Brief, ...]

    @property
    def replacement(self) -> str:
        """That this brief has replaced the one that was asked for, in Discord's Markdown; "" if it has not."""
        return _replaced(neutralised(self.replaces.title)) if self.replaces else ""


def card_of(
    brief: Brief, base: BriefBase, today: date, changed: datetime | None = None, replaces: Brief | None = None
) -> Card:
    """Return the card of ``brief`` for ``today``. ``changed`` is when the brief was last changed, if known.

    ``replaces`` is the brief that was asked for and that this one has replaced.
    """
    return Card(
        id=brief.id,
        status=brief.status,
        title=brief.title,
        replaces=replaces,
        standing=_standing(brief),
        notice=f"May be out of date since {spoken(brief.expires or '')}." if brief.expired(today) else None,
        summary=brief.summary,
        image=brief.image,
        facts=brief.facts,
        sources=brief.sources,
        corrections=brief.corrections,
        changed=changed,
        related=base.related(brief),
    )


def compact(card: Card) -> Card:
    """Return a card with the summary, the first facts and where they come from."""
    return replace(card, facts=card.facts[:FIRST_FACTS], image=None, related=())


class _Style(NamedTuple):
    """How the parts of a fact are written: its text, other texts of the admin, and who says it."""

    text: Callable[[Text], str]
    other: Callable[[str], str]
    speaker: str


_MARKDOWN = _Style(lambda text: text.markdown, neutralised, "**{}**")
_PLAIN = _Style(lambda text: text.plain, str, "{}:")


def markdown(card: Card) -> tuple[str, ...]:
    """Return the card's text blocks in Discord's Markdown: head, summary, facts if there are any, and foot."""
    foot = [*_foot(card, _source_link, neutralised)]
    if card.changed:
        foot.append(f"Last changed <t:{card.changed.timestamp():.0f}:D>")
    rest = [card.summary.markdown, "\n".join(_facts(card, _MARKDOWN)), "\n".join(f"-# {line}" for line in foot)]
    sure, dot, as_of = card.standing.rpartition(" · ")
    head = [f"### {neutralised(card.title)}", f"**{sure}**{dot}{as_of}" if sure else as_of]
    if card.notice:
        head.append(f"⚠️ **{card.notice}**")
    if card.replaces:
        line = f"-# {card.replacement}"
        fits = sum(map(len, (*head, line, *rest))) < MAX_CARD
        head.append(line if fits else f"-# {REPLACES}")
    return tuple(filter(None, ("\n".join(head), *rest)))


def plain(card: Card) -> str:
    """Return the card as plain text, without the time of the last change."""
    lines = [card.title, card.standing]
    lines += [card.notice] if card.notice else []
    lines += [_replaced(card.replaces.title)] if card.replaces else []
    lines += ["", card.summary.plain]
    if card.image:
        lines += ["", f"Image: {card.image.alt} ({card.image.url})"]
    if card.facts:
        lines += ["", *_facts(card, _PLAIN)]
    lines += ["", *_foot(card, source_text, str)]
    if card.related:
        lines.append("Related: " + "; ".join(brief.title for brief in card.related))
    return "\n".join(lines)


def card_length(brief: Brief) -> int:
    """Return how many characters the largest card of ``brief`` has on Discord, all that it may say included."""
    card = card_of(brief, BriefBase(), date.max, datetime.max.replace(tzinfo=UTC))
    return sum(map(len, markdown(card))) + (len(card.image.alt) if card.image else 0)


def spoken(day: str) -> str:
    """Return ``2024-10`` as "October 2024" and ``2024-10-18`` as "18 October 2024", whatever the locale."""
    first = first_day(day)
    month = f"{MONTHS[first.month - 1]} {first.year}"
    return f"{first.day} {month}" if day.count("-") == 2 else month


def _standing(brief: Brief) -> str:
    as_of = f"s of {spoken(brief.as_of)}"
    return f"A{as_of}" if brief.status == "reference" else f"{brief.status.capitalize()} · a{as_of}"


def _replaced(title: str) -> str:
    return f"“{title}” was replaced by this brief."


def _facts(card: Card, style: _Style) -> Iterator[str]:
    """Yield the lines of the facts; what one speaker says in a row stands below the name where that is shorter."""
    for by, group in groupby(card.facts, lambda fact: fact.by):
        facts = [_stated(fact, style, len(card.sources)) for fact in group]
        speaker = style.speaker.format(style.other(by)) if by else ""
        if by and (len(facts) - 1) * len(by) > PHONE_LINE:
            yield f"- {speaker}"
            yield from (f"  - {fact}" for fact in facts)
        else:
            yield from (_entry(speaker, fact) for fact in facts)


def _entry(speaker: str, fact: str) -> str:
    """Return a fact as an entry of the list; a block of code stands below who says it, or alone."""
    if fact.startswith("```"):
        return f"- {speaker}\n{fact}" if speaker else fact
    return f"- {speaker} {fact}" if speaker else f"- {fact}"


def _stated(fact: Fact, style: _Style, sources: int) -> str:
    text, quote = style.text(fact.text), fact.quote
    if quote and normalise(quote) not in normalise(fact.text.plain):
        text += f" “{style.other(quote)}”"
    details = [spoken(fact.on)] if fact.on else []
    details += [f"source {fact.source}"] if fact.source and sources > 1 else []
    behind = "\n" if text.endswith("```") else " "
    return f"{text}{behind}({'; '.join(details)})" if details else text


def _foot(card: Card, source: Callable[[Source], str], other: Callable[[str], str]) -> Iterator[str]:
    """Yield the lines of where it all comes from, and of what was corrected."""
    several = len(card.sources) > 1
    for number, each in enumerate(card.sources, 1):
        yield f"Source {number}: {source(each)}" if several else f"Source: {source(each)}"
    if card.image:
        yield f"Image: {other(card.image.credit)}"
    for correction in card.corrections:
        yield f"Corrected on {spoken(correction.on)}: {other(correction.text)}"


def _source_link(source: Source) -> str:
    parts = [link(source.name, source.url) if source.url else neutralised(source.name)]
    parts += [spoken(source.published)] if source.published else []
    parts += [masked("archived", source.archived)] if source.archived else []
    return " · ".join(parts)


def fact_text(fact: Fact, brief: Brief) -> str:
    """Return a fact of a brief as plain text, who says so included."""
    said = _stated(fact, _PLAIN, len(brief.sources))
    return f"{said} — {fact.by}" if fact.by else said


def source_text(source: Source) -> str:
    """Return a source as plain text, with its addresses."""
    parts = [f"{source.name} ({source.url})" if source.url else source.name]
    parts += [spoken(source.published)] if source.published else []
    parts += [f"archived: {source.archived}"] if source.archived else []
    return " · ".join(parts)
