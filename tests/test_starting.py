"""The bot connects while its matcher is still being made, and serves then what arrived meanwhile."""

import asyncio
import gc
import shutil
import threading
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from bot.answering.matcher import Matcher
from bot.briefs.loader import Loaded, load, survey
from bot.cli.main import _serve
from bot.errors import BotError, BriefsError
from bot.gateway.admission import NOT_STARTED, STARTING
from bot.gateway.connection import Vitals, serve
from bot.service.assembly import Service, assembled
from bot.service.settings import Settings
from tests.admins import settled
from tests.databases import rows
from tools.environment import HANGS, SHIPPED
from tools.fake_discord import FakeDiscord, User, Where, until


def shipped_in(folder: Path) -> Settings:
    """Return the settings of a bot over a copy of the shipped briefs."""
    shutil.copytree(SHIPPED, folder / "briefs")
    return Settings(
        briefs_dir=folder / "briefs", database=folder / "lookups.db", user_hash_key_file=folder / "user_hash.key"
    )


@asynccontextmanager
async def starting(fake: FakeDiscord, folder: Path, matcher: Matcher, made: threading.Event) -> AsyncIterator[Service]:
    """Connect a bot whose matcher is there once ``made`` is set."""

    def first() -> tuple[Loaded, Matcher]:
        made.wait(HANGS)
        return load(folder / "briefs"), matcher

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


