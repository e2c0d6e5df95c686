"""PostgreSQL as what keeps the log: several processes, lost connections, commits whose answer never came."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bot.errors import LogError
from bot.reports import queries
from bot.storage import database, postgres_schema
from bot.storage.engine import Statement
from bot.storage.history import History
from bot.storage.opening import open_database, open_reader
from bot.storage.postgres import printable_url, with_numbered_parameters
from tests.databases import ENDLESS, Log, eventually, lookup, opened, place, rows, written
from tests.postgres import Server

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("postgres_only")]


@pytest.fixture
def postgres_only(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.databases.server", postgres)


class Wire:
    """What lies between the bot and the server, and can be cut."""

    def __init__(self) -> None:
        self.cut_before_commit = False
        self.cut_after_commit = False
        self.commits = 0
        self._ends: set[asyncio.StreamWriter] = set()

    @asynccontextmanager
    async def laid(self, url: str) -> AsyncIterator[str]:
        """Lay it for the time of the block; return the URL at its near end."""
        self._far = urlsplit(url)
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            yield url.replace(f":{self._far.port}/", f":{port}/") + "&sslmode=disable"
            self.cut()

    def cut(self) -> None:
        """Break every connection, with whatever is under way."""
        for end in self._ends:
            end.transport.abort()
        self._ends.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(self._far.hostname, self._far.port)
        self._ends |= {writer, far_writer}
        await asyncio.gather(self._there(reader, far_writer), self._back(far_reader, writer))

    async def _there(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await _read(reader):
            self.commits += commit if (commit := b"COMMIT" in data) else 0
            if commit and self.cut_before_commit:
                self.cut_before_commit = False
                self.cut()
                return
            writer.write(data)
        writer.close()

    async def _back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await _read(reader):
            if b"COMMIT" in data and self.cut_after_commit:
                self.cut_after_commit = False
                self.cut()
                return
            writer.write(data)
        writer.close()


async def _read(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read(65536)
    except OSError:
        return b""


@pytest.fixture
async def wire() -> Wire:
    return Wire()


@pytest.mark.parametrize("cut", ["cut_before_commit", "cut_after_commit"])
async def test_a_commit_whose_answer_is_lost_loses_and_doubles_nothing(
    tmp_path: Path, wire: Wire, cut: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows without an interaction have nothing unique that would keep them from being there twice."""
    monkeypatch.setattr(database, "RETRY_INTERVAL", 0.02)
    url = str(place(tmp_path / "lookups.db"))
    async with wire.laid(url) as near, open_database(near) as opened:
        log = Log(opened, b"k" * 32)
        await log.record(lookup("before"))
        setattr(wire, cut, True)
        await asyncio.gather(*(log.record(lookup(f"{n}")) for n in range(5)))
        await log.record(lookup("after"))
        assert await log.forget(1) == 0
        assert opened.dropped == 0
        assert not getattr(wire, cut)
    assert rows(tmp_path) == ["before", *map(str, range(5)), "after"]


async def test_a_count_that_is_asked_for_survives_a_lost_answer(
    tmp_path: Path, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "RETRY_INTERVAL", 0.02)
    async with wire.laid(str(place(tmp_path / "lookups.db"))) as near, open_database(near) as opened:
        log = Log(opened, b"k" * 32)
        for n in range(3):
            await log.record(lookup(user_id=1, interaction_id=n))
        wire.cut_after_commit = True
        assert await log.forget(1) == 3
    assert rows(tmp_path) == []


async def test_lookups_wait_for_a_server_that_is_away_and_follow_in_order(
    tmp_path: Path, wire: Wire, impatient: None
) -> None:
    async with wire.laid(str(place(tmp_path / "lookups.db"))) as near, open_database(near) as opened:
        log = Log(opened, b"k" * 32)
        for n in range(20):
            if n % 5 == 0:
                wire.cut()
            await log.record(lookup(f"{n:02}", interaction_id=n))
        await written(log)
        await eventually(lambda: opened.failure is None)
    assert rows(tmp_path) == [f"{n:02}" for n in range(20)]


async def test_two_processes_write_one_log_and_each_interaction_is_there_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as one, opened(tmp_path) as other:
        await asyncio.gather(
            *(log.record(lookup(f"{n}", interaction_id=n)) for n in range(100) for log in (one, other))
        )
    assert sorted(rows(tmp_path, "interaction_id")) == list(range(100))


async def test_processes_that_start_at_once_make_the_tables_once(tmp_path: Path) -> None:
    async def start() -> None:
        async with opened(tmp_path) as log:
            await log.record(lookup())

    await asyncio.gather(*(start() for _ in range(5)))
    assert len(rows(tmp_path)) == 5


async def test_a_change_that_processes_see_at_once_is_one_version(tmp_path: Path) -> None:
    async with opened(tmp_path) as one, opened(tmp_path) as other:
        histories = [await History.opened(log.database) for log in (one, other)]
        for n in range(20):
            await asyncio.gather(*(history.catch_up("ships", f"title: Ships {n}\n") for history in histories))
    versions = rows(tmp_path, "text", table="versions")
    assert versions == [f"title: Ships {n}\n" for n in range(20)]


async def test_what_the_database_can_never_take_is_dropped_alone_and_counted(tmp_path: Path) -> None:
    impossible = Statement("INSERT INTO lookups (id) VALUES (?)")
    async with opened(tmp_path) as log:
        await asyncio.gather(
            log.record(lookup("first")),
            log.database.write(impossible, (1 << 70,)),
            log.database.write(Statement("UPDATE lookups SET outcome = ?"), ("nonsense",)),
            log.record(lookup("last")),
        )
        assert log.database.dropped == 2
    assert rows(tmp_path) == ["first", "last"]


