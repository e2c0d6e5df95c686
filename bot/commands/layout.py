"""An answer as Discord shows it: Components V2 layouts, within Discord's limits, whose buttons carry their own state.

A layout only renders. What a press means is in its custom_id, so that buttons keep working after a restart:

| | |
|---|---|
| ``brief:<id>``, ``related:<id>`` | shows a brief: that one, or the one that was chosen from the menu |
| ``language:<id>`` | shows a brief in the language that was chosen from the menu |
| ``all:<id>`` | shows all of a brief where it was shown in part |
| ``share:<id>``, ``share:<id>:<message>`` | shows it to the channel, with a link to the message that it is about |
| ``still:<id>``, ``still:<id>:<interaction>`` | says what has changed in a brief since it was shown |
| ``wrong:<interaction>`` | says that the lookup of that interaction did not find what was asked |
| ``wrong:<interaction>:<id>`` | says so, and asks in a form what is wrong with the brief that was shown |
| ``tell:<interaction>``, ``tell:<interaction>:<id>`` | asks to be told of an answer, but not of that brief |
| ``untell:<interaction>`` | asks not to be told of it |
| ``ask:<interaction>`` | sends what that lookup was about to the admins |
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Any

import discord
from discord import ui

from bot.answering import wording
from bot.answering.answer import Answer, Unsure
from bot.answering.completion import CHOICES
from bot.briefs.brief import Brief, Status
from bot.briefs.card import Card, compact
from bot.briefs.card_text import markdown
from bot.briefs.markup import neutralised
from bot.catalogues.catalogue import ENGLISH, N_, Catalogue
from bot.gateway.layout import unstored
from bot.language.normalise import one_line
from bot.language.tags import endonym
from bot.language.texts import shortened

BE_TOLD = N_(
    "-# Would you like to be told once there is an answer? For that the bot keeps your Discord id until you are told, "
    "30 days at most."
)
HAS_ANSWER = N_("A question about which you asked to be told has an answer now.")
HAS_ITS_ANSWER = N_("You asked to be told about “{question}”. There is an answer now.")

LABEL = 80
MOST_TEXT = 4000
"""How many characters Discord takes in all the texts of a message."""

REMEMBERED = 256
"""How many cards are remembered as laid out, because a few briefs are asked for most."""

Items = list[ui.Item[ui.LayoutView]]

_COLOURS: dict[Status, discord.Colour] = {
    "reported": discord.Colour.blurple(),
    "confirmed": discord.Colour.green(),
    "disputed": discord.Colour.gold(),
    "opinion": discord.Colour.light_grey(),
    "reference": discord.Colour.light_grey(),
}


def card_layout(shown: Card, *actions: ui.Button[ui.LayoutView]) -> ui.LayoutView:
    """Return the layout of a card with buttons below it."""
    return unstored(container(shown), *_row(actions))


def closest_layout(
    shown: Card, above: str, others: Sequence[Brief], *actions: ui.Button[ui.LayoutView]
) -> ui.LayoutView:
    """Return a compact card with the text ``above`` it, and below it buttons for ``others`` that may be meant.

    Where the text does not fit, because it repeats the question, its first words stand there alone.
    """
    say = shown.catalogue.gettext
    choices: Items = [ui.TextDisplay(say(wording.OR_ONE_OF_THESE)), _brief_buttons(others)] if others else []
    below = [container(shown, in_part=True), *_row(actions), *choices]
    return _headed(above, f"**{say(wording.CLOSEST)}**", *below) if above else unstored(*below)


def shared_layout(shown: Card, by: int, message: str | None, *actions: ui.Button[ui.LayoutView]) -> ui.LayoutView:
    """Return a card that a member shows to the channel, with a link to the ``message`` that it is about if it fits."""
    say, member = shown.catalogue.gettext, f"<@{by}>"
    said = f"-# {say('Shared by {member}', member=member)}"
    about = f"-# {say('Shared by {member}, on [this message](<{address}>)', member=member, address=message)}"
    return _headed(about if message else said, said, container(shown), *_row(actions))


class _Unchanging(ui.Container[ui.LayoutView]):
    """A container that nobody changes once it is sent, so what it is in JSON is made once."""

    @cached_property
    def _sent(self) -> dict[str, Any]:
        return super().to_component_dict()

    def to_component_dict(self) -> dict[str, Any]:
        return self._sent


@lru_cache(REMEMBERED)
def container(shown: Card, *, in_part: bool = False) -> ui.Container[ui.LayoutView]:
    """Return the card itself. One that is shown ``in_part`` has a button for all of it, if there is more.

    The same card gets the same container, which stands in several layouts then: nobody may change it.
    """
    part = compact(shown) if in_part else shown
    head, summary, *rest, foot = markdown(part)
    caption = rest.pop() if part.image else ""
    box = _Unchanging(accent_colour=_COLOURS[part.status])
    box.add_item(ui.TextDisplay(head)).add_item(ui.TextDisplay(summary))
    for facts in rest:
        box.add_item(ui.TextDisplay(facts))
    if part.image:
        picture = discord.MediaGalleryItem(part.image.url, description=part.image.alt)
        box.add_item(ui.MediaGallery(picture)).add_item(ui.TextDisplay(caption))
    box.add_item(ui.Separator()).add_item(ui.TextDisplay(foot))
    if part.related:
        box.add_item(ui.ActionRow(_related_menu(part)))
    if part.languages:
        box.add_item(ui.ActionRow(_language_menu(part)))
    if part != shown:
        found = (shown.replaces or shown).id
        box.add_item(ui.ActionRow(ui.Button(label=shown.catalogue.gettext("All of it"), custom_id=f"all:{found}")))
    return box


def _related_menu(shown: Card) -> ui.Select[ui.LayoutView]:
    options = [discord.SelectOption(label=brief.title, value=brief.id) for brief in shown.related]
    placeholder = shown.catalogue.gettext("Related …")
    return ui.Select(custom_id=f"related:{shown.id}", placeholder=placeholder, options=options)


def _language_menu(shown: Card) -> ui.Select[ui.LayoutView]:
    options = [discord.SelectOption(label=endonym(tag), value=tag) for tag in shown.languages[:CHOICES]]
    placeholder = shown.catalogue.gettext("In other languages …")
    return ui.Select(custom_id=f"language:{shown.id}", placeholder=placeholder, options=options)


def wrong_button(asked_in: int, shown: Card) -> ui.Button[ui.LayoutView]:
    """Return the button by which the asker of the interaction ``asked_in`` says what is wrong with the card shown."""
    return ui.Button(label=shown.catalogue.gettext("Not what I asked"), custom_id=f"wrong:{asked_in}:{shown.id}")


def share_button(brief_id: str, message_id: int | None, catalogue: Catalogue = ENGLISH) -> ui.Button[ui.LayoutView]:
    """Return the button that shows a brief to the channel; ``message_id`` is the message that it is about."""
    state = f"{brief_id}:{message_id}" if message_id else brief_id
    return ui.Button(label=catalogue.gettext("Share here"), custom_id=f"share:{state}")


def still_button(
    brief_id: str, catalogue: Catalogue = ENGLISH, asked_in: int | None = None
) -> ui.Button[ui.LayoutView]:
    """Return the button that says what has changed in a brief since its card was sent.

    ``asked_in`` is the lookup that the card answers later: by it a message can be recognised.
    """
    state = f"{brief_id}:{asked_in}" if asked_in else brief_id
    return ui.Button(label=catalogue.gettext("Still true?"), custom_id=f"still:{state}")


def once_shared(view: ui.LayoutView, catalogue: Catalogue = ENGLISH) -> ui.LayoutView:
    """Return a message's layout with its share button used up."""
    for item in view.walk_children():
        if isinstance(item, ui.Button) and (item.custom_id or "").startswith("share:"):
            item.label, item.disabled = catalogue.gettext("Shared"), True
    view.stop()
    return view


