"""The connection to Discord: who we are, how interactions are kept in sight, how errors reach members, how it ends."""

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, cast

import discord
from discord import app_commands

from bot.errors import LogError, RequestError
from bot.gateway.arrivals import Arrivals
from bot.gateway.background import Background, Work
from bot.gateway.delivery import PersistentAdapter, UndeliveredError, deliver_by
from bot.gateway.events import guard, tidied
from bot.gateway.fairness import Fairness, Turn
from bot.gateway.layout import message_layout
from bot.gateway.shards import ShardedClient

NO_LOG = "The log cannot be read at the moment. Nothing was changed; try again later."

CHANGED = "This command has just changed. Try it again in a minute."
STARTING = "The bot has just been started and is still reading the briefs. Try again in a minute."
NOT_STARTED = "The bot cannot read the briefs and has to be started anew. Try again later."
OLD_BUTTON = "That button is no longer in use. Ask with /brief instead."
OLD_FORM = "That form is no longer in use. Open it anew."
TOO_FAST = "That is faster than the bot may answer one member. Wait a few seconds, then ask again."

ACKNOWLEDGED_AFTER = 0.5
"""Seconds that an interaction waits unacknowledged for the briefs to be read: Discord gives it 3, the event loop may
come late while the matcher is made, and who was acknowledged gets the answer in private."""

_LOOKUPS = frozenset({"brief", "Brief this"})
_NEED_NO_BRIEFS = frozenset({"privacy", "privacy show", "privacy forget"})

DRAINING = 6.0
"""Seconds that answers under way are given to finish before the bot stops."""

# Nobody talks here, so nobody needs to be warned that the libraries for voice are missing.
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


Press = Callable[["discord.Interaction[BriefClient]", str], Awaitable[None]]
"""What a press of a button, or a choice from a menu, does, given the state that its custom_id has behind the colon."""

Submit = Callable[["discord.Interaction[BriefClient]", str, dict[str, str]], Awaitable[None]]
"""What a modal that was sent does, given the state in its custom_id and the text of each input by its custom_id."""

Admit = Callable[["discord.Interaction[BriefClient]", str], Awaitable[None]]
"""Raises RequestError if an interaction may not do an action: a command's full name, or a custom_id up to the colon."""

_log = logging.getLogger(__name__)


