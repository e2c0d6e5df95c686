"""What several tests share: a strict fake Discord, and the real client connected to it over loopback."""

import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path, PurePath
from typing import Any, Protocol

import pytest

from bot.answering.matcher import Matcher
from bot.briefs import loader
from bot.briefs.brief import BriefBase
from bot.briefs.brief_file import LoadedFile, read_brief
from bot.briefs.loader import load
from bot.storage import database, erasing, files, sqlite
from tests import databases
from tests.brief_files import write
from tests.postgres import Server, missing, started
from tools.environment import HANGS, SHIPPED
from tools.fake_discord import FakeDiscord, rules
from tools.matchers import matcher_of
from tools.running import Running, running


def pytest_configure(config: pytest.Config) -> None:
    """Have every warning fail a test where CI is set, but for one of a module that discord.py imports.

    Several processes share the processors, so each calculates in one thread.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if os.environ.get("CI"):
        for line in ("error", "ignore:'audioop' is deprecated:DeprecationWarning"):
            config.addinivalue_line("filterwarnings", line)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Count what starts a bot among the slow tests, and begin with these, so that none runs on alone at the end."""
    for item in items:
        if "fake" in getattr(item, "fixturenames", ()):
            item.add_marker("slow")
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Run one process more than there are processors, because many tests wait for something."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(scope="session")
def shipped() -> BriefBase:
    """The briefs that the project ships."""
    return load(SHIPPED).base


@pytest.fixture(scope="session", autouse=True)
def _known_briefs() -> Iterator[None]:
    """Have a file of a name and a content be read once: every bot that is started reads the shipped briefs twice.

    It begins with a matcher over no briefs, which is made once, too, and compares all phrases at each look.
    """
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
        patched.setattr("bot.service.assembly.Matcher", matcher_of)
        yield


@pytest.fixture(scope="session", autouse=True)
def _never_settled() -> Iterator[None]:
    """Have no bot settle, but in test_garbage: each would look at every object of the tests, which takes 90 ms."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("bot.service.assembly.settle", lambda: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def _known_databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Have the steps of the schema be made once: a new database begins as a copy of the one that they made."""
    made = tmp_path_factory.mktemp("schema") / "lookups.db"
    prepare = files.prepare

    def prepared(path: Path, patience: float) -> bool:
        new = path.stat().st_size == 0
        if new:
            if not made.exists():
                prepare(made, patience)
            path.write_bytes(made.read_bytes())
        return prepare(path, patience) or new

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(files, "prepare", prepared)
        yield


@pytest.fixture(scope="session", autouse=True)
def _known_commands() -> Iterator[None]:
    """Have the same commands be judged once: every bot that is started registers them."""
    violations = rules.command_violations

    @lru_cache(maxsize=64)
    def judge(written: str) -> list[rules.Violation]:
        return violations(json.loads(written))

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(rules, "command_violations", lambda payload: judge(json.dumps(payload)))
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


class Start(Protocol):
    async def __call__(self, **settings: Any) -> Running: ...


@asynccontextmanager
async def starter(fake: FakeDiscord, folder: Path) -> AsyncIterator[Start]:
    """Start a bot over the briefs in ``folder``; starting again first stops the one before, as a restart does."""
    connected = AsyncExitStack()

    async def start(**settings: Any) -> Running:
        await connected.aclose()
        settings = {"database": databases.place(folder.with_name("lookups.db"))} | settings
        return await connected.enter_async_context(running(fake, folder, **settings))

    try:
        yield start
    finally:
        await connected.aclose()


@pytest.fixture
async def start(fake: FakeDiscord, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Start]:
    """Start a bot over the files of the mark ``briefs``, or else over the shipped ones without translations."""
    mark = request.node.get_closest_marker("briefs")
    files = mark.args[0] if mark else _shipped_files()
    async with starter(fake, write(tmp_path / "briefs", files)) as start:
        yield start


@lru_cache(maxsize=1)
def _shipped_files() -> dict[str, bytes]:
    """Return the contents of the shipped files, without translations, by their names."""
    return {path.name: path.read_bytes() for path in SHIPPED.iterdir() if not path.match("*.*.yaml")}


@pytest.fixture
async def bot(start: Start) -> Running:
    return await start()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server; without one its tests are skipped, but not where everything is to be tested."""
    if why := missing():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(why)
    with started() as server:
        yield server


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what uses ``engine`` on both, unless it is marked as being about SQLite's files.

    Of what starts a bot, only what is marked with ``both`` runs on PostgreSQL outside of CI.
    """
    if "engine" in metafunc.fixturenames:
        marked = metafunc.definition.get_closest_marker
        often = marked("both") or "fake" not in metafunc.fixturenames or "CI" in os.environ
        engines: list[Any] = ["sqlite"]
        if often and not marked("sqlite"):
            engines.append(pytest.param("postgres", marks=pytest.mark.slow))
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


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a slow disk slow a test down and nothing else: a bot that gives up waiting answers before it has written."""
    monkeypatch.setattr(database, "COMMIT_TIMEOUT", 10)


@pytest.fixture
def impatient(patient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have nobody wait for a database that does not answer."""
    monkeypatch.setattr(database, "COMMIT_TIMEOUT", 0.02)
    monkeypatch.setattr(database, "RETRY_INTERVAL", 0.02)
    monkeypatch.setattr(sqlite, "BUSY", 0.02)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have deleted rows removed from the files at once, and a reader who is in the way be asked again soon."""
    monkeypatch.setattr(erasing, "QUIET", 0)
    monkeypatch.setattr(erasing, "GATHERED", 0)
    monkeypatch.setattr(erasing, "RETRY_INTERVAL", 0.02)
    monkeypatch.setattr(sqlite, "BUSY_ERASING", 0)
