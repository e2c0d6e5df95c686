"""The connection to Discord: who we are, how interactions are kept in sight, how errors reach members, how it ends."""

import asyncio
import contextlib
import hashlib
import json
import logging
import secrets
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Protocol, cast

import aiohttp
import discord
from discord import app_commands

from bot.errors import BotError, SettingsError
from bot.layout import message_layout

DRAINING = 6.0
"""Seconds that answers under way are given to finish before the bot stops."""


# Nobody talks here, so nobody needs to be warned that the libraries for voice are missing.
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


class Registrations(Protocol):
    """Where the digests of the registered commands are kept, by application and scope (a server's id, or 0 for all)."""

    async def registration(self, application_id: int, scope: int) -> str | None: ...

    async def remember_registration(self, application_id: int, scope: int, digest: str) -> None: ...


Press = Callable[["discord.Interaction[BriefClient]", str], Awaitable[None]]
"""What a press of a button does, given the state that its custom_id carries behind the colon."""

_log = logging.getLogger(__name__)


class BriefClient(discord.Client):
    """A client without privileges or caches. Commands are added to ``tree``, buttons with ``on_press``."""

    def __init__(self, registrations: Registrations, dev_guild_id: int | None) -> None:
        super().__init__(
            intents=discord.Intents(guilds=True),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            allowed_mentions=discord.AllowedMentions.none(),
        )
        self.tree: app_commands.CommandTree[BriefClient] = app_commands.CommandTree(
            self,
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
        )
        self.tree.error(self._command_failed)
        self._registrations = registrations
        self._dev_guild_id = dev_guild_id
        self._presses: dict[str, Press] = {}
        self._under_way = 0
        self._idle = asyncio.Event()

    def on_press(self, kind: str, press: Press) -> None:
        """Have ``press`` serve every button whose custom_id starts with ``kind`` and a colon."""
        self._presses[kind] = press

    @contextlib.asynccontextmanager
    async def handling(self, interaction: discord.Interaction[Any]) -> AsyncIterator[None]:
        """Keep the bot from stopping while the block answers ``interaction``, and turn an error into a line for it."""
        self._under_way += 1
        try:
            yield
        except Exception as error:  # the edge: whatever went wrong, the member must hear of it
            await self._report(interaction, error)
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()

    async def setup_hook(self) -> None:
        try:
            await self._register_commands()
        except discord.HTTPException as error:
            _log.error("the commands could not be registered, the old ones stay: %s", error)

    async def on_ready(self) -> None:
        _log.info("connected as %s, in %d servers", self.user, len(self.guilds))

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Serve a press: what the library calls for every interaction, whatever sent the message with the button."""
        if interaction.type is not discord.InteractionType.component:
            return
        kind, _, state = str(cast("dict[str, Any]", interaction.data)["custom_id"]).partition(":")
        async with self.handling(interaction):
            if press := self._presses.get(kind):
                await press(interaction, state)
            else:
                await tell(interaction, "That button is no longer in use. Ask with /brief instead.")

    async def on_error(self, event_method: str, /, *_args: Any, **_kwargs: Any) -> None:
        _log.exception("an error in %s", event_method)

    async def stop_receiving(self) -> None:
        """Leave the gateway, so that no more interactions arrive, and wait for the answers under way."""
        if self.ws:
            await self.ws.close(1000)
        await asyncio.sleep(0)  # interactions that have just arrived become tasks here
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAINING):
                while self._under_way:
                    self._idle.clear()
                    await self._idle.wait()

    async def _command_failed(self, interaction: discord.Interaction[Any], error: app_commands.AppCommandError) -> None:
        async with self.handling(interaction):
            if isinstance(error, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch):
                await tell(interaction, "This command has just changed. Try it again in a minute.")
            else:
                raise error

    async def _report(self, interaction: discord.Interaction[Any], error: Exception) -> None:
        """Log ``error`` under a reference and tell the member that reference, unless nobody can be told any more."""
        reference = secrets.token_hex(4)
        if isinstance(error, discord.NotFound) and error.code == 10062:
            _log.warning("reference %s: an answer came too late for Discord", reference)
            return
        _log.error("reference %s: an interaction failed", reference, exc_info=error)
        if interaction.type is discord.InteractionType.autocomplete:
            return
        try:
            await tell(interaction, f"Something went wrong. Please tell the admins this reference: {reference}")
        except (discord.HTTPException, aiohttp.ClientError, OSError) as failure:
            _log.error("reference %s: the member could not be told: %s", reference, failure)

    async def _register_commands(self) -> None:
        """Register the commands where that is due: once for each application and scope, and whenever they change."""
        guild = discord.Object(self._dev_guild_id) if self._dev_guild_id else None
        payload = [command.to_dict(self.tree) for command in self.tree.get_commands()]
        digest = hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()
        application, scope = self.application_id or 0, self._dev_guild_id or 0
        if await self._registrations.registration(application, scope) == digest:
            return
        if guild:
            self.tree.copy_global_to(guild=guild)
        await self.tree.sync(guild=guild)
        await self._registrations.remember_registration(application, scope, digest)
        _log.info("registered %d commands", len(payload))


async def tell(interaction: discord.Interaction[Any], text: str) -> None:
    """Send a line to the member alone, whether or not the interaction was answered already."""
    if interaction.response.is_done():
        await interaction.followup.send(view=message_layout(text), ephemeral=True)
    else:
        await interaction.response.send_message(view=message_layout(text), ephemeral=True)


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
