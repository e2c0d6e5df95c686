"""Answers messages that ask the bot something: direct messages, and mentions in a server."""

from dataclasses import replace

from discord import ui

from bot.answering.answer import Found, Missing, Unsure
from bot.answering.wording import HOW_TO_ASK, MISS_NOTED, opening
from bot.catalogues.catalogue import N_, Catalogue
from bot.commands.brief import Finding, MemberDesk
from bot.commands.layout import card_layout, closest_layout, still_button, suggestions_layout, wrong_button
from bot.gateway import audience
from bot.gateway.client import BriefClient
from bot.gateway.layout import message_layout
from bot.gateway.questions import Question
from bot.storage.lookups import Lookup

NO_WORDS = N_(
    "Ask in words of your own. About a message of somebody else, choose Apps, then **Brief this**, in its menu."
)
"""The reply to a direct message without words, such as a picture or a forward, which is no lookup."""

NO_BRIEF = N_("There is no brief on that.")
"""A miss where everybody reads it. It does not repeat the question, so that nobody can make the bot say something."""


class MessageDesk:
    """Answers questions from the matcher of `/brief`, and logs each as a lookup before the answer is sent.

    A direct message gets what `/brief` would show. In a server only a brief that was found with certainty is shown,
    because everybody reads it; docs/decisions/57-a-mention-gets-a-card-or-a-line.md says what is shown otherwise.
    """

    def __init__(self, members: MemberDesk, client: BriefClient) -> None:
        self._members = members
        self._client = client

    async def answer(self, question: Question) -> None:
        """Answer a question. Raises UndeliveredError."""
        say = audience.asker(self._client, question.guild_id)
        if question.text:
            finding = self._members.find(question.text)
            noted = await self._members.record(_lookup(question, finding))
            view = self._view(question, finding, noted, say)
        else:
            view = message_layout(say.gettext(NO_WORDS))
        await self._client.message_replies.send(question, view)

    def _view(self, question: Question, finding: Finding, noted: bool, say: Catalogue) -> ui.LayoutView:
        found, matcher, _ = finding
        guild = question.guild_id
        language = audience.server_locale(self._client, guild) if guild is not None else None
        if isinstance(found, Found):
            card = self._members.card(found.brief, matcher, say, found.replaces, language)
            return card_layout(card, still_button(card.id, say), wrong_button(question.id, card))
        if question.guild_id is not None:
            return _line(found, question.id, noted, say)
        above = opening(found, question.text, noted=noted, catalogue=say)
        if not found.shown:
            tellable = noted and isinstance(found, Missing) and not found.empty
            return suggestions_layout(found, above, question.id, askable=False, tellable=tellable, catalogue=say)
        card = self._members.card(found.shown, matcher, say, found.replaces, language)
        return closest_layout(card, above, found.offered, wrong_button(question.id, card))


def _line(found: Unsure | Missing, asked_in: int, noted: bool, say: Catalogue) -> ui.LayoutView:
    """Return what a whole channel reads when no brief is certain: a line, and buttons that show briefs to one alone."""
    if isinstance(found, Unsure):
        choice = replace(found, shown=None)
        above = opening(choice, "", noted=noted, catalogue=say)
        return suggestions_layout(choice, above, asked_in, askable=False, tellable=False, catalogue=say)
    if found.empty:
        return message_layout(say.gettext(HOW_TO_ASK))
    return message_layout(" ".join([say.gettext(NO_BRIEF), *([say.gettext(MISS_NOTED)] if noted else [])]))


def _lookup(question: Question, finding: Finding) -> Lookup:
    found = finding.answer
    return Lookup(
        question.text,
        found.outcome,
        found.brief.id if found.brief else None,
        found.confidence,
        finding.elapsed_ms,
        question.via,
        question.guild_id,
        question.channel_id,
        question.user_id,
        question.id,
    )
