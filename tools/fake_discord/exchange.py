"""One interaction and what the bot did about it, and waiting for that."""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Self

from tools.environment import HANGS
from tools.fake_discord import rules
from tools.fake_discord.actors import Where
from tools.fake_discord.components import components_of
from tools.fake_discord.rules import Json


class NoAnswerError(AssertionError):
    """The bot did not respond to an interaction in time."""


class Exchange:
    """One interaction: what the bot was sent, and what it did about it."""

    def __init__(self, payload: Json, where: Where, messages: Mapping[str, Json]) -> None:
        self.payload = payload
        self.where = where
        self.id: str = payload["id"]
        self.token: str = payload["token"]
        self.callback: Json | None = None
        self.responses: list[Json] = []  # each payload that was accepted: callback, follow-ups, edits
        self.elapsed: float | None = None
        self.modal: Json | None = None
        self.redelivered = False
        self.connection: asyncio.BaseTransport | None = None  # that says that its first response was taken
        self.original: str | None = None
        self.follow_up_ids: list[str] = []
        self.sent = time.monotonic()
        self._messages = messages
        self._answered = asyncio.Event()

    @property
    def message(self) -> Json | None:
        """The response (or the message whose button was pressed) as it stands; None if there is none."""
        return self._messages.get(self.original or "")

    @property
    def followups(self) -> list[Json]:
        return [self._messages[each] for each in self.follow_up_ids if each in self._messages]

    @property
    def text(self) -> str:
        """All that the response says, without its buttons."""
        return rules.displayed_text(self.message or {})

    @property
    def labels(self) -> list[str]:
        """What the response's buttons say."""
        return [each["label"] for each in components_of(self.message) if each.get("label")]

    @property
    def ephemeral(self) -> bool:
        return bool((self.message or {}).get("flags", 0) & rules.EPHEMERAL)

    @property
    def choices(self) -> list[Json]:
        return list((self.callback or {}).get("data", {}).get("choices", []))

    def answer(self, payload: Json) -> None:
        self.callback = payload
        self.elapsed = time.monotonic() - self.sent
        self.responses.append(payload)
        self._answered.set()

    def heard(self) -> bool:
        """Whether the bot can know that its first response was taken: it was told so, and did not hang up before."""
        return self.connection is not None and not self.connection.is_closing()

    async def answered(self, within: float) -> bool:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._answered.wait(), within)
        return self._answered.is_set()

    async def until(self, condition: Callable[["Exchange"], object], within: float = HANGS) -> Self:
        """Wait for what the bot does after its first response, such as an edit or a follow-up."""
        await until(lambda: condition(self), within)
        return self

    async def filled(self, within: float = HANGS) -> Self:
        """Wait until a deferred response has its text."""
        return await self.until(lambda it: it.message and not it.message["flags"] & rules.LOADING, within)


async def until(condition: Callable[[], object], within: float = HANGS) -> None:
    """Wait for something to come true that announces itself nowhere."""
    deadline, pause = time.monotonic() + within, 0.002
    while not condition():
        if time.monotonic() > deadline:
            raise NoAnswerError(f"waited {within} s in vain")
        await asyncio.sleep(pause)
        pause = min(1.5 * pause, 0.02)
