"""Two minutes of a connection that breaks in every way, over and over, while members keep asking."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from bot.gateway import connection
from tests.admins import FILES, rows
from tests.brief_files import write
from tests.conftest import Start, starter
from tests.gateway.test_delivery import errors
from tests.soak.conftest import Say
from tools.fake_discord import Exchange, FakeDiscord, User, until
from tools.running import Running

SECONDS = 120
DISCORD_WAITS = 3.0
"""Seconds: what comes later is refused, and said to be undelivered."""

MEMBERS = [User(2_000_000_000_000_000_000 + number, f"member {number}") for number in range(20)]


@pytest.fixture
async def start(fake: FakeDiscord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Start]:
    monkeypatch.setattr(connection, "WATCH_INTERVAL", 0.1)
    fake.heartbeat_interval = 500
    fake.answer_within = DISCORD_WAITS
    async with starter(fake, write(tmp_path / "briefs", FILES)) as start:
        yield start


def more_than(events: Sequence[object], count: int) -> bool:
    return len(events) > count


async def break_it(fake: FakeDiscord, how: str) -> None:
    match how:
        case "drop":
            fake.drop()
        case "reconnect":
            await fake.ask_to_reconnect()
        case "invalid":
            await fake.invalidate(resumable=True)
        case _:
            fake.freeze(closes=how == "half open")


async def test_everything_that_is_asked_is_answered_once_or_said_to_be_undelivered(
    fake: FakeDiscord, bot: Running, caplog: pytest.LogCaptureFixture, say: Say
) -> None:
    asked: list[Exchange] = []
    chance = random.Random(1)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        how = chance.choice(["drop", "reconnect", "invalid", "half open", "dead"])
        resumed = len(fake.resumes)
        await break_it(fake, how)
        fake.fail_next("POST", "/callback", "reset", after_effect=chance.random() < 0.5)
        asked += await asyncio.gather(
            *(fake.slash("brief", {"query": "cats"}, user=each, expect_answer=False, within=4) for each in MEMBERS[:8])
        )
        await until(partial(more_than, fake.resumes, resumed))
    await until(lambda: len(rows(bot, "lookups")) >= len(asked))  # the last may still be on their way to the bot
    await until(lambda: not bot.client.in_flight.number)
    answered = [each for each in asked if each.callback]
    undelivered = [line for line in errors(caplog) if line.startswith("undelivered")]
    say(
        f"{len(asked)} asked, {len(answered)} answered once, {len(undelivered)} said to be undelivered, "
        f"{len(fake.resumes)} resumed sessions, the last answer after {max(each.elapsed or 0 for each in asked):.2f} s"
    )
    assert len(answered) + len(undelivered) >= len(asked)
    assert sorted(row["interaction_id"] for row in rows(bot, "lookups")) == sorted(int(each.id) for each in asked)
    fake.faults = [fault for fault in fake.faults if "10062" not in fault]
