"""How long members wait while the bot has other work: `python -m bench.stalls reload`, or `erase`, or `start`.

The bot is a process of its own. Members ask at a steady pace, whether or not earlier questions are answered.
`reload` edits a brief of a large base and reloads it, again and again; the times are those of the questions asked while
a reload ran. `erase` has members of a large log be forgotten. `start` starts a bot over a large base and log.
"""

import argparse
import asyncio
import gc
import itertools
import json
import random
import sqlite3
import sys
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from bench.datasets import Dataset, made
from bot.storage.files import prepare
from bot.storage.hash_key import keyed, user_hash_key
from tools.environment import ROOT, environment
from tools.fake_discord import FakeDiscord, Guild, User, Where

PER_SECOND = 20
"""Questions a second, of members who take turns."""

ASKERS = [User(2_000_000_000_000_000_000 + number, f"asker {number}") for number in range(500)]
LEAVERS = [User(3_000_000_000_000_000_000 + number, f"leaver {number}") for number in range(50)]
GUILDS = [Guild(1_111_000_000_000_000_000 + number * 10) for number in range(20)]
QUIET, BUSY = "without it", "meanwhile"
LONGEST = 60.0


class Members:
    """Ask at a steady pace. ``waited`` has the seconds until each reply, under what the bot was doing (``doing``)."""

    def __init__(self, fake: FakeDiscord, data: Dataset) -> None:
        self.doing = QUIET
        self.waited: dict[str, list[float]] = {}
        self._fake = fake
        self._queries = itertools.cycle([query for query, _ in data.queries])
        self._asking: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def asking(self) -> AsyncIterator[None]:
        pace = asyncio.create_task(self._pace())
        yield
        pace.cancel()
        await asyncio.gather(*self._asking)

    async def _pace(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        for user, guild in zip(itertools.cycle(ASKERS), itertools.cycle(GUILDS), strict=False):
            task = asyncio.create_task(self._ask(next(self._queries), Where(user=user, guild=guild, within=LONGEST)))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)
            due = max(loop.time(), due + 1 / PER_SECOND)
            await asyncio.sleep(due - loop.time())

    async def _ask(self, query: str, where: Where) -> None:
        doing = self.doing
        exchange = await self._fake.slash("brief", {"query": query}, **where)
        times = (exchange.elapsed,) if doing == self.doing else ()  # else it fell into both
        self.waited.setdefault(doing, []).extend(filter(None, times))


@asynccontextmanager
async def running(fake: FakeDiscord, folder: Path) -> AsyncIterator[Process]:
    """Run the bot over the briefs and the log in ``folder``."""
    command = (sys.executable, "-m", "tools.launch", fake.api_base, fake.gateway_url, "run")
    settings = {"DISCORD_TOKEN": fake.token, "BRIEFS_DIR": str(folder / "briefs"), "LOG_LEVEL": "CRITICAL"}
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, stdin=DEVNULL, stdout=DEVNULL, env=environment(folder, **settings)
    )
    try:
        yield process
    finally:
        process.terminate()
        await process.wait()


