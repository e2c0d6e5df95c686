"""How the bot starts and ends, and how sessions that are only half alive are noticed."""

import asyncio
import logging
import signal
import time

import aiohttp
import discord
from discord.gateway import DiscordWebSocket

from bot.client import BriefClient
from bot.errors import BotError, SettingsError

TICK = 1.0
"""Seconds between two looks at the connection."""

LAG = 5.0
"""Seconds by which the event loop may come late before the session is begun anew: Discord may have given it up."""

_log = logging.getLogger(__name__)


async def serve(client: BriefClient, token: str) -> None:
    """Run the client until SIGTERM or SIGINT, then finish the answers under way.

    Raises SettingsError if Discord refuses the token or the shards, BotError if it cannot be reached at the start.
    """
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    async with client:
        connection = asyncio.create_task(_connect(client, token))
        await asyncio.wait((connection, stop := asyncio.create_task(stopping.wait())), return_when="FIRST_COMPLETED")
        stop.cancel()
        if connection.done():
            connection.result()
        else:
            _log.info("stopping: finishing the answers under way")
            connection.cancel()
            await client.stop_receiving()


async def keep_alive(client: BriefClient) -> None:
    """End sessions whose heartbeats are not acknowledged for two intervals, or whose event loop lagged; never returns.

    The library waits for a minute without any message, so a session that still hears but is not heard would go on. It
    is then resumed, and sent what it missed.
    """
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + TICK
        await asyncio.sleep(TICK)
        late = loop.time() - due
        lag = f"the event loop was {late:.0f} s late" if late > LAG else None
        reasons = {shard: lag or _unheard(socket) for shard, socket in client.sockets.items()}
        await asyncio.gather(*(_end_session(client, shard, why) for shard, why in reasons.items() if why))


def _unheard(socket: DiscordWebSocket) -> str | None:
    """Say for how long heartbeats have been in vain, if that is two intervals or more."""
    heart = socket._keep_alive
    if heart is None or heart.interval is None:
        return None
    silent = time.perf_counter() - heart._last_ack
    return f"no heartbeat was acknowledged for {silent:.0f} s" if silent >= 2 * heart.interval else None


async def _end_session(client: BriefClient, shard: int, why: str) -> None:
    _log.warning("ending the session of shard %d to resume it: %s", shard, why)
    await client.sockets[shard].close(4000)


async def _connect(client: BriefClient, token: str) -> None:
    try:
        await client.start(token)
    except discord.LoginFailure:
        raise SettingsError("DISCORD_TOKEN: Discord refuses it; copy a new one from its Bot page") from None
    except discord.ConnectionClosed as error:
        if error.code == 4004:
            raise SettingsError("DISCORD_TOKEN: Discord no longer accepts it; copy a new one") from None
        if error.code in (4010, 4011):
            raise SettingsError("SHARD_COUNT: Discord asks for another number of shards; leave it unset") from None
        raise BotError(f"Discord closed the connection for good (code {error.code})") from error
    except (discord.HTTPException, discord.GatewayNotFound, aiohttp.ClientError, OSError) as error:
        raise BotError(f"Discord cannot be reached: {error}") from error
