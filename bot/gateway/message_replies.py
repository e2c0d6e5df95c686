"""Sends the answers to messages: in a server as a reply that notifies nobody, in direct messages as a message.

Every answer has the id of the question as its nonce: Discord shows one that is sent twice within some minutes once. So
it may be sent again whatever became of it, and a question that arrives once more is not answered once more.
"""

import asyncio
import logging
import time
from collections import Counter, OrderedDict
from collections.abc import Callable

import aiohttp
import discord
from discord import ui

from bot.gateway.delivery import FIRST_PAUSE, MESSAGE, UndeliveredError
from bot.gateway.questions import Question

MOST_WAITING = 20
"""How many answers may wait in one channel. Discord takes about one a second there, so more would come too late."""

CLOSED_FOR = 600.0
"""Seconds for which a channel that Discord refused to write into is not tried again. Discord shuts out whoever makes
10,000 refused requests in ten minutes, so members must not be able to cause them at will."""

MOST_CLOSED = 10_000
"""How many such channels are remembered, the last ones."""

_NO_HISTORY = 160002
"""Discord's code for a reply in a channel where the bot may write and may not read what was written before."""

_log = logging.getLogger(__name__)


class MessageReplies:
    """Answers messages. ``undelivered`` counts the answers that did not arrive.

    ``answered`` is called with the id of a question once its answer has arrived.
    """

    def __init__(self, client: discord.Client, answered: Callable[[int], None]) -> None:
        self.undelivered = 0
        self._client = client
        self._answered = answered
        self._waiting: Counter[int] = Counter()
        self._closed: OrderedDict[int, float] = OrderedDict()  # until when, by channel

    def reserve(self, channel_id: int) -> bool:
        """Return whether a question in a channel can be answered there soon, as far as is known. It waits then."""
        free = self._waiting[channel_id] < MOST_WAITING and self._closed.get(channel_id, 0) <= time.monotonic()
        if free:
            self._waiting[channel_id] += 1
        return free

    def release(self, channel_id: int) -> None:
        """Note that a question in a channel waits no longer."""
        self._waiting[channel_id] -= 1
        if not self._waiting[channel_id]:
            del self._waiting[channel_id]

    async def send(self, question: Question, view: ui.LayoutView) -> None:
        """Send the answer to a question. Raises UndeliveredError, after a line in the log, if it does not arrive."""
        try:
            await self._send_until_accepted(question, view)
        except UndeliveredError as error:
            self.undelivered += 1
            _log.warning("undelivered: the answer to message %d: %s", question.id, error)
            raise
        self._answered(question.id)

    async def _send_until_accepted(self, question: Question, view: ui.LayoutView) -> None:
        now = asyncio.get_running_loop().time
        deadline, pause, replying = now() + MESSAGE.within, FIRST_PAUSE, question.guild_id is not None
        while True:
            try:
                async with asyncio.timeout(MESSAGE.attempt):
                    return await self._send(question, view, replying=replying)
            except discord.HTTPException as error:
                if error.code == _NO_HISTORY and replying:
                    replying = False
                    continue
                if error.status != 429 and error.status < 500:
                    self._note_refusal(question.channel_id, error)
                    raise UndeliveredError(f"Discord refused it, status {error.status}, code {error.code}") from error
                problem = f"Discord answered with status {error.status}"
            except (aiohttp.ClientError, OSError) as error:  # a TimeoutError is an OSError
                problem = type(error).__name__
            if now() + pause >= deadline:
                raise UndeliveredError(problem)
            _log.info("the answer to message %d was not taken, trying again: %s", question.id, problem)
            await asyncio.sleep(pause)
            pause = min(2 * pause, MESSAGE.longest_pause)

    async def _send(self, question: Question, view: ui.LayoutView, *, replying: bool) -> None:
        channel = self._client.get_partial_messageable(question.channel_id, guild_id=question.guild_id)
        if not replying:
            await channel.send(view=view, nonce=question.id)
            return
        message = discord.MessageReference(
            message_id=question.id,
            channel_id=question.channel_id,
            guild_id=question.guild_id,
            fail_if_not_exists=False,  # its author may have deleted it meanwhile
        )
        await channel.send(view=view, nonce=question.id, reference=message, mention_author=False)

    def _note_refusal(self, channel_id: int, error: discord.HTTPException) -> None:
        if error.status in (403, 404):
            self._closed[channel_id] = time.monotonic() + CLOSED_FOR
            self._closed.move_to_end(channel_id)
        while len(self._closed) > MOST_CLOSED:
            self._closed.popitem(last=False)