def briefs_of(data: Dataset) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of a file for each brief."""
    for brief, phrases in data.phrases.items():
        own = [f"{phrase} {brief}" for phrase in dict.fromkeys(phrases)]  # no two briefs may share one
        yield (
            f"{brief}.yaml",
            json.dumps(
                {
                    "title": own[0],
                    "questions": own[1:],
                    "summary": ". ".join(phrases[:3]),
                    "facts": [{"text": text, "by": "NIS"} for text in phrases[3:5]],
                    "as_of": "2024-10-18",
                    "sources": [{"name": "A report", "url": f"https://example.org/{brief}"}],
                },
                indent=1,
            ),
        )


def write_briefs(folder: Path, data: Dataset) -> None:
    (folder / "briefs").mkdir()
    for name, text in briefs_of(data):
        (folder / "briefs" / name).write_text(text)


def write_log(folder: Path, rows: int) -> None:
    """Make a log of so many lookups, most of others and 20 of each of LEAVERS."""
    chance, path = random.Random(1), folder / "lookups.db"
    key = user_hash_key(folder / "user_hash.key")
    path.touch()
    prepare(path, 1)
    hashes = [keyed(key, str(user)) for user in range(20_000)]
    leaving = [keyed(key, str(user.id)) for user in LEAVERS for _ in range(20)]
    at = {chance.randrange(rows): each for each in leaving}
    lookups = (
        (time.strftime("%Y-%m-%dT%H:%M:%S.000Z"), f"how many soldiers {n} are there", "answer", "b00001", 0.97, 0.2,
         "slash", chance.randrange(50), 7, at.get(n) or chance.choice(hashes), n)
        for n in range(rows)
    )  # fmt: skip
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(
            "INSERT INTO lookups (asked_at, query, outcome, brief, confidence, elapsed_ms, via, guild_id, channel_id,"
            f" user_hash, interaction_id) VALUES ({', '.join('?' * 11)})",
            lookups,
        )


async def reload_again_and_again(fake: FakeDiscord, members: Members, folder: Path, times: int) -> None:
    path = folder / "briefs" / "b00001.yaml"
    text = path.read_text()
    for number in range(times):
        path.write_text(text.replace('"by": "NIS"', f'"by": "NIS {number}"'))
        members.doing = BUSY
        reloading = await fake.slash("briefs reload", user=fake.owner, guild=GUILDS[0], within=LONGEST)
        await reloading.filled(LONGEST)
        members.doing = QUIET
        print(f"{reloading.text!r} after {time.monotonic() - reloading.sent:.2f}", flush=True)
        await asyncio.sleep(2.5)


async def forget_again_and_again(fake: FakeDiscord, members: Members, _folder: Path, times: int) -> None:
    for user in LEAVERS[:times]:
        asked = await fake.slash("privacy forget", user=user, guild=GUILDS[0], within=LONGEST)
        members.doing = BUSY
        pressed = await fake.press(asked, "privacy:forget", within=LONGEST)
        await pressed.until(lambda it: len(it.responses) > 1, LONGEST)
        await asyncio.sleep(0.2)
    members.doing = QUIET


async def measure(what: str, phrases: int, rows: int, times: int) -> None:
    data = made(phrases)
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_briefs(folder, data)
        if rows:
            write_log(folder, rows)
        async with FakeDiscord(guilds=GUILDS) as fake:
            fake.answer_within = LONGEST
            gc.collect()
            gc.disable()  # else its own work on what the fake keeps would be counted as the bot's
            began = time.perf_counter()
            async with running(fake, folder):
                await fake.connected(LONGEST)
                ready = time.perf_counter() - began
                members = Members(fake, data)
                if what == "start":
                    members.doing = BUSY
                    async with members.asking():
                        await answered_by_the_base(fake)
                    print(f"READY after {ready:.2f} s, answers after {time.perf_counter() - began:.2f} s")
                else:
                    await answered_by_the_base(fake)
                    print(f"READY after {ready:.2f} s, answers after {time.perf_counter() - began:.2f} s", flush=True)
                    await asyncio.sleep(2)
                    async with members.asking():
                        await asyncio.sleep(3)
                        act = reload_again_and_again if what == "reload" else forget_again_and_again
                        await act(fake, members, folder, times)
                        await asyncio.sleep(1)
    for doing, waited in members.waited.items():
        p50, p90, p99, worst = np.percentile(np.asarray(waited) * 1000, [50, 90, 99, 100])
        figures = f"p50 {p50:.1f}, p90 {p90:.1f}, p99 {p99:.1f}, worst {worst:.0f} ms"
        print(f"{what}, {doing:>10}: {len(waited)} answers, {figures}")


async def answered_by_the_base(fake: FakeDiscord) -> None:
    """Wait until the bot answers from its briefs."""
    exchange = await fake.slash("brief", {"query": "b00001"}, guild=GUILDS[0], within=LONGEST)
    await exchange.filled(LONGEST)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.stalls", description=__doc__)
    parser.add_argument("what", choices=["reload", "erase", "start"])
    parser.add_argument("--phrases", type=int, default=15_000, help="phrases of the base (15000)")
    parser.add_argument("--rows", type=int, default=0, help="lookups in the log (none)")
    parser.add_argument("--times", type=int, default=5, help="how often it is done (5)")
    given = parser.parse_args()
    asyncio.run(measure(given.what, given.phrases, given.rows, given.times))


if __name__ == "__main__":
    main()
