"""How the bot connects and ends: signals, outages, and sessions that are only half alive."""

import asyncio
import logging
import signal
import time

import aiohttp
import discord
from discord.backoff import ExponentialBackoff
from discord.gateway import DiscordClientWebSocketResponse

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
    """End a session whose heartbeats are not acknowledged for two intervals, or whose event loop lagged; never returns.

    The library waits for a minute without any message, so a session that still hears but is not heard would go on. It
    then resumes, and is sent what it missed.
    """
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + TICK
        await asyncio.sleep(TICK)
        late = loop.time() - due
        if late > LAG:
            await _end_session(client, f"the event loop was {late:.0f} s late")
        elif (silent := _unacknowledged(client)) is not None:
            await _end_session(client, f"no heartbeat was acknowledged for {silent:.0f} s")


def _unacknowledged(client: BriefClient) -> float | None:
    """Return for how many seconds heartbeats have been in vain, if that is two intervals or more."""
    heart = client.ws._keep_alive if client.ws else None
    if heart is None or heart.interval is None:
        return None
    silent = time.perf_counter() - heart._last_ack
    return silent if silent >= 2 * heart.interval else None


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
