"""What admins read, as Discord's Markdown. What members and files say is shown as written and never acted upon."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING

from bot.authoring.form.mistakes import in_fields
from bot.briefs.brief import Brief
from bot.briefs.card_text import status_text
from bot.briefs.change import Action, Change, Version
from bot.briefs.leftover import Leftover
from bot.briefs.markup import neutralised
from bot.catalogues.catalogue import ENGLISH, N_, Catalogue
from bot.errors import Problem, printable
from bot.language.normalise import disarmed, unstacked
from bot.language.texts import shortened

if TYPE_CHECKING:
    from bot.authoring.importing.plan import Plan

DONE: dict[Action, str] = {
    "found": N_("first seen"),
    "file": N_("changed outside Discord"),
    "add": N_("added"),
    "edit": N_("edited"),
    "upload": N_("uploaded"),
    "alias": N_("given an alias"),
    "remove": N_("removed"),
    "unlink": N_("unlinked from a brief that was removed"),
    "undo": N_("set back"),
}
"""What each action did to a brief."""

ANSWERS_NOW = N_("That is what members get from now on.")
NO_LONGER = N_("Members no longer get it.")
NOT_IN_USE = N_(
    "⚠️ Some files are wrong and not used; what was last good of each is in use, if there is any. `/briefs check` says "
    "what is wrong."
)
FILE_DIFFERS = N_("⚠️ The file holds something else, which is not in use. `/briefs check` says what is wrong.")
WAITS = N_("It is not in use yet: `/briefs check` says what is wrong.")

MOST_NAMES = 10
"""Names of a brief that a line has room for."""

_MOST_IDS = 10
_LOSS, _LOSSES_ROOM = 150, 600
_QUOTED = 80
_WARNINGS_ROOM = 500
_LISTED = 60


def done(change: Change, catalogue: Catalogue = ENGLISH) -> str:
    """Return what was done by a change."""
    briefs = change.removed if change.action == "remove" else tuple(change.texts)
    said = {"briefs": named(briefs, catalogue), "what": catalogue.gettext(DONE[change.action])}
    if others := len(change.texts) - len(briefs):
        return catalogue.ngettext(
            "Done: {briefs} was {what}, and unlinked from {n} brief.",
            "Done: {briefs} was {what}, and unlinked from {n} briefs.",
            others,
            **said,
        )
    return catalogue.ngettext("Done: {briefs} was {what}.", "Done: {briefs} were {what}.", len(briefs), **said)


def named(briefs: Sequence[str], catalogue: Catalogue = ENGLISH) -> str:
    """Return the ids of briefs, of many the first ones and how many more there are."""
    left_out = len(briefs) - _MOST_IDS
    more = [catalogue.ngettext("{n} more brief", "{n} more briefs", left_out)] if left_out > 0 else []
    return ", ".join([*(f"`{brief}`" for brief in briefs[:_MOST_IDS]), *more])


def imported(plan: "Plan", catalogue: Catalogue = ENGLISH) -> str:
    """Return how much became what of the files that were uploaded, with the first losses; import.txt has them all."""
    lost = [f"- {neutralised(shortened(readable(line), _LOSS))}" for line in plan.losses()]
    kept = lines_that_fit(lost, _LOSSES_ROOM)
    more = len(lost) - len(kept)
    rest = [f"- {catalogue.ngettext('and {n} more', 'and {n} more', more)}"] if more else []
    where = catalogue.gettext("import.txt says what became of each, and what was lost.")
    return "\n".join([f"{plan.summary(catalogue)} {where}", *kept, *rest])


def quoted(text: str, longest: int = _QUOTED) -> str:
    """Return somebody's words in quotes, on one line, shortened, and without effect."""
    return f"“{neutralised(shortened(readable(' '.join(text.split())), longest))}”"


def code(lines: Iterable[str], language: str = "") -> str:
    """Return lines as a block of code, from which none of them can break out."""
    return "\n".join([f"```{language}", *map(safe_in_code, lines), "```"])


def safe_in_code(line: str) -> str:
    """Return a line that ends no block of code, for no two of its backticks stand side by side, and hides nothing."""
    return re.sub("`(?=`)", "`\u200b", disarmed(line))


def lines_that_fit(lines: Sequence[str], room: int) -> list[str]:
    """Return as many of the first lines as fit into ``room`` characters, line ends counted."""
    kept: list[str] = []
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    return kept


def refusal(problem: Problem, catalogue: Catalogue = ENGLISH) -> str:
    """Return why a brief cannot have a name, without effect; where in its file is of no use to who only named it."""
    message = re.sub(r" \(\S+:\d+\)", "", readable(catalogue.say(problem.message)))
    return neutralised(f"{message[:1].upper()}{message[1:]}.")


def warning_lines(problems: Sequence[Problem], catalogue: Catalogue = ENGLISH) -> str:
    """Return warnings about the files of a change."""
    lines = [f"⚠️ {neutralised(readable(located(each, catalogue)))}" for each in problems]
    return "\n".join(lines_that_fit(lines, _WARNINGS_ROOM))


def form_warnings(problems: Sequence[Problem], change: Change, catalogue: Catalogue = ENGLISH) -> str:
    """Return warnings about what was typed into a form."""
    lines = in_fields(problems, change.brief, change.texts[change.brief] or "", catalogue)
    return "\n".join(lines_that_fit([f"⚠️ {neutralised(readable(line))}" for line in lines], _WARNINGS_ROOM))


def notes_line(number: int, catalogue: Catalogue = ENGLISH) -> str:
    """Return that notes of a draft are no part of the brief; "" if there is none."""
    if not number:
        return ""
    return catalogue.ngettext(
        "-# {n} line that begins with ? is a note, and left out.",
        "-# {n} lines that begin with ? are notes, and left out.",
        number,
    )


def leftover_line(hint: Leftover, catalogue: Catalogue = ENGLISH) -> str:
    """Return that a figure which was replaced still stands elsewhere in the brief."""
    return catalogue.gettext(
        "⚠️ {figure} still stands in {part}: {text}",
        figure=neutralised(hint.figure),
        part=catalogue.gettext(hint.what),
        text=quoted(hint.text),
    )


def located(problem: Problem, catalogue: Catalogue = ENGLISH) -> str:
    """Return a problem with the names of files alone: where the folder lies is nobody's business on Discord."""
    name, message = PurePath(problem.path).name, catalogue.say(problem.message)
    return str(replace(problem, path=name, message=message.replace(problem.path.removesuffix(name), "")))


def listed(brief: Brief, *, expired: bool, catalogue: Catalogue = ENGLISH) -> str:
    """Return a brief's line in the list."""
    say = catalogue.gettext
    late = [f"⚠️ {say('out of date')}"] if expired else []
    title, as_of = neutralised(shortened(brief.title, _LISTED)), say("as of {date}", date=brief.as_of)
    return " · ".join([f"`{brief.id}` {title}", status_text(brief.status, catalogue), as_of, *late])


def version_line(number: int, version: Version, catalogue: Catalogue = ENGLISH) -> str:
    """Return a version's line in the history of a brief."""
    what = catalogue.gettext(DONE[version.action])
    if version.user:
        what = catalogue.gettext("{what} by {member}", what=what, member=f"<@{version.user}>")
    return f"`{number}` <t:{version.saved_at.timestamp():.0f}:f> {what}"


def readable(text: str) -> str:
    """Return ``text`` with what nobody can see written out, and with no more accents on a letter than can be read."""
    return unstacked(printable(text))
