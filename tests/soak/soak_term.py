"""SIGTERM under load: what has reached the bot is answered and logged, and the bot is gone soon."""

import asyncio
import json
import random
import re
import signal
import time
from pathlib import Path

from tests.soak.conftest import Say
from tests.soak.databases import sound_rows
from tests.soak.load import GUILDS, answered, ask_steadily, bot_process
from tools.environment import HANGS
from tools.fake_discord import Exchange, FakeDiscord, until

STOPS = 10


async def asked_until_stopped(folder: Path, seconds: float) -> tuple[list[Exchange], float]:
    """Return what a bot was asked that is told to stop after so many ``seconds``, and how long stopping took."""
    asked: list[Exchange] = []
    async with (
        FakeDiscord(guilds=GUILDS) as fake,
        bot_process(fake, folder, LOG_LEVEL="INFO", LOG_FORMAT="json") as process,
    ):
        fake.answer_within = HANGS
        asking = asyncio.create_task(ask_steadily(fake, asked))
        await until(lambda: any(each.callback for each in asked))
        await asyncio.sleep(seconds)
        process.send_signal(signal.SIGTERM)
        told = time.monotonic()
        assert await asyncio.wait_for(process.wait(), HANGS) == 0
        took = time.monotonic() - told
        await asking
        assert fake.faults == []
    return asked, took


def undelivered(folder: Path) -> set[int]:
    """Return the interactions of which the log says that no response arrived: it may complain of nothing else."""
    entries = [json.loads(line) for line in (folder / "diagnostics.txt").read_text().splitlines()]
    complaints = [entry["message"] for entry in entries if entry["level"] in ("ERROR", "CRITICAL")]
    return {int(re.findall(r"^undelivered: the response to interaction (\d+)", line)[0]) for line in complaints}


def received(folder: Path) -> set[int]:
    """Return the interactions that had reached the bot before it left."""
    return set(map(int, (folder / "received.txt").read_text().split()))


async def test_a_stop_under_load_leaves_nothing_unanswered_and_nothing_unlogged(tmp_path: Path, say: Say) -> None:
    chance = random.Random(3)
    answers, longest, late, crossed = 0, 0.0, 0, 0
    for number in range(STOPS):
        folder = tmp_path / str(number)
        folder.mkdir()
        asked, took = await asked_until_stopped(folder, chance.uniform(0.3, 1.5))
        # They arrive in order, so that what was sent before one that was answered has arrived.
        last = max(place for place, each in enumerate(asked) if each.callback)
        missing = {int(each.id) for each in asked[:last] if not each.callback}
        assert missing <= undelivered(folder)
        arrived = received(folder) & {int(each.id) for each in asked}
        assert answered(asked).keys() <= arrived <= answered(asked).keys() | undelivered(folder)
        assert answered(asked).items() <= dict(sound_rows(folder)).items()
        assert not (folder / "lookups.db-wal").exists()
        answers, longest = answers + len(answered(asked)), max(longest, took)
        late += len(arrived - answered(asked).keys())
        crossed += len(asked) - len(arrived)
    say(f"{STOPS} stops, {answers} lookups answered and all logged; the longest took {longest:.2f} s of 10")
    say(f"{late} came too late and were logged as undelivered; {crossed} crossed the bot's goodbye on their way")
