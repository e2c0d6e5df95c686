"""What admins read, as Discord's Markdown. What members and files say is shown as written and never acted upon."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import PurePath

from bot.authoring.form.mistakes import in_fields
from bot.authoring.importing.plan import Plan
from bot.authoring.preview import AnswerChange, Preview
from bot.briefs.brief import Brief, BriefBase
from bot.briefs.card import status_text
from bot.briefs.change import Action, Change, Difference, Version
from bot.briefs.comparing import Piece, compared, excerpt
from bot.briefs.leftover import Leftover
from bot.briefs.markup import neutralised
from bot.catalogues.catalogue import ENGLISH, N_, Catalogue
from bot.errors import Problem, printable
from bot.language.normalise import disarmed, normalise, unstacked
from bot.language.texts import shortened
from bot.reports.misses import MissGroup
from bot.reports.report import Stats, counted, headline, language_lines, named_top, rejections, some_of

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

HELP = (
    N_("### What you can do"),
    N_(
        "Only you see what these answer. Nothing is changed before you press **Apply**, and **Undo** takes back "
        "what was."
    ),
    "",
    N_("**Write**"),
    N_(
        "`/briefs add` a new brief, in a plain form · `/briefs edit` change one · `/briefs alias` give one other "
        "names, at once"
    ),
    N_("`/briefs upload` add or replace briefs by YAML files, or by a zip, CSV, JSON, TOML or Markdown of another bot"),
    N_(
        "**Draft a brief** in the menu of a message (Apps): briefs from its article; on a card of the bot: the "
        "brief itself"
    ),
    N_("`/briefs draft` briefs from a file · `/briefs drafts` what waits to be finished"),
    N_("`/briefs translate` a brief into another language"),
    "",
    N_("**Close the gaps**"),
    N_("`/briefs misses` unanswered questions, with buttons that write a brief or give the question to one"),
    "",
    N_("**Go back**"),
    N_("`/briefs undo` before the last change, also of a removed brief · `/briefs history` any earlier version"),
    N_("`/briefs remove` take a brief away, and out of those that name it"),
    "",
    N_("**Look**"),
    N_("`/briefs list` · `/briefs show` one with its file · `/briefs check` what is wrong or doubtful"),
    N_("`/briefs stats` how much is asked, and answered · `/briefs export` all files as a zip"),
    "",
    N_("**Set up**"),
    N_("`/briefs announce` tell a channel what changes · `/briefs home` which server's managers may do this"),
    N_("`/briefs language` the language in which channels here read briefs"),
    N_("`/briefs reload` take up what the files hold now"),
)
"""The lines of what admins of the base can do."""

HELP_FOR_MANAGERS = (
    N_("### What you can do"),
    N_("Only you see what these answer, and they are about this server alone."),
    "",
    N_("`/briefs misses` unanswered questions · `/briefs stats` how much is asked, and answered"),
    N_("`/briefs announce` tell a channel when a brief says something new"),
    N_("`/briefs language` the language in which channels here read briefs"),
)
"""The lines of what managers of a server can do."""

ANSWERS_NOW = N_("That is what members get from now on.")
NO_LONGER = N_("Members no longer get it.")
NOT_IN_USE = N_(
    "⚠️ Some files are wrong. In place of each, what was last good of it is in use. `/briefs check` says what is wrong."
)
FILE_DIFFERS = N_("⚠️ The file holds something else, which is not in use. `/briefs check` says what is wrong.")
WAITS = N_("It is not in use yet: `/briefs check` says what is wrong.")

MOST_NAMES = 10
"""Names of a brief that a line has room for."""

_MOST_IDS = 10
_LOSS, _LOSSES_ROOM = 150, 600
_EXAMPLES = 5
_QUOTED = 80
_SAID, _SAID_ROOM = 100, 230
_EFFECT_ROOM = 1100
_WARNINGS_ROOM = 500
_WIDTHS = ((600, 20), (250, 20), (120, 20), (120, 4), (60, 2))
"""About how many characters of a side of a difference, and how many entries of a list, are shown; the first pair that
fits is taken."""
_LISTED = 60


def help_text(lines: Sequence[str], catalogue: Catalogue) -> str:
    """Return the lines of a help in a language."""
    return "\n".join(line and catalogue.gettext(line) for line in lines)


def done(change: Change, catalogue: Catalogue = ENGLISH) -> str:
    """Return what was done by a change."""
    briefs = change.removed if change.action == "remove" else tuple(change.texts)
    said = {"briefs": named(briefs), "what": catalogue.gettext(DONE[change.action])}
    if others := len(change.texts) - len(briefs):
        return catalogue.ngettext(
            "Done: {briefs} was {what}, and unlinked from {n} brief.",
            "Done: {briefs} was {what}, and unlinked from {n} briefs.",
            others,
            **said,
        )
    return catalogue.ngettext("Done: {briefs} was {what}.", "Done: {briefs} were {what}.", len(briefs), **said)


def named(briefs: Sequence[str]) -> str:
    """Return the ids of briefs, of many the first ones and how many more there are."""
    more = [counted(len(briefs) - _MOST_IDS, "more brief")] if len(briefs) > _MOST_IDS else []
    return ", ".join([*(f"`{brief}`" for brief in briefs[:_MOST_IDS]), *more])


def imported(plan: Plan) -> str:
    """Return how much became what of the files that were uploaded, with the first losses; import.txt has them all."""
    lost = [f"- {neutralised(shortened(readable(line), _LOSS))}" for line in plan.losses()]
    kept = lines_that_fit(lost, _LOSSES_ROOM)
    more = [f"- and {len(lost) - len(kept):,} more"] if len(kept) < len(lost) else []
    return "\n".join([f"{plan.summary()} import.txt says what became of each, and what was lost.", *kept, *more])


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


def effect(preview: Preview, room: int = _EFFECT_ROOM, catalogue: Catalogue = ENGLISH) -> str:
    """Return what a change does to answers, by example, in about ``room`` characters."""
    say = catalogue
    notice = [say.gettext(NOT_IN_USE)] if preview.problems else []
    if not preview.answer_changes:
        same = say.ngettext(
            "Every question finds the same brief as before ({n} question tried).",
            "Every question finds the same brief as before ({n} questions tried).",
            preview.asked,
        )
        return "\n".join([*notice, same])
    head = say.ngettext(
        "**Which brief questions find** ({n} question tried)",
        "**Which brief questions find** ({n} questions tried)",
        preview.asked,
    )
    return "\n".join([*notice, head, *_change_lines(preview.answer_changes, say, room)])


def besides(preview: Preview, names: Sequence[str], catalogue: Catalogue = ENGLISH) -> str:
    """Return what other questions find by it that a brief was given ``names``."""
    if not (others := other_changes(preview, names)):
        return catalogue.ngettext(
            "No other question finds another brief by that ({n} question tried).",
            "No other question finds another brief by that ({n} questions tried).",
            preview.asked,
        )
    head = catalogue.ngettext(
        "**What else changes** ({n} question tried)", "**What else changes** ({n} questions tried)", preview.asked
    )
    return "\n".join([head, *_change_lines(others, catalogue)])


def other_changes(preview: Preview, names: Sequence[str]) -> list[AnswerChange]:
    """Return what changes for other questions than ``names``."""
    own = set(map(normalise, names))
    return [each for each in preview.answer_changes if normalise(each.phrase) not in own]


def refusal(problem: Problem) -> str:
    """Return why a brief cannot have a name, without effect; where in its file is of no use to who only named it."""
    message = re.sub(r" \(\S+:\d+\)", "", readable(problem.message))
    return neutralised(f"{message[:1].upper()}{message[1:]}.")


def _change_lines(found: Sequence[AnswerChange], catalogue: Catalogue, room: int = _EFFECT_ROOM) -> list[str]:
    alike: dict[tuple[str | None, str | None], list[str]] = {}
    for each in found:
        alike.setdefault((each.before, each.after), []).append(each.phrase)
    lines = [f"- {_moved(before, after, phrases, catalogue)}" for (before, after), phrases in alike.items()]
    kept = lines_that_fit(lines, room)
    more = len(lines) - len(kept)
    return [*kept, *([f"- {catalogue.ngettext('and {n} change more', 'and {n} changes more', more)}"] if more else [])]


def _moved(before: str | None, after: str | None, phrases: list[str], catalogue: Catalogue) -> str:
    number = len(phrases)
    examples = ", ".join(quoted(phrase) for phrase in phrases[:_EXAMPLES]) + (", …" if number > _EXAMPLES else "")
    names = {"before": f"`{before}`", "after": f"`{after}`", "examples": examples}
    if after is None:
        return catalogue.ngettext(
            "{n} question no longer finds {before}: {examples}",
            "{n} questions no longer find {before}: {examples}",
            number,
            **names,
        )
    if before is None:
        return catalogue.ngettext(
            "{n} question now finds {after}: {examples}", "{n} questions now find {after}: {examples}", number, **names
        )
    return catalogue.ngettext(
        "{n} question now finds {after} in place of {before}: {examples}",
        "{n} questions now find {after} in place of {before}: {examples}",
        number,
        **names,
    )


def warning_lines(problems: Sequence[Problem]) -> str:
    """Return warnings about the files of a change."""
    lines = [f"⚠️ {neutralised(readable(located(each)))}" for each in problems]
    return "\n".join(lines_that_fit(lines, _WARNINGS_ROOM))


def form_warnings(problems: Sequence[Problem], change: Change) -> str:
    """Return warnings about what was typed into a form."""
    lines = in_fields(problems, change.brief, change.texts[change.brief] or "")
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


def located(problem: Problem) -> str:
    """Return a problem with the names of files alone: where the folder lies is nobody's business on Discord."""
    name = PurePath(problem.path).name
    return str(replace(problem, path=name, message=problem.message.replace(problem.path.removesuffix(name), "")))


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


