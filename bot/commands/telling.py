"""Telling members by direct message that a question of theirs, about which they asked to be told, has an answer.

Nobody is told twice, although the bot may be killed at any moment. The database notes that a message is about to be
sent, and the row is deleted when it has arrived. If it is not known whether a message has arrived, it is looked for in
the conversation: a button of it has the id of the lookup in its custom_id. Besides, the message has a nonce that is
made from that id, by which Discord shows once what is sent twice within some minutes.
"""

import asyncio
import contextlib
import hashlib
import logging
import re
import weakref
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import timedelta

import aiohttp
import discord

from bot.answering.answer import Found, answer
from bot.answering.matcher import Matcher
from bot.briefs.card import Card
from bot.briefs.fields import ID_PATTERN
from bot.catalogues.catalogue import N_, Catalogue
from bot.commands.admin.replies import in_time
from bot.commands.layout import told_later_layout, told_layout, waiting_layout
from bot.errors import LogError
from bot.garbage import out_of_the_way
from bot.gateway import audience
from bot.gateway.client import BriefClient, Interaction
from bot.gateway.delivery import UndeliveredError
from bot.gateway.replies import NOT_CERTAIN, reply_privately
from bot.language.texts import whole_number
from bot.storage.awaited import MOST_AWAITED, Awaited, AwaitedAnswers

LOOK_EVERY = 60.0
"""Seconds until it is seen again whether another process has been asked, or knows of somebody who was not reached."""

FIRST_PAUSE = 1.0
"""Seconds until what has failed is tried again: the first time, then twice as long, up to LOOK_EVERY."""

BETWEEN = 0.5
"""Seconds between two messages. Discord does not want many conversations to be begun at once."""

SEND_TIMEOUT = 30.0
"""Seconds that Discord may take over one message."""

CLOCKS = timedelta(minutes=10)
"""By how much our clock may be ahead of Discord's when a message is looked for."""

NEWEST = 100
"""How many messages of a conversation are looked through for one."""

WILL_TELL = N_(
    "You get a direct message once a brief answers that. Until then, for 30 days at most, the bot keeps your Discord "
    "id for it."
)
ENOUGH = N_("You wait for {n} answers already. Once you have one of them, or call one off, you can ask for more.")
CANNOT_TELL = N_("That can only be asked by who asked the question, with /brief, and as long as the question is kept.")
CALLED_OFF = N_("You will not be told of it, and your Discord id is not kept for it any more.")

_log = logging.getLogger(__name__)


