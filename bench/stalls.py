"""How long members wait while the bot has other work: `python -m bench.stalls`, or for one of them `… reload`.

The bot is a process of its own. Members ask at a steady pace, whether or not earlier questions are answered.
`reload` edits a brief of a large base and reloads it, again and again; the times are those of the questions asked while
a reload ran. `forget` has members of a large log be forgotten, and `erase` has them gone from its files, for which the
whole log is rewritten. `start` starts a bot over a large base.
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
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from bench.datasets import Dataset, made
from bot.storage.erasing import QUIET as QUIET_TO_ERASE
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
ERASING = 5.0
"""Seconds that members ask meanwhile. It takes some 5 s for a million lookups."""


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
        await asyncio.sleep(2.5)


async def forget_again_and_again(fake: FakeDiscord, members: Members, _folder: Path, times: int) -> None:
    for user in LEAVERS[:times]:
        asked = await fake.slash("privacy forget", user=user, guild=GUILDS[0], within=LONGEST)
        members.doing = BUSY
        pressed = await fake.press(asked, "privacy:forget", within=LONGEST)
        await pressed.until(lambda it: len(it.responses) > 1, LONGEST)
        await asyncio.sleep(0.2)
    members.doing = QUIET


ACTS = {"reload": reload_again_and_again, "forget": forget_again_and_again}


@dataclass(frozen=True)
class Work:
    """What the bot does ``times`` times, with so many phrases in its base and so many lookups in its log."""

    what: str
    phrases: int = 150
    lookups: int = 0
    times: int = 1

    def __str__(self) -> str:
        of = f"{self.lookups:,} lookups" if self.lookups else f"{self.phrases:,} phrases"
        return f"{self.what}, {of}"


WORKS = (
    Work("reload", phrases=15_000, times=5),
    Work("reload", phrases=100_000, times=3),
    Work("start", phrases=100_000),
    Work("forget", lookups=1_000_000, times=10),
    Work("erase", lookups=1_000_000),
)


async def measure(work: Work) -> dict[str, list[float]]:
    """Return the seconds until each reply, under what the bot was doing."""
    data = made(work.phrases)
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_briefs(folder, data)
        if work.lookups:
            write_log(folder, work.lookups)
        async with FakeDiscord(guilds=GUILDS) as fake:
            fake.answer_within = LONGEST
            gc.collect()
            gc.disable()  # else its own work on what the fake keeps would be counted as the bot's
            try:
                members = Members(fake, data)
                async with running(fake, folder):
                    await fake.connected(LONGEST)
                    await _work(work, fake, members, folder)
            finally:
                gc.enable()
    return members.waited


async def _work(work: Work, fake: FakeDiscord, members: Members, folder: Path) -> None:
    if work.what == "start":
        members.doing = BUSY
        async with members.asking():
            await answered_by_the_base(fake)
        return
    await answered_by_the_base(fake)
    await asyncio.sleep(2)
    if work.what == "erase":
        await forget_again_and_again(fake, members, folder, 1)
        await asyncio.sleep(QUIET_TO_ERASE)
        members.doing = BUSY
        async with members.asking():
            await asyncio.sleep(ERASING)
        return
    async with members.asking():
        await asyncio.sleep(3)
        await ACTS[work.what](fake, members, folder, work.times)
        await asyncio.sleep(1)


HEAD = ("work", "when", "answers", "p50", "p90", "p99", "worst")


def rows(work: Work) -> Iterator[tuple[str, ...]]:
    """Measure, and yield a row for the answers while the bot did its work, and one for those between."""
    for doing, waited in asyncio.run(measure(work)).items():
        figures = np.percentile(np.asarray(waited) * 1000, [50, 90, 99, 100])
        yield (str(work), doing, str(len(waited)), *(f"{figure:.1f} ms" for figure in figures))


async def answered_by_the_base(fake: FakeDiscord) -> None:
    """Wait until the bot answers from its briefs."""
    exchange = await fake.slash("brief", {"query": "b00001"}, guild=GUILDS[0], within=LONGEST)
    await exchange.filled(LONGEST)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.stalls", description=__doc__)
    parser.add_argument("what", nargs="?", choices=sorted({work.what for work in WORKS}), help="only this")
    what = parser.parse_args().what
    print("".join(f"{cell:>25}" for cell in HEAD))
    for work in WORKS:
        if what in (None, work.what):
            for row in rows(work):
                print("".join(f"{cell:>25}" for cell in row), flush=True)


if __name__ == "__main__":
    main()
