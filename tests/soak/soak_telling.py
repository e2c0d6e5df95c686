"""Each member who asked to be told is told once, and nobody else: the bot is killed again and again while it tells.

SOAK_TELLING says how often (20); each takes about ten seconds. After every other kill Discord no longer knows the
nonces, as if the bot had been away for longer than some minutes.
"""

import asyncio
import random
from collections import Counter
from pathlib import Path

from tests.admins import FILES
from tests.brief_files import write
from tests.databases import records
from tests.soak.conftest import Say
from tests.soak.load import GUILDS, bot_process, count_from_environment
from tools.environment import HANGS
from tools.fake_discord import FakeDiscord, User, until
from tools.fake_discord.rules import displayed_text

KILLS = count_from_environment("SOAK_TELLING", 20)
WAITING = [User(2_000_000_000_000_000_000 + number * 10_000, f"waiting{number}") for number in range(6)]
CLOSED = User(2_000_000_000_000_900_000, "closed")
"""A member who takes no direct messages."""

NOT_ASKING = User(2_000_000_000_000_990_000, "not asking")


def told(fake: FakeDiscord) -> Counter[tuple[int, str]]:
    """Return how often each channel shows that a question is answered, by channel and what is said."""
    said = [(int(each["channel_id"]), displayed_text(each).partition("\n")[0]) for each in fake.messages.values()]
    return Counter((channel, line) for channel, line in said if line.startswith("You asked to be told about"))


def told_of(fake: FakeDiscord, word: str) -> int:
    return sum(count for (_, line), count in told(fake).items() if f"“{word}”" in line)


async def until_told(fake: FakeDiscord, word: str, times: int) -> None:
    await until(lambda: told_of(fake, word) >= times)


async def asked(fake: FakeDiscord, word: str) -> None:
    """Have all ask the same, and all but one ask to be told."""
    for user in (*WAITING, CLOSED, NOT_ASKING):
        shown = await fake.slash("brief", {"query": word}, user=user)
        if user is not NOT_ASKING:
            assert "direct message" in (await fake.press(shown, "Tell me")).text


async def test_each_who_asked_is_told_once_however_often_the_bot_is_killed(tmp_path: Path, say: Say) -> None:
    chance = random.Random(1)
    folder = write(tmp_path / "briefs", FILES)
    words: list[str] = []
    killed_at: Counter[int] = Counter()
    async with FakeDiscord(guilds=GUILDS) as fake:
        fake.answer_within = HANGS
        fake.closed_to_the_bot.add(CLOSED.id)
        for number in range(1, KILLS + 1):
            words.append(word := "".join(chance.choices("bcdfghjklmnpqrstvwxz", k=12)))
            async with bot_process(fake, tmp_path, BRIEFS_DIR=str(folder)) as process:
                await asked(fake, word)
                # Discord takes its time to say that it has a message, so that most kills come before the bot knows.
                fake.fail_next("POST", r"/channels/\d+/messages$", 0.3, 99, after_effect=True)
                write(folder, {"cats.yaml": FILES["cats.yaml"].replace("[kitties]", f"[kitties, {', '.join(words)}]")})
                await until_told(fake, word, chance.randrange(len(WAITING) + 1))
                await asyncio.sleep(chance.uniform(0, 0.02))
                process.kill()
                await process.wait()
                killed_at[told_of(fake, word)] += 1
                fake.failures.clear()
            if number % 2:
                fake.sent_by_nonce.clear()
            async with bot_process(fake, tmp_path, BRIEFS_DIR=str(folder)):
                await until_told(fake, word, len(WAITING))
                while records(tmp_path, "SELECT 1 FROM awaited"):
                    await fake.slash("brief", {"query": "dogs"}, user=CLOSED)
                    await asyncio.sleep(0.3)
            if number % 5 == 0 or number == KILLS:
                halves = sum(count for kill, count in killed_at.items() if 0 < kill < len(WAITING))
                say(f"{number} kills, {halves} of them midway; {sum(told(fake).values())} notices, each once")
        everybody = len(WAITING) + 1
        assert set(told(fake).values()) == {1}
        assert [told_of(fake, word) for word in words] == [everybody] * KILLS
        assert fake.faults == []
    assert "Traceback" not in (tmp_path / "diagnostics.txt").read_text()
