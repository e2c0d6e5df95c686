"""The bot beside bots of bare discord.py, over a fake Discord each: `python -m bench.bots`.

Four kinds: "constant" replies a constant; "card" sends an equal card without matching or logging; "silent" is ours with
a log that does nothing; "ours" is ours. Each is a process of its own. They are started, and then asked, in alternating
blocks, so that whatever else the machine does meets all alike.
"""

import asyncio
import gc
import os
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

import discord
from discord import app_commands, ui

from tests.fake_discord import FakeDiscord, Guild, User, redirect
from tests.processes import ROOT, environment

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
        command = (sys.executable, "-m", "bench.bots", self.kind, self.fake.api_base, self.fake.gateway_url)
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


class Bare(discord.Client):
    """A bot as a tutorial makes it, whose one command sends what ``reply`` sends."""

    def __init__(self, kind: str) -> None:
        super().__init__(intents=discord.Intents(guilds=True))
        self.tree = app_commands.CommandTree(self)
        send = _send_constant if kind == "constant" else _send_card

        @self.tree.command(name="brief", description="A brief")
        async def brief(interaction: discord.Interaction["Bare"], query: str) -> None:
            await send(interaction)

    async def setup_hook(self) -> None:
        await self.tree.sync()


async def _send_constant(interaction: discord.Interaction[Bare]) -> None:
    await interaction.response.send_message("A constant.")


async def _send_card(interaction: discord.Interaction[Bare]) -> None:
    """Send a card of as many parts and letters as that of the shipped brief on troops."""
    view = ui.LayoutView(timeout=None)
    container = ui.Container[ui.LayoutView](accent_colour=discord.Colour.blurple())
    container.add_item(ui.TextDisplay("### A title of a few words"))
    container.add_item(ui.TextDisplay("A summary in a sentence or two. " * 10))
    container.add_item(ui.TextDisplay("\n".join(f"- Fact {n} in a short sentence. — *Source*" for n in range(6))))
    container.add_item(ui.Separator())
    container.add_item(ui.TextDisplay("-# As of 18 October 2024 · [A source](https://example.org/a-source)"))
    container.add_item(ui.ActionRow(*(ui.Button(label=f"Related {n}", custom_id=f"brief:{n}") for n in range(3))))
    view.add_item(container)
    view.add_item(ui.ActionRow(ui.Button(label="Not what I asked", custom_id=f"wrong:{interaction.id}")))
    view.stop()
    await interaction.response.send_message(view=view, allowed_mentions=discord.AllowedMentions.none())


def be_bot(kind: str, api: str, gateway: str) -> int:
    """Be a bot under test."""
    redirect(api, gateway)
    if kind in ("constant", "card"):
        Bare(kind).run(os.environ["DISCORD_TOKEN"], log_level=30)
        return 0
    from bot.cli.main import main
    from bot.storage.lookups import LookupLog

    if kind == "silent":
        LookupLog.record = _nothing  # type: ignore[method-assign]
    return main(["run"])


async def _nothing(self: object, lookup: object) -> bool:
    return False


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit(be_bot(*sys.argv[1:]))
    for row in rows(asyncio.run(measure())):
        print("".join(f"{cell:>16}" for cell in row))
