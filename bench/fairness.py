"""How long members wait for their answers, alone and beside one who floods the bot: `python -m bench.fairness`.

The bot runs as a process of its own; the fake Discord, the members and the flood share this one. Phases with and
without the flood alternate, so that whatever else the machine does falls on both.
"""

import argparse
import asyncio
import itertools
import os
import sys
import tempfile
from asyncio.subprocess import DEVNULL
from contextlib import suppress
from pathlib import Path

import numpy as np

from tests.fake_discord import Exchange, FakeDiscord, Guild, User, Where

ROOT = Path(__file__).parent.parent
MEMBERS = [User(2_000_000_000_000_000_000 + number, f"member {number}") for number in range(50)]
FLOODER = User(3_000_000_000_000_000_000, "flooder")
THERE = Guild(1_888_000_000_000_000_000, "the flooder's server")
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


async def flood(fake: FakeDiscord, per_second: float) -> None:
    """Send one member's interactions at a steady pace, heeding no answer, until cancelled."""
    where: Where = {"user": FLOODER, "guild": THERE, "within": 0, "expect_answer": False}
    shown = await fake.slash("brief", {"query": "troops"}, **where)
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        # Made from one model: the stand-in's own work falls on the members as well, and is not what is measured.
        payload = shown.payload | {"id": str(fake.snowflake()), "token": f"flood-{fake.snowflake()}"}
        exchange = Exchange(fake, payload, where)
        fake._exchanges[exchange.token] = exchange
        await fake._dispatch(exchange)
        due += 1 / per_second
        await asyncio.sleep(max(0.0, due - loop.time()))


async def flood_for(fake: FakeDiscord, seconds: float, per_second: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await flood(fake, per_second)


async def measure(rounds: int, seconds: float, per_second: float) -> tuple[list[float], list[float]]:
    """Return how long members waited alone, and beside a flood of ``per_second``."""
    alone: list[float] = []
    beside: list[float] = []
    in_memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # the disk's moods are no matter here
    with tempfile.TemporaryDirectory(dir=in_memory) as folder:
        async with FakeDiscord(guilds=[Guild(1_111_000_000_000_000_000), THERE]) as fake:
            settings = {
                "DISCORD_TOKEN": fake.token,
                "BRIEFS_DIR": str(ROOT / "briefs"),
                "DATABASE_URL": f"sqlite:///{folder}/lookups.db",
                "LOG_LEVEL": "ERROR",
            }
            bot = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.launch", fake.api_base, fake.gateway_url, "run"),
                cwd=ROOT,
                env=os.environ | settings,
                stderr=DEVNULL,
            )
            try:
                await fake.connected(20)
                await flood_for(fake, 3, per_second)  # until the burst that everybody may ask for is used up
                await ask(fake, 2, 40)
                for _ in range(rounds):
                    alone += await ask(fake, seconds, 40)
                    flooding = asyncio.create_task(flood(fake, per_second))
                    await asyncio.sleep(0.2)  # as long as it takes to use up what was gained in the phase before
                    beside += await ask(fake, seconds, 40)
                    flooding.cancel()
            finally:
                bot.terminate()
                await bot.wait()
    return alone, beside


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.fairness", description=__doc__)
    parser.add_argument("--rounds", type=int, default=30, help="how often the phases alternate (30)")
    parser.add_argument("--seconds", type=float, default=1, help="how long a phase takes (1)")
    parser.add_argument("--flood", type=float, default=300, help="interactions a second of the flooder (300)")
    given = parser.parse_args()
    alone, beside = asyncio.run(measure(given.rounds, given.seconds, given.flood))
    for name, waited in (("alone", alone), (f"beside {given.flood:.0f}/s", beside)):
        p50, p99 = np.percentile(np.asarray(waited) * 1000, [50, 99])
        print(f"{name:>14}: {len(waited)} answers, p50 {p50:.1f} ms, p99 {p99:.1f} ms")


if __name__ == "__main__":
    main()
