"""Decides whether an interaction may go on.

Its member must not be too fast and must have permission, and the briefs must be loaded.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import discord

from bot.catalogues.catalogue import N_
from bot.errors import RequestError
from bot.gateway.recent_interactions import RecentInteractions
from bot.gateway.replies import defer_privately

STARTING = N_("The bot has just been started and is still reading the briefs. Try again in a minute.")
NOT_STARTED = N_("The bot cannot read the briefs and has to be started anew. Try again later.")
TOO_FAST = N_("That is faster than the bot may answer one member. Wait a few seconds, then ask again.")

ACKNOWLEDGED_AFTER = 0.5
"""Seconds that an interaction waits for the briefs before it is acknowledged. Discord gives it 3, but the event loop
may be late while the matcher is built. The answer to an acknowledged interaction is private."""

_LOOKUPS = frozenset({"brief", "Brief this"})
_NEED_NO_BRIEFS = frozenset({"privacy", "privacy show", "privacy forget"})

CheckPermission = Callable[[discord.Interaction[Any], str], Awaitable[None]]
"""Raises RequestError if an interaction may not do an action: a command's full name, or a custom_id up to the colon."""


async def permit_everything(_interaction: discord.Interaction[Any], _action: str) -> None:
    """Permit every action. A client without a gate uses this."""


class Admission:
    """Admits interactions. The service sets ``check_permission`` to `Gate.admit` of bot/commands/admin/gate.py."""

    def __init__(self, recent: RecentInteractions) -> None:
        self.check_permission: CheckPermission = permit_everything
        self._recent = recent
        self._decided = asyncio.Event()
        self._failed = False

    @property
    def is_open(self) -> bool:
        """Whether the briefs are read, so that interactions are served as they arrive."""
        return self._decided.is_set() and not self._failed

    def open(self) -> None:
        """Serve what needs the briefs from now on, and whatever has waited for them."""
        self._decided.set()

    def fail(self) -> None:
        """Refuse whatever needs the briefs, because they cannot be read."""
        self._failed = True
        self._decided.set()

    async def admit(self, interaction: discord.Interaction[Any], action: str) -> None:
        """Return when an interaction may go on to its handler. Raises RequestError if it may not."""
        if self._recent.is_too_fast(interaction.id):
            raise RequestError(TOO_FAST)
        await self.check_permission(interaction, action)
        if not self.is_open and action not in _NEED_NO_BRIEFS:
            await self._wait_for_briefs(interaction, action)

    async def admit_question(self, message_id: int) -> None:
        """Return when a message that asks may be answered. Like `/brief`, it needs no permission.

        Raises RequestError if it may not.
        """
        if self._recent.is_too_fast(message_id):
            raise RequestError(TOO_FAST)
        await self._decided.wait()
        if self._failed:
            raise RequestError(NOT_STARTED)

    async def _wait_for_briefs(self, interaction: discord.Interaction[Any], action: str) -> None:
        """Wait until the briefs are read. A lookup waits as long as needed; anything else is refused after 0.5 s."""
        try:
            async with asyncio.timeout(ACKNOWLEDGED_AFTER):
                await self._decided.wait()
        except TimeoutError:
            if action not in _LOOKUPS or interaction.type is discord.InteractionType.autocomplete:
                raise RequestError(STARTING) from None
            await defer_privately(interaction)
            await self._decided.wait()
        if self._failed:
            raise RequestError(NOT_STARTED)
