"""The words of an answer that is no card: a miss, a did-you-mean, and any answer as plain text."""

from collections.abc import Sequence
from datetime import date

from bot.answering.answer import Answer, Found, Missing, Unsure
from bot.answering.matcher import Candidate
from bot.briefs.brief import Brief, BriefBase
from bot.briefs.card import card_of, plain

NO_BRIEF = "No brief on that."
MISS_NOTED = "The question has been noted, so that the admins see what is missing."
NEAREST = "The nearest topics are:"
DID_YOU_MEAN = "Did you mean one of these?"
CLOSEST = "Closest match"
HOW_TO_ASK = "Ask in your own words, or name a topic. For example:"

REPEATED = 100
"""How many characters of a question a miss repeats."""


def did_you_mean(answer: Unsure) -> str:
    """Return the line above the briefs to choose from."""
    return DID_YOU_MEAN if len(answer.suggestions) > 1 else "Did you mean this one?"


def missed(query: str) -> str:
    """Return the line that says that there is no brief, with the beginning of the question on one line."""
    asked = " ".join("".join(char if char.isprintable() else " " for char in query).split())
    if len(asked) > REPEATED:
        asked = asked[: REPEATED - 1] + "…"
    return f"{NO_BRIEF.removesuffix('.')}: “{asked}”." if asked else NO_BRIEF


def plain_answer(query: str, answer: Answer, base: BriefBase, today: date, examples: Sequence[str]) -> str:
    """Return an answer as plain text: the card, the closest match with numbered others, a numbered did-you-mean, an
    honest miss with the nearest topics, or how to ask, with examples.
    """
    match answer:
        case Found(brief=brief):
            return plain(card_of(brief, base, today))
        case Unsure(shown=Brief() as brief):
            others = ["", "Or did you mean:", *_numbered(answer.suggestions, 2)] if len(answer.suggestions) > 1 else []
            return "\n".join([f"{CLOSEST}:", "", plain(card_of(brief, base, today)), *others])
        case Unsure():
            return "\n".join([did_you_mean(answer), *_numbered(answer.suggestions)])
        case Missing(empty=True) if examples:
            return "\n".join([HOW_TO_ASK, *(f"  {example}" for example in examples)])
        case _:
            return "\n".join([missed(query), *([NEAREST, *_numbered(answer.near)] if answer.near else [])])


def _numbered(candidates: Sequence[Candidate], first: int = 1) -> list[str]:
    return [f"  {number}. {one.brief.title}" for number, one in enumerate(candidates[first - 1 :], first)]
