"""The engine for SQLite: one process writes the file (WAL, synchronous=FULL), and any process may read it meanwhile.

A damaged file is set aside, and the queued writes go into a new one.
"""

import asyncio
import contextlib
import errno
import logging
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from pathlib import Path

import aiosqlite

from bot.errors import LogError
from bot.storage import engine, files
from bot.storage.database import Database, writing
from bot.storage.engine import TOO_LONG, ReconnectError, Row, Values, Write

BUSY = 0.5
"""Seconds that an attempt to write waits for the lock of another program."""

CHECKPOINT = 4000
"""Pages of the write-ahead log after which a commit moves them into the database: 16 MiB.

Such a commit waits for the disk three times, and the next one twice. With SQLite's 1,000 pages that met more than one
lookup in a hundred, so it was their 99th percentile. With 8,000 pages each commit takes longer.
"""

BUSY_ERASING = 0.05
"""Seconds that emptying the write-ahead log waits for readers. Other writes wait meanwhile."""

_STEPS = 100_000
"""Instructions of SQLite between two looks at the time: about a millisecond."""

_UNWRITABLE = (sqlite3.IntegrityError, sqlite3.DataError, OverflowError, UnicodeEncodeError)
"""Raised for values that the database can never store."""

_log = logging.getLogger(__name__)


class SqliteReader:
    """Reads a file, with a new connection for each query.

    The connections are read-only, so they move nothing from the write-ahead log into the database. SQLite before 3.51.3
    can lose rows if two connections do that at the same time, so only the writer does it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    async def read(self, sql: str, values: Values = ()) -> Sequence[Row]:
        # Not with aiosqlite: when its connection fails, its thread outlives the event loop and ends with a traceback.
        return await asyncio.to_thread(self._read, sql, values)

    def _read(self, sql: str, values: Values) -> list[sqlite3.Row]:
        try:
            if not self.path.exists():
                raise LogError(f"{self.path}: does not exist; it is made when the bot is first started")
            with contextlib.closing(
                sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=ro", uri=True)
            ) as connection:
                connection.row_factory = sqlite3.Row
                connection.set_progress_handler(_out_of_time(), _STEPS)
                return connection.execute(sql, values).fetchall()
        except (sqlite3.Error, OSError, ValueError, OverflowError) as error:
            why = TOO_LONG if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT else error
            raise LogError(f"{self.path}: cannot be read: {why}") from error


def _out_of_time() -> Callable[[], bool]:
    """Return what SQLite asks while it works on a query: whether to give it up."""
    until = time.monotonic() + engine.READING
    return lambda: time.monotonic() > until


class SqliteEngine(SqliteReader):
    """Keeps a Database in a file."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.name = str(path)
        self.replaced = False
        self._files: files.Files | None = None
        self._suspect = False

    @property
    def quarantined(self) -> list[str]:
        return files.quarantined(self.path)

    @property
    def due_quarantined(self) -> Mapping[str, datetime]:
        return files.due_quarantined(self.path)

    def delete_quarantined(self, until: datetime, now: datetime) -> list[str]:
        return files.delete_quarantined(self.path, until, now)

    def have_quarantined_deleted(self, when: datetime) -> None:
        files.have_quarantined_deleted(self.path, when)

    async def read(self, sql: str, values: Values = ()) -> Sequence[Row]:
        try:
            return await super().read(sql, values)
        except LogError as error:
            self._suspect |= files.is_damage(error.__cause__)
            raise

    @contextlib.asynccontextmanager
    async def connected(self) -> AsyncIterator["_Connection"]:
        """Connect to the file for the time of the block. If it is damaged, set it aside and raise ReconnectError."""
        with files.locked(self.path) as inode:
            try:
                async with self._connected(inode) as connection:
                    yield connection
            except sqlite3.Error as error:
                was_ours = self._files and self._files.main == inode
                if not files.is_damage(error) or files.inode(self.path) != inode:
                    raise
                if not was_ours and not files.is_database(self.path):  # perhaps a letter that somebody saved there
                    raise
                old = files.quarantine(self.path)
                raise ReconnectError(
                    f"the log is damaged ({error}); it is set aside as {old}, and a new one is begun"
                ) from error

    @contextlib.asynccontextmanager
    async def _connected(self, inode: files.Inode) -> AsyncIterator["_Connection"]:
        if self._files:
            files.drop_orphans(self.path, self._files)
        begun = await asyncio.to_thread(files.prepare, self.path, BUSY)
        try:
            async with aiosqlite.connect(self.path, timeout=BUSY, isolation_level="IMMEDIATE") as connection:
                await connection.execute("PRAGMA synchronous = FULL")
                await connection.execute("PRAGMA secure_delete = ON")
                await connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT}")
                unerased = [*await connection.execute_fetchall("SELECT 1 FROM unerased")]  # opens the write-ahead log
                self.replaced |= self._files is not None and (begun or self._files.main != inode)
                self._files = files.files(self.path)._replace(main=inode)
                yield _Connection(self, connection, unerased=bool(unerased))
        finally:
            if self._files:
                files.drop_orphans(self.path, self._files)

    async def _check(self) -> None:
        """Raise an exception if the file was suspected of damage, and is damaged."""
        if self._suspect:
            await asyncio.to_thread(files.check, self.path, BUSY)
            self._suspect = False

    @property
    def _files_changed(self) -> bool:
        return files.files(self.path) != self._files


