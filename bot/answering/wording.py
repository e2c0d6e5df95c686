"""The words of an answer that is no card: a miss, a did-you-mean, and any answer as plain text."""

from collections.abc import Callable
from datetime import date

from bot.answering.answer import Answer, Found, Missing, Unsure
from bot.briefs.brief import BriefBase
from bot.briefs.card import card_of, plain
from bot.briefs.markup import neutralised
from bot.language.normalise import one_line

LONGEST_REPEATED = 100
"""How many characters of a question are repeated to whoever asked it."""

MISS_NOTED = "The question has been noted, so that the admins see what is missing."
NEAREST = "The nearest topics are:"
DID_YOU_MEAN = "Did you mean one of these?"
CLOSEST = "Closest match"
OR_ONE_OF_THESE = "Or did you mean:"
HOW_TO_ASK = "Ask for a topic in a few words, or with a whole question."
FOR_EXAMPLE = "For example:"


def headline(answer: Unsure | Missing, query: str, *, noted: bool) -> str:
    """Return what is said of a query that no brief answers for sure, in Discord's Markdown, above what is offered.

    ``noted``: it is certain that admins get to see the question.
    """
    if isinstance(answer, Missing):
        return "\n".join(_missed(answer, neutralised(one_line(query, LONGEST_REPEATED)), noted, neutralised))
    if answer.shown:
        return f"**{CLOSEST}**"
    return _did_you_mean(f"**{neutralised(answer.only.title)}**") if answer.only else DID_YOU_MEAN


def plain_answer(answer: Answer, query: str, base: BriefBase, today: date, *, noted: bool = False) -> str:
    """Return an answer as plain text: a card, what was meant as a numbered choice, or an honest miss.

    ``noted``: it is certain that admins get to see the question.
    """
    if isinstance(answer, Found):
        return plain(card_of(answer.brief, base, today, instead_of=answer.asked))
    choices = [f"  {number}. {brief.title}" for number, brief in enumerate(answer.offered, 1)]
    if isinstance(answer, Missing):
        missed = _missed(answer, one_line(query, LONGEST_REPEATED), noted, str)
        return "\n".join([*missed, *([NEAREST, *choices] if choices else [])])
    if answer.only:
        return _did_you_mean(answer.only.title)
    if not answer.shown:
        return "\n".join([DID_YOU_MEAN, *choices])
    others = ["", OR_ONE_OF_THESE, *choices] if choices else []
    return "\n".join([f"{CLOSEST}:", "", plain(card_of(answer.shown, base, today, instead_of=answer.asked)), *others])


def _did_you_mean(title: str) -> str:
    return f"Did you mean {title}?"


def _missed(answer: Missing, question: str, noted: bool, written: Callable[[str], str]) -> list[str]:
    """Return the lines that say that there is no brief, or how to ask; ``written`` makes an admin's text readable."""
    if answer.empty:
        examples = [f"- {written(example)}" for example in answer.examples]
        return [HOW_TO_ASK, *([FOR_EXAMPLE, *examples] if examples else [])]
    return [f"No brief on “{question}”.", *([MISS_NOTED] if noted else [])]
