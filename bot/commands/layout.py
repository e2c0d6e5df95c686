"""An answer as Discord shows it: Components V2 layouts, within Discord's limits, whose buttons carry their own state.

A layout only renders. What a press means is in its custom_id, so that buttons keep working after a restart:
``brief:<id>`` shows a brief, ``share:<id>`` shows it to the whole channel, ``wrong:<interaction id>`` says that the
lookup of that interaction did not find what was asked, ``ask:<interaction id>`` sends what it was about to the admins.
"""

from collections.abc import Iterable, Iterator, Sequence

import discord
from discord import ui

from bot.answering import wording
from bot.answering.answer import Missing, Unsure
from bot.briefs import card
from bot.briefs.brief import Brief, Status
from bot.briefs.card import Card
from bot.gateway.layout import unstored
from bot.language.texts import shortened

LABEL = 80

_COLOURS: dict[Status, discord.Colour] = {
    "reported": discord.Colour.blurple(),
    "confirmed": discord.Colour.green(),
    "disputed": discord.Colour.gold(),
    "opinion": discord.Colour.light_grey(),
    "reference": discord.Colour.light_grey(),
}


def card_layout(
    shown: Card, *, asked_in: int | None, share: bool, instead: Sequence[Brief] = (), head: str = ""
) -> ui.LayoutView:
    """Return the layout of a card.

    ``asked_in`` is the interaction whose lookup the card answers: its asker can say that this was not meant. ``share``
    adds the button that shows the card to the whole channel. ``head`` stands above the card, and the briefs that may
    have been meant ``instead`` below it.
    """
    related = [brief for brief in shown.related if brief not in instead]  # a message has each custom_id once
    items: list[ui.Item[ui.LayoutView]] = [ui.TextDisplay(head)] if head else []
    items.append(_container(shown, related))
    if instead:
        items += [ui.TextDisplay(wording.OR_ONE_OF_THESE), _brief_buttons(instead)]
    actions: list[ui.Button[ui.LayoutView]] = []
    if share:
        actions.append(ui.Button(label="Share in this channel", custom_id=f"share:{shown.id}"))
    if asked_in is not None:
        actions.append(ui.Button(label="Not what I asked", custom_id=f"wrong:{asked_in}"))
    return unstored(*items, *([ui.ActionRow(*actions)] if actions else []))


def _container(shown: Card, related: Sequence[Brief]) -> ui.Container[ui.LayoutView]:
    head, summary, *facts, foot = card.markdown(shown)
    container = ui.Container[ui.LayoutView](accent_colour=_COLOURS[shown.status])
    container.add_item(ui.TextDisplay(head)).add_item(ui.TextDisplay(summary))
    if shown.image:
        picture = discord.MediaGalleryItem(shown.image.url, description=shown.image.alt)
        container.add_item(ui.MediaGallery(picture))
    for block in facts:
        container.add_item(ui.TextDisplay(block))
    container.add_item(ui.Separator())
    container.add_item(ui.TextDisplay(foot))
    if related:
        container.add_item(_brief_buttons(related))
    return container


def suggestions_layout(answer: Unsure | Missing, head: str, asked_in: int, *, askable: bool) -> ui.LayoutView:
    """Return ``head`` with a button for each brief that is offered.

    ``asked_in`` is the interaction of the lookup: its asker can say that none of them was meant. ``askable``: a miss
    has a button that sends what was asked to the admins.
    """
    items: list[ui.Item[ui.LayoutView]] = [ui.TextDisplay(head)]
    if isinstance(answer, Unsure):
        return unstored(*items, *_choice_rows(answer, asked_in))
    if answer.offered:
        items += [ui.TextDisplay(wording.NEAREST), _brief_buttons(answer.offered)]
    if askable:
        items.append(_ask_row(asked_in))
    return unstored(*items)


def _choice_rows(answer: Unsure, asked_in: int) -> Iterator[ui.ActionRow[ui.LayoutView]]:
    """Yield the buttons of a did-you-mean: Yes and No where there is one brief, else its title for each."""
    if answer.only:
        yes = ui.Button[ui.LayoutView](label="Yes", custom_id=f"brief:{answer.only.id}")
        yield ui.ActionRow(yes, ui.Button(label="No", custom_id=f"wrong:{asked_in}"))
    else:
        yield _brief_buttons(answer.offered)
        yield ui.ActionRow(ui.Button(label="None of these", custom_id=f"wrong:{asked_in}"))


def ask_layout(text: str, asked_in: int) -> ui.LayoutView:
    """Return a line of our own words, and the button that sends what ``asked_in`` was about to the admins."""
    return unstored(ui.TextDisplay(text), _ask_row(asked_in))


def _ask_row(asked_in: int) -> ui.ActionRow[ui.LayoutView]:
    return ui.ActionRow(ui.Button(label="Ask the admins about this", custom_id=f"ask:{asked_in}"))


def _brief_buttons(briefs: Iterable[Brief]) -> ui.ActionRow[ui.LayoutView]:
    return ui.ActionRow(*(ui.Button(label=label(brief.title), custom_id=f"brief:{brief.id}") for brief in briefs))


def label(title: str) -> str:
    """Return ``title`` as a button can show it."""
    return shortened(title, LABEL)
