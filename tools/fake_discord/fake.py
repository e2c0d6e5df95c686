"""FakeDiscord, which runs the stand-in on loopback and makes requests and connections fail where a test asks for it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, Self

import discord
from aiohttp import web

from tools.fake_discord.actors import Guild, guild_json
from tools.fake_discord.members import Members
from tools.fake_discord.replies import Failure, reset
from tools.fake_discord.rest import Rest
from tools.fake_discord.server import Server
from tools.redirect import redirect


class FakeDiscord(Members):
    """Discord with one application. See the top of this package."""

    # Running

    async def __aenter__(self) -> Self:
        routes = [*Rest(self).routes(), ("GET", "/", self.gateway.serve)]
        application = Server(self, routes, self.tell_news).application
        self.runner = web.AppRunner(application, shutdown_timeout=0.1, access_log=None)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        self.origin = f"127.0.0.1:{self.runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self.gateway.stopping.set()
        self.drop()
        await self.runner.cleanup()

    @contextmanager
    def redirected(self) -> Iterator[None]:
        """Point discord.py in this process here, and back."""
        before = discord.http.Route.BASE, discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY
        redirect(self.api_base, self.gateway_url)
        try:
            yield
        finally:
            redirect(before[0], str(before[1]))

    # Failures that a test asks for

    def fail_next(
        self,
        method: str,
        path: str,
        how: int | float | Literal["reset"],
        times: int = 1,
        *,
        after_effect: bool = False,
        retry_after: float = 0.1,
    ) -> None:
        """Let the next requests whose path (below /api/v10) matches fail.

        `how`: a status (an int), "reset", or seconds to take over it (a float). `after_effect`: only after the
        request has done what it asked for, so that the bot cannot know that it has.
        """
        self.failures.append(Failure(method, re.compile(path), how, times, after_effect, retry_after))

    def drop(self, shard: int | None = None) -> None:
        """Reset every websocket, or those of one shard."""
        for connection in self.gateway.of(shard):
            reset(connection.transport)

    def freeze(self, shard: int | None = None, *, closes: bool = True) -> None:
        """Send nothing more on the present websockets and ignore what arrives, as if the network had failed.

        `closes`: whether a client that closes the connection gets a reply. Without one, discord.py waits 30 seconds.
        """
        for connection in self.gateway.of(shard):
            connection.frozen, connection.closes = True, closes

    async def ask_to_reconnect(self) -> None:
        for connection in list(self.gateway.connections):
            await connection.send(7)

    async def invalidate(self, *, resumable: bool, shard: int | None = None) -> None:
        """End the sessions of all shards, or of one."""
        for connection in self.gateway.of(shard):
            if not resumable and connection.session:
                self.gateway.sessions.pop(connection.session.id, None)
            await connection.send(9, resumable)

    async def join(self, guild: Guild) -> None:
        self.guilds.append(guild)
        await self.gateway.dispatch("GUILD_CREATE", guild_json(guild, self.bot), guild.id)

    async def leave(self, guild: Guild) -> None:
        self.guilds.remove(guild)
        await self.gateway.dispatch("GUILD_DELETE", {"id": str(guild.id)}, guild.id)
