"""What the plain form starts with for a topic of an article: notes to write from, of which none is a word of the brief.

Pure. Each note is a line that begins with a question mark: the form leaves it out unless the admin takes the mark away.
"""

from collections.abc import Callable
from dataclasses import dataclass

from bot.authoring.article.draft import Notes, fresh
from bot.authoring.form.fields import MOST_TYPED, NOTE, Form, SourceLine, fitting


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A draft of a brief: what it is about, in a few words, and what the form holds."""

    topic: str
    form: Form


def suggestion(notes: Notes, source: SourceLine, taken: set[str], is_known: Callable[[str], bool]) -> Suggestion:
    """Return the draft for a topic.

    No phrase is suggested that stands in ``taken``, the normalised phrases of earlier drafts, or that ``is_known`` as
    another brief's.
    """
    said = [f"{speaker}: “{words}”" if speaker else f"“{words}”" for words, speaker in notes.quotations]
    counted = [f"{figure} {what}".strip() for figure, what in notes.figures]
    guesses = [phrase for phrase in fresh((*notes.aliases, *notes.questions), taken) if not is_known(phrase)]
    form = Form(facts=_noted([*said, *counted]), sources=str(source), phrases=_noted(guesses))
    return Suggestion(", ".join(notes.heads), form)


def _noted(lines: list[str]) -> str:
    return "\n".join(fitting([f"{NOTE}{line}" for line in lines], MOST_TYPED))
