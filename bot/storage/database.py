"""SQLite that one process writes, durably and in groups, and that any process may read meanwhile.

One task owns the writing connection and takes whatever waits as one transaction (WAL, synchronous=FULL). Writes that
fail are kept and tried again on a new connection. A database that turns out to be damaged is set aside, and a new one
takes what waits.
"""

import asyncio
import contextlib
import errno
import logging
import sqlite3
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby, islice
from operator import attrgetter
from pathlib import Path

import aiosqlite

from bot.errors import LogError
from bot.storage import files
from bot.storage.reader import Reader, Values

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


class Database(Reader):
    """The database open for writing. ``dropped`` counts the writes that were lost, because too many waited already or
    because their values cannot be stored; ``failure`` says why it cannot be written at present; ``exchanged`` is set
    when another file has become the database, and what waited is in it.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.dropped = 0
        self.failure: str | None = None
        self.exchanged = asyncio.Event()
        self._opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._files: files.Files | None = None
        self._is_other = False
        self._suspect = False
        self._queue: deque[_Write] = deque()
        self._filled = asyncio.Event()
        self._closing = self._giving_up = False
        self._erasing: list[tuple[_Write, int]] = []
        self._rewrite = False
        self._erase_at: float | None = 0.0  # at once, for the last process may have been killed before it could

    @property
    def waiting(self) -> int:
        """How many writes are not durable yet."""
        return len(self._queue)

    @property
    def aside(self) -> list[str]:
        """The names of the damaged databases that were set aside and are still there, oldest first."""
        return files.aside(self.path)

    async def read(self, sql: str, values: Values = ()) -> list[sqlite3.Row]:
        """Return the rows of a query. Raises LogError; if that is for damage, all of the database is checked."""
        try:
            return await super().read(sql, values)
        except LogError as error:
            if files.is_damage(error.__cause__):
                self._suspect = True
                self._filled.set()
            raise

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
        while not self._finished:
            try:
                with files.claimed(self.path) as inode:
                    await self._write_to(inode)
            except Exception as error:  # whatever it is, what waits must not do so for ever
                if not self._opened.done():
                    refusal = LogError(f"{self.path}: the log cannot be opened: {error}")
                    self._opened.set_exception(error if isinstance(error, LogError) else refusal)
                    return
                if not self.failure:
                    _log.error("the log cannot be written, lookups are kept and tried again: %s", error)
                self.failure = str(error)
                await asyncio.sleep(RETRY)

    async def _write_to(self, inode: files.Inode) -> None:
        """Write what waits to this file, until the database closes; if it turns out to be damaged, set it aside."""
        try:
            async with self._connected(inode) as connection:
                while True:
                    self._filled.clear()
                    await self._stay(connection)
                    if self._suspect:
                        await asyncio.to_thread(files.check, self.path, RETRY)
                        self._suspect = False
                    if self._queue:
                        await self._write_group(connection)
                    await self._erase(connection)
                    if self.failure:
                        self.failure = None
                        _log.warning("the log can be written again; %d writes wait", self.waiting)
                    await self._work_comes()
                    if self._finished:
                        return
        except sqlite3.Error as error:
            was_ours = self._files and self._files.main == inode
            if not files.is_damage(error) or files.inode(self.path) != inode:
                raise
            if not was_ours and not files.is_database(self.path):  # but somebody's letter
                raise
            old = files.set_aside(self.path)
            _log.error("the log is damaged (%s); it is set aside as %s, and a new one is begun", error, old)

    @property
    def _finished(self) -> bool:
        return self._closing and (self._giving_up or not self._queue)

    @contextlib.asynccontextmanager
    async def _connected(self, inode: files.Inode) -> AsyncIterator[aiosqlite.Connection]:
        """Connect to this file for the time of the block."""
        if self._files:
            files.drop_orphans(self.path, self._files)
        begun = await asyncio.to_thread(files.prepare, self.path, RETRY)
        try:
            async with aiosqlite.connect(self.path, timeout=RETRY, isolation_level="IMMEDIATE") as connection:
                await connection.execute("PRAGMA synchronous = FULL")
                await connection.execute("PRAGMA secure_delete = ON")
                await connection.execute_fetchall("SELECT 1 FROM sqlite_schema")  # opens the write-ahead log
                self._is_other |= self._files is not None and (begun or self._files.main != inode)
                self._files = files.files(self.path)._replace(main=inode)
                if not self._opened.done():
                    self._opened.set_result(None)
                yield connection
        finally:
            if self._files:
                files.drop_orphans(self.path, self._files)

    async def _stay(self, connection: aiosqlite.Connection) -> None:
        """Fail if the files were deleted or replaced: SQLite would go on committing to what nobody finds any more."""
        if files.files(self.path) != self._files:
            # A database that was only moved away gets what its write-ahead log still holds.
            await connection.execute_fetchall("PRAGMA wal_checkpoint(PASSIVE)")
            raise sqlite3.OperationalError("the file was deleted or replaced")

    async def _work_comes(self) -> None:
        """Wait for writes, for doubts, for the time to erase, or for the database to close."""
        if self._queue or self._closing:
            return
        if self._is_other:
            self._is_other = False
            self.exchanged.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(self._erase_at):
                await self._filled.wait()

    async def _write_group(self, connection: aiosqlite.Connection) -> None:
        """Write what waits, GROUP at most, in one transaction, and tell those who wait."""
        group = list(islice(self._queue, GROUP))
        # One journey to the connection's thread for all of it: each takes as long as the commit itself.
        changes = await connection._execute(_committed, connection._conn, group)  # type: ignore[no-untyped-call]
        await self._stay(connection)
        for write, changed in zip(group, changes, strict=True):
            self._queue.popleft()
            if isinstance(changed, Exception):
                self.dropped += 1
                _log.error("a write was dropped, for the database cannot take it: %s", changed)
                write.changed.set_result(0)
            elif write.statement.erase and changed:
                self._erasing.append((write, changed))
                self._rewrite, self._erase_at = True, 0.0
            else:
                write.changed.set_result(changed)

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
            self._giving_up = True  # not cancelled: it would not be known whether a commit under way was made
            await asyncio.wait((writer,))
        if self._queue:
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
            held.enter_context(files.sole_writer(path))
        except (OSError, ValueError) as error:
            raise LogError(f"{path}: the log cannot be opened: {error}") from error
        database = Database(path)
        writer = asyncio.create_task(database._write_until_closed(), name="write the database")
        try:
            await database._opened
            yield database
        finally:
            await database._close(writer)


def _committed(connection: sqlite3.Connection, group: list[_Write]) -> list[int | Exception]:
    """Make all writes durable in one transaction; return how many rows each changed, or why it can never be made."""
    try:
        changes: list[int | Exception] = [*_changes(connection, group)]
    except _UNWRITABLE:
        connection.rollback()
        changes = [_change(connection, write) for write in group]
    connection.commit()
    return changes


def _changes(connection: sqlite3.Connection, group: list[_Write]) -> list[int]:
    """Make all writes and return the number of rows that each changed; 1 for one that appends."""
    changes: list[int] = []
    for statement, writes in groupby(group, attrgetter("statement")):
        rows = [write.values for write in writes]
        if statement.append:
            connection.executemany(statement.sql, rows)
            changes += [1] * len(rows)
        else:
            changes += [connection.execute(statement.sql, row).rowcount for row in rows]
    return changes


def _change(connection: sqlite3.Connection, write: _Write) -> int | Exception:
    """Make one write and return the number of rows changed; of one that can never be made, why."""
    try:
        return connection.execute(write.statement.sql, write.values).rowcount
    except _UNWRITABLE as error:
        return error
