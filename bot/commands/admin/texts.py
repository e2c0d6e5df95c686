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
from bot.briefs.change import Action, Change, Difference, Version
from bot.briefs.comparing import Piece, compared, excerpt
from bot.briefs.leftover import Leftover
from bot.briefs.markup import neutralised
from bot.catalogues.catalogue import ENGLISH, Catalogue
from bot.errors import Problem, printable
from bot.language.normalise import disarmed, normalise, unstacked
from bot.language.texts import shortened
from bot.reports.misses import MissGroup
from bot.reports.report import Stats, counted, headline, named_top, rejections, some_of

DONE: dict[Action, str] = {
    "found": "first seen",
    "file": "changed outside Discord",
    "add": "added",
    "edit": "edited",
    "upload": "uploaded",
    "alias": "given an alias",
    "remove": "removed",
    "unlink": "unlinked from a brief that was removed",
    "undo": "set back",
}
"""What each action did to a brief."""

HELP = """\
### What you can do
Only you see what these answer. Nothing is changed before you press **Apply**, and **Undo** takes back what was.

**Write**
`/briefs add` a new brief, in a plain form · `/briefs edit` change one · `/briefs alias` give one other names, at once
`/briefs upload` add or replace briefs by YAML files, or by a zip, CSV, JSON, TOML or Markdown of another bot
**Draft a brief** in the menu of a message (Apps): briefs from its article; on a card of the bot: the brief itself
`/briefs draft` briefs from a file · `/briefs drafts` what waits to be finished

**Close the gaps**
`/briefs misses` unanswered questions, with buttons that write a brief or give the question to one

**Go back**
`/briefs undo` before the last change, also of a removed brief · `/briefs history` any earlier version
`/briefs remove` take a brief away, and out of those that name it

**Look**
`/briefs list` · `/briefs show` one with its file · `/briefs check` what is wrong or doubtful
`/briefs stats` how much is asked, and answered · `/briefs export` all files as a zip

**Set up**
`/briefs announce` tell a channel what changes · `/briefs home` which server's managers may do this
`/briefs reload` take up what the files hold now"""
HELP_FOR_MANAGERS = """\
### What you can do
Only you see what these answer, and they are about this server alone.

`/briefs misses` unanswered questions · `/briefs stats` how much is asked, and answered
`/briefs announce` tell a channel when a brief says something new"""

ANSWERS_NOW = "That is what members get from now on."
NO_LONGER = "Members no longer get it."
SEE_CHECK = "`/briefs check` says what is wrong."
NOT_IN_USE = f"⚠️ Some files are wrong. In place of each, what was last good of it is in use. {SEE_CHECK}"
FILE_DIFFERS = f"⚠️ The file holds something else, which is not in use. {SEE_CHECK}"
WAITS = f"It is not in use yet: {SEE_CHECK}"

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


def done(change: Change) -> str:
    """Return what was done by a change."""
    briefs = change.removed if change.action == "remove" else tuple(change.texts)
    names = named(briefs)
    unlinked = f", and unlinked from {counted(others, 'brief')}" if (others := len(change.texts) - len(briefs)) else ""
    return f"Done: {names} {'was' if len(briefs) == 1 else 'were'} {DONE[change.action]}{unlinked}."


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


def effect(preview: Preview, room: int = _EFFECT_ROOM) -> str:
    """Return what a change does to answers, by example, in about ``room`` characters."""
    notice = [NOT_IN_USE] if preview.problems else []
    asked = counted(preview.asked, "question")
    if not preview.answer_changes:
        return "\n".join([*notice, f"Every question finds the same brief as before ({asked} tried)."])
    return "\n".join(
        [*notice, f"**Which brief questions find** ({asked} tried)", *_change_lines(preview.answer_changes)]
    )


def besides(preview: Preview, names: Sequence[str]) -> str:
    """Return what other questions find by it that a brief was given ``names``."""
    if not (others := other_changes(preview, names)):
        return f"No other question finds another brief by that ({counted(preview.asked, 'question')} tried)."
    return "\n".join([f"**What else changes** ({counted(preview.asked, 'question')} tried)", *_change_lines(others)])


