"""The shards of this process. Each has a task of its own that keeps it connected to Discord's gateway.

Each event that a shard receives goes to the parser of its kind. bot/gateway/client.py replaces these parsers by ours.

discord.py connects and reconnects its shards one after the other: if one cannot be reached, the others wait up to 60
seconds. After a network error it starts a new session in place of resuming the old one, so the interactions in between
are lost, and there are only 1,000 new sessions a day.
"""

import asyncio
import logging
import random
from collections.abc import Sequence
from typing import Any

import aiohttp
import discord
from discord.gateway import DiscordWebSocket, ReconnectWebSocket

from bot.errors import BotError
from bot.gateway import internals
from bot.gateway.events import described
from bot.gateway.session_budget import SessionBudget, renewal_pause

LONGEST_PAUSE = 30.0
"""Most seconds between two attempts to connect. The library's own pauses grow to 17 minutes."""

SHARD_TIMEOUT = 30.0
"""Seconds that one attempt to connect may take."""

WINDOW = 5.0
"""Discord takes one new session of each bucket of shards in this many seconds."""

LASTING = 600.0
"""A session that is older than this many seconds was no failure, so the next one need not wait."""

_UNREACHABLE = (OSError, aiohttp.ClientError, discord.HTTPException, discord.GatewayNotFound)

_log = logging.getLogger(__name__)


