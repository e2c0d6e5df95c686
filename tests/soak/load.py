"""The bot as a process of its own, and members who ask it at a steady rate."""

import asyncio
import itertools
import os
import sys
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.storage.database import COMMIT_TIMEOUT
from tools.environment import HANGS, environment
from tools.fake_discord import Exchange, FakeDiscord, Guild, User

RATE = 200.0
"""Lookups a second."""

MOST_WAITING = 50
"""Lookups that wait for their answer at once: a machine that is busy with something else is asked less often."""

# So many that none of them, and none of their servers, asks more often than the bot lets one.
MEMBERS = [User(2_000_000_000_000_000_000 + number, f"member{number}") for number in range(60)]
GUILDS = [Guild(1_111_000_000_000_000_000 + number * 10) for number in range(4)]

QUERIES = (
    "troops",
    "weapons",
    "how many soldiers are in russia",
    "Yoon",
    "amunition and shels",
    "pizza recipe",
    "North Korean troops in Russia",
    "missile at poltava",
)


@asynccontextmanager
async def bot_process(fake: FakeDiscord, folder: Path, **more: str) -> AsyncIterator[Process]:
    """Start a bot with its log in ``folder`` and wait until it serves; what still runs at the end is killed.

    A bot that ends by itself leaves `received.txt` in ``folder``.
    """
    command = [sys.executable, "-m", "tests.soak.listening", fake.api_base, fake.gateway_url, "run"]
    usual = {"LOG_LEVEL": "WARNING", "HOME_GUILD_ID": str(fake.guilds[0].id), "DISCORD_TOKEN": fake.token}
    settings = environment(folder, **(usual | more))
    with (folder / "diagnostics.txt").open("ab") as diagnostics:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=folder, env=settings, stdin=DEVNULL, stdout=DEVNULL, stderr=diagnostics
        )
    try:
        await fake.connected()
        await fake.autocomplete("brief", "query", "", within=HANGS)  # held until the bot has read its briefs
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def connected(fake: FakeDiscord) -> bool:
    return any(session.connection for session in fake.gateway.sessions.values())


async def ask_steadily(fake: FakeDiscord, asked: list[Exchange]) -> None:
    """Ask at RATE, while no more than MOST_WAITING wait, until the bot leaves; ``asked`` is what was sent to it."""
    started = time.monotonic()
    for number in itertools.count():
        await asyncio.sleep(max(0.0, started + number / RATE - time.monotonic()))
        if not connected(fake):
            return
        if len(asked) >= MOST_WAITING and not asked[-MOST_WAITING].callback:
            continue
        who, where = MEMBERS[number % len(MEMBERS)], GUILDS[number % len(GUILDS)]
        query = QUERIES[number % len(QUERIES)]
        # Nobody waits for the answer here: who asks next does not know of it.
        asked.append(await fake.slash("brief", {"query": query}, user=who, guild=where, within=0, expect_answer=False))


def query_of(exchange: Exchange) -> str:
    return str(exchange.payload["data"]["options"][0]["value"])


def answered(asked: list[Exchange]) -> dict[int, str]:
    """Return the queries that were answered, by interaction."""
    return {int(each.id): query_of(each) for each in asked if each.callback}


def promised(asked: list[Exchange]) -> dict[int, str]:
    """Return the queries that were answered before the log's patience could end, so that they must be in it."""
    return answered([each for each in asked if (each.elapsed or 0) < COMMIT_TIMEOUT])


def count_from_environment(name: str, default: int) -> int:
    return int(os.environ.get(name, default))
