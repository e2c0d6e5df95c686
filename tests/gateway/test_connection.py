"""The connection: what breaks it, what is half broken, and what is sent meanwhile or twice."""

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import discord
import pytest
import yarl
from aiohttp import web

from bot.errors import BotError
from bot.gateway import connection, internals, shards
from bot.gateway.client import BriefClient
from tests.admins import FILES, rows
from tests.brief_files import write
from tests.conftest import Start, starter
from tests.gateway.test_delivery import LOOKUPS, acts_of_every_kind, errors
from tools.environment import HANGS
from tools.fake_discord import Exchange, FakeDiscord, until
from tools.running import Running

INTERVAL = 0.8
"""Seconds between two heartbeats of the first session in these tests; Discord has 41."""


@pytest.fixture
async def start(fake: FakeDiscord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Start]:
    monkeypatch.setattr(connection, "WATCH_INTERVAL", 0.05)
    monkeypatch.setattr(internals, "GOODBYE", 0.2)
    monkeypatch.setattr(shards, "WINDOW", 0.1)
    async with starter(fake, write(tmp_path / "briefs", FILES)) as start:
        yield start


@pytest.fixture
async def bot(fake: FakeDiscord, start: Start) -> Running:
    """A bot whose first session has short intervals; on a busy machine a later one would end for it, too."""
    usual, fake.heartbeat_interval = fake.heartbeat_interval, int(INTERVAL * 1000)
    bot = await start()
    fake.heartbeat_interval = usual
    return bot


@pytest.mark.parametrize("trouble", ["drop", "reconnect", "invalid", "invalid for good", "half open", "dead"])
async def test_answers_go_on_after_whatever_happens_to_the_connection(
    fake: FakeDiscord, bot: Running, trouble: str
) -> None:
    match trouble:
        case "drop":
            fake.drop()
        case "reconnect":
            await fake.ask_to_reconnect()
        case "invalid" | "invalid for good":
            await fake.invalidate(resumable=trouble == "invalid")
        case "half open" | "dead":
            fake.freeze(closes=trouble == "half open")
    await until(lambda: len(fake.resumes) + len(fake.identifies) > 1)
    assert len(fake.resumes) == (trouble != "invalid for good")
    assert "purr" in (await fake.slash("brief", {"query": "cats"})).text


@pytest.mark.parametrize("closes", [True, False])
async def test_what_is_asked_while_the_connection_is_half_open_is_answered_once_after_it_is_resumed(
    fake: FakeDiscord, bot: Running, closes: bool
) -> None:
    fake.freeze(closes=closes)
    asked = [fake.slash("brief", {"query": query}) for query in ("cats", "dogs", "ships")]
    shown = await asyncio.gather(*asked)
    assert len(fake.resumes) == 1
    assert sorted(row["interaction_id"] for row in rows(bot, "lookups")) == sorted(int(each.id) for each in shown)


async def test_what_has_expired_when_the_connection_is_resumed_is_said_to_be_undelivered(
    fake: FakeDiscord, bot: Running, caplog: pytest.LogCaptureFixture
) -> None:
    fake.freeze()
    fake.answer_within = 0.2
    asked = await fake.slash("brief", {"query": "cats"}, expect_answer=False)
    await until(lambda: errors(caplog))
    assert errors(caplog) == [f"undelivered: the response to interaction {asked.id}: it came too late for Discord"]
    fake.faults.clear()  # the refusal


async def test_events_that_arrive_do_not_hide_that_heartbeats_are_not_acknowledged(
    fake: FakeDiscord, bot: Running, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    fake.acknowledge_heartbeats = False
    began = time.monotonic()
    while not fake.resumes:
        await fake.autocomplete("brief", "query", "ca")
        await asyncio.sleep(0.05)
        assert time.monotonic() - began < HANGS
    assert time.monotonic() - began > INTERVAL
    assert "no heartbeat was acknowledged" in caplog.text


async def test_a_quiet_server_that_acknowledges_heartbeats_is_left_alone(fake: FakeDiscord, bot: Running) -> None:
    await asyncio.sleep(5 * INTERVAL)
    assert (len(fake.identifies), fake.resumes) == (1, [])


async def test_an_event_loop_that_was_held_up_begins_the_session_anew(
    fake: FakeDiscord, bot: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(connection, "MAX_LAG", 0.3)
    await asyncio.sleep(0.2)
    assert not fake.resumes
    time.sleep(0.5)
    await until(lambda: fake.resumes)
    assert "the event loop was" in caplog.text
    assert "purr" in (await fake.slash("brief", {"query": "cats"})).text
    assert len(fake.resumes) == 1


async def test_the_bot_stops_at_once_although_its_connection_is_dead(fake: FakeDiscord, bot: Running) -> None:
    fake.freeze(closes=False)
    async with asyncio.timeout(5):  # the library alone would wait for 30
        await bot.client.stop_receiving()


async def test_answers_that_do_not_finish_before_the_bot_stops_are_counted_in_the_log(
    fake: FakeDiscord, bot: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bot.gateway.client.DRAINING", 0.2)
    fake.fail_next("POST", "/callback", 1.0)
    asking = asyncio.create_task(fake.slash("brief", {"query": "cats"}))
    await asyncio.sleep(0.1)
    await bot.client.stop_receiving()
    assert re.search(r"stopping although \d answers are still under way", caplog.text)
    await asking


async def test_after_an_outage_the_bot_is_back_within_the_longest_pause(
    fake: FakeDiscord, bot: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "LONGEST_PAUSE", 0.3)
    (site,) = fake.runner.sites
    await site.stop()
    fake.drop()
    await asyncio.sleep(1.5)
    await web.TCPSite(fake.runner, "127.0.0.1", int(fake.origin.split(":")[1])).start()
    await until(lambda: fake.resumes)
    assert "purr" in (await fake.slash("brief", {"query": "cats"})).text


async def test_a_gateway_that_does_not_answer_at_the_start_is_a_plain_error(
    fake: FakeDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL("ws://127.0.0.1:9/"))
    with pytest.raises(BotError, match="gateway does not answer"):
        await connection.serve(BriefClient(), fake.token)


async def test_an_interaction_that_is_delivered_several_times_is_answered_and_logged_once(
    fake: FakeDiscord, bot: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    acts = await acts_of_every_kind(fake)
    before = len(rows(bot, "lookups"))
    dispatch = fake.dispatch

    async def twice(exchange: Exchange) -> None:
        await dispatch(exchange)
        await dispatch(exchange)

    monkeypatch.setattr(fake, "dispatch", twice)
    shown = dict(zip(acts, await asyncio.gather(*(act() for act in acts.values())), strict=True))
    fake.drop()
    await until(lambda: fake.resumes)
    for each in shown.values():
        await fake.redeliver(each, wait=0)
    await asyncio.sleep(0.3)
    await until(lambda: not bot.client.in_flight.number)
    for name, each in shown.items():
        assert len(callbacks(fake, each)) == 1, name
    logged = [row["interaction_id"] for row in rows(bot, "lookups")][before:]
    assert sorted(logged) == sorted(int(shown[name].id) for name in LOOKUPS)
    assert len(rows(bot, "drafts")) == 1


def callbacks(fake: FakeDiscord, exchange: Exchange) -> list[Any]:
    return [each for each in fake.requests if each.path.startswith(f"/interactions/{exchange.id}/")]