def other_changes(preview: Preview, names: Sequence[str]) -> list[AnswerChange]:
    """Return what changes for other questions than ``names``."""
    own = set(map(normalise, names))
    return [each for each in preview.answer_changes if normalise(each.phrase) not in own]


def refusal(problem: Problem) -> str:
    """Return why a brief cannot have a name, without effect; where in its file is of no use to who only named it."""
    message = re.sub(r" \(\S+:\d+\)", "", readable(problem.message))
    return neutralised(f"{message[:1].upper()}{message[1:]}.")


def _change_lines(found: Sequence[AnswerChange], room: int = _EFFECT_ROOM) -> list[str]:
    alike: dict[tuple[str | None, str | None], list[str]] = {}
    for each in found:
        alike.setdefault((each.before, each.after), []).append(each.phrase)
    lines = [_moved(before, after, phrases) for (before, after), phrases in alike.items()]
    kept = lines_that_fit(lines, room)
    rest = [f"- and {counted(len(lines) - len(kept), 'change')} more"] if len(kept) < len(lines) else []
    return [*kept, *rest]


def _moved(before: str | None, after: str | None, phrases: list[str]) -> str:
    examples = ", ".join(quoted(phrase) for phrase in phrases[:_EXAMPLES])
    more = ", …" if len(phrases) > _EXAMPLES else ""
    find, no_longer = ("finds", "no longer finds") if len(phrases) == 1 else ("find", "no longer find")
    if after is None:
        what = f"{no_longer} `{before}`"
    elif before is None:
        what = f"now {find} `{after}`"
    else:
        what = f"now {find} `{after}` in place of `{before}`"
    return f"- {counted(len(phrases), 'question')} {what}: {examples}{more}"


def warning_lines(problems: Sequence[Problem]) -> str:
    """Return warnings about the files of a change."""
    lines = [f"⚠️ {neutralised(readable(located(each)))}" for each in problems]
    return "\n".join(lines_that_fit(lines, _WARNINGS_ROOM))


def form_warnings(problems: Sequence[Problem], change: Change) -> str:
    """Return warnings about what was typed into a form."""
    lines = in_fields(problems, change.brief, change.texts[change.brief] or "")
    return "\n".join(lines_that_fit([f"⚠️ {neutralised(readable(line))}" for line in lines], _WARNINGS_ROOM))


def notes_line(number: int) -> str:
    """Return that notes of a draft are no part of the brief; "" if there is none."""
    if not number:
        return ""
    begins, are = ("begins", "is a note") if number == 1 else ("begin", "are notes")
    return f"-# {counted(number, 'line')} that {begins} with ? {are}, and left out."


def leftover_line(hint: Leftover) -> str:
    """Return that a figure which was replaced still stands elsewhere in the brief."""
    return f"⚠️ {neutralised(hint.figure)} still stands in {hint.what}: {quoted(hint.text)}"


def located(problem: Problem) -> str:
    """Return a problem with the names of files alone: where the folder lies is nobody's business on Discord."""
    name = PurePath(problem.path).name
    return str(replace(problem, path=name, message=problem.message.replace(problem.path.removesuffix(name), "")))


def listed(brief: Brief, *, expired: bool) -> str:
    """Return a brief's line in the list."""
    late = " · ⚠️ out of date" if expired else ""
    return f"`{brief.id}` {neutralised(shortened(brief.title, _LISTED))} · {brief.status} · as of {brief.as_of}{late}"


def version_line(number: int, version: Version) -> str:
    """Return a version's line in the history of a brief."""
    who = f" by <@{version.user}>" if version.user else ""
    return f"`{number}` <t:{version.saved_at.timestamp():.0f}:f> {DONE[version.action]}{who}"


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
    return "\n".join([headline(stats), *(["**Shown most**", *top] if top else [])])


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
