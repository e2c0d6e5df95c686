"""The words of a miss and of a did-you-mean, in Markdown for Discord; and any answer as plain text for a terminal."""

from collections.abc import Callable
from datetime import date

from bot.answering.answer import Answer, Found, Missing, Unsure, read_in
from bot.briefs.brief import Brief, BriefBase
from bot.briefs.card import card_of
from bot.briefs.card_text import plain
from bot.briefs.markup import neutralised
from bot.catalogues.catalogue import ENGLISH, N_, Catalogue
from bot.language.normalise import one_line

LONGEST_REPEATED = 100
"""Most characters of a question that are repeated to the member who asked it."""

MISS_NOTED = N_("The question has been noted, so that the admins see what is missing.")
NEAREST = N_("The nearest topics are:")
DID_YOU_MEAN = N_("Did you mean one of these?")
CLOSEST = N_("Closest match")
CLOSEST_TO = N_("**Closest match** to “{question}”")
OR_ONE_OF_THESE = N_("Or did you mean:")
HOW_TO_ASK = N_("Ask for a topic in a few words, or with a whole question.")
FOR_EXAMPLE = N_("For example:")


def opening(answer: Unsure | Missing, query: str, *, noted: bool, catalogue: Catalogue = ENGLISH) -> str:
    """Return the first lines of a suggestion or a miss, in Discord's Markdown. The buttons come below them.

    ``noted``: it is certain that admins get to see the question.
    """
    question = neutralised(one_line(query, LONGEST_REPEATED))
    if isinstance(answer, Missing):
        return "\n".join(_missed(answer, question, noted, neutralised, catalogue))
    if answer.shown:
        return catalogue.gettext(CLOSEST_TO, question=question) if question else f"**{catalogue.gettext(CLOSEST)}**"
    title = f"**{neutralised(answer.only.title)}**" if answer.only else ""
    return _did_you_mean(title, catalogue)


def plain_answer(
    answer: Answer,
    query: str,
    base: BriefBase,
    today: date,
    *,
    noted: bool = False,
    catalogue: Catalogue = ENGLISH,
    language: str | None = None,
) -> str:
    """Return an answer as plain text: a card, briefs to choose from by number, or a miss.

    ``noted``: it is certain that admins get to see the question. ``language`` is that of the reader, as a tag; None is
    the base's own.
    """
    say = catalogue.gettext
    answer = read_in(answer, base.in_language(language)) if language else answer

    def card(brief: Brief) -> str:
        return plain(card_of(brief, base, today, replaces=answer.replaces, catalogue=catalogue, language=language))

    if isinstance(answer, Found):
        return card(answer.brief)
    choices = [f"  {number}. {brief.title}" for number, brief in enumerate(answer.offered, 1)]
    if isinstance(answer, Missing):
        missed = _missed(answer, one_line(query, LONGEST_REPEATED), noted, str, catalogue)
        return "\n".join([*missed, *([say(NEAREST), *choices] if choices else [])])
    if answer.only:
        return _did_you_mean(answer.only.title, catalogue)
    if not answer.shown:
        return "\n".join([say(DID_YOU_MEAN), *choices])
    others = ["", say(OR_ONE_OF_THESE), *choices] if choices else []
    return "\n".join([f"{say(CLOSEST)}:", "", card(answer.shown), *others])


def _did_you_mean(title: str, catalogue: Catalogue) -> str:
    return catalogue.gettext("Did you mean {title}?", title=title) if title else catalogue.gettext(DID_YOU_MEAN)


def _missed(
    answer: Missing, question: str, noted: bool, written: Callable[[str], str], catalogue: Catalogue
) -> list[str]:
    """Return the lines of a miss: that there is no brief, or how to ask. ``written`` escapes an admin's text."""
    say = catalogue.gettext
    if answer.empty:
        examples = [f"- {written(example)}" for example in answer.examples]
        return [say(HOW_TO_ASK), *([say(FOR_EXAMPLE), *examples] if examples else [])]
    return [say("No brief on “{question}”.", question=question), *([say(MISS_NOTED)] if noted else [])]
