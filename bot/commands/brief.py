"""The commands of all members: `/brief` with its autocomplete, and `Brief this`; and the buttons of their answers."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from typing import NamedTuple, Protocol

import discord
from discord import app_commands

from bot.answering.answer import Answer, Found, Missing, Outcome, answer, read_in
from bot.answering.completion import CHOICES
from bot.answering.matcher import Matcher
from bot.answering.wording import opening
from bot.briefs.brief import Brief, BriefBase
from bot.briefs.card import Card, card_of
from bot.catalogues.catalogue import ENGLISH, N_, Catalogue
from bot.commands.card_desk import BRIEF_GONE
from bot.commands.excerpts import Excerpts
from bot.commands.layout import (
    REMEMBERED,
    card_layout,
    closest_layout,
    share_button,
    still_button,
    suggestions_layout,
    wrong_button,
)
from bot.commands.message_text import text_of
from bot.gateway import audience
from bot.gateway.client import BriefClient, Interaction
from bot.gateway.replies import reply_privately
from bot.gateway.router import chosen_value
from bot.metrics import Histogram
from bot.storage.lookups import Lookup, Via

LONGEST_QUERY = 6000

LOOKUP_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25)
"""Upper bounds, in seconds, of the histogram of the time that finding a brief takes."""

COMPLETION_TIMEOUT = 0.25
"""Seconds that autocomplete waits for the log to say which briefs are asked for most. After that it sorts by title."""

LOGGED = ("outcome", "brief", "confidence", "elapsed_ms", "via")
"""The fields of a lookup that the diagnostic log has. The member and their question are not among them."""

NO_TEXT = N_("That message has no text that a brief could be about, so nothing was looked up.")

_log = logging.getLogger(__name__)


class MemberLog(Protocol):
    """What members' commands need of the log. `bot.storage.lookups.LookupLog` has these methods."""

    async def record(self, lookup: Lookup) -> bool: ...

    async def most_asked(self, guild_id: int | None, limit: int) -> list[str]: ...


class Finding(NamedTuple):
    """What a query found in a matcher, and how many milliseconds that took."""

    answer: Answer
    matcher: Matcher
    elapsed_ms: float


