"""SQLite that one process writes, durably and in groups, and that any process may read meanwhile.

One task owns the writing connection and takes whatever waits as one transaction (WAL, synchronous=FULL). Writes that
fail are kept and tried again on a new connection; each read has a connection of its own, which cannot write.
"""

import asyncio
import contextlib
import errno
import fcntl
import logging
import os
import sqlite3
from collections import deque
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby, islice
from operator import attrgetter
from pathlib import Path
from typing import Any

import aiosqlite

from bot.errors import LogError
from bot.storage.migrations import migrate

PATIENCE = 0.25
"""Seconds that a write may take to become durable before whoever waits for it goes on regardless."""

GROUP = 256
"""Most writes of one transaction."""

MOST_WAITING = 100_000
"""Most writes kept while the database cannot be written; beyond that new ones are dropped, and counted."""

RETRY = 0.5
"""Seconds that one attempt waits for a lock, and between two attempts, while the database cannot be written."""

BUSY = 0.05
"""Seconds that an attempt to empty the write-ahead log waits for readers, and holds up the writes behind it."""

CLOSING = 3.0
"""Seconds that closing gives the writes that still wait."""

Values = tuple[Any, ...]

_UNWRITABLE = (sqlite3.IntegrityError, sqlite3.DataError, OverflowError, UnicodeEncodeError)
"""What is raised for values that the database will never take, however often they are tried."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that writes. ``append``: nobody asks how many rows it changed. ``erase``: what it removes must be
    gone from the files too, as soon as it is durable.
    """

    sql: str
    append: bool = False
    erase: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _Write:
    """A statement on its way to the disk; ``changed`` gets the number of rows changed once all of it is done."""

    statement: Statement
    values: Values
    changed: asyncio.Future[int]


class Reader:
    """Reads a database that another process, or this one, may be writing."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def read(self, sql: str, values: Values = ()) -> list[sqlite3.Row]:
        """Return the rows of a query. Raises LogError if the database cannot be read."""
        # Not by aiosqlite, whose thread outlives a connection that fails, and the loop, and ends in a traceback then.
        return await asyncio.to_thread(self._read, sql, values)

    def _read(self, sql: str, values: Values) -> list[sqlite3.Row]:
        try:
            if not self.path.exists():
                raise LogError(f"{self.path}: does not exist; it is made when the bot is first started")
            with contextlib.closing(
                sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=ro", uri=True)
            ) as connection:
                connection.row_factory = sqlite3.Row
                return connection.execute(sql, values).fetchall()
        except (sqlite3.Error, OSError, ValueError, OverflowError) as error:
            raise LogError(f"{self.path}: cannot be read: {error}") from error


class Database(Reader):
    """The database open for writing. ``dropped`` counts the writes that were lost, because too many waited already or
    because their values cannot be stored; ``failure`` says why it cannot be written at present.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.dropped = 0
        self.failure: str | None = None
        self._queue: deque[_Write] = deque()
        self._filled = asyncio.Event()
        self._closing = False
        self._erasing: list[tuple[_Write, int]] = []
        self._rewrite = False
        self._erase_at: float | None = 0.0  # at once, for the last process may have been killed before it could

    @property
    def waiting(self) -> int:
        """How many writes are not durable yet."""
        return len(self._queue)

    async def write(self, statement: Statement, values: Values) -> int | None:
        """Queue a write and wait up to PATIENCE: how many rows it changed, or None if it is not durable by then.

        One that erases is waited for until what it removed is gone from the files.
        """
        if len(self._queue) >= MOST_WAITING:
            self.dropped += 1
            return None
        write = _Write(statement, values, asyncio.get_running_loop().create_future())
        self._queue.append(write)
        self._filled.set()
        await asyncio.wait((write.changed,), timeout=PATIENCE)
        return write.changed.result() if write.changed.done() else None

    async def _write_until_closed(self) -> None:
        """Write what waits, until the database closes and nothing does; an error ends the connection alone."""
        while self._queue or not self._closing:
            try:
                async with _connected(self.path) as (connection, inode):
                    while await self._work_comes():
                        # SQLite would go on committing to a file that was deleted or replaced meanwhile.
                        if _inode(self.path) != inode:
                            raise sqlite3.OperationalError("the file was deleted or replaced")
                        if self._queue:
                            await self._write_group(connection)
                        await self._erase(connection)
                        if self.failure:
                            self.failure = None
                            _log.warning("the log can be written again; %d writes wait", self.waiting)
            except (sqlite3.Error, LogError, OSError) as error:
                if not self.failure:
                    _log.error("the log cannot be written, lookups are kept and tried again: %s", error)
                self.failure = str(error)
                await asyncio.sleep(RETRY)

    async def _work_comes(self) -> bool:
        """Wait for writes, or until it is time to erase; False once the database is closing and has no writes."""
        if not self._queue and not self._closing:
            self._filled.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(self._erase_at):
                    await self._filled.wait()
        return bool(self._queue) or not self._closing

    async def _write_group(self, connection: aiosqlite.Connection) -> None:
        """Write what waits, GROUP at most, in one transaction, and tell those who wait."""
        group = list(islice(self._queue, GROUP))
        await connection.execute("BEGIN IMMEDIATE")
        try:
            changes = await _changes(connection, group)
        except _UNWRITABLE:
            await connection.rollback()
            await connection.execute("BEGIN IMMEDIATE")
            changes = [await self._change(connection, write) for write in group]
        await connection.commit()
        for write, changed in zip(group, changes, strict=True):
            self._queue.popleft()
            if write.statement.erase and changed:
                self._erasing.append((write, changed))
                self._rewrite, self._erase_at = True, 0.0
            else:
                write.changed.set_result(changed)

    async def _change(self, connection: aiosqlite.Connection, write: _Write) -> int:
        """Make one write and return the number of rows changed; one that can never be made changes none."""
        try:
            return (await connection.execute(write.statement.sql, write.values)).rowcount
        except _UNWRITABLE as error:
            self.dropped += 1
            _log.error("a write was dropped, for the database cannot take it: %s", error)
            return 0

    async def _erase(self, connection: aiosqlite.Connection) -> None:
        """Get what was erased out of the files if that is due, and tell those who wait for it.

        SQLite leaves copies of rows behind where it moves them, secure_delete or not, so the tables are written anew
        (0.5 s for 100,000 lookups). The write-ahead log still holds the pages as they were; as long as a reader needs
        it, emptying it is tried again, and the other writes go on meanwhile.
        """
        now = asyncio.get_running_loop().time()
        if self._erase_at is None or now < self._erase_at:
            return
        if self._rewrite:
            try:
                await connection.execute_fetchall("VACUUM")
            except sqlite3.Error as error:  # such as a full disk; nearly all of it is overwritten already
                _log.error("what was deleted may have left traces in the database: %s", error)
            self._rewrite = False
        await connection.execute_fetchall(f"PRAGMA busy_timeout = {BUSY * 1000:.0f}")
        (busy, *_), *_ = await connection.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
        await connection.execute_fetchall(f"PRAGMA busy_timeout = {RETRY * 1000:.0f}")
        self._erase_at = now + RETRY if busy else None
        while self._erasing and not busy:
            write, changed = self._erasing.pop()
            write.changed.set_result(changed)

    async def _close(self, writer: asyncio.Task[None]) -> None:
        self._closing = True
        self._filled.set()
        await asyncio.wait((writer,), timeout=CLOSING)
        if not writer.done():
            writer.cancel()
            await asyncio.wait((writer,))
            _log.error("the log was closed with %d writes that could not be made", self.waiting)


