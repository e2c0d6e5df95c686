"""A card in words: as Markdown for Discord and as plain text for a terminal.

Pure. bot/commands/layout.py puts the Markdown into a message.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import groupby
from typing import NamedTuple

from bot.briefs.brief import Brief, BriefBase, Fact, Image, Source, Status, UntranslatedQuote
from bot.briefs.card import Card, card_of, noon
from bot.briefs.markup import Text, link, masked, neutralised
from bot.catalogues.catalogue import ENGLISH, N_, Catalogue
from bot.language.normalise import normalise

MAX_CARD = 3900
"""Most characters of a card. Discord allows 4,000 in a message; the rest is for the texts around the card."""

PHONE_LINE = 30
"""Characters of a line on a phone: a speaker's name takes a line of its own if it saves more than that."""

REPLACES = N_("The brief that was asked for was replaced by this one.")

_STATUSES: Mapping[Status, str] = {
    "reported": N_("reported"),
    "confirmed": N_("confirmed"),
    "disputed": N_("disputed"),
    "opinion": N_("opinion"),
    "reference": N_("reference"),
}


class _Style(NamedTuple):
    """How the parts of a fact are written: its text, other texts of the admin, and who says it."""

    text: Callable[[Text], str]
    other: Callable[[str], str]
    speaker: str


_MARKDOWN = _Style(lambda text: text.markdown, neutralised, "**{}**:")
_PLAIN = _Style(lambda text: text.plain, str, "{}:")


def markdown(card: Card) -> tuple[str, ...]:
    """Return the card's text blocks in Discord's Markdown: head, summary, facts if there are any, and foot.

    The block before the foot is the caption of the image, if the card has one.

    A card that is too long with our own texts in its language has them in English: by that its length was checked.
    """
    blocks = _blocks(card)
    fits = card.catalogue is ENGLISH or sum(map(len, blocks)) <= MAX_CARD
    return blocks if fits else _blocks(replace(card, catalogue=ENGLISH))


def _blocks(card: Card) -> tuple[str, ...]:
    say = card.catalogue
    foot = [*_sources(card, _source_link)]
    if card.changed and card.changed.date().isoformat() > max((each.on for each in card.corrections), default=""):
        foot.append(last_changed(card.changed, say))
    caption = f"-# {neutralised(card.image.alt)}\n-# {_credit(card.image, neutralised, say)}" if card.image else ""
    small = "\n".join(f"-# {line}" for line in foot)
    rest = [card.summary.markdown, "\n".join(_facts(card, _MARKDOWN)), caption, small]
    head = [f"### {neutralised(card.title)}", *standing_lines(card)]
    if notice := card.notice:
        head.append(f"⚠️ **{notice}**")
    if reservation := card.reservation:
        head.append(f"-# {reservation}")
    head += _corrected(card, neutralised)
    if card.replaces:
        line = f"-# {replacement(card)}"
        fits = sum(map(len, (*head, line, *rest))) < MAX_CARD
        head.append(line if fits else f"-# {say.gettext(REPLACES)}")
    return tuple(filter(None, ("\n".join(head), *rest)))


def plain(card: Card) -> str:
    """Return the card as plain text, without the time of the last change."""
    say = card.catalogue
    lines = [card.title, standing(card)]
    lines += [card.notice] if card.notice else []
    lines += [card.reservation] if card.reservation else []
    lines += _corrected(card, str)
    lines += [_replaced(card.replaces.title, say)] if card.replaces else []
    lines += ["", card.summary.plain]
    if card.facts:
        lines += ["", *_facts(card, _PLAIN)]
    if card.image:
        lines += ["", f"{card.image.alt} ({card.image.url})", _credit(card.image, str, say)]
    lines += ["", *_sources(card, source_text)]
    if card.related:
        lines.append(say.gettext("Related: {briefs}", briefs="; ".join(brief.title for brief in card.related)))
    return "\n".join(lines)


def card_length(brief: Brief) -> int:
    """Return how many characters the largest card of ``brief`` has on Discord, all that it may say included."""
    card = card_of(brief, BriefBase(), date.max, datetime.max.replace(tzinfo=UTC))
    card = replace(card, stale=brief.translated is not None)
    return sum(map(len, markdown(card))) + (len(card.image.alt) if card.image else 0)


def standing(card: Card) -> str:
    """Return the status and the date, as plain text."""
    return _standing(card, "{}")


