"""What Discord sends in a form that nobody expects: one event costs one line in the log, and never the bot."""

import asyncio
import logging
from collections.abc import AsyncIterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from bot.gateway import shards
from tests.admins import FILES, kept
from tests.brief_files import write
from tests.conftest import Start, starter
from tools.environment import HANGS
from tools.fake_discord import Exchange, FakeDiscord, until
from tools.fake_discord.rules import Json
from tools.running import Running

LINE = "cannot be read and is left out"
GUILD = 1_333_000_000_000_000_000

UNREADABLE: dict[str, tuple[str, Any]] = {
    "a server without anything": ("GUILD_CREATE", {}),
    "a server of null": ("GUILD_CREATE", None),
    "a server with channels of null": ("GUILD_CREATE", {"id": str(GUILD), "channels": None}),
    "a server with a role that is none": ("GUILD_CREATE", {"id": str(GUILD), "roles": [{"id": None}]}),
    "a server with an id that is none": ("GUILD_CREATE", {"id": "all of it is secret words"}),
    "a change of a server without an id": ("GUILD_UPDATE", {}),
    "a server that is left, without an id": ("GUILD_DELETE", {}),
    "a role of null": ("GUILD_ROLE_CREATE", {"guild_id": None, "role": None}),
    "a channel without a type": ("CHANNEL_CREATE", {"id": "5", "guild_id": "7"}),
    "a channel of null": ("CHANNEL_UPDATE", None),
    "threads of no server": ("THREAD_LIST_SYNC", {}),
    "a welcome without a shard": ("READY", {"session_id": "5", "resume_gateway_url": "ws://localhost"}),
    "an interaction without anything": ("INTERACTION_CREATE", {}),
    "an interaction of null": ("INTERACTION_CREATE", None),
    "an interaction of a list": ("INTERACTION_CREATE", ["secret words"]),
}


@pytest.fixture
async def start(fake: FakeDiscord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Start]:
    monkeypatch.setattr(shards, "WINDOW", 0.05)
    monkeypatch.setattr(shards, "LONGEST_PAUSE", 0.05)
    async with starter(fake, write(tmp_path / "briefs", FILES)) as start:
        yield start


async def answers(fake: FakeDiscord) -> bool:
    return "purr" in (await fake.slash("brief", {"query": "cats"})).text


@pytest.mark.parametrize("what", UNREADABLE)
async def test_an_event_that_cannot_be_read_costs_one_line_and_the_bot_goes_on(
    fake: FakeDiscord, bot: Running, caplog: pytest.LogCaptureFixture, what: str
) -> None:
    event, data = UNREADABLE[what]
    caplog.clear()
    await fake.gateway.dispatch(event, data, None)
    await until(lambda: LINE in caplog.text)
    lines = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert [f"the event {event} {LINE}" in line for line in lines] == [True]
    assert "secret words" not in caplog.text
    assert await answers(fake)
    assert (len(fake.identifies), fake.resumes) == (1, [])


async def sent(fake: FakeDiscord, **changed: Any) -> Exchange:
    """Send `/brief cats` with keys of the interaction, or of its data, that are changed; ... leaves a key out."""
    payload: Json = fake.interaction(2, fake.command_data(fake.command("brief", 1, {}), []), {})
    payload["data"]["options"] = [{"name": "query", "type": 3, "value": "cats"}]
    for key, value in deepcopy(changed).items():
        part = payload["data"] if key in ("name", "options", "resolved") else payload
        part[key] = value
        if value is ...:
            del part[key]
    exchange = Exchange(payload, {}, fake.messages)
    fake.exchanges[exchange.token] = exchange
    await fake.dispatch(exchange)
    return exchange


@pytest.mark.parametrize(
    "key", ["channel", "entitlements", "guild_locale", "context", "message", "guild", "resolved", "user", "locale"]
)
async def test_what_discord_leaves_empty_counts_as_left_out(fake: FakeDiscord, bot: Running, key: str) -> None:
    exchange = await sent(fake, **{key: None})
    assert await exchange.answered(3)
    assert "purr" in exchange.text


@pytest.mark.parametrize(
    "changed",
    [{"name": None}, {"name": ...}, {"name": 5}, {"name": "nonsense"}, {"data": None}, {"data": ...},
     {"options": None}, {"options": ...}, {"options": []}, {"options": {}},
     {"options": [{"name": "query", "type": 3}]}, {"options": [{"name": "query", "type": 1, "options": []}]}],
    ids=str,
)  # fmt: skip
async def test_a_command_that_makes_no_sense_gets_a_reply(
    fake: FakeDiscord, bot: Running, changed: dict[str, Any]
) -> None:
    exchange = await sent(fake, **changed)
    assert await exchange.answered(3)
    assert exchange.ephemeral
    assert "has just changed" in exchange.text or "Something went wrong" in exchange.text
    assert await answers(fake)


async def test_options_of_any_kind_neither_end_the_bot_nor_open_what_is_closed(fake: FakeDiscord, bot: Running) -> None:
    before = kept(bot)
    kinds: list[Any] = [[{}], [None], "cats", 5, [{"type": 1}], [{"type": 1, "options": None}]]
    for options in kinds:
        for name in ("brief", "briefs", "Brief this", "privacy"):
            await sent(fake, name=name, options=options)
    assert await answers(fake)
    assert kept(bot) == before
    assert len(fake.identifies) == 1


@pytest.mark.parametrize(
    "changed", [{"member": None}, {"member": {}}, {"type": ...}, {"version": ...}, {"id": "x"}], ids=str
)
async def test_an_interaction_of_nobody_costs_one_line(
    fake: FakeDiscord, bot: Running, caplog: pytest.LogCaptureFixture, changed: dict[str, Any]
) -> None:
    await sent(fake, **changed)
    await until(lambda: f"the event INTERACTION_CREATE {LINE}" in caplog.text)
    assert caplog.text.count(LINE) == 1
    assert await answers(fake)


@pytest.mark.parametrize("garbage", ["no JSON", "[]", "null", '{"op": 10, "d": null}', '{"op": 0, "t": "RESUMED"}'])
async def test_a_message_that_makes_no_sense_ends_the_session_and_not_the_bot(
    fake: FakeDiscord, bot: Running, caplog: pytest.LogCaptureFixture, garbage: str
) -> None:
    (connection,) = fake.gateway.connections
    assert connection.compress
    await connection.ws.send_bytes(connection.compress(garbage.encode()))
    await until(lambda: len(fake.identifies) == 2)
    assert "shard 0 begins a new session, for what Discord sent cannot be read" in caplog.text
    assert await answers(fake)


@pytest.mark.parametrize(
    "oddity", [{"guilds": None}, {"guilds": [{"id": None}]}, {"user": None}, {"shard": ...}], ids=str
)
async def test_a_bot_whose_welcome_cannot_be_read_serves_all_the_same(
    fake: FakeDiscord, start: Start, monkeypatch: pytest.MonkeyPatch, oddity: Json
) -> None:
    welcome = type(fake.gateway)._welcome

    async def odd(gateway: Any, session: Any, intents: int, *, sharded: bool) -> None:
        emit = session.emit

        async def emit_oddly(event: str, data: Json) -> None:
            changed = data | oddity if event == "READY" else data
            await emit(event, {key: value for key, value in changed.items() if value is not ...})

        session.emit = emit_oddly
        await welcome(gateway, session, intents, sharded=sharded)
        session.emit = emit

    monkeypatch.setattr(type(fake.gateway), "_welcome", odd)
    async with asyncio.timeout(HANGS):
        await start()
    assert await answers(fake)