def miss_line(group: MissGroup) -> str:
    """Return the lines about an unanswered question."""
    first, *others = group.wordings
    people = f" by {counted(group.askers, 'member')}" if group.askers else ""
    also = f"\n-# also: {', '.join(some_of([*map(quoted, others)], 1 if group.said else 2))}" if others else ""
    last = f", last <t:{group.last.timestamp():.0f}:R>"
    most, *more = rejections(group) or [""]
    rejected = (most and f"\n-# {most}") + (f", and {counted(len(more), 'more brief')}" if more else "")
    said = "".join(lines_that_fit([f"\n-# said: {quoted(each, _SAID)}" for each in group.said], _SAID_ROOM))
    return f"**{quoted(first)}**\n-# {counted(group.count, 'time')}{people}{last}{also}{rejected}{said}"


def stats_text(stats: Stats, base: BriefBase) -> str:
    """Return the sums and the briefs shown most."""
    top = [f"{n}. {neutralised(name)}: {count:,}" for n, (name, count) in enumerate(named_top(stats, base), 1)]
    said = language_lines(stats)
    blocks = [["**Shown most**", *top] if top else [], ["**By the language of the askers**", *said] if said else []]
    return "\n".join([headline(stats), *blocks[0], *blocks[1]])


def differences_text(differences: Sequence[Difference], room: int, catalogue: Catalogue = ENGLISH) -> str:
    """Return how each part of a brief was and is, the words that differ marked, in ``room`` characters.

    Where that is too much the texts are shortened around these words, then the longest lists are.
    """
    lines: list[str] = []
    for width, most in _WIDTHS:
        lines = [
            line
            for what, of in groupby(differences, lambda it: it.what)
            for line in _part(what, [*of], width, most, catalogue)
        ]
        if sum(len(line) + 1 for line in lines) <= room:
            break
    return "\n".join(lines_that_fit(lines, room))


