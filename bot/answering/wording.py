"""The words of a miss and of a did-you-mean, in Markdown for Discord; and any answer as plain text for a terminal."""

from collections.abc import Callable
from datetime import date

from bot.answering.answer import Answer, Found, Missing, Unsure
from bot.briefs.brief import BriefBase
from bot.briefs.card import card_of, plain
from bot.briefs.markup import neutralised
from bot.language.normalise import one_line

LONGEST_REPEATED = 100
"""Most characters of a question that are repeated to the member who asked it."""

MISS_NOTED = "The question has been noted, so that the admins see what is missing."
NEAREST = "The nearest topics are:"
DID_YOU_MEAN = "Did you mean one of these?"
CLOSEST = "Closest match"
OR_ONE_OF_THESE = "Or did you mean:"
HOW_TO_ASK = "Ask for a topic in a few words, or with a whole question."
FOR_EXAMPLE = "For example:"


def opening(answer: Unsure | Missing, query: str, *, noted: bool) -> str:
    """Return the first lines of a suggestion or a miss, in Discord's Markdown. The buttons come below them.

    ``noted``: it is certain that admins get to see the question.
    """
    if isinstance(answer, Missing):
        return "\n".join(_missed(answer, neutralised(one_line(query, LONGEST_REPEATED)), noted, neutralised))
    if answer.shown:
        return f"**{CLOSEST}**"
    return _did_you_mean(f"**{neutralised(answer.only.title)}**") if answer.only else DID_YOU_MEAN


def plain_answer(answer: Answer, query: str, base: BriefBase, today: date, *, noted: bool = False) -> str:
    """Return an answer as plain text: a card, briefs to choose from by number, or a miss.

    ``noted``: it is certain that admins get to see the question.
    """
    if isinstance(answer, Found):
        return plain(card_of(answer.brief, base, today, replaces=answer.replaces))
    choices = [f"  {number}. {brief.title}" for number, brief in enumerate(answer.offered, 1)]
    if isinstance(answer, Missing):
        missed = _missed(answer, one_line(query, LONGEST_REPEATED), noted, str)
        return "\n".join([*missed, *([NEAREST, *choices] if choices else [])])
    if answer.only:
        return _did_you_mean(answer.only.title)
    if not answer.shown:
        return "\n".join([DID_YOU_MEAN, *choices])
    others = ["", OR_ONE_OF_THESE, *choices] if choices else []
    return "\n".join([f"{CLOSEST}:", "", plain(card_of(answer.shown, base, today, replaces=answer.replaces)), *others])


def _did_you_mean(title: str) -> str:
    return f"Did you mean {title}?"


def _missed(answer: Missing, question: str, noted: bool, written: Callable[[str], str]) -> list[str]:
    """Return the lines of a miss: that there is no brief, or how to ask. ``written`` escapes an admin's text."""
    if answer.empty:
        examples = [f"- {written(example)}" for example in answer.examples]
        return [HOW_TO_ASK, *([FOR_EXAMPLE, *examples] if examples else [])]
    return [f"No brief on “{question}”.", *([MISS_NOTED] if noted else [])]
