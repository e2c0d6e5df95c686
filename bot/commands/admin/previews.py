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
from bot.briefs.card import card_of
from bot.briefs.card_text import plain
from bot.briefs.change import Action, Change, differences, ways
from bot.briefs.leftover import leftovers, replacements
from bot.briefs.markup import neutralised
from bot.catalogues.catalogue import ENGLISH, N_, Catalogue
from bot.commands.admin import texts
from bot.commands.admin.differing import differences_text
from bot.commands.admin.effects import effect
from bot.commands.admin.views import Shown, lines_message, message, with_files
from bot.commands.layout import container
from bot.gateway.layout import unstored
from bot.language.texts import shortened

MOST_CARD = 2400
"""Characters of a card that leave room for what else a preview says; a longer one comes as a file."""

_MESSAGE = 3950
"""Characters that a message may have, with a few to spare."""

_EXCERPT = 600
_HINTS = 5
_LONGEST_FIGURE = 20
"""Characters of a figure that a button has room for on a phone."""


_TITLES: dict[Action, str] = {
    "add": N_("Add {briefs}?"),
    "edit": N_("Change {briefs}?"),
    "upload": N_("Add or replace {briefs}?"),
    "alias": N_("Give {briefs} an alias?"),
    "remove": N_("Remove {briefs}?"),
    "undo": N_("Set {briefs} back?"),
}

Button = ui.Button[ui.LayoutView]


def preview_message(
    change: Change,
    preview: Preview,
    draft: str,
    notice: str | None,
    today: date,
    imported: Plan | None = None,
    catalogue: Catalogue = ENGLISH,
) -> Shown:
    """Return what a change would do, with buttons to apply it, edit it again, or leave it."""
    files = [("changes.diff", "\n".join(preview.lines).encode())]
    files += [("import.txt", "\n".join(imported.lines()).encode())] if imported else []
    became = texts.imported(imported, catalogue) if imported else None
    head = "\n".join(filter(None, [f"### {_title(change, catalogue)}", notice, became]))
    before, after = preview.was.shown(change.brief), preview.now.shown(change.brief)
    one = len(change.texts) == 1
    if not one or after is None:
        view = unstored(ui.TextDisplay(head))
    else:
        view, whole = _card(after, preview, head, today, catalogue)
        files += [("card.txt", whole.encode())] if whole else []
    room = _MESSAGE - view.content_length()
    view.add_item(ui.TextDisplay(_said(change, preview, room, before if one else None, after, catalogue)))
    outdated = _may_be_as_of(change, before, after, today)
    view.add_item(ui.ActionRow(*_buttons(change, draft, catalogue, outdated=outdated)))
    if change.form is not None and before and after and (figures := replacements(before, after)):
        view.add_item(ui.ActionRow(_everywhere(tuple(figures.values()), draft, catalogue)))
    return with_files(view, files)


def refused_message(
    head: str, lines: Sequence[str], change: Change, draft: str, catalogue: Catalogue = ENGLISH
) -> Shown:
    """Return what is wrong, with buttons that open what was typed."""
    buttons = _again(change, draft, catalogue)
    row = [ui.ActionRow(*buttons)] if buttons else []
    if change.form is None:
        return lines_message(head, lines, "problems.txt", *row, catalogue=catalogue)
    said = [f"- {neutralised(texts.readable(line))}" for line in lines]
    kept = texts.lines_that_fit(said, 2000)
    more = len(said) - len(kept)
    rest = [f"- {catalogue.ngettext('and {n} more', 'and {n} more', more)}"] if more else []
    return message("\n".join([head, *kept, *rest]), *row)


def _title(change: Change, catalogue: Catalogue) -> str:
    removes, unlinked = change.brief in change.removed, _unlinked(change)
    names = texts.named(change.removed if removes else tuple(change.texts), catalogue)
    if unlinked:
        return catalogue.ngettext(
            "Remove {briefs}, and unlink it from {n} brief?",
            "Remove {briefs}, and unlink it from {n} briefs?",
            unlinked,
            briefs=names,
        )
    return catalogue.gettext(_TITLES["remove" if removes else change.action], briefs=names)


def _unlinked(change: Change) -> int:
    """Return how many briefs a removal is taken out of."""
    return len(change.texts) - len(change.removed) if change.brief in change.removed else 0