class MemberDesk:
    """Answers members from the current matcher and logs each lookup.

    ``excerpts`` has the beginnings of messages that were asked about. ``after_answer`` is called once `/brief` was
    answered. ``lookup_counts`` counts the lookups by outcome and by how they were asked. ``lookup_seconds`` has the
    times of finding the brief, without the times of the log and of Discord.
    """

    def __init__(self, matcher: Matcher, log: MemberLog) -> None:
        self.lookup_counts: Counter[tuple[Outcome, Via]] = Counter()
        self.lookup_seconds = Histogram(LOOKUP_SECONDS)
        self._lookups = log
        self.excerpts = Excerpts()
        self.after_answer: Callable[[Interaction], Awaitable[None]] = _nothing_more
        self.use(matcher, {})

    @property
    def matcher(self) -> Matcher:
        return self._matcher

    def use(self, matcher: Matcher, changed: Mapping[str, datetime]) -> None:
        """Answer from ``matcher`` from now on. ``changed`` says when each brief was last changed, by its id.

        An answer under way keeps the matcher that it began with.
        """
        self._matcher = matcher
        self._changed = changed
        self._cards = lru_cache(REMEMBERED)(partial(_card_of, matcher.base))

    def install(self, client: BriefClient) -> None:
        """Add the members' commands and buttons to ``client``."""

        @app_commands.command(name="brief", description=N_("A short, sourced brief on what you ask"))
        @app_commands.describe(query=N_("A topic, a few words or a whole question"))
        async def brief(interaction: Interaction, query: app_commands.Range[str, 1, LONGEST_QUERY]) -> None:
            await self.look_up(interaction, query, "slash")
            await self.after_answer(interaction)

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

    async def look_up(self, interaction: Interaction, query: str, via: Via, about: int | None = None) -> None:
        """Answer ``query``. The answer is public, unless it is unsure or is about another member's message.

        ``about`` is the id of that message, None for a question of the member.
        """
        found, matcher, elapsed_ms = self.find(query, audience.reader_locale(interaction))
        stored = query
        if from_message := via == "menu":
            if isinstance(found, Missing) and found.empty:
                await reply_privately(interaction, NO_TEXT)
                return
            self.excerpts.keep(interaction.id, query, time.monotonic())
            stored = ""  # another member's words are stored only after a press of "Ask the admins about this"
        brief = found.brief.id if found.brief else None
        lookup = Lookup(stored, found.outcome, brief, found.confidence, elapsed_ms, via)
        recorded = await self._record(interaction, lookup)
        if isinstance(found, Found) and not from_message:
            await self._answer(interaction, found, matcher)
            return
        say, language = audience.reader(interaction), audience.reader_locale(interaction)
        found = read_in(found, matcher.base.in_language(language))
        above = (
            ""
            if isinstance(found, Found)
            else opening(found, query, noted=recorded and not from_message, catalogue=say)
        )
        if found.shown:
            card = self.card(found.shown, matcher, say, found.replaces, language)
            view = closest_layout(card, above, found.offered, *_private_actions(interaction, card, about))
        else:
            tellable = recorded and not from_message and isinstance(found, Missing) and not found.empty
            view = suggestions_layout(
                found, above, interaction.id, askable=from_message, tellable=tellable, catalogue=say
            )
        await _send(interaction, view, private=True)

    def find(self, query: str, language: str | None = None) -> Finding:
        """Answer ``query`` of somebody who reads in a language, from the current matcher, and count the time."""
        matcher = self.matcher
        started = time.perf_counter()
        found = answer(query, matcher, language)
        elapsed = time.perf_counter() - started
        self.lookup_seconds.observe(elapsed)
        return Finding(found, matcher, elapsed * 1000)

    async def _answer(self, interaction: Interaction, found: Found, matcher: Matcher) -> None:
        """Show a card to the channel, or to the asker alone if the interaction was acknowledged privately before."""
        private = interaction.response.is_done()
        say = audience.reader(interaction) if private else audience.channel(interaction)
        language = audience.reader_locale(interaction) if private else audience.channel_locale(interaction)
        card = self.card(found.brief, matcher, say, found.replaces, language)
        if private:
            actions = _private_actions(interaction, card)
        else:
            actions = [still_button(card.id, say), wrong_button(interaction.id, card)]
        await _send(interaction, card_layout(card, *actions), private=private)

    def card_now(self, brief_id: str, catalogue: Catalogue = ENGLISH, language: str | None = None) -> Card | None:
        """Return the card that members get for a brief's id in a language, None if there is none."""
        matcher = self.matcher
        brief = matcher.base.briefs.get(brief_id)
        if brief is None:
            return None
        current = matcher.current(brief, 1.0)
        return self.card(current.brief, matcher, catalogue, current.replaces, language)

    async def show_chosen(self, interaction: Interaction, _shown: str) -> None:
        """Show the brief that a member chose from the menu of related briefs. An ephemeral card gives way to it."""
        await self._show(interaction, chosen_value(interaction), in_place=_is_ephemeral(interaction))

    async def show(self, interaction: Interaction, brief_id: str) -> None:
        """Show the brief of a button to the member who pressed it.

        If only they see the message with the button, the brief takes its place. Otherwise it is a new private message.
        """
        await self._show(
            interaction, brief_id, in_place=_is_ephemeral(interaction) or interaction.context.dm_channel is True
        )

    async def _show(self, interaction: Interaction, brief_id: str, *, in_place: bool) -> None:
        if not (card := self.card_now(brief_id, audience.reader(interaction), audience.reader_locale(interaction))):
            await reply_privately(interaction, BRIEF_GONE)
            return
        await self._record(interaction, Lookup(card.title, "answer", card.id, 1.0, 0.0, "button"))
        view = card_layout(card, *_private_actions(interaction, card))
        if in_place and not interaction.response.is_done():
            await interaction.response.edit_message(view=view)
        else:
            await _send(interaction, view, private=True)

    async def _complete(self, interaction: Interaction, text: str) -> list[Brief]:
        """Return the briefs for half-typed text. Without text, the briefs most asked for in this server come first."""
        matcher = self.matcher
        language = audience.reader_locale(interaction)
        completed = matcher.complete(text, CHOICES, language)
        if text.strip():
            return completed
        popular: list[str] = []
        with suppress(TimeoutError):
            async with asyncio.timeout(COMPLETION_TIMEOUT):
                popular = await self._lookups.most_asked(interaction.guild_id, CHOICES)
        edition = matcher.base.in_language(language)
        first = [brief for brief_id in popular if (brief := edition.current(brief_id))]
        return list({brief.id: brief for brief in (*first, *completed)}.values())[:CHOICES]

    async def _record(self, interaction: Interaction, lookup: Lookup) -> bool:
        return await self.record(
            replace(
                lookup,
                guild_id=interaction.guild_id,
                channel_id=interaction.channel_id,
                user_id=interaction.user.id,
                interaction_id=interaction.id,
                language=audience.reader_locale(interaction),
            )
        )

    async def record(self, lookup: Lookup) -> bool:
        """Log and count a lookup. Return whether it is certain that the log has it."""
        recorded = await self._lookups.record(lookup)
        self.lookup_counts[lookup.outcome, lookup.via] += 1
        event = {key: getattr(lookup, key) for key in LOGGED}
        text = "lookup %(outcome)s of %(brief)s with confidence %(confidence).2f in %(elapsed_ms).1f ms via %(via)s"
        _log.info(text, event, extra=event)
        return recorded

    def card(
        self,
        brief: Brief,
        matcher: Matcher,
        catalogue: Catalogue,
        replaces: Brief | None = None,
        language: str | None = None,
    ) -> Card:
        """Return the card of a brief as of today. ``replaces`` is the brief that it has replaced.

        It is in the reader's ``language``, and has changed when the brief or its translation last has.
        """
        make = self._cards if matcher is self.matcher else partial(_card_of, matcher.base)
        card = make(brief.id, replaces.id if replaces else None, catalogue, language, datetime.now(UTC).date())
        changed = [when for name in (card.id, f"{card.id}.{card.language}") if (when := self._changed.get(name))]
        return replace(card, changed=max(changed)) if changed else card


