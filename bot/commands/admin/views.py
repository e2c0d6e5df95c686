"""What admins see on Discord: layouts and modals, whose buttons carry their own state as those of members do.

A custom_id starts with the action that the gate is asked about, such as ``briefs apply``, and a colon.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import discord
from discord import ui

from bot.answering.completion import CHOICES
from bot.authoring.preview import Preview
from bot.briefs.brief import Brief
from bot.briefs.change import Change, Difference, Version
from bot.briefs.markup import neutralised
from bot.commands.admin import texts
from bot.commands.layout import label
from bot.errors import Problem
from bot.gateway.layout import unstored
from bot.reports.misses import MissGroup
from bot.reports.report import counted

MODAL_TEXT = 4000
"""How many characters Discord lets a text field of a modal have."""

_BLOCK, _ROOM = 2000, 3900
"""How many characters a block of code may have, and how many together with what else its message says."""

_TITLES = {
    "add": "Add {}?",
    "edit": "Change {}?",
    "upload": "Add or replace {}?",
    "alias": "Give {} an alias?",
    "remove": "Remove {}?",
    "unlink": "Remove {}, and unlink it from {}?",
    "undo": "Set {} back?",
}


class Shown(NamedTuple):
    """A message: its layout, and the files that the layout shows."""

    view: ui.LayoutView
    files: list[discord.File]


Items = list[ui.Item[ui.LayoutView]]


def message(text: str, *items: ui.Item[ui.LayoutView], files: Sequence[tuple[str, bytes]] = ()) -> Shown:
    """Return a message of our own words, then ``items`` and files for download."""
    return with_files(unstored(ui.TextDisplay(text), *items), files)


def lines_message(head: str, lines: Sequence[str], name: str, *items: ui.Item[ui.LayoutView]) -> Shown:
    """Return lines of text below a heading; if they are too many, the first of them and all as the file ``name``."""
    said = len(head) + sum(len(item.content) for item in items if isinstance(item, ui.TextDisplay))
    kept = texts.lines_that_fit([texts.safe_in_code(line) for line in lines], min(_BLOCK, _ROOM - said))
    shown: Items = []
    if lines:
        shown.append(ui.TextDisplay(texts.code(kept, name.rpartition(".")[2])))
    if len(kept) == len(lines):
        return message(head, *shown, *items)
    shown.append(ui.TextDisplay(f"-# {len(lines) - len(kept):,} more lines in the file"))
    return message(head, *shown, *items, files=[(name, "\n".join(lines).encode())])


def with_files(view: ui.LayoutView, files: Sequence[tuple[str, bytes]], notice: str | None = None) -> Shown:
    """Return a layout with files for download below it, and what there is to say of them."""
    if notice:
        view.add_item(ui.TextDisplay(notice))
    for name, _ in files:
        view.add_item(ui.File(f"attachment://{name}"))
    return Shown(view, [discord.File(io.BytesIO(content), name) for name, content in files])


def preview_message(change: Change, preview: Preview, draft: str, notice: str | None) -> Shown:
    """Return what a change would do, with buttons to apply it, edit it again, or leave it."""
    removes = change.brief in change.removed
    others = len(change.texts) - len(change.removed) if removes else 0
    unlinked = counted(others, "brief") if others else ""
    names = ", ".join(f"`{brief}`" for brief in list(change.removed if removes else change.texts)[:10])
    title = _TITLES["unlink" if unlinked else "remove" if removes else change.action].format(names, unlinked)
    head = "\n".join(filter(None, [f"### {title}", notice]))
    does = "\n".join(filter(None, [texts.effect(preview), texts.warning_lines(preview.warnings)]))
    verb = f"Remove, and unlink from {unlinked}" if unlinked else "Remove" if removes else "Apply"
    style = discord.ButtonStyle.danger if removes else discord.ButtonStyle.success
    buttons = [ui.Button[ui.LayoutView](label=verb, style=style, custom_id=f"briefs apply:{draft}")]
    if again := _again(change, draft):
        buttons.append(again)
    buttons.append(ui.Button(label="Cancel", custom_id=f"briefs cancel:{draft}"))
    return lines_message(head, preview.lines, "changes.diff", ui.TextDisplay(does), ui.ActionRow(*buttons))


def problems_message(head: str, problems: Iterable[Problem], change: Change | None = None, draft: str = "") -> Shown:
    """Return located problems, with a button that opens the text as it was typed."""
    again = _again(change, draft) if change else None
    lines = [texts.located(problem) for problem in problems]
    return lines_message(head, lines, "problems.txt", *([ui.ActionRow(again)] if again else []))


def applied_message(text: str, undo: str | None) -> Shown:
    """Return that a change was made, with a button that takes it back: ``undo`` is the draft of the change back."""
    if undo is None:
        return message(text)
    return message(text, ui.ActionRow(ui.Button(label="Undo", custom_id=f"briefs apply:{undo}")))


def list_message(lines: Sequence[str], page: int, pages: int, total: int) -> Shown:
    """Return one page of the list of briefs."""
    head = f"### {total:,} briefs" if total != 1 else "### 1 brief"
    return message("\n".join([head, *lines]), *_pager("briefs list", page, pages))


def history_message(brief: str, versions: Sequence[Version], notice: str | None) -> Shown:
    """Return the versions of a brief, the last one first, with a menu of the earlier ones to bring back."""
    head = [f"### History of `{brief}`", *([notice] if notice else [])]
    lines = [*head, *(texts.version_line(n, version) for n, version in enumerate(versions, 1))]
    options = [
        discord.SelectOption(label=f"{n}: {v.saved_at:%Y-%m-%d %H:%M} UTC, {texts.DONE[v.action]}", value=str(v.id))
        for n, v in enumerate(versions[1 : CHOICES + 1], 2)
    ]
    if not options:
        return message("\n".join(lines))
    menu: ui.Select[ui.LayoutView] = ui.Select(
        custom_id=f"briefs restore:{brief}", placeholder="Bring a version back …", options=options
    )
    return message("\n".join(lines), ui.ActionRow(menu))


def misses_message(
    groups: Sequence[MissGroup],
    days: int,
    page: int,
    pages: int,
    *,
    may_edit: bool,
    notice: str | None,
    undo: str | None,
    some_ignored: bool,
) -> Shown:
    """Return one page of the unanswered questions, each with the buttons for it.

    ``undo`` is the custom_id of a button that takes back what was just done.
    """
    head = f"### Unanswered in the last {days} days" if days > 1 else "### Unanswered since yesterday"
    items: Items = [ui.ActionRow(ui.Button(label="Undo", custom_id=undo))] if undo else []
    for group in groups:
        items.append(ui.Separator())
        items.append(ui.TextDisplay(texts.miss_line(group)))
        items.append(ui.ActionRow(*_miss_buttons(group, days, may_edit=may_edit)))
    if not groups:
        items.append(ui.TextDisplay("Nothing: every question of these days is answered now, or was ignored."))
    items += _pager(f"briefs misses:{days}", page, pages)
    if some_ignored:
        items.append(ui.ActionRow(ui.Button(label="What is ignored", custom_id=f"briefs ignored:{days}:1")))
    return message("\n".join(filter(None, [head, notice])), *items)


def ignored_message(groups: Sequence[MissGroup], days: int, page: int, pages: int) -> Shown:
    """Return one page of the ignored questions, each with a button to report it again."""
    head = f"### Ignored, of the unanswered questions of {counted(days, 'day')}"
    items: Items = []
    for group in groups:
        again = ui.Button[ui.LayoutView](label="Report it again", custom_id=f"briefs heed:{days}:{group.lookup}")
        items += [ui.Separator(), ui.TextDisplay(texts.miss_line(group)), ui.ActionRow(again)]
    if not groups:
        items.append(ui.TextDisplay("Nothing."))
    back = ui.Button[ui.LayoutView](label="Back", custom_id=f"briefs misses:{days}:1")
    return message(head, *items, *_pager(f"briefs ignored:{days}", page, pages), ui.ActionRow(back))


def choice_message(group_text: str, lookup: int, days: int, briefs: Sequence[Brief]) -> Shown:
    """Return a menu of the briefs that a question may belong to, the likeliest first."""
    menu: ui.Select[ui.LayoutView] = ui.Select(
        custom_id=f"briefs alias:{days}:{lookup}",
        placeholder="Add it as an alias to …",
        options=[discord.SelectOption(label=brief.title, value=brief.id) for brief in briefs[:CHOICES]],
    )
    back = ui.Button[ui.LayoutView](label="Back", custom_id=f"briefs misses:{days}:1")
    return message(group_text, ui.ActionRow(menu), ui.ActionRow(back))


def stats_message(text: str, picture: bytes | None, described: str) -> Shown:
    """Return the numbers, and their picture if it could be drawn."""
    if picture is None:
        return message(text)
    gallery: ui.MediaGallery[ui.LayoutView] = ui.MediaGallery(
        discord.MediaGalleryItem("attachment://lookups.png", description=described)
    )
    return Shown(unstored(ui.TextDisplay(text), gallery), [discord.File(io.BytesIO(picture), "lookups.png")])


def home_message(text: str, choices: Mapping[str, str]) -> Shown:
    """Return what being the home server means, with a button for each choice: its label, and the state it carries."""
    buttons = (
        ui.Button[ui.LayoutView](label=name, custom_id=f"briefs home:{state}") for name, state in choices.items()
    )
    return message(text, ui.ActionRow(*buttons))


def announcement_view(brief: Brief, differences: Sequence[Difference]) -> ui.LayoutView:
    """Return a card that says what members read otherwise in a brief, with a button to read all of it."""
    head = f"### Changed: {neutralised(brief.title)}"
    container = ui.Container[ui.LayoutView](ui.TextDisplay(head))
    container.add_item(ui.TextDisplay(texts.differences_text(differences, _ROOM - len(head))))
    container.add_item(ui.ActionRow(ui.Button(label="Read the brief", custom_id=f"brief:{brief.id}")))
    return unstored(container)


def brief_modal(title: str, state: str, text: str, brief: str | None) -> ui.Modal:
    """Return the form for a brief's YAML text; ``brief`` is the id to start from, None if it stands in ``state``."""
    modal = ui.Modal(title=title[:45], custom_id=f"briefs save:{state}")
    if brief is not None:
        named: ui.TextInput[ui.Modal] = ui.TextInput(
            custom_id="id", max_length=64, default=brief, placeholder="my-brief"
        )
        modal.add_item(ui.Label(text="Id: lower-case letters, digits, hyphens", component=named))
    written: ui.TextInput[ui.Modal] = ui.TextInput(
        custom_id="text", style=discord.TextStyle.paragraph, max_length=MODAL_TEXT, default=text
    )
    modal.add_item(ui.Label(text="The brief, as YAML", component=written))
    modal.stop()  # it is served by its custom_id, so the library must not keep it
    return modal