async def test_a_database_of_a_newer_bot_is_refused_and_left_as_it_is(tmp_path: Path, postgres: Server) -> None:
    async with opened(tmp_path):
        pass
    newer = len(postgres_schema.STEPS) + 1
    postgres.execute(tmp_path / "lookups.db", f"INSERT INTO schema_steps VALUES ({newer})")
    with pytest.raises(LogError, match=f"schema {newer}, made by a newer briefbot"):
        async with opened(tmp_path):
            pass


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://bot:s3cret@127.0.0.1:1/log",
        "postgresql://bot:s3cret@127.0.0.1:{port}/no-such-database",
        "postgresql://bot:s3cret@127.0.0.1:{port}/postgres?sslmode=require",
        "postgresql://bot:s3cret@127.0.0.1:{port}/postgres?sslmode=nonsense",
        "postgresql://bot:s3cret@no-such-host.invalid/log",
    ],
)
async def test_a_server_that_cannot_be_used_is_a_plain_line_without_the_password(tmp_path: Path, url: str) -> None:
    url = url.format(port=urlsplit(str(place(tmp_path / "x"))).port)
    with pytest.raises(LogError) as writing:
        async with open_database(url):
            pass
    with pytest.raises(LogError) as reading:
        async with open_reader(url) as reader:
            await reader.read("SELECT 1")
    for raised in (writing, reading):
        line = str(raised.value)
        assert line.startswith("postgresql://")
        assert "\n" not in line
        assert "s3cret" not in line


async def test_the_server_does_not_go_on_with_a_query_that_was_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres: Server
) -> None:
    monkeypatch.setattr("bot.storage.engine.READING", 0.2)
    going_on = f"SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query = '{ENDLESS}'"
    async with opened(tmp_path) as log:
        with pytest.raises(LogError, match="given up"):
            await log.database.read(ENDLESS)
    await eventually(lambda: not postgres.fetch(tmp_path / "lookups.db", going_on))


async def test_a_report_of_a_database_without_a_log_says_how_one_is_made(tmp_path: Path) -> None:
    async with open_reader(place(tmp_path / "lookups.db")) as reader:
        with pytest.raises(LogError, match="holds no log yet; it is made when the bot is first started"):
            await queries.misses(reader, 7, None)


async def test_a_report_cannot_write(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup())
        async with open_reader(place(tmp_path / "lookups.db")) as reader:
            with pytest.raises(LogError, match="read-only"):
                await reader.read("DELETE FROM lookups RETURNING id")
        assert rows(tmp_path) == ["troops"]


async def test_a_commit_is_durable_whatever_the_server_was_told(tmp_path: Path) -> None:
    url = f"{place(tmp_path / 'lookups.db')}&synchronous_commit=off"
    async with open_database(url) as database:
        shown = Statement("CREATE TABLE seen AS SELECT current_setting('synchronous_commit') AS how")
        await database.write(shown, ())
        assert [row["how"] for row in await database.read("SELECT how FROM seen")] == ["on"]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT 1::text", ("SELECT 1::text", ())),
        ("a = ? AND b = ?", ("a = $1 AND b = $2", ("0", "1"))),
        ("a = :new OR b = :old OR c = :new", ("a = $1 OR b = $2 OR c = $1", ("new", "old"))),
    ],
)
def test_parameters_are_numbered_as_postgresql_wants_them(sql: str, expected: tuple[str, tuple[str, ...]]) -> None:
    assert with_numbered_parameters(sql) == expected


@pytest.mark.parametrize(
    ("url", "printed"),
    [
        ("postgresql://bot:s3cret@db.example:5432/log?passfile=x", "postgresql://db.example:5432/log"),
        ("postgres://bot:p%40ss@a,b/log", "postgresql://a,b/log"),
        ("postgresql:///log?password=s3cret", "postgresql:///log"),
    ],
)
def test_an_address_is_printed_without_what_is_secret(url: str, printed: str) -> None:
    assert printable_url(url) == printed


async def test_reading_goes_on_after_the_server_has_ended_its_connections(tmp_path: Path, postgres: Server) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup())
        for _ in range(5):
            await asyncio.gather(*(log.database.read("SELECT 1") for _ in range(4)))
            end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            postgres.execute(tmp_path / "lookups.db", end)
            assert len(await log.database.read("SELECT query FROM lookups")) == 1


async def test_whoever_gives_up_reading_need_not_wait_for_the_server(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        loop = asyncio.get_running_loop()
        began = loop.time()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await log.database.read("SELECT pg_sleep(8)")
        assert loop.time() - began < 4


async def test_a_write_that_is_dropped_is_told_of_without_its_values(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(tmp_path) as log:
        await log.database.write(
            Statement("INSERT INTO lookups (query, outcome) VALUES (?, ?)"), ("s3cret", "nonsense")
        )
        await log.database.write(Statement("UPDATE lookups SET query = ?"), ("s3cret \ud800",))
        assert log.database.dropped == 2
    assert "a write was dropped" in caplog.text
    assert "s3cret" not in caplog.text


async def test_a_database_that_is_not_utf_8_is_refused_at_the_start_with_what_to_do(
    tmp_path: Path, postgres: Server
) -> None:
    path = tmp_path / "lookups.db"
    name = f"ascii_{os.getpid()}"
    postgres.execute(
        path, f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
    )
    url = urlsplit(str(place(path)))._replace(path=f"/{name}", query="").geturl()
    try:
        with pytest.raises(
            LogError, match=r"its encoding is SQL_ASCII\. The log needs UTF8: make a database by createdb"
        ):
            async with open_database(url):
                pass
    finally:
        postgres.execute(path, f"DROP DATABASE {name}")