def _card_of(
    base: BriefBase, brief_id: str, replaces: str | None, catalogue: Catalogue, language: str | None, today: date
) -> Card:
    """Return the card of a brief by its id, and by that of the brief that it has replaced, if it has replaced one."""
    replaced = base.briefs[replaces] if replaces else None
    return card_of(base.briefs[brief_id], base, today, None, replaced, catalogue, language)


def _is_ephemeral(interaction: Interaction) -> bool:
    return interaction.message is not None and interaction.message.flags.ephemeral


def _private_actions(
    interaction: Interaction, card: Card, about: int | None = None
) -> list[discord.ui.Button[discord.ui.LayoutView]]:
    """Return the buttons of a private card. One shares it, but not in direct messages, which nobody else reads."""
    alone = interaction.guild_id is None and not interaction.context.private_channel
    shared = [] if alone else [share_button(card.id, about, card.catalogue)]
    return [*shared, wrong_button(interaction.id, card)]


async def _nothing_more(_interaction: Interaction) -> None:
    """Say nothing after an answer."""


async def _send(interaction: Interaction, view: discord.ui.LayoutView, *, private: bool) -> None:
    """Answer an interaction. If it was acknowledged before, the answer takes the place of "is thinking"."""
    if interaction.response.is_done():
        await interaction.edit_original_response(view=view)
    else:
        await interaction.response.send_message(view=view, ephemeral=private)
