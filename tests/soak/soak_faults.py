"""A bot as a process of its own, asked without a pause while one fault after another befalls its log."""

import asyncio
import itertools
import sqlite3
import statistics
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, asynccontextmanager, closing
from pathlib import Path

import pytest

from tests import faults
from tests.admins import ADMIN, settled
from tests.databases import eventually
from tests.soak.conftest import Say
from tests.soak.load import GUILDS, MEMBERS, answered, bot_process
from tools.environment import HANGS
from tools.fake_discord import Exchange, FakeDiscord

DISCORD_WAITS = 3.0
"""Seconds within which most must be answered during a fault: how long the slowest takes depends on the machine."""

RATE = 40.0
"""Lookups a second."""

LASTS = 3.0
"""Seconds that each fault lasts, and the peace after it."""


async def ask(fake: FakeDiscord, asked: list[Exchange], enough: asyncio.Event) -> None:
    """Ask at RATE, whether or not answers come."""
    for number in itertools.count():
        if enough.is_set():
            return
        await asyncio.sleep(1 / RATE)
        who, where = MEMBERS[number % len(MEMBERS)], GUILDS[number % len(GUILDS)]
        asked.append(
            await fake.slash("brief", {"query": "troops"}, user=who, guild=where, within=0, expect_answer=False)
        )


def limited(process: Process) -> faults.Fault:
    return lambda folder: faults.full(folder, process.pid)


@asynccontextmanager
async def aside(fault: AbstractContextManager[None]) -> AsyncIterator[None]:
    """Have a fault in a thread of its own, for the disk may be slow, and this process is Discord meanwhile."""
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1) as thread:
        await loop.run_in_executor(thread, fault.__enter__)
        try:
            yield
        finally:
            await loop.run_in_executor(thread, fault.__exit__, None, None, None)


def logged(folder: Path) -> int:
    """Return how many lookups are in the database in use."""
    with closing(sqlite3.connect(f"file:{folder}/lookups.db?mode=ro", uri=True)) as connection:
        found: int = connection.execute("SELECT count(*) FROM lookups NOT INDEXED").fetchone()[0]
    return found


@pytest.mark.parametrize("name", [*faults.PASSING, *faults.LASTING])
async def test_a_fault_under_load_costs_nobody_the_answer_and_no_lookup(
    fake: FakeDiscord, tmp_path: Path, say: Say, name: str
) -> None:
    async with bot_process(fake, tmp_path) as process:
        asked: list[Exchange] = []
        enough = asyncio.Event()
        asking = asyncio.create_task(ask(fake, asked, enough))
        await asyncio.sleep(LASTS)
        fault = limited(process) if name == "full" else (faults.PASSING | faults.LASTING)[name]
        async with aside(fault(tmp_path)):
            if name == "damaged":
                await fake.autocomplete("brief", "query", "", within=HANGS)  # a reader meets it
            first = len(asked)
            await asyncio.sleep(LASTS)
            during = asked[first:]
            if name in faults.PASSING:
                assert "cannot be written" in await settled(await fake.slash("briefs check", **ADMIN))
        await asyncio.sleep(LASTS)
        enough.set()
        await asking
        await asyncio.sleep(1)
        told = await settled(await fake.slash("briefs check", **ADMIN))
        replies = answered(asked)
        assert len(replies) == len(asked)
        await eventually(lambda: faults.kept(tmp_path) == replies.keys())
        slowest = max(each.elapsed or 0 for each in asked)
        say(f"{name}: {len(replies)} asked, answered and kept; the slowest in {slowest * 1000:.0f} ms")
        assert "cannot be written" not in told
        assert ("set aside" in told) == (name == "damaged")
        assert statistics.median(each.elapsed or 0 for each in during) < DISCORD_WAITS
        assert logged(tmp_path) > 0