def standing_lines(card: Card) -> list[str]:
    """Return the status and the date, and how long ago that was if it is long, as lines of Discord's Markdown."""
    age = [f"<t:{noon(card.as_of).timestamp():.0f}:R>"] if card.old else []
    return [_standing(card, "**{}**"), *age]


def status_text(status: Status, catalogue: Catalogue = ENGLISH) -> str:
    """Return the word for a status, as it stands within a sentence."""
    return catalogue.gettext(_STATUSES[status])


def _standing(card: Card, written: str) -> str:
    """Return the line of a card's status and date. ``written`` is how the status is written."""
    say, date = card.catalogue, card.catalogue.date(card.as_of)
    if card.status == "reference":
        return say.gettext("As of {date}", date=date)
    status = status_text(card.status, say)
    return f"{written.format(status[:1].upper() + status[1:])} · {say.gettext('as of {date}', date=date)}"


def last_changed(moment: datetime, catalogue: Catalogue = ENGLISH) -> str:
    """Return when a brief was last changed, as each reader's own clock shows it, in Discord's Markdown."""
    return catalogue.gettext("Last changed {date}", date=f"<t:{moment.timestamp():.0f}:D>")


def replacement(card: Card) -> str:
    """Return that the brief has replaced the one that was asked for, in Discord's Markdown; "" if it has not."""
    return _replaced(neutralised(card.replaces.title), card.catalogue) if card.replaces else ""


def _replaced(title: str, catalogue: Catalogue) -> str:
    return catalogue.gettext("“{title}” was replaced by this brief.", title=title)


def _facts(card: Card, style: _Style) -> Iterator[str]:
    """Yield the lines of the facts; what one speaker says in a row stands below the name where that is shorter."""
    for by, group in groupby(card.facts, lambda fact: fact.by):
        facts = [_stated(fact, style, len(card.sources), card.catalogue) for fact in group]
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


def _stated(fact: Fact, style: _Style, sources: int, catalogue: Catalogue) -> str:
    text, quote, details = style.text(fact.text), fact.quote, []
    if quote and isinstance(fact, UntranslatedQuote):
        details.append(catalogue.gettext("in the original: “{quote}”", quote=style.other(quote)))
    elif quote and normalise(quote) not in normalise(fact.text.plain):
        text += f" “{style.other(quote)}”"
    details += [catalogue.date(fact.on)] if fact.on else []
    details += [catalogue.gettext("source {number}", number=fact.source)] if fact.source and sources > 1 else []
    behind = "\n" if text.endswith("```") else " "
    return f"{text}{behind}({'; '.join(details)})" if details else text


def _credit(image: Image, other: Callable[[str], str], catalogue: Catalogue) -> str:
    return catalogue.gettext("Image: {image}", image=other(image.credit))


def _sources(card: Card, source: Callable[[Source, Catalogue], str]) -> Iterator[str]:
    """Yield the lines of where it all comes from."""
    say = card.catalogue
    several = len(card.sources) > 1
    for number, each in enumerate(card.sources, 1):
        name = source(each, say)
        yield (
            say.gettext("Source {number}: {source}", number=number, source=name)
            if several
            else say.gettext("Source: {source}", source=name)
        )


def _corrected(card: Card, other: Callable[[str], str]) -> list[str]:
    """Return a line for each thing that was corrected."""
    say = card.catalogue
    return [
        say.gettext("Corrected on {date}: {text}", date=say.date(one.on), text=other(one.text))
        for one in card.corrections
    ]


def _source_link(source: Source, catalogue: Catalogue) -> str:
    parts = [link(source.name, source.url) if source.url else neutralised(source.name)]
    parts += [catalogue.date(source.published)] if source.published else []
    parts += [masked(catalogue.gettext("archived"), source.archived)] if source.archived else []
    return " · ".join(parts)


def fact_text(fact: Fact, brief: Brief, catalogue: Catalogue = ENGLISH) -> str:
    """Return a fact of a brief as plain text, who says so included."""
    said = _stated(fact, _PLAIN, len(brief.sources), catalogue)
    return f"{fact.by}: {said}" if fact.by else said


def source_text(source: Source, catalogue: Catalogue = ENGLISH) -> str:
    """Return a source as plain text, with its addresses."""
    parts = [f"{source.name} ({source.url})" if source.url else source.name]
    parts += [catalogue.date(source.published)] if source.published else []
    parts += [catalogue.gettext("archived: {address}", address=source.archived)] if source.archived else []
    return " · ".join(parts)
