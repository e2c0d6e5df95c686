"""Several processes are one bot: each serves its shards, whatever becomes of the others."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.admins import FILES, edit, press
from tests.brief_files import write
from tests.clusters import GUILDS, PROCESSES, Load, running
from tests.forked import run
from tests.postgres import Server
from tools.environment import HANGS
from tools.fake_discord import MANAGER, FakeDiscord, Where, until

pytestmark = pytest.mark.slow

RATE = 60.0
"""Lookups a second."""


@pytest.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord(guilds=GUILDS) as fake:
        fake.max_concurrency = len(GUILDS)
        fake.answer_within = HANGS  # soak_shards measures how fast they are
        yield fake
    assert fake.faults == []
    assert fake.pings == []


async def test_a_process_that_is_killed_under_load_costs_the_others_nothing_and_nobody_is_answered_or_logged_twice(
    fake: FakeDiscord, tmp_path: Path, postgres: Server
) -> None:
    briefs = write(tmp_path / "briefs", FILES)
    async with running(fake, tmp_path, briefs, postgres) as cluster:
        load = Load(fake, RATE)
        asking = asyncio.create_task(load.ask())
        await until(lambda: all(map(load.answered, range(len(GUILDS)))), 20)
        cluster.kill("a")
        await until(lambda: not any(fake.hears(GUILDS[shard].id) for shard in PROCESSES["a"]))
        before = {shard: len(load.answered(shard)) for shard in range(len(GUILDS))}
        await cluster.start("a")
        await until(lambda: all(len(load.answered(shard)) > count for shard, count in before.items()), 20)
        load.stop()
        await asking
        await until(lambda: not load.unanswered(*PROCESSES["b"], *PROCESSES["c"]))
        answered = {int(each.id) for each in load.answered(*range(len(GUILDS)))}
        cut_off = {int(each.id) for each in load.unanswered(*PROCESSES["a"])}
        await until(lambda: answered <= set(cluster.logged()))
        logged = cluster.logged()
        assert len(logged) == len(set(logged))
        assert set(logged) - answered <= cut_off
        assert (cluster.said("b"), cluster.said("c")) == ("", "")
        counted = await asyncio.to_thread(run, tmp_path, "stats", "--days", "2", "--database", cluster.database_url)
        number = int(counted.stdout.split()[0])
        assert len(logged) <= number <= len(cluster.logged())  # the last that was cut off may be logged late


async def test_an_edit_on_one_process_is_answered_with_by_the_others(
    fake: FakeDiscord, tmp_path: Path, postgres: Server
) -> None:
    briefs = write(tmp_path / "briefs", FILES)
    async with running(fake, tmp_path, briefs, postgres, ["a", "c"]) as cluster:
        admin: Where = {"guild": GUILDS[0], "permissions": MANAGER, "within": 10}
        shown = await edit(fake, "cats", FILES["cats.yaml"].replace("purr", "hiss"), admin)
        assert "Done" in await press(fake, shown, "Apply")
        async with asyncio.timeout(HANGS):
            while "hiss" not in (await (await fake.slash("brief", {"query": "cats"}, guild=GUILDS[3])).filled()).text:
                await asyncio.sleep(0.5)
        await asyncio.sleep(3)  # so that each process has looked at the folder meanwhile
        assert cluster.versions("cats") == ["found", "edit"]
