"""The forms in which admins write a brief: the plain one, and the one that holds YAML."""

from dataclasses import dataclass
from typing import NamedTuple, Self

import discord
from discord import ui

from bot.authoring.form.fields import MOST_TYPED, Form
from bot.authoring.form.mistakes import FIELDS
from bot.briefs.markup import neutralised
from bot.catalogues.catalogue import ENGLISH, N_, Catalogue
from bot.language.texts import shortened

_ANSWER = N_("The answer in one to three sentences")
_LINE, _LINES = discord.TextStyle.short, discord.TextStyle.paragraph


class _Field(NamedTuple):
    """A field of the plain form. ``hint`` says what to write, and ``noted`` what to write into the form of a draft."""

    name: str
    label: str
    hint: str
    noted: str
    style: discord.TextStyle
    most: int
    required: bool
    example: str = ""


_FIELDS = (
    _Field("title", FIELDS["title"], "", "", _LINE, 100, True, N_("Ferries to the island")),
    _Field("summary", FIELDS["summary"], _ANSWER, _ANSWER, _LINES, 1000, True),
    _Field(
        "facts",
        FIELDS["facts"],
        N_("One a line. Who says it, a colon, what"),
        N_("Notes. Take the “? ” away from what you use; lines that begin with it are left out"),
        _LINES,
        MOST_TYPED,
        False,
        N_("Harbour office: …"),
    ),
    _Field(
        "sources",
        FIELDS["sources"],
        N_("One a line: name, link, date. A line “as of 2026-10-01” gives the brief another date"),
        N_("One a line: name, link, date"),
        _LINES,
        MOST_TYPED,
        True,
        N_("Timetable, https://example.org, 2026-10-01"),
    ),
    _Field(
        "phrases",
        FIELDS["aliases"],
        N_("One a line, or short names with commas between; as members would type them"),
        N_("Guesses. Take the “? ” away from what members would type; the others are left out"),
        _LINES,
        MOST_TYPED,
        False,
        N_("ferry\nWhen does the ferry leave?"),
    ),
)

NEW = N_("A new brief")
"""The title of a form in which a new brief is written."""

EDIT = N_("Edit {brief}")
"""The title of a form in which a brief is changed."""

_BESIDE = 3000
"""Characters of the original that stand above the fields of its translation."""

_NOT_HERE = N_(
    "Names of sources, corrections and the words of a picture are not in this form, and stay as they are. "
    "**Edit again** below the preview has them, as YAML."
)

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


def form_modal(title: str, state: str, form: Form, catalogue: Catalogue = ENGLISH, *, noted: bool = False) -> ui.Modal:
    """Return the plain form. ``state`` is its `Subject`. ``noted``: it is a draft's.

    A draft's form may hold notes, and may be sent before it is complete, to be kept as a draft.
    """
    say = catalogue.gettext
    modal = ui.Modal(title=shortened(title, 45), custom_id=f"briefs form:{state}")
    for field in _FIELDS:
        hint = field.noted if noted else field.hint
        most = MOST_TYPED if noted else field.most  # an import may hold more, which must not be cut unseen
        written: ui.TextInput[ui.Modal] = ui.TextInput(
            custom_id=field.name,
            style=field.style,
            max_length=most,
            required=field.required and not noted,
            default=getattr(form, field.name)[:most] or None,
            placeholder=shortened(say(field.example), 100) if field.example else None,
        )
        modal.add_item(_labelled(say(field.label), say(hint) if hint else None, written))
    modal.stop()  # it is served by its custom_id, so the library must not keep it
    return modal


def translation_modal(title: str, state: str, form: Form, original: Form, catalogue: Catalogue = ENGLISH) -> ui.Modal:
    """Return the form of a translation, with the original's texts above the fields.

    ``state`` is the name of the translation's file and, behind a colon, the digest of what it holds.
    """
    say = catalogue.gettext
    modal = ui.Modal(title=shortened(title, 45), custom_id=f"briefs translation:{state}")
    parts = filter(None, (original.title, original.summary, original.facts))
    above = shortened(neutralised("\n\n".join(parts)), _BESIDE)
    modal.add_item(ui.TextDisplay(f"{above}\n-# {say(_NOT_HERE)}"))
    for field in _FIELDS:
        if field.name == "sources":
            continue
        hint = say(field.hint) if field.hint else None
        if field.name == "facts" and original.facts:
            lines = original.facts.count("\n") + 1
            hint = catalogue.ngettext(
                "{n} of them, one a line and in the same order", "{n} of them, one a line and in the same order", lines
            )
        written: ui.TextInput[ui.Modal] = ui.TextInput(
            custom_id=field.name,
            style=field.style,
            max_length=field.most,
            required=field.required,
            default=getattr(form, field.name)[: field.most] or None,
        )
        modal.add_item(_labelled(say(field.label), hint, written))
    modal.stop()
    return modal


def yaml_modal(
    title: str, state: str, text: str, brief: str | None, why: str | None = None, catalogue: Catalogue = ENGLISH
) -> ui.Modal:
    """Return the form for a brief's YAML text; ``brief`` is the id to start from, None if it stands in ``state``.

    ``why`` is a line that says why it is not the plain form.
    """
    say = catalogue.gettext
    modal = ui.Modal(title=shortened(title, 45), custom_id=f"briefs save:{state}")
    if why:
        modal.add_item(ui.TextDisplay(why))
    if brief is not None:
        named: ui.TextInput[ui.Modal] = ui.TextInput(
            custom_id="id", max_length=64, default=brief, placeholder=shortened(say("my-brief"), 100)
        )
        modal.add_item(_labelled(say("Id: lower-case letters, digits, hyphens"), None, named))
    written: ui.TextInput[ui.Modal] = ui.TextInput(
        custom_id="text", style=discord.TextStyle.paragraph, max_length=MOST_TYPED, default=text
    )
    modal.add_item(_labelled(say("The brief, as YAML"), None, written))
    modal.stop()
    return modal


def _labelled(label: str, hint: str | None, component: ui.TextInput[ui.Modal]) -> ui.Label[ui.Modal]:
    """Return a field with its name and what to write; a translation that is too long for Discord is cut."""
    return ui.Label(text=shortened(label, 45), description=hint and shortened(hint, 100), component=component)
