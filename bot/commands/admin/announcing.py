"""Announcing, in the servers that want it, what members would read otherwise than before.

Every message has a nonce made from its channel and version: Discord shows one that is sent twice within some minutes
once. Before it is sent the database notes that it will be, and afterwards that it was, so that neither a kill nor a
connection that breaks repeats or loses anything.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping

import aiohttp
import discord
from discord import app_commands

from bot.briefs.brief import BriefBase
from bot.catalogues.catalogue import N_
from bot.commands.admin import views
from bot.commands.admin.announcements import REST, Post, count_of, posts_of
from bot.commands.admin.replies import defer, show
from bot.errors import LogError, RequestError
from bot.gateway import audience
from bot.gateway.client import BriefClient, Interaction
from bot.storage.channels import AnnouncementChannel, AnnouncementChannels, Note
from bot.storage.history import History

MOST = 5
"""How many changed briefs get a card of their own; the rest are counted, so that no channel is flooded."""

AT_ONCE = 10
"""How many channels are told at the same time."""

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 3600.0
"""Seconds until a channel that could not be told of everything is tried again: the first time, and at most."""

SEND_TIMEOUT = 30.0
"""Seconds that Discord may take over one message."""

WELCOME = N_("When a brief says something new, this channel is told from now on.")
NOT_WELCOMED = N_("Discord could not be reached, so nothing was changed. Try again.")

_GONE = (10003, 50001)  # Unknown Channel, Missing Access
_UNREACHABLE = (discord.Forbidden, discord.NotFound, aiohttp.ClientError, OSError)

_log = logging.getLogger(__name__)


class Announcer:
    """Serves `/briefs announce`, and tells each channel that was chosen of every change since it was last told.

    Each channel has a task of its own as long as there is something to tell it, so that none holds up another.
    """

    def __init__(
        self,
        client: BriefClient,
        channels: AnnouncementChannels,
        history: History,
        base: Callable[[], BriefBase],
    ) -> None:
        """``base`` returns the base in use, whose translations are used."""
        self._base = base
        self._client = client
        self._channels = channels
        self._history = history
        self._news = asyncio.Event()
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._arrived: set[str] = set()

    def look(self) -> None:
        """See before long whether there is anything to announce."""
        self._news.set()
        self._news = asyncio.Event()

    async def watch(self) -> None:
        """Announce whatever has changed, at first since the bot last ran, until cancelled. Raises LogError."""
        try:
            while True:
                news = self._news
                newest = await self._history.newest()
                for guild, _, version in await self._channels.all():
                    if version < newest and self._client.serves(guild) and guild not in self._tasks:
                        self._tasks[guild] = asyncio.create_task(self._keep_telling(guild))
                await news.wait()
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def choose(self, interaction: Interaction, channel: app_commands.AppCommandChannel | None) -> None:
        """Announce changes in ``channel`` of this server from now on, or no longer."""
        guild = interaction.guild_id
        if guild is None:
            raise RequestError("Changes are announced in servers; use this in one.")
        await defer(interaction)  # Discord may take its time over the welcome
        if channel is None:
            await self._channels.remove(guild)
            stopped = audience.reader(interaction).gettext("Changes are no longer announced in this server.")
            await show(interaction, views.message(stopped))
            return
        if interaction.guild is None or interaction.guild.get_channel(channel.id) is None:
            raise RequestError("The bot is no member of this server, or does not see that channel; invite it first.")
        say = audience.channel(interaction)
        chosen = AnnouncementChannel(guild, channel.id, await self._history.newest())
        try:
            await self._send(chosen, Post("welcome", 0, None, lambda: views.message(say.gettext(WELCOME)).view))
        except (discord.Forbidden, discord.NotFound):
            raise RequestError(
                "The bot may not write in {channel}; allow it View Channel and Send Messages.",
                channel=f"<#{channel.id}>",
            ) from None
        except (discord.DiscordServerError, *_UNREACHABLE):
            raise RequestError(NOT_WELCOMED) from None
        await self._channels.set(chosen)
        done = audience.reader(interaction).gettext(
            "What changes in a brief is announced in {channel} from now on.", channel=f"<#{channel.id}>"
        )
        await show(interaction, views.message(done))

    async def _keep_telling(self, guild: int) -> None:
        """Tell a server's channel until it knows everything; after a failure again, on news or in a while."""
        pause, news = FIRST_PAUSE, self._news
        try:
            while not await self._tell(guild):
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await news.wait()
                pause, news = min(2 * pause, LONGEST_PAUSE), self._news
        finally:
            del self._tasks[guild]
        self.look()  # there may have been news after the last look of this task

    async def _tell(self, guild: int) -> bool:
        """Tell a server's channel whatever it does not know yet, and return whether it knows everything then."""
        try:
            async with self._slots:
                channel = await self._channels.of(guild)
                return channel is None or await self._tell_all(channel)
        except _UNREACHABLE:
            pass  # said already
        except LogError as error:
            _log.warning("changes could not be announced: %s", error)
        except Exception:  # whatever it is, the other channels are to be told, and this one later
            _log.exception("changes could not be announced in server %d", guild)
        return False

    async def _tell_all(self, channel: AnnouncementChannel) -> bool:
        """Send what a channel does not know, and return whether all of it is durably noted as told."""
        notes = await self._channels.notes(channel)
        counted = notes.pop(REST, Note(None, None))
        counting = max(counted.told or 0, counted.sending or 0)
        counting = counting if counting > channel.version else 0  # a count that is to be finished as it was begun
        newest = counting or await self._history.newest()
        posts = await self._posts(channel, notes, newest)
        cards, rest = ([], posts) if counting else (posts[:MOST], posts[MOST:])
        if not all([await self._deliver(channel, card) for card in cards]):
            return False
        if any(notes.get(card.brief, Note(None, None)).sending for card in cards):
            return await self._tell_all(channel)  # that was to be finished first, and may have changed once more
        if (
            rest
            and counted.told != newest
            and not await self._deliver(channel, count_of(rest, newest, audience.server(self._client, channel.guild)))
        ):
            return False
        return await self._channels.caught_up(channel, newest)

    async def _posts(self, channel: AnnouncementChannel, notes: Mapping[str, Note], newest: int) -> list[Post]:
        """Return a message for each brief that reads otherwise than a channel knows it, the first that changed first.

        What was being sent when the bot was stopped or the connection broke is to be sent once more as it was.
        """
        due = {new.brief: (old, new) for old, new in await self._history.between(channel.version, newest)}
        for brief, note in notes.items():
            told = max(note.told or 0, channel.version)
            last = note.sending if (note.sending or 0) > told else newest
            if (told, last) != (channel.version, newest):
                due.pop(brief, None)
                own = [pair for pair in await self._history.between(told, last or newest) if pair[1].brief == brief]
                if own:
                    due[brief] = own[0]
        pairs = sorted(due.values(), key=lambda pair: pair[1].id)
        say, locale = audience.server(self._client, channel.guild), audience.server_locale(self._client, channel.guild)
        return await asyncio.to_thread(posts_of, pairs, self._base(), locale, say)

    async def _deliver(self, channel: AnnouncementChannel, post: Post) -> bool:
        """Send a message unless it has arrived, and return whether it is durably noted as told.

        Raises what says that the channel cannot be reached at all.
        """
        nonce = post.nonce(channel.channel)
        if nonce not in self._arrived:
            if not await self._channels.sending(channel, post.brief, post.version):
                return False
            try:
                await self._send(channel, post)
            except Exception as error:  # whatever it is, it must be noted that this message has not arrived
                await self._note_failure(channel, post, error)
                if isinstance(error, _UNREACHABLE):
                    raise
                return False
            self._arrived.add(nonce)  # in case that this cannot be noted now
        if not await self._channels.told(channel, post.brief, post.version):
            return False
        self._arrived.discard(nonce)
        return True

    async def _send(self, channel: AnnouncementChannel, post: Post) -> None:
        target = self._client.get_partial_messageable(channel.channel, guild_id=channel.guild)
        async with asyncio.timeout(SEND_TIMEOUT):
            await target.send(view=post.view(), nonce=post.nonce(channel.channel))

    async def _note_failure(self, channel: AnnouncementChannel, post: Post, error: Exception) -> None:
        """Say why a message was not taken. Unless it may have arrived all the same, a newer version can replace it."""
        foreseen = isinstance(error, discord.HTTPException | aiohttp.ClientError | OSError)
        _log.warning(
            "a change could not be announced in channel %d, it is tried again: %s",
            channel.channel,
            error or type(error).__name__,
            exc_info=None if foreseen else error,
        )
        if isinstance(error, discord.HTTPException) and error.code in _GONE:
            await self._channels.gone(channel)
        elif not isinstance(error, discord.DiscordServerError | aiohttp.ClientError | OSError):
            await self._channels.refused(channel, post.brief)
