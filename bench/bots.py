"""The bot beside other bots of discord.py, over a fake Discord each: `python -m bench.bots`.

Five kinds: "constant" replies a constant; "card" sends an equal card without matching or logging; "naive" is a small
durable bot (bench/naive.py); "silent" is ours with a log that does nothing; "ours" is ours. Each is a process of its
own. They are started, and then asked, in alternating blocks, so that whatever else the machine does meets all alike. A
block during which other processes used the machine is left out and counted.
"""

import asyncio
import compileall
import gc
import sys
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import cycle
from os import getpid
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

import yaml

from bench.machine import mebibytes, processor_seconds, watched
from tools.environment import ROOT, environment
from tools.fake_discord import FakeDiscord, Guild, User

KINDS = ("constant", "card", "naive", "silent", "ours")
PEERS = ("card", "naive", "silent")
STARTS = 7
"""Starts of each kind that are measured, after one that is not: the first one of ours registers its commands."""

BLOCKS = 16
MEMBERS = {1: 160, 8: 480, 32: 640}
"""How many lookups of a block so many members ask, each at once when answered. Replies to one alone are timed."""

OTHERS = 0.15
"""The most of one processor that other processes may use during a block. A tick of the system's clock is 10 ms, so
that a block in which nothing else runs shows up to 0.05."""

QUERIES = ("troops", "how many soldiers are in russia", "weapons", "north korean troops", "Yoon")
"""All of them answered with a card, as the other bots do."""

ASKED = {"few questions": QUERIES}
"""Questions that are asked in turn, by the name of their table. `different_questions` are the others."""

# So many that neither a member nor a server asks more often than the bot lets one.
USERS = [User(2_000_000_000_000_000_000 + number, f"member{number}") for number in range(1_999)]
GUILDS = [Guild(1_111_000_000_000_000_000 + number * 10) for number in range(101)]


def different_questions() -> tuple[str, ...]:
    """Return what members ask in the tests. There are more questions than a matcher remembers, so each is new to it."""
    groups = yaml.safe_load((ROOT / "tests" / "questions.yaml").read_text(encoding="utf-8"))
    voices = yaml.safe_load((ROOT / "tests" / "voices.yaml").read_text(encoding="utf-8"))
    asked = [query for group in groups.values() for query, brief in group.items() if brief != "miss"]
    return tuple(dict.fromkeys([*asked, *(query for query, right in voices.items() if right)]))


@dataclass
class Figures:
    """What was measured of one bot with one table's questions: milliseconds of each reply to one member, lookups a
    second of each block by how many members asked, and milliseconds of processor time a lookup of each block.
    """

    replies: list[float] = field(default_factory=list)
    rates: dict[int, list[float]] = field(default_factory=lambda: {members: [] for members in MEMBERS})
    processor: list[float] = field(default_factory=list)

    def row(self) -> tuple[float, ...]:
        rates = [median(each) for each in self.rates.values()]
        return (median(self.replies), quantiles(self.replies, n=100)[98], *rates, median(self.processor))


@dataclass
class Bot:
    """A bot under test: seconds to READY and to the first answer of each start, MiB of resident memory at the end."""

    fake: FakeDiscord
    folder: Path
    kind: str
    ready: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    memory: float = 0.0
    figures: dict[str, Figures] = field(default_factory=dict)
    _process: Process | None = None
    _members: Iterator[tuple[User, Guild]] = field(
        default_factory=lambda: zip(cycle(USERS), cycle(GUILDS), strict=False)
    )

    @property
    def process(self) -> int:
        assert self._process
        return self._process.pid

    async def start(self) -> None:
        """Start it, anew if it runs, and ask it at once."""
        await self.stop()
        began = time.perf_counter()
        command = (sys.executable, "-m", "bench.measured", self.kind, self.fake.api_base, self.fake.gateway_url)
        self._process = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, stdin=DEVNULL, stdout=DEVNULL,
            env=environment(self.folder, DISCORD_TOKEN=self.fake.token, LOG_LEVEL="WARNING"),
        )  # fmt: skip
        await self.fake.connected(20)
        self.ready.append(time.perf_counter() - began)
        user, guild = next(self._members)
        exchange = await self.fake.slash("brief", {"query": QUERIES[0]}, user=user, guild=guild)
        await exchange.filled()
        self.first.append(time.perf_counter() - began)

    async def stop(self) -> None:
        if self._process:
            self._process.terminate()
            await self._process.wait()

    async def block(self, questions: Iterator[str], figures: Figures) -> None:
        """Ask a block of questions, and add to ``figures`` what was measured."""
        before, asked = processor_seconds(self.process), 0
        for members, lookups in MEMBERS.items():
            replies, seconds = await self._asked(questions, members, lookups)
            figures.rates[members].append(lookups / seconds)
            figures.replies += replies if members == 1 else []
            asked += lookups
        figures.processor.append((processor_seconds(self.process) - before) * 1000 / asked)

    async def _asked(self, questions: Iterator[str], members: int, lookups: int) -> tuple[list[float], float]:
        """Return the milliseconds of each reply to so many members, and the seconds that all of it took."""
        shares, replies = iter(range(lookups)), []

        async def member() -> None:
            for _ in shares:
                user, guild = next(self._members)
                exchange = await self.fake.slash("brief", {"query": next(questions)}, user=user, guild=guild)
                replies.append((exchange.elapsed or 0.0) * 1000)

        began = time.perf_counter()
        await asyncio.gather(*(member() for _ in range(members)))
        return replies, time.perf_counter() - began


