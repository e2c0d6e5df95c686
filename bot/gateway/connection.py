"""Starts and ends the connection to Discord, and judges whether it is healthy."""

import asyncio
import logging
import math
import signal
from collections.abc import Callable

import aiohttp
import discord
from discord.gateway import DiscordWebSocket

from bot.errors import BotError, SettingsError
from bot.gateway import internals
from bot.gateway.client import BriefClient

WATCH_INTERVAL = 1.0
"""Seconds between two looks at the connection."""

MAX_LAG = 5.0
"""Seconds by which the event loop may be late. After more, Discord may have dropped the session, so it is resumed."""

Probe = Callable[[], str | None]
"""Returns the reason for a failure, or None."""

_log = logging.getLogger(__name__)


async def serve(client: BriefClient, token: str, token_key: str = "DISCORD_TOKEN") -> None:  # noqa: S107 - a name
    """Run the client until SIGTERM or SIGINT, then finish the answers under way.

    Raises SettingsError if Discord refuses the token or the shards. Raises BotError if Discord cannot be reached at the
    start, or if the bot has failed: the error that it has failed with, if that is one.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, client.stopping.set)
    async with client:
        connection = asyncio.create_task(_connect(client, token, token_key))
        stop = asyncio.create_task(client.stopping.wait())
        await asyncio.wait((connection, stop), return_when="FIRST_COMPLETED")
        stop.cancel()
        if connection.done():
            connection.result()
        else:
            _log.info("stopping: finishing the answers under way")
            connection.cancel()
            await client.stop_receiving()
        if isinstance(client.failure, BotError):
            raise client.failure
        if client.failure:
            raise BotError(f"the bot has ended for an error of its own: {client.failure}")


class Vitals:
    """Tells whether the bot is live and ready. `keep_alive` uses the same rule."""

    def __init__(self, client: BriefClient) -> None:
        self.late = 0.0
        """Seconds by which the last check of `keep_alive` was late."""
        self.due = math.inf
        """When its next check is due, by the event loop's clock."""
        self._client = client

    @property
    def lag(self) -> float:
        """Seconds by which the event loop is late now, or was a moment ago."""
        return max(self.late, asyncio.get_running_loop().time() - self.due)

    def why_not_live(self) -> str | None:
        """Return why the supervisor should restart the process, None if it is live.

        `keep_alive` ends an unhealthy session within seconds and resumes it, so the reason stays only if that does not
        help. A bot without a session is live but not ready: it connects again by itself, and a restart would not bring
        Discord back.
        """
        troubles = (_trouble(socket, self.lag) for socket in self._client.sessions.values())
        return next(filter(None, troubles), None)

    def why_not_ready(self) -> str | None:
        """Return why members get no answers now, None if the bot is ready."""
        if self._client.stopping.is_set():
            return "stopping"
        if away := [str(shard) for shard in self._client.sessions if not self._client.hears(shard)]:
            return f"not connected to Discord: shard {', '.join(away)}"
        if not self._client.admission.is_open:
            return "reading the briefs"
        if down := self._client.background.down:
            return f"failed, and soon begun again: {', '.join(sorted(down))}"
        return self.why_not_live()


async def keep_alive(client: BriefClient, vitals: Vitals) -> None:
    """End each session whose heartbeats were not acknowledged for two intervals, and all if the event loop was late.

    Never returns. A session that is ended is resumed, and Discord sends what it missed. The library ends a session only
    after 60 seconds without any message, so it would not notice that Discord no longer hears us.
    """
    loop = asyncio.get_running_loop()
    try:
        while True:
            vitals.due = loop.time() + WATCH_INTERVAL
            await asyncio.sleep(WATCH_INTERVAL)
            vitals.late = loop.time() - vitals.due
            reasons = {shard: _trouble(socket, vitals.late) for shard, socket in client.sockets.items()}
            await asyncio.gather(*(_end_session(client, shard, why) for shard, why in reasons.items() if why))
    finally:
        vitals.due = math.inf  # no check is due any more, so none is late


def _trouble(socket: DiscordWebSocket | None, late: float) -> str | None:
    """Return why a session has to end, None if it may go on or there is none. This is the one rule of what is live."""
    if late > MAX_LAG:
        return f"the event loop was {late:.0f} s late"
    if socket is None or not (heartbeats := internals.unacknowledged(socket)):
        return None
    silent, interval = heartbeats
    return f"no heartbeat was acknowledged for {silent:.0f} s" if silent >= 2 * interval else None


async def _end_session(client: BriefClient, shard: int, why: str) -> None:
    _log.warning("ending the session of shard %d to resume it: %s", shard, why)
    await client.sockets[shard].close(4000)


async def _connect(client: BriefClient, token: str, token_key: str) -> None:
    try:
        await client.start(token)
    except discord.LoginFailure:
        raise SettingsError(f"{token_key}: Discord refuses the token; copy a new one from its Bot page") from None
    except discord.ConnectionClosed as error:
        if error.code == 4004:
            raise SettingsError(
                f"{token_key}: Discord no longer accepts the token; copy a new one from its Bot page"
            ) from None
        if error.code in (4010, 4011):
            raise SettingsError("SHARD_COUNT: Discord asks for another number of shards; leave it unset") from None
        raise BotError(f"Discord closed the connection for good (code {error.code})") from error
    except (discord.HTTPException, discord.GatewayNotFound, aiohttp.ClientError, OSError) as error:
        raise BotError(f"Discord cannot be reached: {error}") from error