class ShardedClient(discord.AutoShardedClient):
    """A client for the shards that its options name; all that Discord recommends if they name none.

    ``sockets`` has the present or the last connection of each shard that was connected. The public attributes
    for shards, such as ``latency``, stay empty; docs/decisions/21-each-shard-has-a-task.md says why this class is used.

    A connection is the library's undocumented `DiscordWebSocket`. Since 2.5, in which ``get_bot_gateway`` returns the
    session limits. When it goes, read how `Client.connect` opens a connection.
    """

    def __init__(self, **options: Any) -> None:
        internals.patch_library()
        internals.patch_json()
        super().__init__(**options)
        self.sockets: dict[int, DiscordWebSocket] = {}
        self._connected: set[int] = set()
        self._turns: list[asyncio.Lock] = []
        self._short_sessions: dict[int, int] = {}  # how many in a row did not last, by shard
        self._last_identify: dict[int, float] = {}  # when a shard last began a session, by the event loop's clock
        self._shards: list[asyncio.Task[None]] = []

    @property
    def sessions(self) -> dict[int, DiscordWebSocket | None]:
        """The present or the last connection of each shard of this process, None if it has not connected yet."""
        return {shard: self.sockets.get(shard) for shard in internals.shard_ids(self) or (0,)}

    def hears(self, shard_id: int) -> bool:
        """Return whether a shard is connected: its connection is open, and Discord has accepted its session there."""
        return shard_id in self._connected and self.sockets[shard_id].open

    def serves(self, guild_id: int) -> bool:
        """Return whether the events of a server come to this process."""
        return self.shard_count is not None and (guild_id >> 22) % self.shard_count in internals.shard_ids(self)

    async def connect(self, *, reconnect: bool = True) -> None:
        """Connect every shard and keep it connected until the client leaves.

        Raises BotError if that cannot be done at the start, ConnectionClosed if Discord ends a session for good.
        """
        recommended, _, limits = await self.http.get_bot_gateway()
        self.shard_count = self.shard_count or recommended
        shard_ids: Sequence[int] = self.shard_ids or range(self.shard_count)
        if limits["remaining"] < len(shard_ids):  # with one too many Discord ends all sessions and resets the token
            hours = limits["reset_after"] / 3_600_000
            raise BotError(f"Discord lets no more sessions begin for {hours:.1f} h: the bot was started too often")
        internals.assign_shards(self, shard_ids, self.shard_count)
        self._turns = [asyncio.Lock() for _ in range(limits["max_concurrency"])]
        self._shards = [asyncio.create_task(self._keep_connected(shard_id)) for shard_id in shard_ids]
        try:
            await asyncio.wait(self._shards, return_when=asyncio.FIRST_EXCEPTION)
        finally:
            for shard in self._shards:
                shard.cancel()
        for shard in self._shards:
            if shard.done() and not shard.cancelled():
                shard.result()

    async def leave(self) -> None:
        """Close the connections of all shards at once, for good."""
        for shard in self._shards:
            shard.cancel()
        if self._shards:
            await asyncio.wait(self._shards)  # while a shard listens, the library closes with another code
        await asyncio.gather(*(socket.close(1000) for socket in self.sockets.values()))

    async def close(self) -> None:
        await self.leave()
        await super().close()

    async def _keep_connected(self, shard_id: int) -> None:
        """Connect a shard, and again whenever the connection ends. After a failed attempt there is a pause first."""
        failures = 0
        while True:
            # A random pause, because the shards of all processes may fail at the same time.
            pause = random.uniform(0, min(2.0**failures, LONGEST_PAUSE)) if failures else 0  # noqa: S311
            taken = await self._run_connection(shard_id, pause)
            failures = 0 if taken else min(failures + 1, 10)

    async def _run_connection(self, shard_id: int, pause: float) -> bool:
        """Connect a shard after a pause and read its events to the end. Return whether Discord accepted the session."""
        self._connected.discard(shard_id)
        try:
            socket = await self._open(shard_id, pause)
            begun = socket.sequence
            while True:
                await socket.poll_event()  # reads one event, and calls its parser: `read` in bot/gateway/events.py
                if socket.sequence != begun:
                    self._connected.add(shard_id)
        except ReconnectWebSocket:
            pass
        except discord.ConnectionClosed as closed:
            if closed.code != 1000:
                raise
        except _UNREACHABLE as error:
            if not self.sockets:
                raise BotError("Discord cannot be reached: its gateway does not answer") from error
            _log.warning("shard %d cannot connect: %s", shard_id, error or type(error).__name__)
        except Exception as error:  # whatever a message without sense makes the library raise, the shard must go on
            _log.error(
                "shard %d begins a new session, for what Discord sent cannot be read: %s", shard_id, described(error)
            )
            await self._drop_session(shard_id)
        return shard_id in self._connected

    async def _drop_session(self, shard_id: int) -> None:
        """Make the next session of a shard a new one, because a resumed one would be sent the same message again."""
        if socket := self.sockets.get(shard_id):
            socket.session_id = None
            await socket.close(4000)

    async def _open(self, shard_id: int, pause: float) -> DiscordWebSocket:
        """Resume the shard's session if there is one. Otherwise begin a new one when it is the shard's turn."""
        last = self.sockets.get(shard_id)
        if last and last.session_id:
            await asyncio.sleep(pause)
            session = {"gateway": last.gateway, "session": last.session_id, "sequence": last.sequence}
            return await self._dial(shard_id, resume=True, **session)
        if last:
            await self._wait_after_short_sessions(shard_id)
        turn = self._turns[shard_id % len(self._turns)]
        await turn.acquire()
        try:
            if last:
                pause = max(pause, await self._budget_pause(shard_id))
            await asyncio.sleep(pause)  # during the turn, so that processes that were refused together spread out
            socket = await self._dial(shard_id)
            self._last_identify[shard_id] = asyncio.get_running_loop().time()
            self._short_sessions[shard_id] = self._short_sessions.get(shard_id, 0) + 1
            return socket
        finally:
            asyncio.get_running_loop().call_later(WINDOW, turn.release)

    async def _wait_after_short_sessions(self, shard_id: int) -> None:
        """Wait if the last sessions of a shard did not last. This is before its turn, so no other shard waits."""
        if asyncio.get_running_loop().time() - self._last_identify[shard_id] >= LASTING:
            self._short_sessions[shard_id] = 0
        if pause := renewal_pause(self._short_sessions[shard_id]):
            _log.warning("shard %d begins a new session in %.0f s, for its last ones did not last", shard_id, pause)
            await asyncio.sleep(pause)

    async def _budget_pause(self, shard_id: int) -> float:
        """Return the seconds to wait before another session, so that the sessions of the day suffice."""
        now = asyncio.get_running_loop().time()
        limits = await self.fetch_session_start_limits()
        budget = SessionBudget(limits.total, limits.remaining, now + limits.reset_after / 1000)
        if pause := budget.pause(now):
            text = "shard %d begins a new session in %.0f s: %d of %d are left for %.1f h"
            _log.warning(text, shard_id, pause, budget.left, budget.total, limits.reset_after / 3_600_000)
        return pause

    async def _dial(self, shard_id: int, **how: Any) -> DiscordWebSocket:
        # With ``initial`` the library does not sleep before it identifies. The turn has waited already.
        opening = DiscordWebSocket.from_client(self, initial=True, shard_id=shard_id, **how)
        self.sockets[shard_id] = socket = await asyncio.wait_for(opening, SHARD_TIMEOUT)
        return socket