def with_all(view: ui.LayoutView, shown: Card) -> ui.LayoutView:
    """Return a message's layout with all of a card in place of a part of it."""
    return unstored(*(container(shown) if isinstance(item, ui.Container) else item for item in view.children))


def _headed(text: str, shorter: str, *below: ui.Item[ui.LayoutView]) -> ui.LayoutView:
    """Return items with a text above them; the shorter one where Discord does not take so much text."""
    view = unstored(ui.TextDisplay(text), *below)
    return view if view.content_length() <= MOST_TEXT else unstored(ui.TextDisplay(shorter), *below)


def _row(actions: Sequence[ui.Button[ui.LayoutView]]) -> Items:
    return [ui.ActionRow(*actions)] if actions else []


def suggestions_layout(
    answer: Answer, above: str, asked_in: int, *, askable: bool, tellable: bool, catalogue: Catalogue = ENGLISH
) -> ui.LayoutView:
    """Return the text ``above`` with a button below it for each brief that is offered.

    ``asked_in`` is the interaction of the lookup: its asker can say that none of the briefs was meant. ``askable``: a
    miss has a button that sends the question to the admins. ``tellable``: the asker of a miss can ask to be told.
    """
    items: list[ui.Item[ui.LayoutView]] = [ui.TextDisplay(above)]
    if isinstance(answer, Unsure):
        return unstored(*items, *_choice_rows(answer, asked_in, catalogue))
    if answer.offered:
        items += [ui.TextDisplay(catalogue.gettext(wording.NEAREST)), _brief_buttons(answer.offered)]
    if askable:
        items.append(_ask_row(asked_in, catalogue))
    if tellable:
        items.append(_tell_section(f"{asked_in}", catalogue))
    return unstored(*items)


