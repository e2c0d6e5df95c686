"""The internals of discord.py that the bot reads or replaces, in one place.

Each function says what it is for, since which version of discord.py it works, and what to do when it no longer does.
The classes of the library that this room derives from, and the rest of what it uses without a promise of the library,
stand in tests/gateway/test_internals.py, which compares all of it with the installed version.
"""

import asyncio
import json
import time
from collections.abc import Callable, MutableMapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import discord
import discord.http
from discord.gateway import DiscordClientWebSocketResponse, DiscordWebSocket
from discord.webhook.async_ import AsyncWebhookAdapter, async_context

GOODBYE = 2.0
"""Seconds that Discord has to close a connection with us."""

Parser = Callable[[Any], Any]
"""Reads the data of one kind of event."""


class _ImpatientSocket(DiscordClientWebSocketResponse):
    async def close(self, *, code: int = 4000, message: bytes = b"") -> bool:
        try:
            async with asyncio.timeout(GOODBYE):
                return await super().close(code=code, message=message)
        except TimeoutError:
            return True  # aiohttp cuts the connection when its wait is cancelled


def patch_library() -> None:
    """Close dead connections after 2 s in place of 30, and log no warning that the libraries for voice are missing.

    The socket class can be replaced since 1.5, the warnings can be switched off since 2.7. When the first goes, a stop
    takes up to 30 s while Discord is away; look for an option of `Client`. When the second goes, two warnings appear.
    """
    discord.http.DiscordClientWebSocketResponse = _ImpatientSocket  # type: ignore[attr-defined]
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


_fast_read, _fast_write = discord.utils._from_json, discord.utils._to_json


def patch_json() -> None:
    """Let JSON be read and written that orjson refuses, such as the half of a surrogate that a member may send.

    The library uses orjson, which is three times as fast as Python's own json, if it is installed. Since 2.0. When it
    goes, read how `discord.utils` chooses; a session would end with each such event.
    """
    discord.utils._from_json = read_json
    discord.utils._to_json = written_json  # type: ignore[assignment] # it calls its parameter otherwise


def read_json(text: Any) -> Any:
    """Return what a text in JSON means. Raises ValueError."""
    try:
        return _fast_read(text)
    except ValueError:
        return json.loads(text)


def written_json(value: Any) -> str:
    """Return ``value`` as JSON."""
    try:
        return _fast_write(value)
    except TypeError:
        return json.dumps(value, separators=(",", ":"))


def parsers(client: discord.Client) -> MutableMapping[str, Parser]:
    """Return the library's own table of the functions that read events, by the names of the events.

    It lets us drop a flood before any object is built, and outlive an event that cannot be read. Since 1.5. When it
    goes, override `DiscordWebSocket.received_message`, which calls these functions.
    """
    return client._connection.parsers


def shard_ids(client: discord.AutoShardedClient) -> Sequence[int]:
    """Return the shards of this process; none before it connects.

    The public ``shard_ids`` is what the options named. Since 1.5. When it goes, keep the list in `ShardedClient`.
    """
    return client._connection.shard_ids


def assign_shards(client: discord.AutoShardedClient, shard_ids: Sequence[int], shard_count: int) -> None:
    """Tell the library which shards this process has. It counts them to say when all are ready.

    Since 1.5. When it goes, read how `AutoShardedClient.launch_shards` does it.
    """
    client._connection.shard_count, client._connection.shard_ids = shard_count, list(shard_ids)


def unacknowledged(socket: DiscordWebSocket) -> tuple[float, float] | None:
    """Return for how many seconds no heartbeat was acknowledged, and the seconds between two; None before the first.

    The public ``latency`` does not grow while Discord is silent. Since 1.0. When it goes, count the calls of
    `KeepAliveHandler.ack` in a class of our own.
    """
    heart = socket._keep_alive
    if heart is None or heart.interval is None:
        return None
    return time.perf_counter() - heart._last_ack, heart.interval


def deliver_by(adapter: AsyncWebhookAdapter) -> None:
    """Have the library answer interactions through ``adapter``, in this task and in all that it starts from now on.

    Why is in docs/decisions/20-what-may-be-sent-again.md. Since 2.0. When it goes, wrap the methods of
    `InteractionResponse` and `Webhook`.
    """
    async_context.set(adapter)


def role_ids(user: discord.User | discord.Member) -> frozenset[int]:
    """Return the ids of a member's roles as Discord sent them; none for a user in direct messages.

    The public ``roles`` leaves out the roles of a server that the bot is not in, or has not read. Since 1.0. When it
    goes, keep ``member.roles`` of each interaction in `Intake`.
    """
    return frozenset(user._roles) if isinstance(user, discord.Member) else frozenset()


def api_host() -> str | None:
    """Return the host of Discord's API, which may hand over files as well as the hosts that are made for it.

    Since 1.0. When it goes, take files of discordapp.com and discordapp.net alone.
    """
    return urlsplit(discord.http.Route.BASE).hostname