@asynccontextmanager
async def stage(kind: str) -> AsyncIterator[Bot]:
    """Have a fake Discord and a folder for a bot of this kind."""
    with TemporaryDirectory() as folder:
        async with FakeDiscord(guilds=GUILDS) as fake:
            bot = Bot(fake, Path(folder), kind)
            yield bot
            await bot.stop()
        assert fake.faults == []


@dataclass
class Measured:
    """All bots, by their kind, and how many blocks were left out because others used the machine."""

    bots: dict[str, Bot]
    blocks: int = 0
    disturbed: int = 0


async def measure() -> Measured:
    for folder in ("bench", "bot", "tools"):
        compileall.compile_dir(ROOT / folder, quiet=1)  # the bots are told to write no bytecode
    asked = {**ASKED, "different questions": different_questions()}
    async with AsyncExitStack() as stages:
        measured = Measured({kind: await stages.enter_async_context(stage(kind)) for kind in KINDS})
        bots = list(measured.bots.values())
        for _ in range(1 + STARTS):
            for bot in bots:
                await bot.start()
        gc.disable()  # the fakes keep all that was said, and to look through it would be counted as the bots' time
        for table, questions in asked.items():
            for bot in bots:
                bot.figures[table] = Figures()
            await _ask(measured, table, questions)
        for bot in bots:
            bot.memory = mebibytes(bot.process)
        return measured


async def _ask(measured: Measured, table: str, questions: tuple[str, ...]) -> None:
    """Ask all bots the questions of one table, in blocks."""
    bots = list(measured.bots.values())
    turns = {bot.kind: cycle(questions) for bot in bots}
    everyone = [getpid(), *(bot.process for bot in bots)]
    for bot in bots:
        await bot.block(turns[bot.kind], Figures())  # a warm-up
    for _ in range(BLOCKS // 2):
        for bot in (*bots, *reversed(bots)):
            found = Figures()
            with watched(everyone) as usage:
                await bot.block(turns[bot.kind], found)
            measured.blocks += 1
            if usage.others > OTHERS:
                measured.disturbed += 1
                continue
            figures = bot.figures[table]
            figures.replies += found.replies
            figures.processor += found.processor
            for members, rates in found.rates.items():
                figures.rates[members] += rates
    if not all(bot.figures[table].replies for bot in bots):
        raise SystemExit("Others used the machine in every block of a bot; measure again when it is quiet.")


def tables(measured: Measured) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    """Yield each table's title and rows: each bot, and how ours compares."""
    starts = {kind: (median(bot.ready[1:]), median(bot.first[1:]), bot.memory) for kind, bot in measured.bots.items()}
    shown: tuple[str, ...] = ("{:.2f} s", "{:.2f} s", "{:.0f} MiB")
    yield "starts", [("bot", "READY", "first answer", "memory"), *_rows(starts, shown, ("constant", *PEERS))]
    head = ("bot", "p50", "p99", *(f"{members} at once" for members in MEMBERS), "processor time a lookup")
    shown = ("{:.2f} ms", "{:.2f} ms", *("{:.0f} /s" for _ in MEMBERS), "{:.2f} ms")
    for table in measured.bots["ours"].figures:
        figures = {kind: bot.figures[table].row() for kind, bot in measured.bots.items()}
        yield table, [head, *_rows(figures, shown, PEERS)]


def _rows(
    figures: Mapping[str, tuple[float, ...]], shown: tuple[str, ...], peers: tuple[str, ...]
) -> Iterator[tuple[str, ...]]:
    for kind, found in figures.items():
        yield (kind, *(form.format(figure) for form, figure in zip(shown, found, strict=True)))
    for kind in peers:
        mine = zip(figures["ours"], figures[kind], strict=True)
        yield (f"ours / {kind}", *(f"{our / their:.2f}" for our, their in mine))


if __name__ == "__main__":
    found = asyncio.run(measure())
    for title, rows in tables(found):
        print(f"\n{title}")
        for row in rows:
            print("".join(f"{cell:>15}" for cell in row))
    print(f"\n{found.disturbed} of {found.blocks} blocks were left out")
