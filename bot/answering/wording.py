"""The words of an answer that is no card: a miss, a did-you-mean, and any answer as plain text."""

from datetime import date

from bot.answering.answer import Answer, Found, Missing
from bot.briefs.brief import BriefBase
from bot.briefs.card import card_of, plain

NO_BRIEF = "No brief on that."
MISS_NOTED = "The question has been noted, so that the admins see what is missing."
NEAREST = "The nearest topics are:"
DID_YOU_MEAN = "Did you mean one of these?"


def plain_answer(answer: Answer, base: BriefBase, today: date) -> str:
    """Return an answer as plain text: the card, a numbered did-you-mean, or an honest miss with the nearest topics."""
    match answer:
        case Found(brief=brief):
            return plain(card_of(brief, base, today))
        case Missing(suggestions=()):
            return NO_BRIEF
        case Missing():
            head = f"{NO_BRIEF}\n{NEAREST}"
        case _:
            head = DID_YOU_MEAN
    return "\n".join([head, *(f"  {n}. {c.brief.title}" for n, c in enumerate(answer.suggestions, 1))])
