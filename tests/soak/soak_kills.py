"""Answered means durable: the bot is killed again and again under load, and no answered lookup is missing.

SOAK_KILLS says how often (100); each takes about three seconds.
"""

import asyncio
import random
from pathlib import Path

from tests.soak.conftest import Say
from tests.soak.databases import examined
from tests.soak.load import GUILDS, answered, ask_steadily, bot_process, count_from_environment, promised
from tools.environment import HANGS
from tools.fake_discord import Exchange, FakeDiscord, until

KILLS = count_from_environment("SOAK_KILLS", 100)


async def asked_until_killed(folder: Path, seconds: float) -> list[Exchange]:
    """Return what a bot was asked in its life, which ends so many ``seconds`` after its first answer."""
    asked: list[Exchange] = []
    async with FakeDiscord(guilds=GUILDS) as fake, bot_process(fake, folder) as process:
        fake.answer_within = HANGS
        asking = asyncio.create_task(ask_steadily(fake, asked))
        await until(lambda: any(each.callback for each in asked))
        await asyncio.sleep(seconds)
        process.kill()
        await process.wait()
        await asking
        await asyncio.sleep(0.05)  # answers that were on their way count too
        assert fake.faults == []
    return asked


async def test_no_answered_lookup_is_missing_however_often_the_bot_is_killed(tmp_path: Path, say: Say) -> None:
    chance = random.Random(1)
    must: dict[int, str] = {}
    late: dict[int, str] = {}
    unanswered = 0
    for number in range(1, KILLS + 1):
        asked = await asked_until_killed(tmp_path, chance.uniform(0.2, 1.5))
        must |= promised(asked)
        late |= {key: query for key, query in answered(asked).items() if key not in must}
        unanswered += sum(not each.callback for each in asked)
        found = await asyncio.to_thread(examined, tmp_path, tmp_path / "copy")
        rows = dict(found)
        assert len(found) == len(rows), "a lookup is there twice"
        missing = {key for key, query in must.items() if rows.get(key) != query}
        assert not missing, f"{len(missing)} answered lookups are missing after {number} kills"
        if number % 10 == 0 or number == KILLS:
            slow = f"{len(late)} answered later than the log waits, {len(late.keys() & rows.keys())} of them logged"
            say(f"{number} kills, {len(must)} lookups answered and all logged; {slow}; {unanswered} unanswered")
    assert len(must) + len(late) > 10 * KILLS  # on a busy machine most answers wait longer than the log is waited for
    assert "Traceback" not in (tmp_path / "diagnostics.txt").read_text()
