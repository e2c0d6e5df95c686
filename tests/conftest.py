"""What several tests share: a strict fake Discord, and the real client connected to it over loopback."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any, Protocol

import pytest

from bot.answering.matcher import Matcher
from bot.authoring.keeper import BaseKeeper
from bot.briefs import loader
from bot.briefs.brief import BriefBase
from bot.briefs.brief_file import LoadedFile, read_brief
from bot.briefs.loader import load
from bot.commands.brief import MemberDesk
from bot.gateway.client import BriefClient
from bot.service.assembly import assembled
from bot.service.settings import Settings
from bot.storage import database, sqlite
from bot.storage.database import Database
from tests import databases
from tests.brief_files import matcher_of
from tests.fake_discord import FakeDiscord, until
from tests.postgres import Server, missing, started
from tests.processes import HANGS

SHIPPED = Path(__file__).parent.parent / "briefs"


def pytest_configure(config: pytest.Config) -> None:
    """Have every warning fail a test where CI is set, but for one of a module that discord.py imports."""
    if os.environ.get("CI"):
        for line in ("error", "ignore:'audioop' is deprecated:DeprecationWarning"):
            config.addinivalue_line("filterwarnings", line)


@pytest.fixture(scope="session")
def shipped() -> BriefBase:
    """The briefs that the project ships."""
    return load(SHIPPED).base


@pytest.fixture(scope="session", autouse=True)
def _files_read_once() -> Iterator[None]:
    """Have a file of a name and a content be read once: every bot that is started reads the shipped briefs twice."""
    read: dict[tuple[str, bytes], LoadedFile] = {}

    def read_once(path: str, content: bytes) -> LoadedFile:
        key = (PurePath(path).name, content)
        if key not in read:
            file = read_brief(path, content)
            if file.problems or len(content) > 10_000:  # a problem says the whole path
                return file
            read[key] = file
        return replace(read[key], path=path)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(loader, "read_brief", read_once)
        yield


@pytest.fixture(scope="session")
def matcher(shipped: BriefBase) -> Matcher:
    return matcher_of(shipped)


@pytest.fixture
def learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the command line answer from briefs that it knows without learning them anew each time."""
    monkeypatch.setattr("bot.cli.ask.Matcher", matcher_of)


@pytest.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    """A Discord on loopback that writes down every breach of Discord's rules; a test with one fails."""
    async with FakeDiscord() as fake:
        fake.answer_within = HANGS  # not Discord's 3 s: the soaks and make bench measure how fast the bot is
        with fake.redirected():
            yield fake
    assert fake.faults == []
    assert fake.pings == []


@dataclass(frozen=True)
class Running:
    """A bot that is connected, and what it is made of."""

    client: BriefClient
    desk: MemberDesk
    keeper: BaseKeeper
    database: Database
    folder: Path


class Start(Protocol):
    async def __call__(self, **settings: Any) -> Running: ...


@pytest.fixture
async def start(fake: FakeDiscord, tmp_path: Path) -> AsyncIterator[Start]:
    """Start a bot over a copy of the shipped briefs; starting again first stops the one before, as a restart does."""
    folder = tmp_path / "briefs"
    shutil.copytree(SHIPPED, folder)
    connected = AsyncExitStack()

    async def start(**settings: Any) -> Running:
        await connected.aclose()
        return await connected.enter_async_context(running(fake, folder, **settings))

    yield start
    await connected.aclose()


@pytest.fixture
async def bot(start: Start) -> Running:
    return await start()


@asynccontextmanager
async def running(fake: FakeDiscord, folder: Path, **settings: Any) -> AsyncIterator[Running]:
    """Connect a bot over the briefs in ``folder`` to ``fake``, with its database beside that folder.

    The first server is home, unless ``settings`` say otherwise.
    """
    settings = {"home_guild_id": fake.guilds[0].id if fake.guilds else None} | settings
    chosen = Settings(
        briefs_dir=folder,
        database=databases.place(folder.with_name("lookups.db")),
        user_hash_key_file=folder.with_name("user_hash.key"),
        **settings,
    )
    matcher = matcher_of(load(folder).base)
    async with assembled(chosen, matcher_of, lambda: matcher) as service, service.client:
        connection = asyncio.create_task(service.client.start(fake.token))
        await fake.connected()
        await until(lambda: service.client.receiving)
        yield Running(service.client, service.desk, service.keeper, service.database, folder)
        connection.cancel()
        with suppress(asyncio.CancelledError):
            await connection


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server; without one its tests are skipped, but not where everything is to be tested."""
    if why := missing():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(why)
    with started() as server:
        yield server


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what uses ``engine`` on both, unless it is marked as being about SQLite's files."""
    if "engine" in metafunc.fixturenames:
        engines = ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)]
        if metafunc.definition.get_closest_marker("sqlite"):
            engines = ["sqlite"]
        metafunc.parametrize("engine", engines, indirect=True)


@pytest.fixture
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Have the databases of a test kept by this engine."""
    if request.param == "postgres":
        monkeypatch.setattr(databases, "server", request.getfixturevalue("postgres"))
    return str(request.param)


@pytest.fixture
def port(unused_tcp_port: int) -> int:
    """A port on loopback that nobody listens on."""
    return unused_tcp_port


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a slow disk slow a test down and nothing else."""
    monkeypatch.setattr(database, "PATIENCE", 10)


@pytest.fixture
def impatient(patient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have nobody wait for a database that does not answer."""
    monkeypatch.setattr(database, "PATIENCE", 0.02)
    monkeypatch.setattr(database, "RETRY", 0.02)
    monkeypatch.setattr(sqlite, "BUSY", 0.02)
