"""An answer as Discord shows it: Components V2 layouts, within Discord's limits, whose buttons carry their own state.

A layout only renders. What a press means is in its custom_id, so that buttons keep working after a restart:
``brief:<id>`` shows a brief, ``share:<id>`` shows it to the whole channel, ``wrong:<interaction id>`` says that the
lookup of that interaction did not find what was asked, ``ask:<interaction id>`` sends what it was about to the admins.
"""

from collections.abc import Iterable

import discord
from discord import ui

from bot.answering import wording
from bot.answering.answer import Missing, Unsure
from bot.briefs import card
from bot.briefs.brief import Brief, Status
from bot.briefs.card import Card
from bot.gateway.layout import stopped

LABEL = 80

_COLOURS: dict[Status, discord.Colour] = {
    "reported": discord.Colour.blurple(),
    "confirmed": discord.Colour.green(),
    "disputed": discord.Colour.gold(),
    "opinion": discord.Colour.light_grey(),
}


def card_layout(shown: Card, *, asked_in: int | None, share: bool) -> ui.LayoutView:
    """Return the layout of a card.

    ``asked_in`` is the interaction whose lookup the card answers: its asker can say that this was not meant. ``share``
    adds the button that shows the card to the whole channel.
    """
    title, *rest, foot = card.markdown(shown)
    container = ui.Container[ui.LayoutView](accent_colour=_COLOURS[shown.status])
    for block in (title, *rest):
        container.add_item(ui.TextDisplay(block))
    container.add_item(ui.Separator())
    container.add_item(ui.TextDisplay(foot))
    if shown.related:
        container.add_item(_brief_buttons(shown.related))
    actions: list[ui.Button[ui.LayoutView]] = []
    if share:
        actions.append(ui.Button(label="Share in this channel", custom_id=f"share:{shown.id}"))
    if asked_in is not None:
        actions.append(ui.Button(label="Not what I asked", custom_id=f"wrong:{asked_in}"))
    return stopped(container, *([ui.ActionRow(*actions)] if actions else []))


def suggestions_layout(answer: Unsure | Missing, asked_in: int, *, noted: bool = True) -> ui.LayoutView:
    """Return the did-you-mean, or the honest miss with the nearest topics, with a button for each brief.

    ``asked_in`` is the interaction of the lookup: its asker can say that none of the suggestions was meant. If what was
    asked is not ``noted``, a miss has a button that sends it to the admins.
    """
    missed = f"{wording.NO_BRIEF} {wording.MISS_NOTED}" if noted else wording.NO_BRIEF
    head = wording.DID_YOU_MEAN if isinstance(answer, Unsure) else missed
    items: list[ui.Item[ui.LayoutView]] = [ui.TextDisplay(head)]
    if answer.offered:
        if isinstance(answer, Missing):
            items.append(ui.TextDisplay(wording.NEAREST))
        items.append(_brief_buttons(candidate.brief for candidate in answer.offered))
    if isinstance(answer, Unsure):
        items.append(ui.ActionRow(ui.Button(label="None of these", custom_id=f"wrong:{asked_in}")))
    elif not noted:
        items.append(_ask_row(asked_in))
    return stopped(*items)


def ask_layout(text: str, asked_in: int) -> ui.LayoutView:
    """Return a line of our own words, and the button that sends what ``asked_in`` was about to the admins."""
    return stopped(ui.TextDisplay(text), _ask_row(asked_in))


def _ask_row(asked_in: int) -> ui.ActionRow[ui.LayoutView]:
    return ui.ActionRow(ui.Button(label="Ask the admins about this", custom_id=f"ask:{asked_in}"))


def _brief_buttons(briefs: Iterable[Brief]) -> ui.ActionRow[ui.LayoutView]:
    return ui.ActionRow(*(ui.Button(label=label(brief.title), custom_id=f"brief:{brief.id}") for brief in briefs))


def label(title: str) -> str:
    """Return ``title`` as a button can show it."""
    return title if len(title) <= LABEL else title[: LABEL - 1] + "…"
