"""What every member can do: `/brief` with its autocomplete, `Brief this`, and the buttons of a card."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

import discord
from discord import app_commands

from bot.answering.answer import Found, Missing, Outcome, answer
from bot.answering.completion import CHOICES
from bot.answering.matcher import Matcher
from bot.answering.wording import headline
from bot.briefs.brief import Brief
from bot.briefs.card import Card, card_of
from bot.commands.card_desk import BRIEF_GONE
from bot.commands.excerpts import Excerpts
from bot.commands.layout import (
    ask_layout,
    card_layout,
    closest_layout,
    share_button,
    still_button,
    suggestions_layout,
    wrong_button,
)
from bot.commands.message_text import text_of
from bot.gateway.client import BriefClient, Interaction
from bot.gateway.replies import NOT_CERTAIN, reply_privately
from bot.gateway.router import chosen_value
from bot.language.texts import whole_number
from bot.metrics import Histogram
from bot.storage.lookups import Lookup, Via

LONGEST_QUERY = 6000

LOOKUP_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25)
"""Bounds between which the times of answering are counted."""

COMPLETION_TIMEOUT = 0.25
"""Seconds that autocomplete waits for the log before it goes by title alone."""

LOGGED = ("outcome", "brief", "confidence", "elapsed_ms", "via")
"""What the diagnostic log says of a lookup: nothing of who asked what."""

NOTED = "Thank you, that is noted for the admins."
NO_TEXT = "That message has no text that a brief could be about, so nothing was looked up."
NOT_ASKED_YET = "Thank you, that is noted. The admins do not see what the message says unless you ask them about it."
ASKED = "The admins see the beginning of that message now, among what was asked in vain."
FORGOTTEN = "That message is no longer at hand. Use **Brief this** on it again, then ask."
NOT_THEIRS = "Only the member who asked can say that, and only while the lookup is kept."

_log = logging.getLogger(__name__)


class LookupLog(Protocol):
    """What members' commands need of the log. `bot.storage.lookups.LookupLog` has these methods."""

    async def record(self, lookup: Lookup) -> bool: ...

    async def mark_wrong(self, interaction_id: int, user_id: int) -> bool | None: ...

    async def ask_admins(self, interaction_id: int, user_id: int, text: str) -> bool | None: ...

    async def most_asked(self, guild_id: int | None, limit: int) -> list[str]: ...


