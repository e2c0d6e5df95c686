"""The list of unanswered questions, and what its buttons lead to."""

from collections.abc import Sequence

import discord
from discord import ui

from bot.answering.completion import CHOICES
from bot.briefs.brief import Brief
from bot.commands.admin import texts
from bot.commands.admin.views import Items, Shown, message, pager
from bot.commands.layout import label
from bot.reports.misses import MissGroup
from bot.reports.report import counted

Button = ui.Button[ui.LayoutView]


def misses_message(
    groups: Sequence[MissGroup],
    omitted: Sequence[str],
    days: int,
    page: int,
    pages: int,
    *,
    may_edit: bool,
    notice: str | None,
    undo: str | None,
    some_ignored: bool,
) -> Shown:
    """Return one page of the unanswered questions, each with what can be done about it.

    ``notice`` is the line on what was just done, and ``undo`` the custom_id of the button that takes it back. What was
    answered and rejected comes last, below a heading of its own.
    """
    head = f"### Unanswered in the last {days} days" if days > 1 else "### Unanswered since yesterday"
    items: Items = [_notice(notice, undo)] if notice else []
    apart = next((group for group in groups if group.rejected), None)
    for group in groups:
        items.append(ui.Separator())
        if group is apart:
            items.append(ui.TextDisplay("### Answered, and rejected"))
        items.append(ui.TextDisplay(texts.miss_line(group)))
        items.append(ui.ActionRow(*_buttons(group, days, page, may_edit=may_edit)))
    if not groups:
        items.append(ui.TextDisplay("Nothing: every question of these days is answered now, or was ignored."))
    items += pager(f"briefs misses:{days}", page, pages)
    if some_ignored:
        items.append(ui.ActionRow(Button(label="What is ignored", custom_id=f"briefs ignored:{days}:1")))
    return message("\n".join([head, *(f"-# {line}" for line in omitted)]), *items)


def ignored_message(groups: Sequence[MissGroup], days: int, page: int, pages: int, notice: str | None) -> Shown:
    """Return one page of the ignored questions, each with a button to report it again."""
    head = f"### Ignored, of the unanswered questions of {counted(days, 'day')}"
    items: Items = [_notice(notice, None)] if notice else []
    for group in groups:
        again = Button(label="Report it again", custom_id=f"briefs heed:{days}:{group.lookup}:{page}:i")
        items += [ui.Separator(), ui.TextDisplay(texts.miss_line(group)), ui.ActionRow(again)]
    if not groups:
        items.append(ui.TextDisplay("Nothing."))
    back = Button(label="Back", custom_id=f"briefs misses:{days}:1")
    return message(head, *items, *pager(f"briefs ignored:{days}", page, pages), ui.ActionRow(back))


def choice_message(head: str, lookup: int, days: int, page: int, briefs: Sequence[Brief]) -> Shown:
    """Return a menu of the briefs that a question may belong to, the likeliest first."""
    menu: ui.Select[ui.LayoutView] = ui.Select(
        custom_id=f"briefs alias:{days}:{lookup}::{page}",
        placeholder="Add it as an alias to …",
        options=[discord.SelectOption(label=brief.title, value=brief.id) for brief in briefs[:CHOICES]],
    )
    back = Button(label="Back", custom_id=f"briefs misses:{days}:{page}")
    return message(head, ui.ActionRow(menu), ui.ActionRow(back))


def confirm_message(head: str, add: str, back: str) -> Shown:
    """Return what else an alias would do, with a button to add it all the same: ``add`` and ``back`` are custom_ids."""
    return message(
        head, ui.ActionRow(Button(label="Add it all the same", custom_id=add), Button(label="Back", custom_id=back))
    )


def _notice(text: str, undo: str | None) -> ui.Item[ui.LayoutView]:
    """Return the line on what was just done, with its Undo beside it."""
    if undo is None:
        return ui.TextDisplay(text)
    return ui.Section(ui.TextDisplay(text), accessory=Button(label="Undo", custom_id=undo))


def _buttons(group: MissGroup, days: int, page: int, *, may_edit: bool) -> list[Button]:
    """Return what can be done about a question; who does not administer the base can only ignore it."""
    lookup = f"{days}:{group.lookup}"
    ignore = Button(
        label="Keep the answer" if group.rejected and may_edit else "Ignore", custom_id=f"briefs ignore:{lookup}:{page}"
    )
    if not may_edit:
        return [ignore]
    write = Button(label="Write a brief", custom_id=f"briefs write:{lookup}:{page}")
    choose = Button(
        label="Another brief …" if group.rejected else "Choose a brief …", custom_id=f"briefs choose:{lookup}:{page}"
    )
    if group.rejected:
        mend = Button(label="Mend the card", custom_id=f"briefs mend:{group.rejected[0][0]}:{group.lookup}")
        return [mend, choose, write, ignore]
    if not group.nearest:
        return [write, choose, ignore]
    add = Button(
        label=label(f"Add to: {group.nearest.title}"), custom_id=f"briefs alias:{lookup}:{group.nearest.id}:{page}"
    )
    return [write, add, choose, ignore]
