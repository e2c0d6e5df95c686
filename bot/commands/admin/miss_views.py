"""The list of what members miss, and what its buttons lead to."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import discord
from discord import ui

from bot.briefs.brief import Brief
from bot.briefs.markup import neutralised
from bot.catalogues.catalogue import ENGLISH, N_, Catalogue
from bot.commands.admin import texts
from bot.commands.admin.views import Items, Shown, message, notice_item, pager
from bot.commands.layout import label
from bot.language.tags import endonym
from bot.language.texts import shortened
from bot.reports.corrections import Reported, kinds_of
from bot.reports.misses import MissGroup
from bot.reports.report import rejections, some_of
from bot.storage.corrections import LONGEST_LINK, LONGEST_TEXT, Correction

Button = ui.Button[ui.LayoutView]


_MOST_LANGUAGES = 3
_SAID, _SAID_ROOM = 100, 230
_ROOM = 560
"""Characters for what members wrote of one brief: with four such entries the page is within what Discord takes."""

SAID_WRONG = N_("### Members say that these are wrong")
REJECTED = N_("### Answered, and rejected")


def miss_line(group: MissGroup, catalogue: Catalogue = ENGLISH) -> str:
    """Return the lines about an unanswered question."""
    say, (first, *others) = catalogue.gettext, group.wordings
    lines = [f"**{texts.quoted(first)}**", f"-# {_asked(group, catalogue)}"]
    if group.languages:
        named = ", ".join(map(endonym, group.languages[:_MOST_LANGUAGES]))
        lines[1] += f" · {say('Discord in {languages}', languages=named)}"
    if others:
        some = some_of([*map(texts.quoted, others)], 1 if group.said else 2, catalogue)
        lines.append(f"-# {say('also: {wordings}', wordings=', '.join(some))}")
    if rejected := rejections(group, catalogue):
        more = catalogue.ngettext("and {n} more brief", "and {n} more briefs", len(rejected) - 1)
        lines.append("-# " + ", ".join([rejected[0], *([more] if len(rejected) > 1 else [])]))
    said = [f"-# {say('said: {words}', words=texts.quoted(each, _SAID))}" for each in group.said]
    return "\n".join([*lines, *texts.lines_that_fit(said, _SAID_ROOM)])


def _asked(group: MissGroup, catalogue: Catalogue) -> str:
    """Return how often a question was asked, by how many members, and when last."""
    values = {
        "times": catalogue.ngettext("{n} time", "{n} times", group.count),
        "time": f"<t:{group.last.timestamp():.0f}:R>",
    }
    if not group.askers:
        return catalogue.gettext("{times}, last {time}", **values)
    return catalogue.ngettext(
        "{times} by {n} member, last {time}", "{times} by {n} members, last {time}", group.askers, **values
    )


def heading(entry: Reported | MissGroup, days: int, catalogue: Catalogue = ENGLISH) -> str:
    """Return the heading below which an entry stands."""
    if isinstance(entry, Reported):
        return catalogue.gettext(SAID_WRONG)
    return catalogue.gettext(REJECTED) if entry.rejected else _unanswered(days, catalogue)


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
    catalogue: Catalogue = ENGLISH,
) -> Shown:
    """Return one page of what members miss, each entry with what can be done about it.

    What members say is wrong comes first, then unanswered questions, then what was answered and rejected, each below
    its heading. ``waiting`` is how many entries the whole list has below each heading. ``changed`` says when briefs
    were last changed. ``notice`` is the line on what was just done, and ``undo`` the custom_id of the button that takes
    it back.
    """
    say = catalogue.gettext
    headings = [
        f"{each}: {catalogue.number(waiting[each])}" for each in (heading(entry, days, catalogue) for entry in entries)
    ]
    head = last = headings[0] if headings else _unanswered(days, catalogue)
    items: Items = [notice_item(notice, undo, catalogue)] if notice else []
    for entry, above in zip(entries, headings, strict=True):
        items.append(ui.Separator())
        if above != last:
            items.append(ui.TextDisplay(above))
            last = above
        if isinstance(entry, Reported):
            items += _reported(entry, changed.get(entry.brief), days, page, catalogue)
        else:
            items.append(ui.TextDisplay(miss_line(entry, catalogue)))
            items.append(ui.ActionRow(*_buttons(entry, days, page, catalogue, may_edit=may_edit)))
    if not entries:
        items.append(ui.TextDisplay(say("Nothing: every question of these days is answered now, or was ignored.")))
    items += pager(f"briefs misses:{days}", page, pages, catalogue)
    if some_ignored:
        items.append(ui.ActionRow(Button(label=say("What is ignored"), custom_id=f"briefs ignored:{days}:1")))
    return message("\n".join([head, *(f"-# {line}" for line in omitted)]), *items)


def _unanswered(days: int, catalogue: Catalogue) -> str:
    if days <= 1:
        return catalogue.gettext("### Unanswered since yesterday")
    return catalogue.ngettext("### Unanswered in the last {n} day", "### Unanswered in the last {n} days", days)


def _reported(entry: Reported, changed: datetime | None, days: int, page: int, catalogue: Catalogue) -> Items:
    """Return what members say of a brief, as much as fits, with buttons to change it or to take that off the list."""
    say, (lines, number) = catalogue.gettext, _reported_lines(entry, catalogue)
    since = changed is not None and changed > entry.said[number - 1].said_at
    if changed and since:
        time = f"<t:{changed.timestamp():.0f}:R>"
        lines.append(f"-# {say('The brief was changed {time}, after that was said.', time=time)}")
    change = Button(label=say("Change the brief"), custom_id=f"briefs mend:{entry.brief}:c{entry.said[0].id}")
    keep = f"briefs keep:{days}:{entry.said[number - 1].id}:{page}"
    off = Button(label=say("Done") if since else say("Keep as it is"), custom_id=keep)
    return [ui.TextDisplay("\n".join(lines)), ui.ActionRow(change, off)]


def _reported_lines(entry: Reported, catalogue: Catalogue) -> tuple[list[str], int]:
    """Return the lines on what members say of a brief, and how many of the corrections, the oldest first, are shown."""
    last = f"<t:{entry.said[-1].said_at.timestamp():.0f}:R>"
    said = [_said(each) for each in entry.said]
    if len(said[0]) >= _ROOM:
        said[0] = _said(entry.said[0], 100, 150)
    number = len(texts.lines_that_fit(said, _ROOM))
    left_out = len(said) - number
    more = [f"-# {catalogue.ngettext('and {n} more', 'and {n} more', left_out)}"] if left_out else []
    members = catalogue.ngettext(
        "{n} member: {kinds}; last {time}",
        "{n} members: {kinds}; last {time}",
        entry.members,
        kinds=kinds_of(entry, catalogue),
        time=last,
    )
    return [f"**`{entry.brief}`**\n-# {members}", *filter(None, said[:number]), *more], number


def _said(correction: Correction, longest: int = LONGEST_TEXT, longest_link: int = LONGEST_LINK) -> str:
    """Return what a member wrote, "" if they chose only what kind of thing is wrong."""
    text = texts.quoted(correction.text, longest) if correction.text else ""
    link = neutralised(shortened(texts.readable(correction.link), longest_link))
    return f"- {' · '.join(filter(None, [text, link]))}" if text or link else ""


def ignored_message(
    groups: Sequence[MissGroup], days: int, page: int, pages: int, notice: str | None, catalogue: Catalogue = ENGLISH
) -> Shown:
    """Return one page of the ignored questions, each with a button to report it again."""
    say = catalogue.gettext
    head = catalogue.ngettext(
        "### Ignored, of the unanswered questions of {n} day",
        "### Ignored, of the unanswered questions of {n} days",
        days,
    )
    items: Items = [notice_item(notice, None)] if notice else []
    for group in groups:
        again = Button(label=say("Report it again"), custom_id=f"briefs heed:{days}:{group.lookup}:{page}:i")
        items += [ui.Separator(), ui.TextDisplay(miss_line(group, catalogue)), ui.ActionRow(again)]
    if not groups:
        items.append(ui.TextDisplay(say("Nothing.")))
    back = Button(label=say("Back"), custom_id=f"briefs misses:{days}:1")
    return message(head, *items, *pager(f"briefs ignored:{days}", page, pages, catalogue), ui.ActionRow(back))


def choice_message(
    query: str,
    lookup: int,
    days: int,
    page: int,
    briefs: Sequence[Brief],
    number: int,
    pages: int,
    catalogue: Catalogue = ENGLISH,
) -> Shown:
    """Return one of the ``pages`` of a menu of the briefs that a question may belong to, the likeliest first.

    ``page`` is the one of the list that **Back** leads to.
    """
    say = catalogue.gettext
    menu: ui.Select[ui.LayoutView] = ui.Select(
        custom_id=f"briefs alias:{days}:{lookup}::{page}",
        placeholder=say("Add it as an alias to …"),
        options=[discord.SelectOption(label=brief.title, value=brief.id) for brief in briefs],
    )
    back = Button(label=say("Back"), custom_id=f"briefs misses:{days}:{page}")
    turn = pager(f"briefs choose:{days}:{lookup}:{page}", number, pages, catalogue)
    head = say("Which brief answers {query}?", query=texts.quoted(query))
    return message(head, ui.ActionRow(menu), *turn, ui.ActionRow(back))


def confirm_message(head: str, add: str, back: str, catalogue: Catalogue = ENGLISH) -> Shown:
    """Return what else an alias would do, with a button to add it all the same: ``add`` and ``back`` are custom_ids."""
    say = catalogue.gettext
    buttons = (
        Button(label=say("Add it all the same"), custom_id=add),
        Button(label=say("Back"), custom_id=back),
    )
    return message(head, ui.ActionRow(*buttons))


def _buttons(group: MissGroup, days: int, page: int, catalogue: Catalogue, *, may_edit: bool) -> list[Button]:
    """Return what can be done about a question; who does not administer the base can only ignore it."""
    say, lookup = catalogue.gettext, f"{days}:{group.lookup}"
    ignore = Button(
        label=say("Keep the answer") if group.rejected and may_edit else say("Ignore"),
        custom_id=f"briefs ignore:{lookup}:{page}",
    )
    if not may_edit:
        return [ignore]
    write = Button(label=say("Write a brief"), custom_id=f"briefs write:{lookup}:{page}")
    choose = Button(
        label=say("Another brief …") if group.rejected else say("Choose a brief …"),
        custom_id=f"briefs choose:{lookup}:{page}",
    )
    if group.rejected:
        mend = Button(label=say("Mend the card"), custom_id=f"briefs mend:{group.rejected[0][0]}:{group.lookup}")
        return [mend, choose, write, ignore]
    if not group.nearest:
        return [write, choose, ignore]
    add = Button(
        label=label(say("Add to: {title}", title=group.nearest.title)),
        custom_id=f"briefs alias:{lookup}:{group.nearest.id}:{page}",
    )
    return [write, add, choose, ignore]
