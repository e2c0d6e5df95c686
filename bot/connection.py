"""How the bot connects and ends: signals, outages, and sessions that are only half alive."""

import asyncio
import logging
import math
import signal
import time

import aiohttp
import discord
from discord.backoff import ExponentialBackoff
from discord.gateway import DiscordClientWebSocketResponse, DiscordWebSocket

from bot.client import BriefClient
from bot.errors import BotError, SettingsError

LONGEST_PAUSE = 30.0
"""Seconds between two attempts to connect: the library's own pauses grow to 17 minutes, outage or not."""

TICK = 1.0
"""Seconds between two looks at the connection."""

LAG = 5.0
"""Seconds by which the event loop may come late before the session is begun anew: Discord may have given it up."""

GOODBYE = 2.0
"""Seconds that Discord has to say goodbye back: the library waits for 30 on a connection that is dead."""

_log = logging.getLogger(__name__)


class _Backoff(ExponentialBackoff[bool]):
    def delay(self) -> float:
        return min(super().delay(), LONGEST_PAUSE)


class _Socket(DiscordClientWebSocketResponse):
    async def close(self, *, code: int = 4000, message: bytes = b"") -> bool:
        try:
            async with asyncio.timeout(GOODBYE):
                return await super().close(code=code, message=message)
        except TimeoutError:
            return True  # aiohttp has cut the connection when it was told to wait no longer


# There are no options for these.
discord.client.ExponentialBackoff = _Backoff  # type: ignore[attr-defined, assignment]
discord.http.DiscordClientWebSocketResponse = _Socket  # type: ignore[attr-defined]


async def serve(client: BriefClient, token: str) -> None:
    """Run the client until SIGTERM or SIGINT, then finish the answers under way.

    Raises SettingsError if Discord refuses the token, BotError if it cannot be reached at the start.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, client.stopping.set)
    async with client:
        connection = asyncio.create_task(_connect(client, token))
        stop = asyncio.create_task(client.stopping.wait())
        await asyncio.wait((connection, stop), return_when="FIRST_COMPLETED")
        stop.cancel()
        if connection.done():
            connection.result()
        else:
            _log.info("stopping: finishing the answers under way")
            connection.cancel()
            await client.stop_receiving()


class Vitals:
    """Whether the bot is live and ready, judged by the rule that `keep_alive` goes by. Both judges give reasons."""

    def __init__(self, client: BriefClient) -> None:
        self.late = 0.0
        """Seconds by which the last look of `keep_alive` came late."""
        self.due = math.inf
        """When its next look is due, by the event loop's clock."""
        self._client = client

    @property
    def lag(self) -> float:
        """Seconds by which the event loop is late now, or was a moment ago."""
        return max(self.late, asyncio.get_running_loop().time() - self.due)

    def unlive(self) -> str | None:
        """Return why the process had better be started anew, None if it is live.

        What is wrong then `keep_alive` mends within seconds, by ending the session: only a bot that cannot help itself
        stays unlive. One without a session is live, for it connects by itself as soon as Discord lets it, and no
        restart would bring Discord back. That is for `unready` to say.
        """
        troubles = (_trouble(socket, self.lag) for socket in sessions(self._client).values())
        return next(filter(None, troubles), None)

    def unready(self) -> str | None:
        """Return why members are not answered now, None if the bot is ready. It has had its briefs from the start."""
        if self._client.stopping.is_set():
            return "stopping"
        if away := [str(shard) for shard, socket in sessions(self._client).items() if not connected(socket)]:
            return f"not connected to Discord: shard {', '.join(away)}"
        return self.unlive()


def sessions(client: BriefClient) -> dict[int, DiscordWebSocket | None]:
    """Return the present or last connection of each shard of this process."""
    return {client.shard_id or 0: client.ws}


def connected(socket: DiscordWebSocket | None) -> bool:
    """Whether Discord has taken a session up on this connection, and it is open still."""
    return socket is not None and socket.open and socket.session_id is not None


async def keep_alive(client: BriefClient, vitals: Vitals) -> None:
    """End a session whose heartbeats are not acknowledged for two intervals, or whose event loop lagged; never returns.

    The library waits for a minute without any message, so a session that still hears but is not heard would go on. It
    then resumes, and is sent what it missed.
    """
    loop = asyncio.get_running_loop()
    while True:
        vitals.due = loop.time() + TICK
        await asyncio.sleep(TICK)
        vitals.late = loop.time() - vitals.due
        if why := _trouble(client.ws, vitals.late):
            await _end_session(client, why)


def _trouble(socket: DiscordWebSocket | None, late: float) -> str | None:
    """Return why a session is not to go on, None if it may or there is none: the one rule of what is live."""
    if late > LAG:
        return f"the event loop was {late:.0f} s late"
    heart = socket._keep_alive if socket else None
    if heart is None or heart.interval is None:
        return None
    silent = time.perf_counter() - heart._last_ack
    return f"no heartbeat was acknowledged for {silent:.0f} s" if silent >= 2 * heart.interval else None


async def _end_session(client: BriefClient, why: str) -> None:
    _log.warning("ending the session to resume it: %s", why)
    await client.ws.close(4000)


async def _connect(client: BriefClient, token: str) -> None:
    try:
        await client.start(token)
    except discord.LoginFailure:
        raise SettingsError("DISCORD_TOKEN: Discord refuses it; copy a new one from its Bot page") from None
    except discord.ConnectionClosed as error:
        if error.code == 4004:
            raise SettingsError("DISCORD_TOKEN: Discord no longer accepts it; copy a new one") from None
        raise BotError(f"Discord closed the connection for good (code {error.code})") from error
    except (discord.HTTPException, discord.GatewayNotFound, aiohttp.ClientError, OSError) as error:
        raise BotError(f"Discord cannot be reached: {error}") from error
    except AttributeError as error:
        if client.ws:
            raise
        # The library takes up a session that there has not been.
        raise BotError("Discord cannot be reached: its gateway does not answer") from error