def _again(change: Change, draft: str) -> ui.Button[ui.LayoutView] | None:
    """Return a button that opens the changed text once more, if one modal can hold it."""
    text = change.texts[change.brief]
    if (
        change.action not in ("add", "edit", "upload")
        or len(change.texts) > 1
        or text is None
        or len(text) > MODAL_TEXT
    ):
        return None
    return ui.Button(label="Edit again", custom_id=f"briefs again:{draft}")


def _miss_buttons(group: MissGroup, days: int, *, may_edit: bool) -> list[ui.Button[ui.LayoutView]]:
    state = f"{days}:{group.lookup}"
    ignore = ui.Button[ui.LayoutView](label="Ignore", custom_id=f"briefs ignore:{state}")
    if not may_edit:
        return [ignore]
    choose = ui.Button[ui.LayoutView](label="Choose a brief …", custom_id=f"briefs choose:{state}")
    if not group.nearest:
        return [choose, ignore]
    add = ui.Button[ui.LayoutView](
        label=label(f"Add to: {group.nearest.title}"),
        custom_id=f"briefs alias:{state}:{group.nearest.id}",
    )
    return [add, choose, ignore]


def _pager(action: str, page: int, pages: int) -> Items:
    """Return buttons to the pages beside this one; both count from 1."""
    if pages <= 1:
        return []
    earlier = ui.Button[ui.LayoutView](label="◀ Back", custom_id=f"{action}:{page - 1}", disabled=page == 1)
    later = ui.Button[ui.LayoutView](label="Next ▶", custom_id=f"{action}:{page + 1}", disabled=page == pages)
    here = ui.Button[ui.LayoutView](label=f"{page} of {pages}", custom_id=f"{action}:here", disabled=True)
    return [ui.ActionRow(earlier, here, later)]
