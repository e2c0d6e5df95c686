"""The topics that an article offers, and the list of drafts, with what can be done about each."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import discord
from discord import ui

from bot.answering.completion import CHOICES
from bot.authoring.form.fields import Form
from bot.briefs.change import DraftRef
from bot.briefs.markup import neutralised
from bot.commands.admin import texts
from bot.commands.admin.forms import Subject, form_modal
from bot.commands.admin.views import Items, Shown, message, notice_item, pager
from bot.language.normalise import one_line
from bot.reports.report import counted
from bot.storage.unfinished import Draft, Origin

PAGE = 6
"""Drafts on a page: each with its buttons is 5 of the 40 components that a message may have."""

HINT = "-# The form holds figures, names and quotations as notes to write from. The words of the brief are yours."
EMPTY = (
    "Nothing. **Draft a brief** in the menu of a message (Apps), `/briefs draft` with a file, and **Keep as draft** "
    "below a preview put drafts here."
)

_FROM: dict[Origin, str] = {
    "message": "from a message",
    "file": "from a file",
    "form": "from the form",
    "import": "imported",
}
_LABEL = 100
_TOPIC = 150

Button = ui.Button[ui.LayoutView]


def named(topic: str) -> str:
    """Return what a draft is about, as plain text on one line."""
    return one_line(topic, _TOPIC) or "without a title yet"


def keep_button(number: int, batch: str) -> Button:
    """Return the button that puts what was offered together into the list of drafts."""
    label = "Keep as draft" if number == 1 else "Keep all as drafts"
    return Button(label=label, custom_id=f"briefs keepdrafts:{batch}")


def topics_message(topics: Sequence[tuple[DraftRef, str, str]], batch: str, notes: Sequence[str]) -> Shown:
    """Return a menu of the topics that were found, each with its draft, what it is about, and what its form holds.

    ``notes`` are lines on what was left out.
    """
    options = [
        discord.SelectOption(label=one_line(topic, _LABEL) or "One topic", description=holds, value=str(ref))
        for ref, topic, holds in topics[:CHOICES]
    ]
    menu: ui.Select[ui.LayoutView] = ui.Select(
        custom_id=f"briefs topic:{batch}", placeholder="Write a brief about …", options=options
    )
    keep = keep_button(len(topics), batch)
    head = "\n".join([f"### {counted(len(topics), 'topic')}", *notes, HINT])
    return message(head, ui.ActionRow(menu), ui.ActionRow(keep))


def draft_modal(draft: Draft) -> ui.Modal:
    """Return the form with a draft. What comes of it is shown in a message of its own."""
    title = f"About {one_line(draft.topic, _TOPIC)}" if draft.topic else "A new brief"
    subject = str(Subject(draft=str(draft.ref), anew=True))
    return form_modal(title, subject, Form(**draft.form), noted=True)


def drafts_message(
    drafts: Sequence[Draft], total: int, page: int, pages: int, age: timedelta, notice: str | None, undo: str | None
) -> Shown:
    """Return one page of the list. ``undo`` is the custom_id of the button that takes back what ``notice`` says.

    ``age`` is after which time a draft of a message is deleted, if nobody changes it.
    """
    items: Items = [notice_item(notice, undo)] if notice else []
    for draft in drafts:
        state = f"{draft.ref}:{page}"
        write = Button(label="Write on", custom_id=f"briefs open:{state}")
        throw = Button(label="Throw away", custom_id=f"briefs throw:{state}")
        items += [ui.Separator(), ui.TextDisplay(_line(draft, age)), ui.ActionRow(write, throw)]
    if not drafts:
        items.append(ui.TextDisplay(EMPTY))
    return message(f"### {counted(total, 'draft')}", *items, *pager("briefs drafts", page, pages))


def kept_message(text: str, back: str = "", custom_id: str = "") -> Shown:
    """Return that drafts were put into the list, with a button to it, and one that takes that ``back``."""
    buttons = [Button(label="All drafts", custom_id="briefs drafts:1")]
    buttons += [Button(label=back, custom_id=custom_id)] if back else []
    return message(text, ui.ActionRow(*buttons))


def _line(draft: Draft, age: timedelta) -> str:
    parts = [f"{_FROM[draft.origin]}{_by(draft.made_by)} {_time(draft.made_at, 'R')}"]
    if draft.ref.revision > 1:
        parts.append(f"changed{_by(draft.saved_by)} {_time(draft.saved_at, 'R')}")
    if draft.origin == "message":
        parts.append(f"kept until {_time(draft.saved_at + age, 'd')}")
    about = texts.readable(named(draft.about))
    return f"**{neutralised(about)}**\n-# {', '.join(parts)}"


def _by(user: int | None) -> str:
    return f" by <@{user}>" if user else ""


def _time(at: datetime, style: str) -> str:
    return f"<t:{at.timestamp():.0f}:{style}>"
