"""Announcing, in the servers that want it, what members would read otherwise than before."""

import asyncio
import logging

import aiohttp
import discord
from discord import app_commands

from bot.admin import views
from bot.admin.replies import respond
from bot.brief import Brief
from bot.brief_file import read_brief
from bot.change import Version, differences
from bot.client import BriefClient, Interaction
from bot.errors import LogError, RequestError
from bot.storage.channels import AnnouncementChannel, AnnouncementChannels
from bot.storage.history import History

MOST = 5
"""How many changed briefs get a card of their own; the rest are counted, so that no channel is flooded."""

WELCOME = "When a brief says something new, this channel is told from now on."

_GONE = (10003, 50001)  # Unknown Channel, Missing Access

_log = logging.getLogger(__name__)


class Announcer:
    """Serves `/briefs announce`, and tells each channel that was chosen of every change since it was last told."""

    def __init__(self, client: BriefClient, channels: AnnouncementChannels, history: History) -> None:
        self._client = client
        self._channels = channels
        self._history = history
        self._due = asyncio.Event()

    def look(self) -> None:
        """See before long whether there is anything to announce."""
        self._due.set()

    async def watch(self) -> None:
        """Announce whatever has changed, at first since the bot last ran, until cancelled."""
        while True:
            self._due.clear()
            await self.announce()
            await self._due.wait()

    async def choose(self, interaction: Interaction, channel: app_commands.AppCommandChannel | None) -> None:
        """Announce changes in ``channel`` of this server from now on, or no longer."""
        guild = interaction.guild_id
        if guild is None:
            raise RequestError("Changes are announced in servers; use this in one.")
        if channel is None:
            await self._channels.remove(guild)
            await respond(interaction, views.message("Changes are no longer announced in this server."))
            return
        if interaction.guild is None or interaction.guild.get_channel(channel.id) is None:
            raise RequestError("The bot is no member of this server, or does not see that channel; invite it first.")
        try:
            await self._target(guild, channel.id).send(view=views.message(WELCOME).view)
        except (discord.Forbidden, discord.NotFound):
            raise RequestError(
                f"The bot may not write in <#{channel.id}>; allow it View Channel and Send Messages."
            ) from None
        await self._channels.set(AnnouncementChannel(guild, channel.id, await self._history.newest()))
        await respond(
            interaction, views.message(f"What changes in a brief is announced in <#{channel.id}> from now on.")
        )

    async def announce(self) -> None:
        """Tell every channel of this process's servers what has changed since it was last told.

        One that cannot be reached is told next time.
        """
        try:
            newest = await self._history.newest()
            for channel in await self._channels.all():
                due = channel.version < newest and self._client.serves(channel.guild)
                if due and await self._tell(channel, newest):
                    await self._channels.told(channel, newest)
        except LogError as error:
            _log.warning("changes could not be announced: %s", error)

    async def _tell(self, channel: AnnouncementChannel, newest: int) -> bool:
        versions = await self._history.between(channel.version, newest)
        changed = [(old, new) for old, new in map(_briefs, versions) if old and new]
        told = [pair for pair in changed if differences(*pair)]
        target = self._target(channel.guild, channel.channel)
        try:
            for before, after in told[:MOST]:
                await target.send(view=views.announcement_view(after, differences(before, after)))
            if len(told) > MOST:
                await target.send(view=views.message(f"{len(told) - MOST} more briefs have changed.").view)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            _log.warning("changes could not be announced in channel %d: %s", channel.channel, error)
            if isinstance(error, discord.HTTPException) and error.code in _GONE:
                await self._channels.remove(channel.guild)
            return False
        return True

    def _target(self, guild: int, channel: int) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(channel, guild_id=guild)


def _briefs(versions: tuple[Version, Version]) -> tuple[Brief | None, Brief | None]:
    old, new = (read_brief(f"{v.brief}.yaml", v.text.encode()).brief if v.text else None for v in versions)
    return old, new
