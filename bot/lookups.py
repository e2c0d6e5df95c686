"""The log of lookups: durable, group-committed SQLite that never costs a member the answer.

One task owns the writing connection and takes whatever waits as one transaction (WAL, synchronous=FULL). Writes that
fail are kept and tried again on a new connection; reports are read on a connection that cannot write.
"""

import asyncio
import contextlib
import errno
import fcntl
import hmac
import logging
import os
import secrets
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

from bot.answer import Lookup
from bot.errors import LogError
from bot.migrations import migrate

PATIENCE = 0.25
"""Seconds that a write may take to become durable before whoever waits for it goes on regardless."""

GROUP = 256
"""Most writes of one transaction."""

MOST_WAITING = 100_000
"""Most writes kept while the database cannot be written; beyond that new ones are dropped, and counted."""

RETRY = 0.5
"""Seconds that one attempt waits for a lock, and between two attempts, while the database cannot be written."""

CLOSING = 3.0
"""Seconds that closing gives the writes that still wait."""

_INSERT = """
    INSERT INTO lookups (asked_at, query, outcome, brief, confidence, elapsed_ms, via,
                         guild_id, channel_id, user_hash, interaction_id)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (interaction_id) DO NOTHING
"""
_MARK_WRONG = "UPDATE lookups SET feedback = 'wrong' WHERE interaction_id = ? AND user_hash = ?"
_MOST_ASKED = """
    SELECT brief FROM lookups WHERE guild_id IS ? AND brief IS NOT NULL
    GROUP BY brief ORDER BY count(*) DESC, brief LIMIT ?
"""
_REGISTER = "INSERT OR REPLACE INTO registrations (application_id, scope, digest) VALUES (?, ?, ?)"
_REGISTERED = "SELECT digest FROM registrations WHERE application_id = ? AND scope = ?"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class _Write:
    """A statement on its way to the disk; ``changed`` gets the number of rows changed once that is durable."""

    statement: str
    values: tuple[Any, ...]
    changed: asyncio.Future[int]


