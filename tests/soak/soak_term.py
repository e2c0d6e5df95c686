"""SIGTERM under load: what Discord delivered is answered and logged, and the bot is gone within 10 seconds."""

import asyncio
import json
import random
import signal
import time
from datetime import datetime
from pathlib import Path

from tests.fake_discord import Exchange, FakeDiscord, until
from tests.soak.conftest import Say
from tests.soak.databases import sound_rows
from tests.soak.load import GUILDS, answered, ask_steadily, bot_process, query_of

STOPS = 10

IN_FLIGHT = 0.1
"""Seconds before the bot's goodbye within which a lookup may not have reached it yet, on a machine that is busy."""


async def asked_until_stopped(folder: Path, seconds: float) -> tuple[list[Exchange], float]:
    """Return what a bot was asked that is told to stop after so many ``seconds``, and how long stopping took."""
    asked: list[Exchange] = []
    async with (
        FakeDiscord(guilds=GUILDS) as fake,
        bot_process(fake, folder, LOG_LEVEL="INFO", LOG_FORMAT="json") as process,
    ):
        asking = asyncio.create_task(ask_steadily(fake, asked))
        await until(lambda: any(each.callback for each in asked), 10)
        await asyncio.sleep(seconds)
        process.send_signal(signal.SIGTERM)
        told = time.monotonic()
        assert await asyncio.wait_for(process.wait(), 10) == 0
        took = time.monotonic() - told
        await asking
        assert fake.faults == []
    return asked, took


def stopped_at(folder: Path) -> float:
    """Return when the bot began to stop, on the clock by which the fake Discord says when it sent something."""
    entries = [json.loads(line) for line in (folder / "diagnostics.txt").read_text().splitlines()]
    assert not [entry for entry in entries if entry["level"] in ("ERROR", "CRITICAL")]
    (moment,) = [entry["time"] for entry in entries if entry["message"].startswith("stopping")]
    return datetime.fromisoformat(moment).timestamp() - time.time() + time.monotonic()


async def test_a_stop_under_load_leaves_nothing_unanswered_and_nothing_unlogged(tmp_path: Path, say: Say) -> None:
    chance = random.Random(3)
    answers, longest, crossed = 0, 0.0, 0
    for number in range(STOPS):
        folder = tmp_path / str(number)
        folder.mkdir()
        asked, took = await asked_until_stopped(folder, chance.uniform(0.3, 1.5))
        # They arrive in order, so that what was sent before one that was answered has arrived.
        last = max(place for place, each in enumerate(asked) if each.callback)
        unanswered = asked[last + 1 :]
        assert not [query_of(each) for each in asked[:last] if not each.callback]
        assert all(each.sent > stopped_at(folder) - IN_FLIGHT for each in unanswered)
        assert answered(asked).items() <= dict(sound_rows(folder)).items()
        assert not (folder / "lookups.db-wal").exists()
        answers, longest, crossed = answers + len(answered(asked)), max(longest, took), crossed + len(unanswered)
    say(f"{STOPS} stops, {answers} lookups answered and all logged; the longest took {longest:.2f} s of 10")
    say(f"{crossed} lookups crossed the bot's goodbye on their way and stayed unanswered")