class BriefClient(ShardedClient):
    """A client without privileges or caches. Commands are added to ``tree``, buttons with ``on_press``.

    ``stopping`` is set when the bot has been told to end, ``failure`` says why if it ends by itself. ``limited`` counts
    the interactions that came too fast to be served, ``failed`` those that ended in a reference. ``background`` goes on
    from the moment when Discord can first be talked to until the client closes.
    """

    def __init__(
        self,
        shard_count: int | None = None,
        shard_ids: Sequence[int] | None = None,
    ) -> None:
        super().__init__(
            shard_count=shard_count,
            shard_ids=shard_ids,
            intents=discord.Intents(guilds=True),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            guild_ready_timeout=0,  # nothing here waits for what the servers hold
            max_messages=None,
            allowed_mentions=discord.AllowedMentions.none(),
        )
        self.tree: app_commands.CommandTree[BriefClient] = _AdmittingTree(
            self,
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
        )
        self.tree.error(self._command_failed)
        self._presses: dict[str, Press] = {}
        self._submits: dict[str, Submit] = {}
        self._admit: Admit = _admit_all
        self._fairness = Fairness()
        self.stopping = asyncio.Event()
        self.failure: Exception | None = None
        self.limited = self.failed = 0
        self.arrivals = Arrivals()
        self.background = Background()
        self.adapter = PersistentAdapter(lambda answered: self.arrivals.answered(answered, time.monotonic()))
        self._telling: set[asyncio.Task[None]] = set()
        self._read = asyncio.Event()
        parsers = self._connection.parsers
        self._pass_on, parsers["INTERACTION_CREATE"] = parsers["INTERACTION_CREATE"], self._receive
        guard(parsers, self._unread)
        self._at_login: list[Work] = []
        self._under_way = 0
        self._idle = asyncio.Event()

    def on_press(self, kind: str, press: Press) -> None:
        """Have ``press`` serve every button whose custom_id starts with ``kind`` and a colon."""
        self._presses[kind] = press

    def on_submit(self, kind: str, submit: Submit) -> None:
        """Have ``submit`` serve every modal whose custom_id starts with ``kind`` and a colon."""
        self._submits[kind] = submit

    def at_login(self, work: Work) -> None:
        """Have ``work`` done once Discord has said who we are, before the first connection."""
        self._at_login.append(work)

    @property
    def receiving(self) -> bool:
        """Whether the briefs are read, so that interactions are served as they arrive."""
        return self._read.is_set() and self.failure is None

    def receive(self) -> None:
        """Serve what needs the briefs from now on, and what has waited for them."""
        self._read.set()

    def fail(self, error: Exception) -> None:
        """Have the bot end for ``error``, as if it had been told to stop."""
        self.failure = error
        self.stopping.set()
        self._read.set()  # whoever waits for the briefs is to be told

    def admit_by(self, admit: Admit) -> None:
        """Ask ``admit`` of every interaction, before anything else looks at it."""
        self._admit = admit

    async def admitted(self, interaction: discord.Interaction[Any]) -> bool:
        """Whether a command or its autocomplete may go on; if not, the member has been told why."""
        refused = True
        async with self.handling(interaction):
            if not (action := _command_name(cast("dict[str, Any]", interaction.data or {}))):
                raise RequestError(CHANGED)
            await self._admit(interaction, action)
            await self._until_read(interaction, action)
            refused = False
        return not refused

    async def _until_read(self, interaction: discord.Interaction[Any], action: str) -> None:
        """Wait until the briefs are read: a lookup for as long as that takes, acknowledged, anything else for a moment.

        Raises RequestError.
        """
        if self.receiving or action in _NEED_NO_BRIEFS:
            return
        try:
            async with asyncio.timeout(ACKNOWLEDGED_AFTER):
                await self._read.wait()
        except TimeoutError:
            if action not in _LOOKUPS or interaction.type is discord.InteractionType.autocomplete:
                raise RequestError(STARTING) from None
            await _acknowledge(interaction)
            await self._read.wait()
        if self.failure:
            raise RequestError(NOT_STARTED)

    def _unread(self, event: str) -> None:
        if event == "READY":  # the session has begun all the same
            self.dispatch("connect")

    def _receive(self, data: dict[str, Any]) -> None:
        """Pass an interaction on to the library if it is new and its member not too fast.

        As early as can be: what is dropped here has cost no more than reading it.
        """
        now, data = time.monotonic(), tidied(data)
        if not self.arrivals.is_new(interaction_id := int(data["id"]), data["type"], now):
            _log.info("interaction %d was delivered again", interaction_id)
            return
        user, guild = (data.get("member") or data)["user"]["id"], data.get("guild_id")
        turn = self._fairness.turn(user, guild, now, _action(data))
        if turn is Turn.SERVE:
            self._pass_on(data)
            return
        self.limited += 1
        if turn is Turn.TELL:
            interaction = discord.Interaction[BriefClient](data=cast("Any", data), state=cast("Any", self._connection))
            self._telling.add(task := asyncio.create_task(self._tell_too_fast(interaction)))
            task.add_done_callback(self._telling.discard)

    async def _tell_too_fast(self, interaction: discord.Interaction[Any]) -> None:
        async with self.handling(interaction):
            raise RequestError(TOO_FAST)

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
        deliver_by(self.adapter)
        for work in self._at_login:
            await work()

    async def on_connect(self) -> None:
        self.background.start()  # every shard says so, and again whenever it begins a new session

    async def on_ready(self) -> None:
        shards = ", ".join(map(str, self._connection.shard_ids))
        _log.info(
            "connected as %s, shard %s of %d, in %d servers", self.user, shards, self.shard_count, len(self.guilds)
        )

    async def close(self) -> None:
        await self.background.stop()
        await super().close()

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Serve a press or a modal: what the library calls for every interaction, whoever sent the message."""
        data = cast("dict[str, Any]", interaction.data)
        kind, _, state = str(data.get("custom_id", "")).partition(":")
        if interaction.type not in (discord.InteractionType.component, discord.InteractionType.modal_submit):
            return
        async with self.handling(interaction):
            await self._admit(interaction, kind)
            await self._until_read(interaction, kind)
            if interaction.type is discord.InteractionType.component:
                press = self._presses.get(kind)
                await (press(interaction, state) if press else tell(interaction, OLD_BUTTON))
            else:
                submit = self._submits.get(kind)
                await (
                    submit(interaction, state, _inputs(data["components"])) if submit else tell(interaction, OLD_FORM)
                )

    async def on_error(self, event_method: str, /, *_args: Any, **_kwargs: Any) -> None:
        _log.exception("an error in %s", event_method)

    async def stop_receiving(self) -> None:
        """Leave the gateway, so that no more interactions arrive, and wait for the answers under way."""
        await self.leave()
        await asyncio.sleep(0)  # interactions that have just arrived become tasks here
        try:
            async with asyncio.timeout(DRAINING):
                while self._under_way:
                    self._idle.clear()
                    await self._idle.wait()
        except TimeoutError:
            _log.warning("stopping although %d answers are still under way", self._under_way)

    async def _command_failed(self, interaction: discord.Interaction[Any], error: app_commands.AppCommandError) -> None:
        async with self.handling(interaction):
            if isinstance(error, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch):
                await tell(interaction, CHANGED)
            else:
                raise error

    async def _report(self, interaction: discord.Interaction[Any], error: Exception) -> None:
        """Tell the member what cannot be done; of any other error a reference, under which it is logged."""
        if isinstance(error, UndeliveredError):
            return
        if isinstance(error, RequestError):
            await self._tell_of(interaction, str(error))
            return
        if isinstance(error, LogError):
            _log.error("%s", error)
            await self._tell_of(interaction, NO_LOG)
            return
        self.failed += 1
        reference = secrets.token_hex(4)
        _log.error("reference %s: an interaction failed", reference, exc_info=error)
        await self._tell_of(interaction, f"Something went wrong. Please tell the admins this reference: {reference}")

    async def _tell_of(self, interaction: discord.Interaction[Any], text: str) -> None:
        """Tell the member of an error, unless nobody can be told any more; autocomplete can only stay empty."""
        try:
            if interaction.type is not discord.InteractionType.autocomplete:
                await tell(interaction, text)
            elif not interaction.response.is_done():
                await interaction.response.autocomplete([])
        except UndeliveredError:
            pass
        except discord.HTTPException as failure:
            # Without the text, which may repeat what the member wrote.
            _log.error("a member could not be told of an error: status %d, code %d", failure.status, failure.code)


Interaction = discord.Interaction[BriefClient]
"""An interaction that this client received."""


class _AdmittingTree(app_commands.CommandTree[BriefClient]):
    """A tree whose commands, and their autocomplete, are served only to whom the client admits."""

    async def interaction_check(self, interaction: discord.Interaction[BriefClient], /) -> bool:
        return await self.client.admitted(interaction)

    async def _call(self, interaction: discord.Interaction[BriefClient]) -> None:
        try:
            await super()._call(interaction)
        except app_commands.AppCommandError:
            raise
        except Exception as error:  # in reading the command: the library would tell nobody
            await self.client._report(interaction, error)


async def _admit_all(_interaction: discord.Interaction[Any], _action: str) -> None:
    """Stand in for the gate of a client that has none."""


def _action(interaction: dict[str, Any]) -> str:
    """Return what an interaction as Discord sent it asks for, as `Admit` calls it; nothing if it is autocomplete."""
    data = interaction.get("data") or {}
    if interaction["type"] == discord.InteractionType.autocomplete.value:
        return ""
    return _command_name(data) if "name" in data else str(data.get("custom_id", "")).partition(":")[0]


def _command_name(data: dict[str, Any]) -> str:
    """Return a command's full name, such as "briefs edit", from an interaction's data; nothing if it has none."""
    names = [str(data.get("name", ""))]
    options = data.get("options")
    while isinstance(options, list) and options and options[0].get("type") in (1, 2):  # subcommands, groups of them
        names.append(str(options[0].get("name", "")))
        options = options[0].get("options")
    return " ".join(names)


def _inputs(components: list[dict[str, Any]]) -> dict[str, str]:
    """Return the text of each input of a modal by its custom_id, whether it stands in a label or in a row."""
    parts = [part for each in components for part in (each, each.get("component"), *each.get("components", ())) if part]
    return {str(part["custom_id"]): str(part["value"]) for part in parts if "value" in part}


async def _acknowledge(interaction: discord.Interaction[Any]) -> None:
    """Say that an answer is to come: to the member alone, for who may see it is not known yet."""
    if interaction.message and interaction.message.flags.ephemeral:
        await interaction.response.defer()
    else:
        await interaction.response.defer(ephemeral=True, thinking=True)


async def tell(interaction: discord.Interaction[Any], text: str) -> None:
    """Send a line to the member alone, whether or not the interaction was answered already."""
    if interaction.response.type is discord.InteractionResponseType.deferred_channel_message:
        # In place of what is awaited: a follow-up would fill it too, but cannot be sent again when it is cut off.
        await interaction.edit_original_response(view=message_layout(text))
    elif interaction.response.is_done():
        await interaction.followup.send(view=message_layout(text), ephemeral=True)
    else:
        await interaction.response.send_message(view=message_layout(text), ephemeral=True)
