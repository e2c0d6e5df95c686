"""How long members wait for their answers, alone and beside one who floods the bot: `python -m bench.fairness`.

The bot is a process of its own on a core of its own; the fake Discord, the members and the flood share this process.
What the flood costs here is no cost of the bot's, so phases of three kinds alternate: no flood; the same flood sent to
a process that only reads it; the flood sent to the bot. The second is what the third is to be held against.
"""

import argparse
import asyncio
import itertools
import json
import os
import sys
import tempfile
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import numpy as np

from tools.environment import ROOT, SHIPPED
from tools.fake_discord import Exchange, FakeDiscord, Guild, Session, User, Where, rules
from tools.fake_discord.rules import Json

MEMBERS = [User(2_000_000_000_000_000_000 + number, f"member {number}") for number in range(50)]
FLOODER = User(3_000_000_000_000_000_000, "flooder")
THERE = Guild(1_888_000_000_000_000_000, "the flooder's server")
HERE = Guild(1_111_000_000_000_000_000)
READER = """
import asyncio, sys, aiohttp
async def read(url, identify):
    async with aiohttp.ClientSession() as session, session.ws_connect(url, max_msg_size=0) as ws:
        await ws.send_str(identify)
        async for _ in ws:
            pass
asyncio.run(read(*sys.argv[1:]))
"""
"""Reads what Discord sends, and does nothing with it."""

ELSEWHERE = [0, 2]
"""A shard to which neither of the servers belongs: what reads gets the flood alone."""

CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
COMMAND: Json = {
    "id": "1", "name": "brief", "type": 1, "options": [{"name": "query", "type": 3, "value": "troops"}]
}  # fmt: skip
ALONE, READ, BESIDE = "alone", "beside a flood to another process", "beside a flood to the bot"
QUERIES = ("troops", "nk soldiers in russia", "weapons", "what do the sources say", "adele")


async def ask(fake: FakeDiscord, seconds: float, per_second: float) -> list[float]:
    """Have members in turn ask at a steady pace, and return how many seconds each waited."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    waited: list[float] = []
    for member, query in zip(itertools.cycle(MEMBERS), itertools.cycle(QUERIES), strict=False):
        began = loop.time()
        if began > end:
            return waited
        shown = await fake.slash("brief", {"query": query}, user=member)
        waited.append(shown.elapsed or 0.0)
        await asyncio.sleep(max(0.0, began + 1 / per_second - loop.time()))
    return waited


async def flood(fake: FakeDiscord, to: Session, per_second: float) -> None:
    """Send one member's interactions to one session at a steady pace, heeding no answer, until cancelled."""
    where: Where = {"user": FLOODER, "guild": THERE, "within": 0, "expect_answer": False}
    model = fake.interaction(rules.COMMAND, COMMAND, where)
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        # Made from one model: the stand-in's own work falls on the members as well, and is not what is measured.
        payload = model | {"id": str(fake.snowflake()), "token": f"flood-{fake.snowflake()}"}
        exchange = Exchange(payload, where, fake.messages)
        fake.exchanges[exchange.token] = exchange
        await to.emit("INTERACTION_CREATE", payload)
        due += 1 / per_second
        await asyncio.sleep(max(0.0, due - loop.time()))


async def flood_for(fake: FakeDiscord, to: Session, seconds: float, per_second: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await flood(fake, to, per_second)


def pin(process: int, core: int) -> None:
    """Keep a process (0: this one, and what it starts from now on) on the first (0) or the last (-1) core."""
    if CORES:
        os.sched_setaffinity(process, {CORES[core]})


@asynccontextmanager
async def running(*command: str, **more: str) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, cwd=ROOT, env=os.environ | more, stderr=DEVNULL
    )
    try:
        yield process
    finally:
        process.terminate()
        await process.wait()


def busy(process: Process) -> float:
    """Return the seconds of processor time that a process has had."""
    return int(Path(f"/proc/{process.pid}/schedstat").read_text().split()[0]) / 1e9


