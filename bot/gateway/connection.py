"""How the bot starts and ends, and how sessions that are only half alive are noticed."""

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

LAG = 5.0
"""Seconds by which the event loop may come late before the session is begun anew: Discord may have given it up."""

Probe = Callable[[], str | None]
"""Returns the reason for a failure, or None."""

_log = logging.getLogger(__name__)


async def serve(client: BriefClient, token: str, token_key: str = "DISCORD_TOKEN") -> None:  # noqa: S107 - a name
    """Run the client until SIGTERM or SIGINT, then finish the answers under way.

    Raises SettingsError if Discord refuses the token or the shards, BotError if it cannot be reached at the start or if
    the bot has failed.
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
        if client.failure:
            raise BotError(f"the bot has ended for an error of its own: {client.failure}")


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

    def why_not_live(self) -> str | None:
        """Return why the process had better be started anew, None if it is live.

        What is wrong then `keep_alive` mends within seconds, by ending the session: only a bot that cannot help itself
        stays why_not_live. One without a session is live, for it connects by itself as soon as Discord lets it, and no
        restart would bring Discord back. That is for `why_not_ready` to say.
        """
        troubles = (_trouble(socket, self.lag) for socket in self._client.sessions.values())
        return next(filter(None, troubles), None)

    def why_not_ready(self) -> str | None:
        """Return why members are not answered now, None if the bot is ready."""
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
    """End sessions whose heartbeats are not acknowledged for two intervals, or whose event loop lagged; never returns.

    The library waits for a minute without any message, so a session that still hears but is not heard would go on. It
    is then resumed, and sent what it missed.
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
        vitals.due = math.inf  # who no longer looks is not late


def _trouble(socket: DiscordWebSocket | None, late: float) -> str | None:
    """Return why a session is not to go on, None if it may or there is none: the one rule of what is live."""
    if late > LAG:
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