def _choice_rows(answer: Unsure, asked_in: int, catalogue: Catalogue) -> Iterator[ui.ActionRow[ui.LayoutView]]:
    """Yield the buttons of a did-you-mean: Yes and No where there is one brief, else its title for each."""
    say = catalogue.gettext
    if answer.only:
        yes = ui.Button[ui.LayoutView](label=say("Yes"), custom_id=f"brief:{answer.only.id}")
        yield ui.ActionRow(yes, ui.Button(label=say("No"), custom_id=f"wrong:{asked_in}"))
    else:
        yield _brief_buttons(answer.offered)
        yield ui.ActionRow(ui.Button(label=say("None of these"), custom_id=f"wrong:{asked_in}"))


def noted_layout(text: str, state: str, catalogue: Catalogue = ENGLISH, *, askable: bool) -> ui.LayoutView:
    """Return one of our own texts, and below it what else can be asked for.

    ``state`` is the interaction of the lookup, and behind a colon the brief that was not meant, if one was shown.
    ``askable``: that the admins see the message that it was about. If not, to be told once there is another answer.
    """
    more = _ask_row(int(state.partition(":")[0]), catalogue) if askable else _tell_section(state, catalogue)
    return unstored(ui.TextDisplay(catalogue.gettext(text)), more)


def _tell_section(state: str, catalogue: Catalogue) -> ui.Section[ui.LayoutView]:
    tell = ui.Button[ui.LayoutView](label=catalogue.gettext("Tell me"), custom_id=f"tell:{state}")
    return ui.Section(ui.TextDisplay(catalogue.gettext(BE_TOLD)), accessory=tell)


def waiting_layout(text: str, asked_in: int, catalogue: Catalogue) -> ui.LayoutView:
    """Return one of our own texts with the button that asks not to be told after all."""
    label = catalogue.gettext("Never mind")
    row = ui.ActionRow[ui.LayoutView](ui.Button(label=label, custom_id=f"untell:{asked_in}"))
    return unstored(ui.TextDisplay(catalogue.gettext(text)), row)


def told_layout(shown: Card, question: str, asked_in: int) -> ui.LayoutView:
    """Return the card that answers a question later, with the question above it if there is room for that."""
    say = shown.catalogue.gettext
    row = ui.ActionRow[ui.LayoutView](still_button(shown.id, shown.catalogue, asked_in))
    asked = say(HAS_ITS_ANSWER, question=_quoted(question))
    return _headed(asked, say(HAS_ANSWER), container(shown), row)


def told_later_layout(answers: Iterable[tuple[str, Card]], catalogue: Catalogue) -> ui.LayoutView:
    """Return questions that have an answer now, each with a button that shows it."""
    items: Items = []
    for question, shown in answers:
        text = ui.TextDisplay[ui.LayoutView](catalogue.gettext(HAS_ITS_ANSWER, question=_quoted(question)))
        button = ui.Button[ui.LayoutView](label=catalogue.gettext("Read it"), custom_id=f"brief:{shown.id}")
        items.append(ui.Section(text, accessory=button))
    return unstored(*items)


def _quoted(question: str) -> str:
    return neutralised(one_line(question, wording.LONGEST_REPEATED))


def _ask_row(asked_in: int, catalogue: Catalogue) -> ui.ActionRow[ui.LayoutView]:
    label = catalogue.gettext("Ask the admins about this")
    return ui.ActionRow(ui.Button(label=label, custom_id=f"ask:{asked_in}"))


def _brief_buttons(briefs: Iterable[Brief]) -> ui.ActionRow[ui.LayoutView]:
    return ui.ActionRow(*(ui.Button(label=label(brief.title), custom_id=f"brief:{brief.id}") for brief in briefs))


def label(title: str) -> str:
    """Return ``title`` as a button can show it."""
    return shortened(title, LABEL)