async def test_what_is_asked_just_before_the_briefs_are_read_is_answered_once_they_are(
    fake: FakeDiscord, matcher: Matcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.gateway.admission.ACKNOWLEDGED_AFTER", 10)
    made = threading.Event()
    async with starting(fake, tmp_path, matcher, made) as service:
        asked = await fake.slash("brief", {"query": "troops"}, within=0, expect_answer=False)
        await asyncio.sleep(0.1)
        assert asked.callback is None
        assert Vitals(service.client).why_not_ready() == "reading the briefs"
        assert Vitals(service.client).why_not_live() is None
        made.set()
        await until(lambda: asked.callback)
        assert "North Korean troops" in asked.text
        assert not asked.ephemeral
        await until(lambda: Vitals(service.client).why_not_ready() is None)


@pytest.fixture
def hasty(patient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have what waits for the briefs be acknowledged at once."""
    monkeypatch.setattr("bot.gateway.admission.ACKNOWLEDGED_AFTER", 0.01)


async def test_lookups_that_wait_long_for_the_briefs_are_acknowledged_and_then_answered_to_their_asker(
    fake: FakeDiscord, matcher: Matcher, tmp_path: Path, hasty: None
) -> None:
    made = threading.Event()
    async with starting(fake, tmp_path, matcher, made) as service:
        asked = [
            await fake.slash("brief", {"query": "troops"}),
            await fake.message_command("Brief this", "How many troops are in Russia?"),
            await fake.press(public_card(fake), "brief:weapons", user=User(5, "somebody")),
        ]
        missed = await fake.slash("brief", {"query": "adele"}, user=User(6, "another"))
        assert [each.callback["type"] for each in (*asked, missed) if each.callback] == [5] * 4
        assert all(each.ephemeral for each in (*asked, missed))
        made.set()
        for each in (*asked, missed):
            await each.filled()
        assert ["Russia" in each.text or "weapons" in each.text for each in asked] == [True] * 3
        assert "Share here" in asked[0].labels
        assert "No brief on" in missed.text
        assert len(rows(tmp_path)) == 4
        assert service.client.admission.is_open


def public_card(fake: FakeDiscord) -> dict[str, Any]:
    """Return a card that everybody sees, from before the bot was started anew."""
    message = fake.blank_message(fake.guilds[0].channel, fake.bot)
    button = {"type": 2, "id": 2, "style": 2, "label": "Weapons", "custom_id": "brief:weapons"}
    return message | {"components": [{"type": 1, "id": 1, "components": [button]}], "flags": 1 << 15}


async def test_what_is_no_lookup_is_told_to_try_again_and_what_needs_no_briefs_is_served(
    fake: FakeDiscord, matcher: Matcher, tmp_path: Path, hasty: None
) -> None:
    made = threading.Event()
    async with starting(fake, tmp_path, matcher, made):
        owner = Where(user=fake.owner)
        for command in ("briefs list", "briefs add", "briefs check"):
            refused = await fake.slash(command, **owner)
            assert (refused.text, refused.ephemeral) == (STARTING, True)
        assert await settled(await fake.slash("privacy show")) == "Nothing is stored about you."
        assert (await fake.autocomplete("brief", "query", "tro")).choices == []


async def test_who_waits_for_briefs_that_cannot_be_read_is_told_so(
    fake: FakeDiscord, tmp_path: Path, hasty: None
) -> None:
    made = threading.Event()

    def first() -> tuple[Loaded, Matcher]:
        made.wait(10)
        raise MemoryError("no room")

    async with assembled(shipped_in(tmp_path), Matcher, first) as service:
        serving = asyncio.create_task(serve(service.client, fake.token))
        await fake.connected()
        asked = await fake.slash("brief", {"query": "troops"})
        made.set()
        with pytest.raises(BotError):
            await serving
    assert asked.text == NOT_STARTED


async def test_a_bot_that_cannot_make_its_matcher_ends_and_says_so(fake: FakeDiscord, tmp_path: Path) -> None:

    def first() -> tuple[Loaded, Matcher]:
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


# The briefs are loaded beside connecting


@asynccontextmanager
async def loading(
    fake: FakeDiscord, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[threading.Event, asyncio.Task[None]]]:
    """Run a bot whose briefs are loaded once the event is set."""
    loaded = threading.Event()

    def load_late(*what: Any, **how: Any) -> Loaded:
        loaded.wait(HANGS)
        return survey(*what, **how)

    monkeypatch.setattr("bot.cli.main.survey", load_late)
    running = asyncio.create_task(_serve(shipped_in(folder), fake.token))
    try:
        await fake.connected(20)
        yield loaded, running
    finally:
        loaded.set()
        running.cancel()
        await asyncio.wait((running,))


async def test_what_is_asked_while_the_briefs_are_loaded_is_acknowledged_and_then_answered(
    fake: FakeDiscord, tmp_path: Path, hasty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[int] = []
    monkeypatch.setattr(Matcher, "build", lambda matcher: threads.append(threading.get_ident()))
    async with loading(fake, tmp_path, monkeypatch) as (loaded, _):
        asked = await fake.slash("brief", {"query": "troops"})
        assert asked.callback
        assert asked.callback["type"] == 5
        loaded.set()
        await asked.filled()
        assert "Russia" in asked.text
    assert len(threads) == 3  # a language each
    assert threading.get_ident() not in threads


async def test_what_the_bot_started_with_is_freed_once_a_reload_has_replaced_it(
    fake: FakeDiscord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.authoring.keeper.POLL", 0.02)
    made: list[weakref.ref[Matcher]] = []

    def built(matcher: Matcher) -> Matcher:
        made.append(weakref.ref(matcher))
        return matcher

    monkeypatch.setattr(Matcher, "built", built)
    async with loading(fake, tmp_path, monkeypatch) as (loaded, _):
        loaded.set()
        await until(lambda: made)
        await (await fake.slash("brief", {"query": "troops"})).filled()
        ships = tmp_path / "briefs" / "ships.yaml"
        ships.write_text(ships.read_text().replace("Russian ships", "Two ships"))
        await until(lambda: made[1:])
        await until(lambda: made[0]() is None)


async def test_wrong_briefs_of_a_first_start_end_the_bot_before_it_connects(
    fake: FakeDiscord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.cli.main.LOADS_SOON", HANGS)
    settings = shipped_in(tmp_path)
    for path in settings.briefs_dir.glob("*.yaml"):
        path.write_text("title: only a title\n")
    with pytest.raises(BriefsError, match=r"troops\.yaml:1:1: "):
        await _serve(settings, fake.token)
    assert not fake.identifies


async def test_a_later_start_does_not_wait_for_the_briefs(
    fake: FakeDiscord, tmp_path: Path, hasty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with loading(fake, tmp_path, monkeypatch) as (loaded, _):
        loaded.set()
        await (await fake.slash("brief", {"query": "troops"})).filled()
    monkeypatch.setattr("bot.cli.main.LOADS_SOON", HANGS)
    shutil.rmtree(tmp_path / "briefs")
    async with loading(fake, tmp_path, monkeypatch) as (loaded, _):
        assert (await fake.slash("brief", {"query": "troops"})).callback


async def test_briefs_that_turn_out_to_be_wrong_after_connecting_end_the_bot_with_their_problems(
    fake: FakeDiscord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with loading(fake, tmp_path, monkeypatch) as (loaded, running):
        for path in (tmp_path / "briefs").glob("*.yaml"):
            path.write_text("title: only a title\n")
        loaded.set()
        with pytest.raises(BriefsError, match=r"troops\.yaml:1:1: "):
            await running
    gc.collect()  # which logs the errors that nobody has asked for
    assert "Traceback" not in caplog.text