class MemberDesk:
    """Serves members from the current matcher and logs what it served.

    ``lookup_counts`` counts what came of them, ``lookup_seconds`` how long finding the brief alone took.
    """

    def __init__(self, matcher: Matcher, log: LookupLog) -> None:
        self.matcher = matcher
        self.lookup_counts: Counter[tuple[Outcome, Via]] = Counter()
        self.lookup_seconds = Histogram(LOOKUP_SECONDS)
        self._lookups = log
        self._excerpts = Excerpts()
        self._changed: Mapping[str, datetime] = {}

    def use(self, matcher: Matcher, changed: Mapping[str, datetime]) -> None:
        """Answer from ``matcher`` from now on, whose briefs were last ``changed`` then.

        An answer under way keeps the matcher that it began with.
        """
        self.matcher = matcher
        self._changed = changed

    def install(self, client: BriefClient) -> None:
        """Add the members' commands and buttons to ``client``."""

        @app_commands.command(name="brief", description="A short, sourced brief on what you ask")
        @app_commands.describe(query="A topic, a few words or a whole question")
        async def brief(interaction: Interaction, query: app_commands.Range[str, 1, LONGEST_QUERY]) -> None:
            await self.look_up(interaction, query, "slash")

        @brief.autocomplete("query")
        async def complete(interaction: Interaction, text: str) -> list[app_commands.Choice[str]]:
            briefs: list[Brief] = []
            async with client.handling(interaction):
                briefs = await self._complete(interaction, text)
            return [app_commands.Choice(name=brief.title, value=brief.title) for brief in briefs]

        @app_commands.context_menu(name="Brief this")
        async def brief_this(interaction: Interaction, message: discord.Message) -> None:
            await self.look_up(interaction, text_of(message)[:LONGEST_QUERY], "menu", message.id)

        client.tree.add_command(brief)
        client.tree.add_command(brief_this)
        client.router.on_press("brief", self.show)
        client.router.on_press("related", self.show_chosen)
        client.router.on_press("wrong", self.mark_wrong)
        client.router.on_press("ask", self.ask_admins)

    async def look_up(self, interaction: Interaction, query: str, via: Via, about: int | None = None) -> None:
        """Answer ``query``: a brief is for the channel, unless another member's message was asked ``about``."""
        matcher = self.matcher
        started = time.perf_counter()
        found = answer(query, matcher)
        elapsed = time.perf_counter() - started
        kept = query
        if from_message := via == "menu":
            if isinstance(found, Missing) and found.empty:
                await reply_privately(interaction, NO_TEXT)
                return
            self._excerpts.keep(interaction.id, query, time.monotonic())
            kept = ""  # another member's words are kept only if whoever asks says so
        self.lookup_seconds.observe(elapsed)
        brief = found.brief.id if found.brief else None
        lookup = Lookup(kept, found.outcome, brief, found.confidence, elapsed * 1000, via)
        recorded = await self._record(interaction, lookup)
        if isinstance(found, Found) and not from_message:
            await self._answer(interaction, self._card(found.brief, matcher, found.asked))
            return
        head = "" if isinstance(found, Found) else headline(found, query, noted=recorded and not from_message)
        if found.shown:
            card = self._card(found.shown, matcher, found.asked)
            view = closest_layout(card, head, found.offered, *_private_actions(interaction, card, about))
        else:
            view = suggestions_layout(found, head, interaction.id, askable=from_message)
        await _send(interaction, view, private=True)

    async def _answer(self, interaction: Interaction, card: Card) -> None:
        """Show a card to the channel; to the asker alone if the interaction was acknowledged for them alone."""
        if private := interaction.response.is_done():
            actions = _private_actions(interaction, card)
        else:
            actions = [still_button(card.id), wrong_button(interaction.id)]
        await _send(interaction, card_layout(card, *actions), private=private)

    def card_now(self, brief_id: str) -> Card | None:
        """Return the card that members get for a brief's id, None if there is none."""
        matcher = self.matcher
        asked = matcher.base.briefs.get(brief_id)
        if asked is None:
            return None
        current = matcher.current(asked, 1.0)
        return self._card(current.brief, matcher, current.asked)

    async def show_chosen(self, interaction: Interaction, _shown: str) -> None:
        """Show the brief that was chosen from the menu of related ones."""
        await self.show(interaction, chosen_value(interaction))

    async def show(self, interaction: Interaction, brief_id: str) -> None:
        """Show the brief of a button to whoever pressed it: in place if the message is theirs alone."""
        if not (card := self.card_now(brief_id)):
            await reply_privately(interaction, BRIEF_GONE)
            return
        await self._record(interaction, Lookup(card.title, "answer", card.id, 1.0, 0.0, "button"))
        view = card_layout(card, *_private_actions(interaction, card))
        if interaction.message and interaction.message.flags.ephemeral and not interaction.response.is_done():
            await interaction.response.edit_message(view=view)
        else:
            await _send(interaction, view, private=True)

    async def mark_wrong(self, interaction: Interaction, asked_in: str) -> None:
        """Note that the lookup of the interaction ``asked_in`` did not find what its asker meant."""
        lookup = whole_number(asked_in) or 0  # no interaction has the id 0
        marked = await self._lookups.mark_wrong(lookup, interaction.user.id)
        if marked and self._excerpts.of(lookup, time.monotonic()):
            await _send(interaction, ask_layout(NOT_ASKED_YET, lookup), private=True)
        else:
            await reply_privately(interaction, _what_became(marked, NOTED))

    async def ask_admins(self, interaction: Interaction, asked_in: str) -> None:
        """Keep the beginning of the message that the interaction ``asked_in`` was about, for the admins to see."""
        lookup = whole_number(asked_in) or 0  # no interaction has the id 0
        text = self._excerpts.of(lookup, time.monotonic())
        if text is None:
            await reply_privately(interaction, FORGOTTEN)
            return
        asked = await self._lookups.ask_admins(lookup, interaction.user.id, text)
        await reply_privately(interaction, _what_became(asked, ASKED))

    async def _complete(self, interaction: Interaction, text: str) -> list[Brief]:
        """Return the briefs for half-typed text; for none at all those asked for most in this server, then the rest."""
        matcher = self.matcher
        completed = matcher.complete(text, CHOICES)
        if text.strip():
            return completed
        popular: list[str] = []
        with suppress(TimeoutError):
            async with asyncio.timeout(COMPLETION_TIMEOUT):
                popular = await self._lookups.most_asked(interaction.guild_id, CHOICES)
        first = [brief for brief_id in popular if (brief := matcher.base.current(brief_id))]
        return list({brief.id: brief for brief in (*first, *completed)}.values())[:CHOICES]

    async def _record(self, interaction: Interaction, lookup: Lookup) -> bool:
        """Log a lookup, and return whether it is certain that the log holds it."""
        recorded = await self._lookups.record(
            replace(
                lookup,
                guild_id=interaction.guild_id,
                channel_id=interaction.channel_id,
                user_id=interaction.user.id,
                interaction_id=interaction.id,
            )
        )
        self.lookup_counts[lookup.outcome, lookup.via] += 1
        event = {key: getattr(lookup, key) for key in LOGGED}
        text = "lookup %(outcome)s of %(brief)s with confidence %(confidence).2f in %(elapsed_ms).1f ms via %(via)s"
        _log.info(text, event, extra=event)
        return recorded

    def _card(self, brief: Brief, matcher: Matcher, instead_of: Brief | None = None) -> Card:
        return card_of(brief, matcher.base, datetime.now(UTC).date(), self._changed.get(brief.id), instead_of)


def _private_actions(
    interaction: Interaction, card: Card, about: int | None = None
) -> list[discord.ui.Button[discord.ui.LayoutView]]:
    """Return the buttons of a card that its asker alone sees; in direct messages nobody else is there to share with."""
    alone = interaction.guild_id is None and not interaction.context.private_channel
    return [*([] if alone else [share_button(card.id, about)]), wrong_button(interaction.id)]


def _what_became(changed: bool | None, done: str) -> str:
    """Return what a member is told of a change to their lookup: ``done`` only if the log holds the change."""
    if changed is None:
        return NOT_CERTAIN
    return done if changed else NOT_THEIRS


async def _send(interaction: Interaction, view: discord.ui.LayoutView, *, private: bool) -> None:
    """Answer an interaction, in place of what is awaited if it was acknowledged already."""
    if interaction.response.is_done():
        await interaction.edit_original_response(view=view)
    else:
        await interaction.response.send_message(view=view, ephemeral=private)
