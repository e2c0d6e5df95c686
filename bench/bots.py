"""The bot beside bots of bare discord.py, over a fake Discord each: `python -m bench.bots`.

Four kinds: "constant" replies a constant; "card" sends an equal card without matching or logging; "silent" is ours with
a log that does nothing; "ours" is ours. Each is a process of its own. They are started, and then asked, in alternating
blocks, so that whatever else the machine does meets all alike.
"""

import asyncio
import gc
import sys
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from tools.environment import ROOT, environment
from tools.fake_discord import FakeDiscord, Guild, User

KINDS = ("constant", "card", "silent", "ours")
STARTS = 5
"""Starts of each kind, whose time to READY is measured; the first one of ours registers its commands."""

BLOCKS = 16
ALONE = 80
"""Lookups of a block that come one after another, whose replies are timed."""

TOGETHER = 240
"""Lookups of a block that MEMBERS ask, each at once when answered, whose number a second is counted."""

MEMBERS = 8
QUERIES = ("troops", "how many soldiers are in russia", "weapons", "north korean troops", "Yoon")
"""All of them answered with a card, as the bare bot does."""

# So many that neither a member nor a server asks more often than the bot lets one.
USERS = [User(2_000_000_000_000_000_000 + number, f"member{number}") for number in range(500)]
GUILDS = [Guild(1_111_000_000_000_000_000 + number * 10) for number in range(20)]


@dataclass
class Bot:
    """A bot under test and what was measured of it: seconds to READY, milliseconds of each reply, lookups a second of
    each block, MiB of resident memory at READY and at the end.
    """

    fake: FakeDiscord
    folder: Path
    kind: str
    starts: list[float] = field(default_factory=list)
    replies: list[float] = field(default_factory=list)
    throughputs: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    _process: Process | None = None
    _turns: Iterator[tuple[str, User, Guild]] = field(
        default_factory=lambda: zip(cycle(QUERIES), cycle(USERS), cycle(GUILDS), strict=False)
    )

    async def start(self) -> None:
        """Start it, anew if it runs."""
        await self.stop()
        began = time.perf_counter()
        command = (sys.executable, "-m", "bench.measured", self.kind, self.fake.api_base, self.fake.gateway_url)
        self._process = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, stdin=DEVNULL, stdout=DEVNULL,
            env=environment(self.folder, DISCORD_TOKEN=self.fake.token, LOG_LEVEL="WARNING"),
        )  # fmt: skip
        await self.fake.connected(20)
        self.starts.append(time.perf_counter() - began)

    async def stop(self) -> None:
        if self._process:
            self._process.terminate()
            await self._process.wait()

    async def ask(self) -> float:
        """Return the milliseconds that one reply took."""
        query, user, guild = next(self._turns)
        exchange = await self.fake.slash("brief", {"query": query}, user=user, guild=guild)
        return (exchange.elapsed or 0.0) * 1000

    async def warm_up(self) -> None:
        for _ in range(ALONE):
            await self.ask()

    async def block(self) -> None:
        self.replies += [await self.ask() for _ in range(ALONE)]
        shares = iter(range(TOGETHER))

        async def member() -> None:
            for _ in shares:
                await self.ask()

        started = time.perf_counter()
        await asyncio.gather(*(member() for _ in range(MEMBERS)))
        self.throughputs.append(TOGETHER / (time.perf_counter() - started))
        assert self._process
        pages = Path(f"/proc/{self._process.pid}/statm").read_text().split()[1]
        self.memory.append(int(pages) * 4 / 1024)


@asynccontextmanager
async def stage(kind: str) -> AsyncIterator[Bot]:
    """Have a fake Discord and a folder for a bot of this kind."""
    with TemporaryDirectory() as folder:
        async with FakeDiscord(guilds=GUILDS) as fake:
            bot = Bot(fake, Path(folder), kind)
            yield bot
            await bot.stop()
        assert fake.faults == []


async def measure() -> dict[str, Bot]:
    async with AsyncExitStack() as stages:
        bots = {kind: await stages.enter_async_context(stage(kind)) for kind in KINDS}
        for _ in range(STARTS):
            for bot in bots.values():
                await bot.start()
        for bot in bots.values():
            await bot.warm_up()
        gc.disable()  # the fakes keep all that was said, and to look through it would be counted as the bots' time
        for _ in range(BLOCKS // 2):
            for bot in (*bots.values(), *reversed(bots.values())):
                await bot.block()
        return bots


def rows(bots: dict[str, Bot]) -> Iterator[tuple[str, ...]]:
    """Return a table: each bot, and how ours compares."""
    yield ("bot", "READY", "memory", "p50", "p99", "throughput")
    figures = {
        kind: (
            median(bot.starts), median(bot.memory), median(bot.replies), quantiles(bot.replies, n=100)[98],
            median(bot.throughputs),
        )
        for kind, bot in bots.items()
    }  # fmt: skip
    for kind, (ready, memory, middle, high, rate) in figures.items():
        yield (kind, f"{ready:.2f} s", f"{memory:.0f} MiB", f"{middle:.2f} ms", f"{high:.2f} ms", f"{rate:.0f} /s")
    ours = figures["ours"]
    for kind in KINDS[:-1]:
        yield (f"ours / {kind}", *(f"{mine / theirs:.2f}" for mine, theirs in zip(ours, figures[kind], strict=True)))


if __name__ == "__main__":
    for row in rows(asyncio.run(measure())):
        print("".join(f"{cell:>16}" for cell in row))
