"""`python -m bench.logging_cost`: what the durable log costs, beside the same bot with a log that does nothing.

Both bots run at once, as processes of their own over a fake Discord each, and are asked in alternating blocks, so that
whatever else the machine does meets both alike.
"""

import asyncio
import gc
import sys
import time
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from bot.answer import Lookup
from bot.cli import main as run_bot
from bot.storage.lookups import LookupLog
from tests.fake_discord import FakeDiscord, Guild, User, redirect
from tests.processes import ROOT, environment

BLOCKS = 20
ALONE = 100
"""Lookups of a block that come one after another, whose replies are timed."""

TOGETHER = 300
"""Lookups of a block that MEMBERS ask, each at once when answered, whose number a second is counted."""

MEMBERS = 8
QUERIES = ("troops", "how many soldiers are in russia", "amunition and shels", "pizza recipe", "Yoon")

# So many that neither a member nor a server asks more often than the bot lets one.
USERS = [User(2_000_000_000_000_000_000 + number, f"member{number}") for number in range(500)]
GUILDS = [Guild(1_111_000_000_000_000_000 + number * 10) for number in range(20)]


@dataclass
class Bot:
    """A bot under test and what was measured of it: milliseconds of each reply, lookups a second of each block."""

    fake: FakeDiscord
    replies: list[float] = field(default_factory=list)
    throughputs: list[float] = field(default_factory=list)
    _turns: Iterator[tuple[str, User, Guild]] = field(
        default_factory=lambda: zip(cycle(QUERIES), cycle(USERS), cycle(GUILDS), strict=False)
    )

    async def ask(self) -> float:
        """Return the milliseconds that one reply took."""
        query, user, guild = next(self._turns)
        exchange = await self.fake.slash("brief", {"query": query}, user=user, guild=guild)
        return (exchange.elapsed or 0.0) * 1000

    async def block(self) -> None:
        self.replies += [await self.ask() for _ in range(ALONE)]
        shares = iter(range(TOGETHER))

        async def member() -> None:
            for _ in shares:
                await self.ask()

        started = time.perf_counter()
        await asyncio.gather(*(member() for _ in range(MEMBERS)))
        self.throughputs.append(TOGETHER / (time.perf_counter() - started))


@asynccontextmanager
async def started(kind: str) -> AsyncIterator[Bot]:
    """Start a bot whose log is "durable" or "silent", and warm it up."""
    async with FakeDiscord(guilds=GUILDS) as fake:
        with TemporaryDirectory() as folder:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bench.logging_cost", kind, fake.api_base, fake.gateway_url),
                cwd=ROOT, stdin=DEVNULL, stdout=DEVNULL,
                env=environment(Path(folder), DISCORD_TOKEN=fake.token, LOG_LEVEL="WARNING"),
            )  # fmt: skip
            try:
                await fake.connected(20)
                bot = Bot(fake)
                for _ in range(ALONE):
                    await bot.ask()
                yield bot
            finally:
                process.terminate()
                await process.wait()
        assert fake.faults == []


async def measure() -> dict[str, Bot]:
    async with AsyncExitStack() as running:
        bots = {kind: await running.enter_async_context(started(kind)) for kind in ("durable", "silent")}
        gc.disable()  # the fakes keep all that was said, and to look through it would be counted as the bots' time
        for _ in range(BLOCKS // 2):
            for bot in (*bots.values(), *reversed(bots.values())):
                await bot.block()
        return bots


def report(bots: dict[str, Bot]) -> None:
    figures = {
        kind: (median(bot.replies), quantiles(bot.replies, n=100)[98], median(bot.throughputs))
        for kind, bot in bots.items()
    }
    durable, silent = figures["durable"], figures["silent"]
    print(
        f"{BLOCKS} blocks each; {BLOCKS * ALONE} replies one by one, {BLOCKS * TOGETHER} to {MEMBERS} members at once"
    )
    print(f"{'log':10} {'p50':>9} {'p99':>9} {'throughput':>14}")
    for kind, (middle, high, rate) in figures.items():
        print(f"{kind:10} {middle:6.2f} ms {high:6.2f} ms {rate:10.0f} /s")
    cost = 1 - durable[2] / silent[2]
    print(f"{'cost':10} {durable[0] - silent[0]:6.2f} ms {durable[1] - silent[1]:6.2f} ms {cost:12.0%}")


def be_bot(kind: str, api: str, gateway: str) -> int:
    """Be the bot under test."""
    redirect(api, gateway)
    if kind == "silent":
        LookupLog.record = _nothing  # type: ignore[method-assign]
    return run_bot(["run"])


async def _nothing(self: LookupLog, lookup: Lookup) -> None:
    pass


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit(be_bot(*sys.argv[1:]))
    report(asyncio.run(measure()))
