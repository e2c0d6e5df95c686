"""Four shards on three processes, of which one after the other is killed under load and started again.

SOAK_SHARDS says how many are killed (9); each takes about ten seconds, for Discord lets a shard begin every five.
"""

import asyncio
import itertools
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from bot.storage.database import COMMIT_TIMEOUT
from tests.admins import FILES
from tests.brief_files import write
from tests.clusters import GUILDS, PROCESSES, Load, running
from tests.postgres import Server
from tests.soak.conftest import Say
from tests.soak.load import count_from_environment
from tools.environment import HANGS
from tools.fake_discord import Exchange, FakeDiscord, until

KILLS = count_from_environment("SOAK_SHARDS", 9)
RATE = 100.0


def all_answered(exchanges: Sequence[Exchange]) -> bool:
    return all(each.callback for each in exchanges)


def unheard(fake: FakeDiscord, name: str) -> bool:
    return not any(fake.hears(GUILDS[shard].id) for shard in PROCESSES[name])


async def test_the_others_never_notice_and_nobody_is_answered_or_logged_twice(
    tmp_path: Path, postgres: Server, say: Say
) -> None:
    briefs = write(tmp_path / "briefs", FILES)
    everywhere = range(len(GUILDS))
    async with FakeDiscord(guilds=GUILDS) as fake:
        fake.identify_window = 5.0
        fake.answer_within = HANGS
        async with running(fake, tmp_path, briefs, postgres) as cluster:
            say(f"connected; {fake.refused_identifies} of {len(fake.identifies)} sessions were refused at first")
            load = Load(fake, RATE)
            asking = asyncio.create_task(load.ask())
            for name in itertools.islice(itertools.cycle(PROCESSES), KILLS):
                await asyncio.sleep(1)
                others = [shard for shard in everywhere if shard not in PROCESSES[name]]
                first = {shard: len(load.asked[shard]) for shard in others}
                cluster.kill(name)
                await until(partial(unheard, fake, name))
                await cluster.start(name)
                meanwhile = [each for shard in others for each in load.asked[shard][first[shard] :]]
                assert meanwhile
                await until(partial(all_answered, meanwhile))
            load.stop()
            await asking
            for shard in everywhere:  # whoever is answered now was heard after all the others of that shard
                last = await fake.slash("brief", {"query": "cats"}, guild=GUILDS[shard], within=HANGS)
                load.asked[shard].append(last)
            answered = load.answered(*everywhere)
            unanswered = {int(each.id) for each in load.unanswered(*everywhere)}
            slowest = max(each.elapsed or 0 for each in answered)
            promised = {int(each.id) for each in answered if (each.elapsed or 0) < COMMIT_TIMEOUT}
            logged = cluster.logged()
            say(
                f"{KILLS} kills, {len(answered)} answered, {len(unanswered)} cut off by them, {len(logged)} logged; "
                f"slowest answer {slowest * 1000:.0f} ms"
            )
            assert len(logged) == len(set(logged))
            assert promised <= set(logged)
            assert set(logged) - {int(each.id) for each in answered} <= unanswered
            assert not any("Traceback" in cluster.said(name) for name in PROCESSES)
        assert fake.faults == []
