"""Databases to test with: a log over one, what its files hold, and ways to be in its way."""

import asyncio
import gc
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import aiosqlite
import pytest

from bot.storage.database import Database
from bot.storage.hash_key import user_hash_key
from bot.storage.lookups import Lookup, LookupLog
from bot.storage.opening import open_database
from tests.postgres import Server
from tools.environment import HANGS

USER = 0x0123456789ABCDEF
GUILD = 0x1122334455667788
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
"""A query that never ends by itself."""


class Log(LookupLog):
    """A log of lookups that shows the database it is kept in."""

    def __init__(self, database: Database, key: bytes) -> None:
        super().__init__(database, key)
        self.database = database


@asynccontextmanager
async def opened(folder: Path, name: str = "lookups.db") -> AsyncIterator[Log]:
    """Open a log in ``folder``, with its key beside it, for the time of the block."""
    async with open_database(place(folder / name)) as database:
        yield Log(database, user_hash_key(folder / "user_hash.key"))


server: Server | None = None
"""The PostgreSQL server whose databases stand for files; the fixture ``engine`` sets it."""


def place(path: Path) -> Path | str:
    """Return where the database is that ``path`` stands for: that file, or a part of the server that is its own."""
    return server.url(path) if server else path


def lookup(query: str = "troops", **more: Any) -> Lookup:
    return replace(Lookup(query, "answer", "troops", 1.0, 2.5, "slash"), **more)


def rows(folder: Path, columns: str = "query", name: str = "lookups.db", table: str = "lookups") -> list[Any]:
    """Return what a second connection reads; a single column without its tuples."""
    found = [tuple(record.values()) for record in records(folder, f"SELECT {columns} FROM {table} ORDER BY id", name)]
    return found if "," in columns or columns == "*" else [value for (value,) in found]


def records(folder: Path, sql: str, name: str = "lookups.db") -> list[dict[str, Any]]:
    """Return the rows of a query, by their columns' names, as another process would read them."""
    if server:
        return server.fetch(folder / name, sql)
    with reading(folder, name) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(sql)]


def execute(folder: Path, sql: str) -> None:
    """Change the database as another program might."""
    if server:
        server.execute(folder / "lookups.db", sql)
        return
    with closing(sqlite3.connect(folder / "lookups.db")) as connection, connection:
        connection.execute(sql)


@contextmanager
def reading(folder: Path, name: str = "lookups.db") -> Iterator[sqlite3.Connection]:
    """Connect as a report or a backup does."""
    uri = f"{(folder / name).as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as connection:
        yield connection


@contextmanager
def held_snapshot(folder: Path) -> Iterator[None]:
    """Be a reader who keeps seeing the database as it is now."""
    with reading(folder) as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM lookups").fetchone()
        yield


@contextmanager
def locked(folder: Path, how: str = "BEGIN IMMEDIATE") -> Iterator[None]:
    """Hold the database's write lock, as another program might."""
    with closing(sqlite3.connect(folder / "lookups.db", isolation_level=None)) as connection:
        connection.execute(how)
        yield


def in_files(folder: Path, *texts: str | bytes) -> list[bool]:
    """Return of each text whether any file in ``folder`` holds its bytes: tables, free pages, write-ahead log."""
    stored = b"\n".join(path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file())
    return [(text.encode() if isinstance(text, str) else text) in stored for text in texts]


def at(monkeypatch: pytest.MonkeyPatch, module: ModuleType, **later: float) -> None:
    """Set the clock of a module, from now by a timedelta."""
    moved = datetime.now(UTC) + timedelta(**later)

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return moved.astimezone(tz)

    monkeypatch.setattr(module, "datetime", Clock)


async def eventually(condition: Callable[[], object], within: float = HANGS) -> None:
    async with asyncio.timeout(within):
        while not condition():
            await asyncio.sleep(0.01)


async def written(log: Log) -> None:
    await eventually(lambda: log.database.waiting == 0)


async def erased(database: Database) -> None:
    """Wait until no deleted row is left in the files."""
    await eventually(lambda: database._erasure.due is None)


async def writing_connection() -> aiosqlite.Connection:
    """Return the one open connection that has written rows: to ask it, not a new one, how it writes."""
    found = []
    for connection in [thing for thing in gc.get_objects() if type(thing) is aiosqlite.Connection]:
        with suppress(ValueError):  # closed
            if connection.total_changes:
                found.append(connection)
    assert len(found) == 1
    return found[0]


async def authorize(check: Callable[..., int]) -> None:
    """Have ``check`` allow or refuse what the connection that writes does, by SQLite's codes."""
    connection = await writing_connection()
    await connection._execute(connection._conn.set_authorizer, check)  # type: ignore[no-untyped-call]