class LookupLog:
    """The open log. ``dropped`` counts the writes that were lost, because too many waited already."""

    def __init__(self, database: Path, key: bytes) -> None:
        self.dropped = 0
        self._database = database
        self._key = key
        self._queue: deque[_Write] = deque()
        self._filled = asyncio.Event()
        self._closing = False

    @property
    def waiting(self) -> int:
        """How many writes are not durable yet."""
        return len(self._queue)

    async def record(self, lookup: Lookup) -> None:
        """Make ``lookup`` durable; if that takes longer than PATIENCE, go on and leave it to be written later."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
        query = lookup.query.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        values = (now, query, lookup.outcome, lookup.brief, lookup.confidence, round(lookup.elapsed_ms, 3), lookup.via)
        asker = (lookup.guild_id, lookup.channel_id, self._user_hash(lookup.user_id), lookup.interaction_id)
        await self._write(_INSERT, values + asker)

    async def mark_wrong(self, interaction_id: int, user_id: int) -> bool | None:
        """Set the feedback of the lookup that this user made: whether there is one, None if that is not known yet."""
        if interaction_id >= 1 << 63:  # more than an SQLite integer, and no interaction of Discord's
            return False
        changed = await self._write(_MARK_WRONG, (interaction_id, self._user_hash(user_id)))
        return None if changed is None else changed > 0

    async def most_asked(self, guild_id: int | None, limit: int) -> list[str]:
        """Return the ids of the briefs shown most in a server (None: in direct messages), most often first."""
        return [brief for (brief,) in await self._read(_MOST_ASKED, (guild_id, limit))]

    async def registration(self, application_id: int, scope: int) -> str | None:
        """Return the digest of the commands last registered for an application in a scope (a guild's id, or 0)."""
        rows = await self._read(_REGISTERED, (application_id, scope))
        return rows[0][0] if rows else None

    async def remember_registration(self, application_id: int, scope: int, digest: str) -> None:
        """Remember the digest of the commands that were registered."""
        await self._write(_REGISTER, (application_id, scope, digest))

    def _user_hash(self, user_id: int | None) -> str | None:
        return None if user_id is None else hmac.digest(self._key, str(user_id).encode(), "sha256").hex()

    async def _read(self, statement: str, values: tuple[Any, ...]) -> list[sqlite3.Row]:
        """Return the rows, or none, with a line in the diagnostic log, while the database cannot be read."""
        try:
            async with aiosqlite.connect(f"{self._database.absolute().as_uri()}?mode=ro", uri=True) as connection:
                return list(await connection.execute_fetchall(statement, values))
        except sqlite3.Error as error:
            _log.warning("the log cannot be read: %s", error)
            return []

    async def _write(self, statement: str, values: tuple[Any, ...]) -> int | None:
        """Queue a write and wait up to PATIENCE: how many rows it changed, or None if it is not durable by then."""
        if len(self._queue) >= MOST_WAITING:
            self.dropped += 1
            return None
        write = _Write(statement, values, asyncio.get_running_loop().create_future())
        self._queue.append(write)
        self._filled.set()
        await asyncio.wait((write.changed,), timeout=PATIENCE)
        return write.changed.result() if write.changed.done() else None

    async def _write_until_closed(self) -> None:
        """Write what is queued until the log closes and nothing waits; an error ends the connection, not the loop."""
        failing = False
        while self._queue or not self._closing:
            try:
                async with _connected(self._database) as (connection, inode):
                    while await self._next_writes():
                        # SQLite would go on committing to a file that was deleted or replaced meanwhile.
                        if _inode(self._database) != inode:
                            raise sqlite3.OperationalError("the file was deleted or replaced")
                        await self._write_group(connection)
                        if failing:
                            failing = False
                            _log.warning("the log can be written again; %d writes wait", self.waiting)
            except (sqlite3.Error, LogError, OSError) as error:
                if not failing:
                    failing = True
                    _log.error("the log cannot be written, lookups are kept and tried again: %s", error)
                await asyncio.sleep(RETRY)

    async def _next_writes(self) -> bool:
        """Wait for writes; False once the log is closing and has none."""
        while not self._queue and not self._closing:
            self._filled.clear()
            await self._filled.wait()
        return bool(self._queue)

    async def _write_group(self, connection: aiosqlite.Connection) -> None:
        """Write what waits, GROUP at most, in one transaction, and tell those who wait."""
        group = list(islice(self._queue, GROUP))
        changes: list[int] = []
        await connection.execute("BEGIN IMMEDIATE")
        for statement, writes in groupby(group, attrgetter("statement")):
            rows = [write.values for write in writes]
            if statement is _INSERT:  # nobody asks which of them were new
                await connection.executemany(statement, rows)
                changes += [1] * len(rows)
            else:
                changes += [(await connection.execute(statement, row)).rowcount for row in rows]
        await connection.commit()
        for write, changed in zip(group, changes, strict=True):
            self._queue.popleft()
            write.changed.set_result(changed)

    async def _close(self, writer: asyncio.Task[None]) -> None:
        self._closing = True
        self._filled.set()
        await asyncio.wait((writer,), timeout=CLOSING)
        if not writer.done():
            writer.cancel()
            await asyncio.wait((writer,))
            _log.error("the log was closed with %d writes that could not be made", self.waiting)


@contextlib.asynccontextmanager
async def open_log(database: Path, key_file: Path) -> AsyncIterator[LookupLog]:
    """Open the log for the time of the block, making the database and the key for user hashes where they do not exist.

    Raises LogError if the database cannot be used, or if another process writes it.
    """
    with contextlib.ExitStack() as held:
        try:
            database = database.resolve()
            if database.is_dir():
                raise IsADirectoryError(errno.EISDIR, "is a folder")
            database.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(database, os.O_RDWR | os.O_CREAT, 0o600))  # what members ask is for nobody else to read
            held.enter_context(_sole_writer(database))
            await asyncio.to_thread(_prepare, database)
            log = LookupLog(database, _read_or_create_key(key_file))
        except (sqlite3.Error, OSError, ValueError) as error:
            raise LogError(f"{database}: the log cannot be opened: {error}") from error
        writer = asyncio.create_task(log._write_until_closed(), name="lookup log")
        try:
            yield log
        finally:
            await log._close(writer)


@contextlib.contextmanager
def _sole_writer(database: Path) -> Iterator[None]:
    """Hold the lock that makes this process the only writer; the system lets go of it however the process ends."""
    with database.with_name(f"{database.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LogError(f"{database}: another briefbot writes this log; stop it or name another database") from None
        yield


def _prepare(database: Path) -> None:
    with contextlib.closing(sqlite3.connect(database, RETRY, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        migrate(connection)


@contextlib.asynccontextmanager
async def _connected(database: Path) -> AsyncIterator[tuple[aiosqlite.Connection, tuple[int, int] | None]]:
    """Connect for the time of the block; the second value tells the file that was opened from one put in its place."""
    await asyncio.to_thread(_prepare, database)
    inode = _inode(database)
    try:
        async with aiosqlite.connect(database, timeout=RETRY, isolation_level=None) as connection:
            await connection.execute("PRAGMA synchronous = FULL")
            yield connection, inode
    finally:
        if _inode(database) != inode:
            # What the old file's write-ahead log still holds would be replayed into the new file, and ruin it.
            for suffix in ("-wal", "-shm"):
                database.with_name(database.name + suffix).unlink(missing_ok=True)


def _inode(database: Path) -> tuple[int, int] | None:
    try:
        found = database.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _read_or_create_key(path: Path) -> bytes:
    """Return the key of the user hashes, made on first use and readable by this user alone."""
    with contextlib.suppress(FileExistsError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
    key = path.read_bytes().strip()
    if len(key) < 32:
        raise LogError(f"{path}: is no key of at least 32 characters; delete it to have a new one made")
    return key
