"""The topics that an article offers, and the list of drafts, with what can be done about each."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import discord
from discord import ui

from bot.answering.completion import CHOICES
from bot.authoring.form.fields import Form
from bot.briefs.change import DraftRef
from bot.briefs.markup import neutralised
from bot.catalogues.catalogue import ENGLISH, N_, Catalogue
from bot.commands.admin import texts
from bot.commands.admin.forms import NEW, Subject, form_modal
from bot.commands.admin.views import Items, Shown, message, notice_item, pager
from bot.language.normalise import one_line
from bot.storage.unfinished import Draft, Origin

PAGE = 6
"""Drafts on a page: each with its buttons is 5 of the 40 components that a message may have."""

HINT = N_("The form holds figures, names and quotations as notes to write from. The words of the brief are yours.")
EMPTY = N_(
    "Nothing. **Draft a brief** in the menu of a message (Apps), `/briefs draft` with a file, and **Keep as draft** "
    "below a preview put drafts here."
)

_FROM: dict[Origin, str] = {
    "message": N_("from a message"),
    "file": N_("from a file"),
    "form": N_("from the form"),
    "import": N_("imported"),
}
_LABEL = 100
_TOPIC = 150

Button = ui.Button[ui.LayoutView]


def named(topic: str, catalogue: Catalogue = ENGLISH) -> str:
    """Return what a draft is about, as plain text on one line."""
    return one_line(topic, _TOPIC) or catalogue.gettext("without a title yet")


def keep_button(number: int, batch: str, catalogue: Catalogue = ENGLISH) -> Button:
    """Return the button that puts what was offered together into the list of drafts."""
    label = catalogue.gettext("Keep as draft") if number == 1 else catalogue.gettext("Keep all as drafts")
    return Button(label=label, custom_id=f"briefs keepdrafts:{batch}")


def topics_message(
    topics: Sequence[tuple[DraftRef, str, str]], batch: str, notes: Sequence[str], catalogue: Catalogue = ENGLISH
) -> Shown:
    """Return a menu of the topics that were found, each with its draft, what it is about, and how its text begins.

    ``notes`` are lines on what was left out.
    """
    say = catalogue.gettext
    options = [
        discord.SelectOption(
            label=one_line(topic, _LABEL) or say("One topic"),
            description=one_line(opening, _LABEL) or None,
            value=str(ref),
        )
        for ref, topic, opening in topics[:CHOICES]
    ]
    menu: ui.Select[ui.LayoutView] = ui.Select(
        custom_id=f"briefs topic:{batch}", placeholder=say("Write a brief about …"), options=options
    )
    keep = keep_button(len(topics), batch, catalogue)
    number = catalogue.ngettext("{n} topic", "{n} topics", len(topics))
    head = "\n".join([f"### {number}", *(f"-# {note}" for note in notes), f"-# {say(HINT)}"])
    return message(head, ui.ActionRow(menu), ui.ActionRow(keep))


def draft_modal(draft: Draft, catalogue: Catalogue = ENGLISH) -> ui.Modal:
    """Return the form with a draft. What comes of it is shown in a message of its own."""
    say, topic = catalogue.gettext, one_line(draft.topic, _TOPIC)
    title = say("About {topic}", topic=topic) if topic else say(NEW)
    subject = str(Subject(draft=str(draft.ref), anew=True))
    return form_modal(title, subject, Form(**draft.form), catalogue, noted=True)


def drafts_message(
    drafts: Sequence[Draft],
    total: int,
    page: int,
    pages: int,
    age: timedelta,
    notice: str | None,
    undo: str | None,
    catalogue: Catalogue = ENGLISH,
) -> Shown:
    """Return one page of the list. ``undo`` is the custom_id of the button that takes back what ``notice`` says.

    ``age`` is after which time a draft of a message is deleted, if nobody changes it.
    """
    say = catalogue.gettext
    items: Items = [notice_item(notice, undo, catalogue)] if notice else []
    for draft in drafts:
        state = f"{draft.ref}:{page}"
        write = Button(label=say("Write on"), custom_id=f"briefs open:{state}")
        throw = Button(label=say("Throw away"), custom_id=f"briefs throw:{state}")
        items += [ui.Separator(), ui.TextDisplay(_line(draft, age, catalogue)), ui.ActionRow(write, throw)]
    if not drafts:
        items.append(ui.TextDisplay(say(EMPTY)))
    head = f"### {catalogue.ngettext('{n} draft', '{n} drafts', total)}"
    return message(head, *items, *pager("briefs drafts", page, pages, catalogue))


def kept_message(text: str, catalogue: Catalogue = ENGLISH, back: str = "", custom_id: str = "") -> Shown:
    """Return that drafts were put into the list, with a button to it, and one that takes that ``back``."""
    buttons = [Button(label=catalogue.gettext("All drafts"), custom_id="briefs drafts:1")]
    buttons += [Button(label=back, custom_id=custom_id)] if back else []
    return message(text, ui.ActionRow(*buttons))


def _line(draft: Draft, age: timedelta, catalogue: Catalogue) -> str:
    say = catalogue.gettext
    parts = [_done(say(_FROM[draft.origin]), draft.made_by, draft.made_at, catalogue)]
    if draft.ref.revision > 1:
        parts.append(_done(say("changed"), draft.saved_by, draft.saved_at, catalogue))
    if draft.origin == "message":
        parts.append(say("kept until {date}", date=_time(draft.saved_at + age, "d")))
    about = texts.readable(named(draft.about, catalogue))
    return f"**{neutralised(about)}**\n-# {', '.join(parts)}"


def _done(what: str, user: int | None, at: datetime, catalogue: Catalogue) -> str:
    """Return what was done with a draft, by whom if that is known, and when."""
    if user is None:
        return f"{what} {_time(at, 'R')}"
    return catalogue.gettext("{what} by {member} {time}", what=what, member=f"<@{user}>", time=_time(at, "R"))


def _time(at: datetime, style: str) -> str:
    return f"<t:{at.timestamp():.0f}:{style}>"
