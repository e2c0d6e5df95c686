"""What admins see on Discord: layouts and modals, whose buttons carry their own state as those of members do.

A custom_id starts with the action that the gate is asked about, such as ``briefs apply``, and a colon.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import discord
from discord import ui

from bot.briefs.brief import Brief
from bot.briefs.card import NOT_YET
from bot.briefs.change import Difference, Version
from bot.briefs.markup import neutralised
from bot.catalogues.catalogue import ENGLISH, N_, Catalogue
from bot.commands.admin import texts
from bot.commands.admin.differing import differences_text
from bot.errors import Problem
from bot.gateway.layout import unstored
from bot.language.tags import endonym

READ = N_("Read the brief")

_BLOCK, _ROOM = 2000, 3900
"""How many characters a block of code may have, and how many together with what else its message says."""


class Shown(NamedTuple):
    """A message: its layout, and the files that the layout shows."""

    view: ui.LayoutView
    files: list[discord.File]


class VersionsPage(NamedTuple):
    """Versions of a brief, the newest first, of which ``first`` newer ones are on pages before this one."""

    versions: Sequence[Version]
    first: int
    number: int
    pages: int


Items = list[ui.Item[ui.LayoutView]]


def message(text: str, *items: ui.Item[ui.LayoutView], files: Sequence[tuple[str, bytes]] = ()) -> Shown:
    """Return a message of our own words, then ``items`` and files for download."""
    return with_files(unstored(ui.TextDisplay(text), *items), files)


def lines_message(
    head: str,
    lines: Sequence[str],
    name: str,
    *items: ui.Item[ui.LayoutView],
    files: Sequence[tuple[str, bytes]] = (),
    catalogue: Catalogue = ENGLISH,
) -> Shown:
    """Return lines of text below a heading; if they are too many, the first of them and all as the file ``name``.

    ``files`` are handed out besides.
    """
    said = len(head) + sum(len(item.content) for item in items if isinstance(item, ui.TextDisplay))
    kept = texts.lines_that_fit([texts.safe_in_code(line) for line in lines], min(_BLOCK, _ROOM - said))
    shown: Items = []
    if lines:
        shown.append(ui.TextDisplay(texts.code(kept, name.rpartition(".")[2])))
    if len(kept) == len(lines):
        return message(head, *shown, *items, files=files)
    more = len(lines) - len(kept)
    shown.append(
        ui.TextDisplay(catalogue.ngettext("-# {n} more lines in the file", "-# {n} more lines in the file", more))
    )
    return message(head, *shown, *items, files=[(name, "\n".join(lines).encode()), *files])


def with_files(view: ui.LayoutView, files: Sequence[tuple[str, bytes]], notice: str | None = None) -> Shown:
    """Return a layout with files for download below it, and what there is to say of them."""
    if notice:
        view.add_item(ui.TextDisplay(notice))
    for name, _ in files:
        view.add_item(ui.File(f"attachment://{name}"))
    return Shown(view, [discord.File(io.BytesIO(content), name) for name, content in files])


def problems_message(head: str, problems: Iterable[Problem], catalogue: Catalogue = ENGLISH) -> Shown:
    """Return located problems."""
    lines = [texts.located(problem, catalogue) for problem in problems]
    return lines_message(head, lines, "problems.txt", catalogue=catalogue)


def applied_message(text: str, undo: str | None, catalogue: Catalogue = ENGLISH) -> Shown:
    """Return that a change was made, with a button that takes it back: ``undo`` is the draft of the change back."""
    if undo is None:
        return message(text)
    return message(text, ui.ActionRow(ui.Button(label=catalogue.gettext("Undo"), custom_id=f"briefs apply:{undo}")))


def list_message(lines: Sequence[str], page: int, pages: int, total: int, catalogue: Catalogue = ENGLISH) -> Shown:
    """Return one page of the list of briefs."""
    head = f"### {catalogue.ngettext('{n} brief', '{n} briefs', total)}"
    return message("\n".join([head, *lines]), *pager("briefs list", page, pages, catalogue))


def history_message(brief: str, shown: VersionsPage, notice: str | None, catalogue: Catalogue = ENGLISH) -> Shown:
    """Return versions of a brief, the last one first, with a menu of the earlier ones to bring back."""
    say = catalogue.gettext
    head = [f"### {say('History of {brief}', brief=f'`{brief}`')}", *([say(notice)] if notice else [])]
    numbered = list(enumerate(shown.versions, shown.first + 1))
    lines = [*head, *(texts.version_line(n, version, catalogue) for n, version in numbered)]
    options = [
        discord.SelectOption(
            label=f"{n}: {v.saved_at:%Y-%m-%d %H:%M} UTC, {say(texts.DONE[v.action])}", value=str(v.id)
        )
        for n, v in numbered
        if n > 1
    ]
    turn = pager(f"briefs history:{brief}", shown.number, shown.pages, catalogue)
    if not options:
        return message("\n".join(lines), *turn)
    menu: ui.Select[ui.LayoutView] = ui.Select(
        custom_id=f"briefs restore:{brief}", placeholder=say("Bring a version back …"), options=options
    )
    return message("\n".join(lines), ui.ActionRow(menu), *turn)


def home_message(text: str, choices: Mapping[str, str]) -> Shown:
    """Return what being the home server means, with a button for each choice: its label, and the state it carries."""
    buttons = (
        ui.Button[ui.LayoutView](label=name, custom_id=f"briefs home:{state}") for name, state in choices.items()
    )
    return message(text, ui.ActionRow(*buttons))


def announcement_view(
    brief: Brief,
    differences: Sequence[Difference],
    catalogue: Catalogue = ENGLISH,
    lacking: str | None = None,
    standing: Sequence[str] = (),
) -> ui.LayoutView:
    """Return a card that says what members read otherwise in a brief, with a button to read all of it.

    ``lacking`` is the language that it was to be in and is not. ``standing``: lines on how the brief stands now.
    """
    head = "\n".join([f"### {catalogue.gettext('Changed: {title}', title=neutralised(brief.title))}", *standing])
    if lacking:
        head += f"\n-# {catalogue.gettext(NOT_YET, language=endonym(lacking))}"
    container = ui.Container[ui.LayoutView](ui.TextDisplay(head))
    container.add_item(ui.TextDisplay(differences_text(differences, _ROOM - len(head), catalogue)))
    container.add_item(ui.ActionRow(ui.Button(label=catalogue.gettext(READ), custom_id=f"brief:{brief.id}")))
    return unstored(container)


def notice_item(text: str, undo: str | None, catalogue: Catalogue = ENGLISH) -> ui.Item[ui.LayoutView]:
    """Return the line on what was just done, with its Undo beside it; ``undo`` is the custom_id of that button."""
    if undo is None:
        return ui.TextDisplay(text)
    return ui.Section(ui.TextDisplay(text), accessory=ui.Button(label=catalogue.gettext("Undo"), custom_id=undo))


def pager(action: str, page: int, pages: int, catalogue: Catalogue = ENGLISH) -> Items:
    """Return buttons to the pages beside this one; both count from 1."""
    if pages <= 1:
        return []
    say = catalogue.gettext
    earlier = ui.Button[ui.LayoutView](label=say("◀ Back"), custom_id=f"{action}:{page - 1}", disabled=page == 1)
    later = ui.Button[ui.LayoutView](label=say("Next ▶"), custom_id=f"{action}:{page + 1}", disabled=page == pages)
    number = say("{page} of {pages}", page=page, pages=pages)
    here = ui.Button[ui.LayoutView](label=number, custom_id=f"{action}:here", disabled=True)
    return [ui.ActionRow(earlier, here, later)]