class Teller:
    """Serves **Tell me**, and tells members of answers. ``unreached`` has the ids of those who could not be told."""

    def __init__(
        self,
        client: BriefClient,
        awaited: AwaitedAnswers,
        matcher: Callable[[], Matcher],
        card_now: Callable[[str, Catalogue, str | None], Card | None],
    ) -> None:
        """``card_now`` returns the card that members get for a brief's id in a language, None if there is none."""
        self.unreached: frozenset[int] = frozenset()
        self._client = client
        self._awaited = awaited
        self._matcher = matcher
        self._card_now = card_now
        self._news = asyncio.Event()
        self._judged_by: Callable[[], Matcher | None] = lambda: None  # weak: one that was replaced is freed at once
        self._unanswered: set[int] = set()
        self._arrived: set[int] = set()

    def install(self, client: BriefClient) -> None:
        """Have ``client`` route the presses here."""
        client.router.on_press("tell", self.ask)
        client.router.on_press("untell", self.call_off)

    def look(self) -> None:
        """See before long whether there is anything to tell."""
        self._news.set()

    async def ask(self, interaction: Interaction, state: str) -> None:
        """Keep that a member wants to be told once their question has an answer.

        ``state`` is the interaction of the lookup, and behind a colon the brief that they were shown and did not mean.
        """
        asked_in, _, shown = state.partition(":")
        lookup, user = whole_number(asked_in) or 0, interaction.user.id
        rejected = shown if ID_PATTERN.fullmatch(shown) else None
        asked = await self._awaited.ask(lookup, user, interaction.locale.value, rejected)
        if asked is None:
            await reply_privately(interaction, NOT_CERTAIN)
        elif asked or await in_time(self._awaited.awaits(lookup, user)):
            say = audience.reader(interaction)
            await interaction.response.send_message(view=waiting_layout(WILL_TELL, lookup, say), ephemeral=True)
            self.look()
        elif await in_time(self._awaited.number_of(user)) >= MOST_AWAITED:
            await reply_privately(interaction, ENOUGH, n=MOST_AWAITED)
        else:
            await reply_privately(interaction, CANNOT_TELL)

    async def call_off(self, interaction: Interaction, asked_in: str) -> None:
        """Delete that a member wants to be told."""
        called_off = await self._awaited.cancel(whole_number(asked_in) or 0, interaction.user.id)
        await reply_privately(interaction, NOT_CERTAIN if called_off is None else CALLED_OFF)

    async def say_what_could_not_be_sent(self, interaction: Interaction) -> None:
        """Tell whoever has just asked something of the answers that could not be sent to them."""
        user = interaction.user.id
        if user not in self.unreached:
            return
        try:
            say = audience.reader(interaction)
            taken = [(each, card) async for each, card in self._taken(user, say)]
            if taken:
                view = told_later_layout([(each.query, card) for each, card in taken], say)
                await interaction.followup.send(view=view, ephemeral=True)
            for each, _ in taken:
                await self._awaited.told(each.lookup)
            self.unreached -= {user}
        except (LogError, UndeliveredError, discord.HTTPException) as error:
            _log.warning("a member could not be told of an answer, it is tried again: %s", type(error).__name__)

    async def _taken(self, user: int, catalogue: Catalogue) -> AsyncIterator[tuple[Awaited, Card]]:
        """Yield what this process is to say to a member, with the card. What is no answer any more waits again."""
        for each in await self._awaited.unreached_of(user):
            found = _answer(each, self._matcher())
            card = self._card_now(found.brief.id, catalogue, each.locale) if found else None
            if card is None:
                await self._awaited.unanswered(each.lookup)
            elif await self._awaited.saying(each.lookup):
                yield each, card

    async def watch(self) -> None:
        """Tell whoever is to be told, until cancelled. Raises LogError.

        Of several processes the one with the first shard does so, for Discord counts direct messages to it.
        """
        pause = FIRST_PAUSE
        while True:
            self._news.clear()
            self.unreached = await self._awaited.unreached()
            finished = not self._client.serves(0) or await self._tell_all()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY if finished else pause):
                    await self._news.wait()
            pause = FIRST_PAUSE if finished else min(2 * pause, LOOK_EVERY)

    async def _tell_all(self) -> bool:
        """Tell whoever can be told now. Return whether nothing of it has to be tried again."""
        if not self._client.admission.is_open:
            return False
        matcher = self._matcher()
        if matcher is not self._judged_by():
            self._judged_by, self._unanswered = weakref.ref(matcher), set()
        due = [each for each in await self._awaited.due() if each.lookup not in self._unanswered]
        found = await asyncio.to_thread(answers, due, matcher)
        finished = True
        for each in due:
            brief = found.get(each.lookup)
            if (brief or each.since) and not await self._settle(each, brief):
                finished = False
            elif not brief:
                self._unanswered.add(each.lookup)
        return finished

    async def _settle(self, each: Awaited, brief: str | None) -> bool:
        """Tell a member of the brief that answers their question. Return whether nothing of it is to be tried again.

        Without a brief there is no answer any more: then it is only seen whether a message had arrived.
        """
        try:
            channel = await self._client.create_dm(discord.Object(each.user))
            if each.lookup in self._arrived or await self._has_arrived(channel, each):
                return await self._note(each)
            if brief:
                return await self._send(channel, each, brief)
            await self._awaited.unanswered(each.lookup)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            if not isinstance(error, discord.HTTPException) or error.status == 429 or error.status >= 500:
                _log.warning("a member could not be told, it is tried again: %s", error or type(error).__name__)
                return False
            # Such as: they take no direct messages from us.
            _log.info("a member cannot be sent a message: status %d, code %d", error.status, error.code)
            if brief:
                await self._awaited.unreachable(each.lookup, brief)
                self.unreached |= {each.user}
            else:
                await self._awaited.unanswered(each.lookup)
        except Exception:  # whatever it is, the others are to be told, and this one later
            _log.exception("a member could not be told of an answer")
            return False
        return True

    async def _send(self, channel: discord.DMChannel, each: Awaited, brief: str) -> bool:
        card = self._card_now(brief, self._client.catalogues.of(each.locale), each.locale)
        if card is None or not await self._awaited.sending(each.lookup, brief):
            return False
        nonce = hashlib.blake2b(f"told {each.lookup}".encode(), digest_size=12).hexdigest()
        async with asyncio.timeout(SEND_TIMEOUT):
            await channel.send(view=told_layout(card, each.query, each.lookup), nonce=nonce)
        self._arrived.add(each.lookup)  # in case that this cannot be noted now
        noted = await self._note(each)
        await asyncio.sleep(BETWEEN)
        return noted

    async def _has_arrived(self, channel: discord.DMChannel, each: Awaited) -> bool:
        """Return whether a message that was about to be sent is in the conversation."""
        if each.since is None:
            return False
        mark = re.compile(f"still:[^:]+:{each.lookup}")
        try:
            async for message in channel.history(limit=NEWEST, after=each.since - CLOCKS):
                if any(mark.fullmatch(custom_id) for custom_id in _custom_ids(message)):
                    return True
        except discord.DiscordServerError:
            raise
        except discord.HTTPException:  # then the nonce alone can tell
            pass
        return False

    async def _note(self, each: Awaited) -> bool:
        noted = await self._awaited.told(each.lookup)
        if noted:
            self._arrived.discard(each.lookup)
        return noted


@out_of_the_way()
def answers(due: Iterable[Awaited], matcher: Matcher) -> dict[int, str]:
    """Return the id of the brief that answers each question, by its lookup, as `/brief` would answer it in public."""
    return {each.lookup: found.brief.id for each in due if (found := _answer(each, matcher))}


def _answer(awaited: Awaited, matcher: Matcher) -> Found | None:
    found = answer(awaited.query, matcher)
    return found if isinstance(found, Found) and found.brief.id != awaited.rejected else None


def _custom_ids(message: discord.Message) -> list[str]:
    rows = (row for row in message.components if isinstance(row, discord.ActionRow))
    return [child.custom_id or "" for row in rows for child in row.children if isinstance(child, discord.Button)]