def _part(what: str, differences: Sequence[Difference], width: int, most: int, catalogue: Catalogue) -> list[str]:
    lines = [line for each in differences[:most] for line in _sides(each, width, catalogue)]
    more = len(differences) - most
    rest = [catalogue.ngettext("and {n} change more", "and {n} changes more", more)] if more > 0 else []
    return [f"**{catalogue.gettext(what)}**", *lines, *rest]


def _sides(difference: Difference, width: int, catalogue: Catalogue) -> list[str]:
    """Return a line for each side that there is; of one that stands alone nothing is marked."""
    _, before, after = difference
    say = catalogue.gettext
    if before and after:
        old, new = compared(before, after)
        return [
            say("before: {text}", text=_marked(excerpt(old, width), "~~")),
            say("now: {text}", text=_marked(excerpt(new, width), "**")),
        ]
    if not before and not after:
        return [say("in another order")]
    alone = _marked(excerpt([Piece(before or after, False)], width), "")
    return [say("no longer: {text}", text=alone) if before else say("new: {text}", text=alone)]


def _marked(pieces: Sequence[Piece], mark: str) -> str:
    """Return pieces of a text with a mark around those that differ, unless all do; spaces stay outside of it."""
    if all(piece.differs for piece in pieces):
        mark = ""
    shown = []
    for text, differs in pieces:
        bare = text.strip()
        as_written = neutralised(f"a{bare}")[1:]  # it stands within a line, where nothing marks a list
        marked = f"{mark}{as_written}{mark}" if differs and bare else as_written
        shown.append(f"{text[: len(text) - len(text.lstrip())]}{marked}{text[len(text.rstrip()) :] if bare else ''}")
    return "".join(shown)


def readable(text: str) -> str:
    """Return ``text`` with what nobody can see written out, and with no more accents on a letter than can be read."""
    return unstacked(printable(text))
