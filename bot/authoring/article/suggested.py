"""What the plain form starts with for a topic of an article: notes to write from, of which none is a word of the brief.

Pure. Each note is a line that begins with a question mark: the form leaves it out unless the admin takes the mark away.
"""

from collections.abc import Callable
from dataclasses import dataclass

from bot.authoring.article.draft import Notes, fresh
from bot.authoring.form.fields import MOST_TYPED, NOTE, Form, fitting
from bot.language.texts import shortened

_LONGEST = 500
"""Characters of the line with the names of a topic."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A draft of a brief: what it is about in a few words, how the text begins, and what the form holds."""

    topic: str
    opening: str
    form: Form


def suggestion(notes: Notes, source: str, taken: set[str], is_known: Callable[[str], bool]) -> Suggestion:
    """Return the draft for a topic. ``source`` is what the field of the sources starts with.

    No phrase is suggested that stands in ``taken``, the normalised phrases of earlier drafts, or that ``is_known`` as
    another brief's.
    """
    said = [f"{speaker}: “{words}”" if speaker else f"“{words}”" for words, speaker in notes.quotations]
    counted = [f"{figure} {what}".strip() for figure, what in notes.figures]
    guesses = [phrase for phrase in fresh((*notes.aliases, *notes.questions), taken) if not is_known(phrase)]
    named = [shortened(f"Names: {', '.join(notes.names)}", _LONGEST)] if notes.names else []
    form = Form(facts=_noted([*said, *counted, *named]), sources=source, phrases=_noted(guesses))
    return Suggestion(", ".join(notes.heads), notes.opening, form)


def guess(text: str) -> str:
    """Return a line that is a note."""
    return f"{NOTE}{text}"


def _noted(lines: list[str]) -> str:
    return "\n".join(fitting(map(guess, lines), MOST_TYPED))
