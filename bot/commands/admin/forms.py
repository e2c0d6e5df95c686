"""The forms in which admins write a brief: the plain one, and the one that holds YAML."""

from dataclasses import dataclass
from typing import Self

import discord
from discord import ui

from bot.authoring.form.fields import MOST_TYPED, Form
from bot.briefs.markup import neutralised
from bot.language.texts import shortened

_LINE, _LINES = discord.TextStyle.short, discord.TextStyle.paragraph
_FIELDS = (
    ("title", "Title", "", _LINE, 100, True, "Ferries to the island"),
    ("summary", "Summary", "The answer in one to three sentences", _LINES, 1000, True, ""),
    ("facts", "Facts", "One a line. Who says it, a colon, what", _LINES, MOST_TYPED, False, "Harbour office: …"),
    (
        "sources",
        "Source",
        "One a line: name, link, date. A line “as of 2026-10-01” gives the brief another date",
        _LINES,
        MOST_TYPED,
        True,
        "Timetable, https://example.org, 2026-10-01",
    ),
    (
        "phrases",
        "Other names and questions",
        "One a line, or short names with commas between; as members would type them",
        _LINES,
        MOST_TYPED,
        False,
        "ferry\nWhen does the ferry leave?",
    ),
)
"""Of each field its id, name, what to write, style, most characters, whether it must be filled in, and an example."""

_NOTE_HINTS = {
    "facts": "Notes. Take the “? ” away from what you use; lines that begin with it are left out",
    "sources": "One a line: name, link, date",
    "phrases": "Guesses. Take the “? ” away from what members would type; the others are left out",
}
"""What to write into the form of a draft, in which lines may be notes."""

_BESIDE = 3000
"""Characters of the original that stand above the fields of its translation."""

_NEW, _ANEW = "add", ":anew"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a form is about, as its custom_id carries it: a brief and the digest of its file, or else a new brief.

    ``draft`` is the draft that becomes a brief by it, as a text. ``anew``: what comes of the form is shown in a message
    of its own, below the one that it was opened from.
    """

    brief: str | None = None
    replaced: str | None = None
    draft: str | None = None
    anew: bool = False

    def __str__(self) -> str:
        new = f"{_NEW}.{self.draft}" if self.draft else _NEW
        return (f"{self.brief}:{self.replaced}" if self.replaced else new) + (_ANEW if self.anew else "")

    @classmethod
    def parse(cls, state: str) -> Self:
        """Return the subject that a custom_id carries."""
        anew, (brief, _, replaced) = state.endswith(_ANEW), state.removesuffix(_ANEW).partition(":")
        if replaced:
            return cls(brief, replaced, anew=anew)
        return cls(draft=brief.partition(".")[2] or None, anew=anew)


def form_modal(title: str, state: str, form: Form, *, noted: bool = False) -> ui.Modal:
    """Return the plain form. ``state`` is its `Subject`. ``noted``: it is a draft's.

    A draft's form may hold notes, and may be sent before it is complete, to be kept as a draft.
    """
    modal = ui.Modal(title=shortened(title, 45), custom_id=f"briefs form:{state}")
    for name, label, usual_hint, style, usual_most, required, example in _FIELDS:
        hint = _NOTE_HINTS.get(name, usual_hint) if noted else usual_hint
        most = MOST_TYPED if noted else usual_most  # an import may hold more, which must not be cut unseen
        field: ui.TextInput[ui.Modal] = ui.TextInput(
            custom_id=name,
            style=style,
            max_length=most,
            required=required and not noted,
            default=getattr(form, name)[:most] or None,
            placeholder=example or None,
        )
        modal.add_item(ui.Label(text=label, description=hint or None, component=field))
    modal.stop()  # it is served by its custom_id, so the library must not keep it
    return modal


def translation_modal(title: str, state: str, form: Form, original: Form) -> ui.Modal:
    """Return the form of a translation, with the original's texts above the fields.

    ``state`` is the name of the translation's file and, behind a colon, the digest of what it holds.
    """
    modal = ui.Modal(title=shortened(title, 45), custom_id=f"briefs translation:{state}")
    parts = filter(None, (original.title, original.summary, original.facts))
    modal.add_item(ui.TextDisplay(shortened(neutralised("\n\n".join(parts)), _BESIDE)))
    for name, label, hint, style, most, required, _ in _FIELDS:
        if name == "sources":
            continue
        lines = original.facts.count("\n") + 1
        as_many = f"{lines} of them, one a line and in the same order" if name == "facts" and original.facts else hint
        field: ui.TextInput[ui.Modal] = ui.TextInput(
            custom_id=name,
            style=style,
            max_length=most,
            required=required,
            default=getattr(form, name)[:most] or None,
        )
        modal.add_item(ui.Label(text=label, description=as_many or None, component=field))
    modal.stop()
    return modal


def yaml_modal(title: str, state: str, text: str, brief: str | None, why: str | None = None) -> ui.Modal:
    """Return the form for a brief's YAML text; ``brief`` is the id to start from, None if it stands in ``state``.

    ``why`` is a line that says why it is not the plain form.
    """
    modal = ui.Modal(title=shortened(title, 45), custom_id=f"briefs save:{state}")
    if why:
        modal.add_item(ui.TextDisplay(why))
    if brief is not None:
        named: ui.TextInput[ui.Modal] = ui.TextInput(
            custom_id="id", max_length=64, default=brief, placeholder="my-brief"
        )
        modal.add_item(ui.Label(text="Id: lower-case letters, digits, hyphens", component=named))
    written: ui.TextInput[ui.Modal] = ui.TextInput(
        custom_id="text", style=discord.TextStyle.paragraph, max_length=MOST_TYPED, default=text
    )
    modal.add_item(ui.Label(text="The brief, as YAML", component=written))
    modal.stop()
    return modal
