"""What a change does to answers, as lines of text: which questions find another brief by it."""

from collections.abc import Sequence

from bot.authoring.preview import AnswerChange, Preview
from bot.catalogues.catalogue import ENGLISH, Catalogue
from bot.commands.admin.texts import NOT_IN_USE, lines_that_fit, quoted
from bot.language.normalise import normalise

_EXAMPLES = 5
_ROOM = 1100


def effect(preview: Preview, room: int = _ROOM, catalogue: Catalogue = ENGLISH) -> str:
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


def _change_lines(found: Sequence[AnswerChange], catalogue: Catalogue, room: int = _ROOM) -> list[str]:
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
