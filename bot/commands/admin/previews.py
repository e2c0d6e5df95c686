"""The preview of a change: the card as members will see it, what becomes of answers, and what differs.

The lines of the files are an attachment: nobody has to read YAML to decide.
"""

from collections.abc import Sequence
from datetime import date

import discord
from discord import ui

from bot.authoring.form.fields import MOST_TYPED, Form, notes
from bot.authoring.importing.plan import Plan
from bot.authoring.preview import Preview
from bot.briefs.brief import Brief
from bot.briefs.card import card_of, plain
from bot.briefs.change import Change, differences, ways
from bot.briefs.leftover import leftovers
from bot.briefs.markup import neutralised
from bot.commands.admin import texts
from bot.commands.admin.views import Shown, lines_message, message, with_files
from bot.commands.layout import container
from bot.gateway.layout import unstored
from bot.language.texts import shortened
from bot.reports.report import counted

MOST_CARD = 2400
"""Characters of a card that leave room for what else a preview says; a longer one comes as a file."""

_MESSAGE = 3950
"""Characters that a message may have, with a few to spare."""

_EXCERPT = 600
_HINTS = 5

_TITLES = {
    "add": "Add {}?",
    "edit": "Change {}?",
    "upload": "Add or replace {}?",
    "alias": "Give {} an alias?",
    "remove": "Remove {}?",
    "unlink": "Remove {}, and unlink it from {}?",
    "undo": "Set {} back?",
}

Button = ui.Button[ui.LayoutView]


def preview_message(
    change: Change, preview: Preview, draft: str, notice: str | None, today: date, imported: Plan | None = None
) -> Shown:
    """Return what a change would do, with buttons to apply it, edit it again, or leave it."""
    files = [("changes.diff", "\n".join(preview.lines).encode())]
    files += [("import.txt", "\n".join(imported.lines()).encode())] if imported else []
    became = texts.imported(imported) if imported else None
    head = "\n".join(filter(None, [f"### {_title(change)}", notice, became]))
    before, after = preview.was.shown(change.brief), preview.now.shown(change.brief)
    one = len(change.texts) == 1
    if not one or after is None:
        view = unstored(ui.TextDisplay(head))
    else:
        view, whole = _card(after, preview, head, today)
        files += [("card.txt", whole.encode())] if whole else []
    room = _MESSAGE - view.content_length()
    view.add_item(ui.TextDisplay(_said(change, preview, room, before if one else None, after)))
    outdated = _may_be_as_of(change, before, after, today)
    view.add_item(ui.ActionRow(*_buttons(change, draft, outdated=outdated)))
    return with_files(view, files)


def refused_message(head: str, lines: Sequence[str], change: Change, draft: str) -> Shown:
    """Return what is wrong, with buttons that open what was typed."""
    buttons = _again(change, draft)
    row = [ui.ActionRow(*buttons)] if buttons else []
    if change.form is None:
        return lines_message(head, lines, "problems.txt", *row)
    said = [f"- {neutralised(texts.readable(line))}" for line in lines]
    kept = texts.lines_that_fit(said, 2000)
    more = [f"- and {len(said) - len(kept):,} more"] if len(kept) < len(said) else []
    return message("\n".join([head, *kept, *more]), *row)


def _title(change: Change) -> str:
    removes, unlinked = change.brief in change.removed, _unlinked(change)
    names = texts.named(change.removed if removes else tuple(change.texts))
    return _TITLES["unlink" if unlinked else "remove" if removes else change.action].format(names, unlinked)


def _unlinked(change: Change) -> str:
    """Return how many briefs a removal is taken out of, such as "2 briefs"; "" if it is none, or stands alone."""
    others = len(change.texts) - len(change.removed) if change.brief in change.removed else 0
    return counted(others, "brief") if others else ""


def _card(brief: Brief, preview: Preview, head: str, today: date) -> tuple[ui.LayoutView, str | None]:
    """Return the card below ``head``, and all of it as plain text if only its beginning fits."""
    card = card_of(brief, preview.now, today)
    view = unstored(ui.TextDisplay(head), container(card))
    if view.content_length() - len(head) <= MOST_CARD:
        return view, None
    begin = f"### {neutralised(brief.title)}\n{neutralised(shortened(brief.summary.plain, _EXCERPT))}"
    shown = ui.Container[ui.LayoutView](ui.TextDisplay(begin), ui.TextDisplay("-# The whole card is in card.txt."))
    return unstored(ui.TextDisplay(head), shown), plain(card)


def _said(change: Change, preview: Preview, room: int, before: Brief | None, after: Brief | None) -> str:
    """Return what becomes of answers, what is doubtful, and what differs, in ``room`` characters."""
    parts = [texts.effect(preview, min(1100, room // 2))]
    warned = texts.form_warnings(preview.warnings, change) if change.form else None
    parts.append(warned if warned is not None else texts.warning_lines(preview.warnings))
    parts.append(texts.notes_line(notes(Form(**change.form))) if change.form else "")
    if before and after:
        hints = leftovers(before, after)[:_HINTS]
        parts += [texts.leftover_line(hint) for hint in hints]
        room -= sum(len(part) + 1 for part in parts) + len("**What differs**\n")
        differing = [*differences(before, after), *ways(before, after)]
        parts.append(f"**What differs**\n{texts.differences_text(differing, room)}" if differing and room > 100 else "")
    return "\n".join(filter(None, parts))


def _may_be_as_of(change: Change, before: Brief | None, after: Brief | None, today: date) -> bool:
    """Whether a change says something new in one brief and leaves the day as of which that is as it was."""
    if len(change.texts) > 1 or change.action not in ("edit", "upload") or before is None or after is None:
        return False
    if after.translated:
        return False
    parts = {each.what for each in differences(before, after)}
    return bool(parts & {"Title", "Summary", "Facts"}) and "As of" not in parts and after.as_of != today.isoformat()


def _buttons(change: Change, draft: str, *, outdated: bool) -> list[Button]:
    removes = change.brief in change.removed
    unlinked = _unlinked(change)
    verb = f"Remove, and unlink from {unlinked}" if unlinked else "Remove" if removes else "Apply"
    style = discord.ButtonStyle.danger if removes else discord.ButtonStyle.success
    buttons = [Button(label=verb, style=style, custom_id=f"briefs apply:{draft}"), *_again(change, draft)]
    if outdated:
        buttons.append(Button(label="As of today", custom_id=f"briefs today:{draft}"))
    return [*buttons, Button(label="Cancel", custom_id=f"briefs cancel:{draft}")]


def _again(change: Change, draft: str) -> list[Button]:
    """Return buttons that open what was typed once more, as far as a form can hold it."""
    text = change.texts[change.brief]
    if change.action not in ("add", "edit", "upload") or len(change.texts) > 1 or text is None:
        return []
    again = Button(label="Edit again", custom_id=f"briefs again:{draft}")
    if change.form is not None:
        keep = [Button(label="Keep as draft", custom_id=f"briefs keepdraft:{draft}")] if change.action == "add" else []
        return [again, Button(label="As YAML", custom_id=f"briefs yaml:{draft}"), *keep]
    return [again] if len(text) <= MOST_TYPED else []
