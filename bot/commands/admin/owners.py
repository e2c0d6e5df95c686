"""The owners of the bot: who is named in a setting, else whom Discord says the application belongs to."""

import asyncio
import logging
import math
import time

import aiohttp
import discord

from bot.catalogues.catalogue import N_
from bot.errors import RequestError
from bot.gateway.client import BriefClient

EVERY = 600.0
"""Seconds for which an answer of Discord's counts, but for changes: who makes one is looked up anew."""

AGAIN = 10.0
"""Seconds after which Discord is asked again if it did not answer."""

OWNERS_TIMEOUT = 1.0
"""Seconds that Discord has to answer, of the 3 in which whoever asked has to be."""

UNKNOWN = N_(
    "Discord does not say at the moment who owns this bot, so nothing was done. Try again in a minute, or have "
    "OWNER_IDS set, with which nobody needs to be asked."
)

_ROLES = (discord.TeamMemberRole.admin, discord.TeamMemberRole.developer)

_log = logging.getLogger(__name__)


class Owners:
    """``ids`` are the users who own the bot, as they were last known."""

    def __init__(self, named: frozenset[int], client: BriefClient) -> None:
        self.named = bool(named)
        self.ids = named
        self._client = client
        self._asked = self._tried = -math.inf
        self._asking = asyncio.Lock()
        client.at_login(self._begin)

    async def look(self, user: int, *, to_change: bool) -> None:
        """See that what is known is new enough to decide what ``user`` may do.

        Raises RequestError if that cannot be done for somebody who was an owner when Discord last said so.
        """
        if self.named:
            return
        now, owner = time.monotonic(), user in self.ids
        async with self._asking:
            old = now - self._asked >= EVERY
            at_once = owner and to_change and self._asked < now
            due = at_once or (old and now - self._tried >= AGAIN)
            known = await self._told(now) if due else not old
        if owner and not known:
            raise RequestError(UNKNOWN)

    async def _told(self, now: float) -> bool:
        """Ask Discord, and return whether it answered."""
        self._tried = now
        try:
            async with asyncio.timeout(OWNERS_TIMEOUT):
                self._take(await self._client.application_info())
        except (discord.HTTPException, aiohttp.ClientError, OSError, KeyError, TypeError) as error:
            _log.warning("Discord does not say who owns the bot: %s", error or type(error).__name__)
            return False
        return True

    async def _begin(self) -> None:
        if not self.named and self._client.application:
            self._take(self._client.application)

    def _take(self, application: discord.AppInfo) -> None:
        self._asked = time.monotonic()
        self.ids = _owners_of(application)


def _owners_of(application: discord.AppInfo) -> frozenset[int]:
    """Return the owner; of a team its owner and those who have joined it with a role that may change the bot."""
    team = application.team
    if team is None:
        return frozenset({application.owner.id})
    joined = (each for each in team.members if each.membership_state is discord.TeamMembershipState.accepted)
    return frozenset(each.id for each in joined if each.id == team.owner_id or each.role in _ROLES)