class _Connection:
    """The connection that writes the file."""

    def __init__(self, engine: SqliteEngine, connection: aiosqlite.Connection, *, unerased: bool) -> None:
        self.unerased = unerased
        self._engine = engine
        self._connection = connection
        self._rewritten = False

    async def check(self) -> None:
        await self._check_files_unchanged()
        await self._engine._check()

    async def write(self, group: Sequence[Write]) -> Sequence[int | Exception]:
        """Write the group in one call to the connection's thread, because each call takes as long as the commit itself.

        aiosqlite's private ``_execute`` runs a function there. Since aiosqlite 0.15. When it goes, keep a thread of
        our own.
        """
        changes: list[int | Exception] = await self._connection._execute(  # type: ignore[no-untyped-call]
            _committed, self._connection._conn, group
        )
        await self._check_files_unchanged()
        return changes

    async def erase(self, *, anew: bool) -> bool:
        """Rewrite the tables and empty the write-ahead log.

        SQLite leaves copies of rows where it has moved them, even with secure_delete, so VACUUM rewrites the tables,
        which takes 0.5 s for 100,000 lookups. The write-ahead log keeps the old pages as long as a reader needs them.
        Once it is empty, it is synced, so that it stays empty after a power cut.
        """
        connection = self._connection
        if anew:
            self._rewritten = await self._rewrite()
        await connection.execute_fetchall(f"PRAGMA busy_timeout = {BUSY_ERASING * 1000:.0f}")
        (busy, *_), *_ = await connection.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
        await connection.execute_fetchall(f"PRAGMA busy_timeout = {BUSY * 1000:.0f}")
        if not busy:
            await asyncio.to_thread(files.sync_write_ahead_log, self._engine.path)
            if self._rewritten:
                await connection.execute("DELETE FROM unerased")
                await connection.commit()
        return not busy

    async def _rewrite(self) -> bool:
        try:
            await self._connection.execute_fetchall("VACUUM")
        except sqlite3.Error as error:  # such as a full disk; nearly all of it is overwritten already
            _log.error("what was deleted may have left traces in the database: %s", error)
            return False
        except asyncio.CancelledError:
            await self._connection.interrupt()  # so that closing does not wait for it
            raise
        return True

    async def _check_files_unchanged(self) -> None:
        """Raise an exception if the files were deleted or replaced. SQLite would go on writing to the old ones."""
        if self._engine._files_changed:
            # If the database was only moved, it gets what is left in its write-ahead log.
            await self._connection.execute_fetchall("PRAGMA wal_checkpoint(PASSIVE)")
            raise sqlite3.OperationalError("the file was deleted or replaced")


@contextlib.asynccontextmanager
async def open_sqlite(path: Path) -> AsyncIterator[Database]:
    """Open a file for writing, for the time of the block. Create it if it does not exist.

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
        async with writing(SqliteEngine(path)) as database:
            yield database


def _committed(connection: sqlite3.Connection, group: Sequence[Write]) -> list[int | Exception]:
    """Make all writes durable in one transaction. Return how many rows each changed, or why it can never be written."""
    try:
        changes: list[int | Exception] = [*_changes(connection, group)]
    except _UNWRITABLE:
        connection.rollback()
        changes = [_change(connection, write) for write in group]
    if any(write.statement.erase and changed for write, changed in zip(group, changes, strict=True)):
        connection.execute("INSERT OR IGNORE INTO unerased (id) VALUES (1)")
    connection.commit()
    return changes


def _changes(connection: sqlite3.Connection, group: Sequence[Write]) -> list[int]:
    """Execute all writes and return the number of rows that each changed; 1 for one that appends."""
    changes: list[int] = []
    for statement, writes in groupby(group, attrgetter("statement")):
        rows = [write.values for write in writes]
        if statement.append:
            connection.executemany(statement.sql, rows)
            changes += [1] * len(rows)
        else:
            changes += [connection.execute(statement.sql, row).rowcount for row in rows]
    return changes


def _change(connection: sqlite3.Connection, write: Write) -> int | Exception:
    """Execute one write and return the number of changed rows, or the error if it can never be written."""
    try:
        return connection.execute(write.statement.sql, write.values).rowcount
    except _UNWRITABLE as error:
        return error
