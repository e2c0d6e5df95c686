"""The bot connects while its matcher is still being made, and serves then what arrived meanwhile."""

import asyncio
import shutil
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from bot.connection import Vitals, serve
from bot.delivery import FIRST_RESPONSE
from bot.errors import BotError
from bot.matching import Matcher
from bot.service import Service, assembled
from bot.settings import Settings
from tests.conftest import SHIPPED
from tests.databases import rows
from tests.fake_discord import FakeDiscord, until


def shipped_in(folder: Path) -> Settings:
    """Return the settings of a bot over a copy of the shipped briefs."""
    shutil.copytree(SHIPPED, folder / "briefs")
    return Settings(
        briefs_dir=folder / "briefs", database=folder / "lookups.db", user_hash_key_file=folder / "user_hash.key"
    )


@asynccontextmanager
async def starting(fake: FakeDiscord, folder: Path, matcher: Matcher, made: threading.Event) -> AsyncIterator[Service]:
    """Connect a bot whose matcher is there once ``made`` is set."""

    def first() -> Matcher:
        made.wait(10)
        return matcher

    async with assembled(shipped_in(folder), Matcher, first) as service, service.client:
        connection = asyncio.create_task(service.client.start(fake.token))
        await fake.connected()
        try:
            yield service
        finally:
            made.set()
        connection.cancel()
        with suppress(asyncio.CancelledError):
            await connection


async def test_what_is_asked_before_the_briefs_are_read_is_answered_once_they_are(
    fake: FakeDiscord, matcher: Matcher, tmp_path: Path
) -> None:
    made = threading.Event()
    async with starting(fake, tmp_path, matcher, made) as service:
        asked = await fake.slash("brief", {"query": "troops"}, within=0, expect_answer=False)
        await asyncio.sleep(0.1)
        assert asked.callback is None
        assert Vitals(service.client).unready() == "reading the briefs"
        assert Vitals(service.client).unlive() is None
        made.set()
        await until(lambda: asked.callback)
        assert "North Korean troops" in asked.text
        assert Vitals(service.client).unready() is None


async def test_what_has_waited_too_long_is_not_served_any_more(
    fake: FakeDiscord,
    matcher: Matcher,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("bot.client.FIRST_RESPONSE", replace(FIRST_RESPONSE, within=0.05))
    made = threading.Event()
    async with starting(fake, tmp_path, matcher, made) as service:
        await fake.slash("brief", {"query": "troops"}, within=0, expect_answer=False)
        await asyncio.sleep(0.1)
        made.set()
        await until(lambda: service.client.receiving)
    assert rows(tmp_path) == []
    assert "undelivered: 1 interactions waited too long" in caplog.text


async def test_a_bot_that_cannot_make_its_matcher_ends_and_says_so(fake: FakeDiscord, tmp_path: Path) -> None:

    def first() -> Matcher:
        raise MemoryError("no room")

    with pytest.raises(BotError, match="ended for an error of its own: no room"):
        async with assembled(shipped_in(tmp_path), Matcher, first) as service:
            await serve(service.client, fake.token)


async def test_a_bot_that_stops_while_it_starts_still_answers_what_was_asked(
    fake: FakeDiscord, matcher: Matcher, tmp_path: Path
) -> None:
    made = threading.Event()
    async with starting(fake, tmp_path, matcher, made) as service:
        asked = await fake.slash("brief", {"query": "troops"}, within=0, expect_answer=False)
        await asyncio.sleep(0.1)
        stopping = asyncio.create_task(service.client.stop_receiving())
        await asyncio.sleep(0.1)
        assert not stopping.done()
        made.set()
        await stopping
        assert "North Korean troops" in asked.text
