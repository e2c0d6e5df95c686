"""One bot as several processes, each with some of the shards, and somebody who starts again what dies."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

from tests.forked import Forked
from tests.postgres import Server
from tools.environment import environment
from tools.fake_discord import Exchange, FakeDiscord, Guild, User

SHARDS = 4
GUILDS = [Guild((260_000_000_000 + shard) << 22, f"Server of shard {shard}") for shard in range(SHARDS)]
"""A server of each shard."""

MEMBERS = [User(2_000_000_000_000_000_000 + number, f"member {number}") for number in range(40)]
"""So many that none of them asks faster than the bot lets one."""

PROCESSES: Mapping[str, Sequence[int]] = {"a": (0, 1), "b": (2,), "c": (3,)}
"""Which shards each process has."""


class Cluster:
    """The processes over one folder of briefs and one log, connected to ``fake``."""

    def __init__(self, fake: FakeDiscord, folder: Path, briefs: Path, server: Server) -> None:
        self._fake = fake
        self._folder = folder
        self._briefs = briefs
        self._server = server
        self._log = folder / "log"
        self._processes: dict[str, Forked] = {}

    async def start(self, name: str) -> None:
        """Start a process and wait until all its shards are connected."""
        settings = environment(
            self._folder,
            BRIEFS_DIR=str(self._briefs),
            DATABASE_URL=self.database_url,
            USER_HASH_KEY_FILE=str(self._folder / "user_hash.key"),
            DISCORD_TOKEN=self._fake.token,
            HOME_GUILD_ID=str(GUILDS[0].id),
            SHARD_COUNT=str(SHARDS),
            SHARD_IDS=",".join(map(str, PROCESSES[name])),
            LOG_LEVEL="WARNING",
        )
        discord = (self._fake.api_base, self._fake.gateway_url)
        with (self._folder / f"{name}.txt").open("ab") as diagnostics:
            stderr = diagnostics.fileno()
            self._processes[name] = Forked(self._folder, ["run"], settings, stderr=stderr, discord=discord)
        for shard in PROCESSES[name]:
            await self._fake.connected(guild_id=GUILDS[shard].id)

    def kill(self, name: str) -> None:
        """End a process as the system does when memory runs out."""
        self._processes.pop(name).close()

    def said(self, name: str) -> str:
        """Return the diagnostic log of a process."""
        return (self._folder / f"{name}.txt").read_text()

    @property
    def database_url(self) -> str:
        return self._server.url(self._log)

    def logged(self) -> list[int]:
        """Return the interaction of every lookup in the log, as often as it is there."""
        return [row["interaction_id"] for row in self._server.fetch(self._log, "SELECT interaction_id FROM lookups")]

    def versions(self, brief: str) -> list[str]:
        """Return how each version of a brief came about, from the first one on."""
        sql = f"SELECT action FROM versions WHERE brief = '{brief}' ORDER BY id"
        return [row["action"] for row in self._server.fetch(self._log, sql)]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for process in self._processes.values():
            process.close()


@asynccontextmanager
async def running(
    fake: FakeDiscord, folder: Path, briefs: Path, server: Server, names: Sequence[str] = tuple(PROCESSES)
) -> AsyncIterator[Cluster]:
    """Have these processes run for the time of the block."""
    async with Cluster(fake, folder, briefs, server) as cluster:
        await asyncio.gather(*(cluster.start(name) for name in names))
        yield cluster


class Load:
    """Members of all servers who ask at a steady rate, whether or not anybody answers."""

    def __init__(self, fake: FakeDiscord, rate: float) -> None:
        self._fake = fake
        self._rate = rate
        self._over = False
        self.asked: dict[int, list[Exchange]] = {shard: [] for shard in range(SHARDS)}

    async def ask(self) -> None:
        """Ask until told to stop; where no process is connected, nobody can."""
        loop = asyncio.get_running_loop()
        began, number = loop.time(), 0
        while not self._over:
            await asyncio.sleep(max(0.0, began + number / self._rate - loop.time()))
            shard, who = number % SHARDS, MEMBERS[number % len(MEMBERS)]
            number += 1
            if self._fake.hears(GUILDS[shard].id):
                exchange = await self._fake.slash(
                    "brief", {"query": "cats"}, user=who, guild=GUILDS[shard], within=0, expect_answer=False
                )
                self.asked[shard].append(exchange)

    def stop(self) -> None:
        self._over = True

    def answered(self, *shards: int) -> list[Exchange]:
        return [each for shard in shards for each in self.asked[shard] if each.callback]

    def unanswered(self, *shards: int) -> list[Exchange]:
        return [each for shard in shards for each in self.asked[shard] if not each.callback]
