"""The list of what members miss, and what its buttons lead to."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import discord
from discord import ui

from bot.briefs.brief import Brief
from bot.briefs.markup import neutralised
from bot.commands.admin import texts
from bot.commands.admin.views import Items, Shown, message, notice_item, pager
from bot.commands.layout import label
from bot.language.texts import shortened
from bot.reports.corrections import Reported, kinds_of
from bot.reports.misses import MissGroup
from bot.reports.report import counted, rejections, some_of
from bot.storage.corrections import LONGEST_LINK, LONGEST_TEXT, Correction

Button = ui.Button[ui.LayoutView]


_SAID, _SAID_ROOM = 100, 230
_ROOM = 560
"""Characters for what members wrote of one brief: with four such entries the page is within what Discord takes."""

SAID_WRONG = "### Members say that these are wrong"
REJECTED = "### Answered, and rejected"


def miss_line(group: MissGroup) -> str:
    """Return the lines about an unanswered question."""
    first, *others = group.wordings
    people = f" by {counted(group.askers, 'member')}" if group.askers else ""
    also = f"\n-# also: {', '.join(some_of([*map(texts.quoted, others)], 1 if group.said else 2))}" if others else ""
    last = f", last <t:{group.last.timestamp():.0f}:R>"
    most, *more = rejections(group) or [""]
    rejected = (most and f"\n-# {most}") + (f", and {counted(len(more), 'more brief')}" if more else "")
    said = "".join(texts.lines_that_fit([f"\n-# said: {texts.quoted(each, _SAID)}" for each in group.said], _SAID_ROOM))
    return f"**{texts.quoted(first)}**\n-# {counted(group.count, 'time')}{people}{last}{also}{rejected}{said}"


def heading(entry: Reported | MissGroup, days: int) -> str:
    """Return the heading below which an entry stands."""
    if isinstance(entry, Reported):
        return SAID_WRONG
    return REJECTED if entry.rejected else _unanswered(days)


def _unanswered(days: int) -> str:
    return f"### Unanswered in the last {days} days" if days > 1 else "### Unanswered since yesterday"


def misses_message(
    entries: Sequence[Reported | MissGroup],
    waiting: Mapping[str, int],
    omitted: Sequence[str],
    changed: Mapping[str, datetime],
    days: int,
    page: int,
    pages: int,
    *,
    may_edit: bool,
    notice: str | None,
    undo: str | None,
    some_ignored: bool,
) -> Shown:
    """Return one page of what members miss, each entry with what can be done about it.

    What members say is wrong comes first, then unanswered questions, then what was answered and rejected, each below
    its heading. ``waiting`` is how many entries the whole list has below each heading. ``changed`` says when briefs
    were last changed. ``notice`` is the line on what was just done, and ``undo`` the custom_id of the button that takes
    it back.
    """
    headings = [f"{each}: {waiting[each]:,}" for each in (heading(entry, days) for entry in entries)]
    head = last = headings[0] if headings else _unanswered(days)
    items: Items = [notice_item(notice, undo)] if notice else []
    for entry, above in zip(entries, headings, strict=True):
        items.append(ui.Separator())
        if above != last:
            items.append(ui.TextDisplay(above))
            last = above
        if isinstance(entry, Reported):
            items += _reported(entry, changed.get(entry.brief), days, page)
        else:
            items.append(ui.TextDisplay(miss_line(entry)))
            items.append(ui.ActionRow(*_buttons(entry, days, page, may_edit=may_edit)))
    if not entries:
        items.append(ui.TextDisplay("Nothing: every question of these days is answered now, or was ignored."))
    items += pager(f"briefs misses:{days}", page, pages)
    if some_ignored:
        items.append(ui.ActionRow(Button(label="What is ignored", custom_id=f"briefs ignored:{days}:1")))
    return message("\n".join([head, *(f"-# {line}" for line in omitted)]), *items)


def _reported(entry: Reported, changed: datetime | None, days: int, page: int) -> Items:
    """Return what members say of a brief, as much as fits, with buttons to change it or to take that off the list."""
    lines, number = _reported_lines(entry)
    since = changed is not None and changed > entry.said[number - 1].said_at
    if changed and since:
        lines.append(f"-# The brief was changed <t:{changed.timestamp():.0f}:R>, after that was said.")
    change = Button(label="Change the brief", custom_id=f"briefs mend:{entry.brief}:c{entry.said[0].id}")
    keep = f"briefs keep:{days}:{entry.said[number - 1].id}:{page}"
    off = Button(label="Done" if since else "Keep as it is", custom_id=keep)
    return [ui.TextDisplay("\n".join(lines)), ui.ActionRow(change, off)]


def _reported_lines(entry: Reported) -> tuple[list[str], int]:
    """Return the lines on what members say of a brief, and how many of the corrections, the oldest first, are shown."""
    last = f"<t:{entry.said[-1].said_at.timestamp():.0f}:R>"
    said = [_said(each) for each in entry.said]
    if len(said[0]) >= _ROOM:
        said[0] = _said(entry.said[0], 100, 150)
    number = len(texts.lines_that_fit(said, _ROOM))
    more = [f"-# and {len(said) - number:,} more"] if number < len(said) else []
    head = f"**`{entry.brief}`**\n-# {counted(entry.members, 'member')}: {kinds_of(entry)}; last {last}"
    return [head, *filter(None, said[:number]), *more], number


def _said(correction: Correction, longest: int = LONGEST_TEXT, longest_link: int = LONGEST_LINK) -> str:
    """Return what a member wrote, "" if they chose only what kind of thing is wrong."""
    text = texts.quoted(correction.text, longest) if correction.text else ""
    link = neutralised(shortened(texts.readable(correction.link), longest_link))
    return f"- {' · '.join(filter(None, [text, link]))}" if text or link else ""


def ignored_message(groups: Sequence[MissGroup], days: int, page: int, pages: int, notice: str | None) -> Shown:
    """Return one page of the ignored questions, each with a button to report it again."""
    head = f"### Ignored, of the unanswered questions of {counted(days, 'day')}"
    items: Items = [notice_item(notice, None)] if notice else []
    for group in groups:
        again = Button(label="Report it again", custom_id=f"briefs heed:{days}:{group.lookup}:{page}:i")
        items += [ui.Separator(), ui.TextDisplay(miss_line(group)), ui.ActionRow(again)]
    if not groups:
        items.append(ui.TextDisplay("Nothing."))
    back = Button(label="Back", custom_id=f"briefs misses:{days}:1")
    return message(head, *items, *pager(f"briefs ignored:{days}", page, pages), ui.ActionRow(back))


def choice_message(
    head: str, lookup: int, days: int, page: int, briefs: Sequence[Brief], number: int, pages: int
) -> Shown:
    """Return one of the ``pages`` of a menu of the briefs that a question may belong to, the likeliest first.

    ``page`` is the one of the list that **Back** leads to.
    """
    menu: ui.Select[ui.LayoutView] = ui.Select(
        custom_id=f"briefs alias:{days}:{lookup}::{page}",
        placeholder="Add it as an alias to …",
        options=[discord.SelectOption(label=brief.title, value=brief.id) for brief in briefs],
    )
    back = Button(label="Back", custom_id=f"briefs misses:{days}:{page}")
    turn = pager(f"briefs choose:{days}:{lookup}:{page}", number, pages)
    return message(head, ui.ActionRow(menu), *turn, ui.ActionRow(back))


def confirm_message(head: str, add: str, back: str) -> Shown:
    """Return what else an alias would do, with a button to add it all the same: ``add`` and ``back`` are custom_ids."""
    return message(
        head, ui.ActionRow(Button(label="Add it all the same", custom_id=add), Button(label="Back", custom_id=back))
    )


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