def stamp(moment: datetime) -> str:
    """Return a moment as the database has it: UTC, ISO 8601 with milliseconds, ending in Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


@contextlib.asynccontextmanager
async def open_database(path: Path) -> AsyncIterator[Database]:
    """Open the database for the time of the block, making it where it does not exist.

    Raises LogError if it cannot be used, or if another process writes it.
    """
    with contextlib.ExitStack() as held:
        try:
            path = path.resolve()
            if path.is_dir():
                raise IsADirectoryError(errno.EISDIR, "is a folder")
            path.parent.mkdir(parents=True, exist_ok=True)
            held.enter_context(_sole_writer(path))
            await asyncio.to_thread(_prepare, path)
        except (sqlite3.Error, OSError, ValueError) as error:
            raise LogError(f"{path}: the log cannot be opened: {error}") from error
        database = Database(path)
        writer = asyncio.create_task(database._write_until_closed(), name="write the database")
        try:
            yield database
        finally:
            await database._close(writer)


@contextlib.contextmanager
def _sole_writer(path: Path) -> Iterator[None]:
    """Hold the lock that makes this process the only writer; the system lets go of it however the process ends."""
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LogError(f"{path}: another briefbot writes this log; stop it or name another database") from None
        yield


async def _changes(connection: aiosqlite.Connection, group: list[_Write]) -> list[int]:
    """Make all writes and return the number of rows that each changed; 1 for one that appends."""
    changes: list[int] = []
    for statement, writes in groupby(group, attrgetter("statement")):
        rows = [write.values for write in writes]
        if statement.append:
            await connection.executemany(statement.sql, rows)
            changes += [1] * len(rows)
        else:
            changes += [(await connection.execute(statement.sql, row)).rowcount for row in rows]
    return changes


def _prepare(path: Path) -> None:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # what members ask is for nobody else to read
    with contextlib.closing(sqlite3.connect(path, RETRY, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        migrate(connection)


@contextlib.asynccontextmanager
async def _connected(path: Path) -> AsyncIterator[tuple[aiosqlite.Connection, tuple[int, int] | None]]:
    """Connect for the time of the block; the second value tells the file that was opened from one put in its place."""
    await asyncio.to_thread(_prepare, path)
    inode = _inode(path)
    try:
        async with aiosqlite.connect(path, timeout=RETRY, isolation_level=None) as connection:
            await connection.execute("PRAGMA synchronous = FULL")
            await connection.execute("PRAGMA secure_delete = ON")
            yield connection, inode
    finally:
        if _inode(path) != inode:
            # What the old file's write-ahead log still holds would be replayed into the new file, and ruin it.
            for suffix in ("-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)


def _inode(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
