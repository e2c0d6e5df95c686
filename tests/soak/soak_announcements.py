"""Each channel is told of each version once: the bot is killed again and again while it announces.

SOAK_ANNOUNCEMENTS says how often (40); each takes about five seconds.
"""

import asyncio
import random
from collections import Counter
from pathlib import Path

from tests.admins import FILES, announce, settled
from tests.brief_files import write
from tests.soak.conftest import Say
from tests.soak.load import GUILDS, bot_process, count_from_environment
from tools.environment import HANGS
from tools.fake_discord import MANAGER, FakeDiscord, Where, until
from tools.fake_discord.rules import displayed_text

KILLS = count_from_environment("SOAK_ANNOUNCEMENTS", 40)
CHANGED = ("cats", "dogs")


def changed(brief: str, number: int) -> str:
    """Return the text of a brief in its version of this number."""
    return FILES[f"{brief}.yaml"].replace("are animals", f"are {brief} of version {number},")


def told(fake: FakeDiscord) -> Counter[tuple[int, str]]:
    """Return how often each channel shows that a brief says something new, by channel and what is new."""
    lines = [
        (int(message["channel_id"]), line.replace("*", "").replace("\\", ""))
        for message in fake.messages.values()
        for line in displayed_text(message).splitlines()
    ]
    return Counter((channel, line) for channel, line in lines if line.startswith("now: "))


def told_of(fake: FakeDiscord, number: int) -> int:
    """Return how many messages tell of the versions of this number."""
    return sum(count for (_, line), count in told(fake).items() if f"version {number}," in line)


async def until_told(fake: FakeDiscord, number: int, messages: int) -> None:
    await until(lambda: told_of(fake, number) >= messages)


async def test_each_channel_is_told_of_each_version_once_however_often_the_bot_is_killed(
    tmp_path: Path, say: Say
) -> None:
    chance = random.Random(1)
    folder = write(tmp_path / "briefs", FILES)
    everybody = len(GUILDS) * len(CHANGED)
    killed_at: Counter[int] = Counter()
    async with FakeDiscord(guilds=GUILDS) as fake:
        fake.answer_within = HANGS
        async with bot_process(fake, tmp_path, BRIEFS_DIR=str(folder)):
            for guild in GUILDS:
                where: Where = {"guild": guild, "permissions": MANAGER}
                assert f"<#{guild.channel}>" in await settled(await announce(fake, guild.channel, **where))
        for number in range(1, KILLS + 1):
            async with bot_process(fake, tmp_path, BRIEFS_DIR=str(folder)) as process:
                write(folder, {f"{brief}.yaml": changed(brief, number) for brief in CHANGED})
                await until_told(fake, number, chance.randrange(everybody + 1))
                await asyncio.sleep(chance.uniform(0, 0.02))
                process.kill()
                await process.wait()
                killed_at[told_of(fake, number)] += 1
            async with bot_process(fake, tmp_path, BRIEFS_DIR=str(folder)):
                await until_told(fake, number, everybody)
            if number % 20 == 0 or number == KILLS:
                halves = sum(count for kill, count in killed_at.items() if 0 < kill < everybody)
                say(f"{number} kills, {halves} of them midway; {sum(told(fake).values())} messages, each once")
        await asyncio.sleep(0.5)  # what comes twice would come by now
        assert set(told(fake).values()) == {1}
        assert len(told(fake)) == KILLS * everybody
        assert fake.faults == []
    assert "Traceback" not in (tmp_path / "diagnostics.txt").read_text()