async def another(fake: FakeDiscord, bot: Session) -> Session:
    """Wait for the session of the process that only reads."""
    while not (others := [each for each in fake.gateway.sessions.values() if each is not bot]):
        await asyncio.sleep(0.01)
    return others[0]


@asynccontextmanager
async def side_by_side(**more: str) -> AsyncIterator[tuple[FakeDiscord, Process, Session, Session]]:
    """Run the bot, and beside it a process that only reads. ``more`` are settings of the bot.

    Yields the Discord of both, the bot, the session of what only reads, and the bot's.
    """
    in_memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # the disk's moods are no matter here
    with tempfile.TemporaryDirectory(dir=in_memory) as folder:
        async with FakeDiscord(guilds=[HERE, THERE]) as fake:
            settings = {
                "DISCORD_TOKEN": fake.token,
                "BRIEFS_DIR": str(SHIPPED),
                "DATABASE_URL": f"sqlite:///{folder}/lookups.db",
                "LOG_LEVEL": "ERROR",
                **more,
            }
            identify = json.dumps({"op": 2, "d": {"token": fake.token, "intents": 1, "shard": ELSEWHERE}})
            reader = ("-c", READER, f"{fake.gateway_url}?compress=zlib-stream", identify)
            async with running("-m", "tools.launch", fake.api_base, fake.gateway_url, "run", **settings) as bot:
                pin(bot.pid, 0)
                await fake.connected(60)
                (session,) = fake.gateway.sessions.values()
                async with running(*reader):
                    yield fake, bot, await another(fake, session), session


class Phases:
    """How long members waited, and how much processor time the bot had, in each kind of phase."""

    def __init__(self) -> None:
        self.waited: dict[str, list[float]] = {ALONE: [], READ: [], BESIDE: []}
        self.busy = dict.fromkeys(self.waited, 0.0)

    async def measure(self, rounds: int, seconds: float, per_second: float) -> None:
        async with side_by_side() as (fake, bot, other, session):
            await flood_for(fake, session, 3, per_second)  # until the burst that everybody may ask for is used up
            await ask(fake, 2, 40)
            for kind, to in [(ALONE, None), (READ, other), (BESIDE, session)] * rounds:
                flooding = asyncio.create_task(flood(fake, to, per_second)) if to else None
                await asyncio.sleep(0.2)  # as long as it takes to use up what was gained in the phases before
                before = busy(bot)
                self.waited[kind] += await ask(fake, seconds, 40)
                self.busy[kind] += busy(bot) - before
                if flooding:
                    flooding.cancel()


def parser_of_phases(prog: str, description: str | None) -> argparse.ArgumentParser:
    """Return a parser that knows how many phases there are, and how long they take."""
    parser = argparse.ArgumentParser(prog=prog, description=description)
    parser.add_argument("--rounds", type=int, default=30, help="how often the phases alternate (30)")
    parser.add_argument("--seconds", type=float, default=1, help="how long a phase takes (1)")
    return parser


def answers(kind: str, waited: Sequence[float]) -> str:
    """Return how long the answers of a kind of phase took, as a line to which more can be added."""
    p50, p90, p99 = np.percentile(np.asarray(waited) * 1000, [50, 90, 99])
    return f"{kind:>34}: {len(waited)} answers, p50 {p50:.1f}, p90 {p90:.1f}, p99 {p99:.1f} ms"


def main() -> None:
    parser = parser_of_phases("python -m bench.fairness", __doc__)
    parser.add_argument("--flood", type=float, default=300, help="interactions a second of the flooder (300)")
    given = parser.parse_args()
    pin(0, -1)
    phases = Phases()
    asyncio.run(phases.measure(given.rounds, given.seconds, given.flood))
    for kind, waited in phases.waited.items():
        share = phases.busy[kind] / (given.rounds * given.seconds)
        print(f"{answers(kind, waited)}; bot {share:.1%} busy")
    each = (phases.busy[BESIDE] - phases.busy[READ]) / (given.rounds * given.seconds * given.flood)
    print(f"{'an interaction that is dropped':>34}: {each * 1e6:.0f} µs of the bot's processor time")


if __name__ == "__main__":
    main()
