"""What several tests share: a strict fake Discord, and the real client connected to it over loopback."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.brief import BriefBase
from bot.client import BriefClient
from bot.loader import load
from bot.lookups import LookupLog, open_log
from bot.matching import Matcher
from bot.members import MemberDesk
from tests.fake_discord import FakeDiscord

SHIPPED = Path(__file__).parent.parent / "briefs"


@pytest.fixture(scope="session")
def shipped() -> BriefBase:
    """The briefs that the project ships."""
    return load(SHIPPED).base


@pytest.fixture(scope="session")
def matcher(shipped: BriefBase) -> Matcher:
    return Matcher(shipped)


@pytest.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    """A Discord on loopback that writes down every breach of Discord's rules; a test with one fails."""
    async with FakeDiscord() as fake:
        with fake.redirected():
            yield fake
    assert fake.faults == []
    assert fake.pings == []


@dataclass(frozen=True)
class Running:
    """A bot that is connected, and what it is made of."""

    client: BriefClient
    desk: MemberDesk
    log: LookupLog
    database: Path


Start = Callable[[], Awaitable[Running]]


@pytest.fixture
async def start(fake: FakeDiscord, matcher: Matcher, tmp_path: Path) -> AsyncIterator[Start]:
    """Start a bot over the shipped briefs; starting again first stops the one before, as a restart does."""
    running = AsyncExitStack()

    async def start() -> Running:
        await running.aclose()
        return await running.enter_async_context(_running(fake, matcher, tmp_path / "lookups.db"))

    yield start
    await running.aclose()


@pytest.fixture
async def bot(start: Start) -> Running:
    return await start()


@asynccontextmanager
async def _running(fake: FakeDiscord, matcher: Matcher, database: Path) -> AsyncIterator[Running]:
    async with open_log(database, database.with_name("user_hash.key")) as log:
        client = BriefClient(log, dev_guild_id=None)
        desk = MemberDesk(matcher, log)
        desk.install(client)
        async with client:
            connection = asyncio.create_task(client.start(fake.token))
            await fake.connected()
            yield Running(client, desk, log, database)
            connection.cancel()
            with suppress(asyncio.CancelledError):
                await connection