def _card(
    brief: Brief, preview: Preview, head: str, today: date, catalogue: Catalogue
) -> tuple[ui.LayoutView, str | None]:
    """Return the card below ``head``, and all of it as plain text if only its beginning fits."""
    card = card_of(brief, preview.now, today, catalogue=catalogue)
    view = unstored(ui.TextDisplay(head), container(card))
    if view.content_length() - len(head) <= MOST_CARD:
        return view, None
    begin = f"### {neutralised(brief.title)}\n{neutralised(shortened(brief.summary.plain, _EXCERPT))}"
    whole = ui.TextDisplay[ui.LayoutView](catalogue.gettext("-# The whole card is in card.txt."))
    shown = ui.Container[ui.LayoutView](ui.TextDisplay(begin), whole)
    return unstored(ui.TextDisplay(head), shown), plain(card)


def _said(
    change: Change, preview: Preview, room: int, before: Brief | None, after: Brief | None, catalogue: Catalogue
) -> str:
    """Return what becomes of answers, what is doubtful, and what differs, in ``room`` characters."""
    parts = [effect(preview, min(1100, room // 2), catalogue)]
    warned = texts.form_warnings(preview.warnings, change, catalogue) if change.form else None
    parts.append(warned if warned is not None else texts.warning_lines(preview.warnings, catalogue))
    parts.append(texts.notes_line(notes(Form(**change.form)), catalogue) if change.form else "")
    if before and after:
        hints = leftovers(before, after)[:_HINTS]
        parts += [texts.leftover_line(hint, catalogue) for hint in hints]
        head = f"{catalogue.gettext('**What differs**')}\n"
        room -= sum(len(part) + 1 for part in parts) + len(head)
        differing = [*differences(before, after, catalogue), *ways(before, after)]
        fits = differing and room > 100
        parts.append(f"{head}{differences_text(differing, room, catalogue)}" if fits else "")
    return "\n".join(filter(None, parts))


def _may_be_as_of(change: Change, before: Brief | None, after: Brief | None, today: date) -> bool:
    """Whether a change says something new in one brief and leaves the day as of which that is as it was."""
    if len(change.texts) > 1 or change.action not in ("edit", "upload") or before is None or after is None:
        return False
    if after.translated:
        return False
    parts = {each.what for each in differences(before, after)}
    return bool(parts & {"Title", "Summary", "Facts"}) and "As of" not in parts and after.as_of != today.isoformat()


def _buttons(change: Change, draft: str, catalogue: Catalogue, *, outdated: bool) -> list[Button]:
    say, removes = catalogue.gettext, change.brief in change.removed
    if unlinked := _unlinked(change):
        verb = catalogue.ngettext("Remove, and unlink from {n} brief", "Remove, and unlink from {n} briefs", unlinked)
    else:
        verb = say("Remove") if removes else say("Apply")
    style = discord.ButtonStyle.danger if removes else discord.ButtonStyle.success
    buttons = [Button(label=verb, style=style, custom_id=f"briefs apply:{draft}"), *_again(change, draft, catalogue)]
    if outdated:
        buttons.append(Button(label=say("As of today"), custom_id=f"briefs today:{draft}"))
    return [*buttons, Button(label=say("Cancel"), custom_id=f"briefs cancel:{draft}")]


def _everywhere(figures: Sequence[str], draft: str, catalogue: Catalogue) -> Button:
    """Return the button that replaces what is left over of old figures."""
    if len(figures) > 1 or len(figures[0]) > _LONGEST_FIGURE:
        label = catalogue.gettext("Put the new figures there too")
    else:
        label = catalogue.gettext("Put {figure} there too", figure=figures[0])
    return Button(label=label, custom_id=f"briefs figures:{draft}")


def _again(change: Change, draft: str, catalogue: Catalogue) -> list[Button]:
    """Return buttons that open what was typed once more, as far as a form can hold it."""
    text, say = change.texts[change.brief], catalogue.gettext
    if change.action not in ("add", "edit", "upload") or len(change.texts) > 1 or text is None:
        return []
    again = Button(label=say("Edit again"), custom_id=f"briefs again:{draft}")
    if change.form is not None:
        keep = Button(label=say("Keep as draft"), custom_id=f"briefs keepdraft:{draft}")
        as_yaml = Button(label=say("As YAML"), custom_id=f"briefs yaml:{draft}")
        return [again, as_yaml, *([keep] if change.action == "add" else [])]
    return [again] if len(text) <= MOST_TYPED else []
