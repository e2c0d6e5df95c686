"""The client: joins the parts through which an interaction passes, and says what happens at login and at the end.

An interaction takes one way:

1. `ShardedClient._run_connection` reads Discord's event from the connection of a shard, by discord.py's `poll_event`.
   discord.py then calls the parser of this kind of event. `BriefClient.__init__` has replaced all parsers.
2. The parser is the function `read` in `events.py`: it calls `Intake.receive`, and an error ends there as a line in the
   diagnostic log.
3. `Intake.receive` drops floods and repetitions, and gives the rest to the original parser of discord.py.
4. That builds the interaction and starts a task, which calls `_Tree._call` for a command or an autocomplete, and
   `BriefClient.on_interaction` for a press or a form. Both go on in `BriefClient.handling`.
5. `Admission.admit` decides whether the interaction may go on. It asks `check_permission`, which the service sets to
   `Gate.admit` in `bot/commands/admin/gate.py`, for members as well as for admins.
6. The function of the command, or the handler that `Router.route` finds for the custom_id, does the work. Both are in
   `bot.commands`: "Not what I asked", for example, is `FeedbackDesk.mark_wrong`.
7. The answer goes to Discord through `RetryingAdapter`. If the handler raised an error, `ErrorReplies` sends a line.

A message goes to `Intake.receive_message`, which drops it unless it asks the bot something. A question goes on in
`BriefClient._serve`, to the function that `on_question` was given, and its answer through `MessageReplies`.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any

import discord
from discord import app_commands

from bot.catalogues.catalogue import Catalogues
from bot.errors import RequestError
from bot.gateway import audience, internals
from bot.gateway.admission import Admission
from bot.gateway.background import Background, Work
from bot.gateway.delivery import RetryingAdapter, UndeliveredError
from bot.gateway.events import guard
from bot.gateway.in_flight import InFlight
from bot.gateway.intake import Intake
from bot.gateway.layout import message_layout
from bot.gateway.message_replies import MessageReplies
from bot.gateway.questions import Question
from bot.gateway.recent_interactions import RecentInteractions
from bot.gateway.replies import CHANGED, ErrorReplies
from bot.gateway.router import Router, data_of
from bot.gateway.shards import ShardedClient

DRAINING = 6.0
"""Seconds that answers under way have to finish before the bot stops."""

_UNREAD = ("MESSAGE_UPDATE", "MESSAGE_DELETE", "MESSAGE_DELETE_BULK", "CHANNEL_PINS_UPDATE")
"""Events that come with the intents for messages, and that nobody here reads: what is edited is not asked anew."""

_ROUTED = (discord.InteractionType.component, discord.InteractionType.modal_submit)

_log = logging.getLogger(__name__)


class BriefClient(ShardedClient):
    """A client without privileges or caches. Commands are added to ``tree``, buttons and forms to ``router``.

    ``catalogues`` has our own texts in all languages, ``server_languages`` the tags that servers have chosen.
    Discord sends it direct messages, and the messages of servers, if it is to ``read_direct`` and to ``read_servers``.
    ``stopping`` is set when the bot has been told to end, ``failure`` says why if it ends by itself. ``background``
    runs from the first connection to Discord until the client closes.
    """

    def __init__(
        self,
        shard_count: int | None = None,
        shard_ids: Sequence[int] | None = None,
        catalogues: Catalogues = Catalogues(),  # noqa: B008 - it never changes
        *,
        read_direct: bool = False,
        read_servers: bool = False,
    ) -> None:
        super().__init__(
            shard_count=shard_count,
            shard_ids=shard_ids,
            intents=discord.Intents(guilds=True, dm_messages=read_direct, guild_messages=read_servers),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            guild_ready_timeout=0,  # nothing here waits for what the servers hold
            max_messages=None,
            allowed_mentions=discord.AllowedMentions.none(),
        )
        self.tree: app_commands.CommandTree[BriefClient] = _Tree(
            self,
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
        )
        self.catalogues = catalogues
        self.server_languages: Mapping[int, str] = {}
        parsers = internals.parsers(self)
        self.recent = RecentInteractions()
        self.intake = Intake(self.recent, parsers["INTERACTION_CREATE"], self._ask)
        self.admission = Admission(self.recent)
        self.router = Router()
        self.error_replies = ErrorReplies()
        self.in_flight = InFlight()
        self.adapter = RetryingAdapter(self._answered)
        self.message_replies = MessageReplies(self, self._answered)
        self.background = Background()
        self.stopping = asyncio.Event()
        self.failure: Exception | None = None
        self._at_login: list[Work] = []
        self._answer_question: Callable[[Question], Awaitable[None]] | None = None
        self._questions: set[asyncio.Task[None]] = set()
        parsers["INTERACTION_CREATE"] = self.intake.receive
        parsers["MESSAGE_CREATE"] = self._receive_message
        parsers.update(dict.fromkeys(_UNREAD, lambda _: None))
        guard(parsers, self._event_unread)

    @contextlib.asynccontextmanager
    async def handling(self, interaction: discord.Interaction[Any]) -> AsyncIterator[None]:
        """Answer ``interaction`` in the block. The bot does not stop meanwhile, and an error becomes a private line."""
        with self.in_flight.counted():
            try:
                yield
            except Exception as error:  # the edge: whatever went wrong, the member must hear of it
                await self.error_replies.report(interaction, error)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Serve a press or a form. discord.py calls this for every interaction, but `_Tree` serves the commands."""
        if interaction.type in _ROUTED:
            async with self.handling(interaction):
                action, _, state = str(data_of(interaction).get("custom_id", "")).partition(":")
                await self.admission.admit(interaction, action)
                await self.router.route(interaction, action, state)

    def on_question(self, answer: Callable[[Question], Awaitable[None]]) -> None:
        """Have ``answer`` answer the messages that ask the bot something."""
        self._answer_question = answer

    def at_login(self, work: Work) -> None:
        """Do ``work`` after Discord has accepted the token, before the first connection."""
        self._at_login.append(work)

    async def setup_hook(self) -> None:
        internals.deliver_by(self.adapter)
        for work in self._at_login:
            await work()

    async def on_connect(self) -> None:
        self.background.start()  # discord.py calls this for every shard and every new session

    async def on_ready(self) -> None:
        shards = ", ".join(map(str, self.sessions))
        _log.info(
            "connected as %s, shard %s of %d, in %d servers", self.user, shards, self.shard_count, len(self.guilds)
        )

    async def on_error(self, event_method: str, /, *_args: Any, **_kwargs: Any) -> None:
        _log.exception("an error in %s", event_method)

    def fail(self, error: Exception) -> None:
        """Have the bot end for ``error``, as if it had been told to stop."""
        self.failure = error
        self.stopping.set()
        self.admission.fail()

    async def stop_receiving(self) -> None:
        """Leave Discord's gateway, so that no more interactions arrive, and wait for the answers under way."""
        await self.leave()
        await asyncio.sleep(0)  # interactions that have just arrived become tasks here
        await self.in_flight.drained(DRAINING)
        if self.in_flight.number:
            _log.warning("stopping although %d answers are still under way", self.in_flight.number)

    async def close(self) -> None:
        await self.background.stop()
        await super().close()

    def _receive_message(self, message: dict[str, Any]) -> None:
        self.intake.receive_message(message, str(self.user.id) if self.user else "")

    def _answered(self, asked: int) -> None:
        self.recent.answered(asked, time.monotonic())

    def _ask(self, question: Question) -> None:
        """Answer a question in a task of its own, unless no answer would arrive soon in its channel."""
        if self.message_replies.reserve(question.channel_id):
            task = asyncio.create_task(self._serve(question))
            self._questions.add(task)  # the event loop alone would let go of it
            task.add_done_callback(self._questions.discard)

    async def _serve(self, question: Question) -> None:
        """Answer a question. The bot does not stop meanwhile, and an error becomes a line in place of the answer."""
        with self.in_flight.counted():
            try:
                await self.admission.admit_question(question.id)
                if self._answer_question:
                    await self._answer_question(question)
            except Exception as error:  # the edge: whatever went wrong, the member must hear of it
                if said := self.error_replies.text_of(error):
                    text = audience.asker(self, question.guild_id).gettext(said[0], **said[1])
                    with contextlib.suppress(UndeliveredError):  # the delivery has logged it
                        await self.message_replies.send(question, message_layout(text))
            finally:
                self.message_replies.release(question.channel_id)

    def _event_unread(self, event: str) -> None:
        if event == "READY":  # the session has begun all the same
            self.dispatch("connect")


Interaction = discord.Interaction[BriefClient]
"""An interaction that this client received."""


class _Tree(app_commands.CommandTree[BriefClient]):
    """Admits each command and autocomplete, and leaves its errors to the client.

    `_call` is overridden because the library tells the member of no error that it meets while it reads a command. Since
    2.0. When it goes, override `_from_interaction`, which calls it.
    """

    async def _call(self, interaction: Interaction) -> None:
        async with self.client.handling(interaction):
            await super()._call(interaction)

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        if interaction.command is None:
            raise RequestError(CHANGED)
        await self.client.admission.admit(interaction, interaction.command.qualified_name)
        return True

    async def on_error(self, _interaction: Interaction, error: app_commands.AppCommandError, /) -> None:
        raise error  # to `_call`, within which the client reports it
