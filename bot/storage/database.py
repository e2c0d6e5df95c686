"""A database that this process writes, durably and in groups, whichever engine keeps it.

One task owns the writing connection and takes whatever waits as one transaction. Writes that fail are kept and tried
again on a new connection, so that no database in trouble costs a member the answer.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Protocol

from bot.errors import LogError

COMMIT_TIMEOUT = 0.25
"""Seconds that a write may take to become durable before whoever waits for it goes on regardless."""

GROUP = 256
"""Most writes of one transaction."""

MOST_WAITING = 100_000
"""Most writes kept while the database cannot be written; beyond that new ones are dropped, and counted."""

RETRY_INTERVAL = 0.5
"""Seconds between two attempts while the database cannot be written, or what was deleted cannot be erased."""

CLOSING = 3.0
"""Seconds that closing gives the writes that still wait."""

COMMITTING = 5.0
"""Seconds that closing then gives the commit that is under way."""

Values = tuple[Any, ...] | Mapping[str, Any]
"""What stands for ``?`` in a statement, in order, or for ``:name``: which a value has that is used more than once."""

_log = logging.getLogger(__name__)


class Row(Protocol):
    """A row that was read: its values in order, and each by its column's name."""

    def __getitem__(self, column: str, /) -> Any: ...

    def __iter__(self) -> Iterator[Any]: ...

    def keys(self) -> Any: ...


class ReconnectError(Exception):
    """What was in the way of writing has been removed: another connection can be made at once."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that writes. ``append``: nobody asks how many rows it changed. ``erase``: what it removes must be
    gone from the files too, as soon as it is durable. ``exclusive``: no other process may write one of these until it
    is durable, because it goes by what it finds, or its place in the order matters.
    """

    sql: str
    append: bool = False
    erase: bool = False
    exclusive: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Write:
    """A statement on its way to the disk; ``changed`` gets the number of rows changed once all of it is done."""

    statement: Statement
    values: Values
    changed: asyncio.Future[int]


class Reader(Protocol):
    """What only reads a database."""

    async def read(self, sql: str, values: Values = ()) -> Sequence[Row]:
        """Return the rows of a query. Raises LogError if the database cannot be read."""
        ...


class Connection(Protocol):
    """A connection that writes. Whatever it raises ends it, and what was not written then is tried on a new one."""

    async def check(self) -> None:
        """Raise if what is written here would be lost, or is damaged."""

    async def write(self, group: Sequence[Write]) -> Sequence[int | Exception]:
        """Make writes durable in one transaction: how many rows each changed, or why it can never be made.

        It may make fewer, from the first one on.
        """
        ...

    async def erase(self, *, anew: bool) -> bool:
        """Get what was deleted out of the files, ``anew`` if something was deleted since; whether it is gone."""
        ...


class Engine(Reader, Protocol):
    """What keeps a database: the one thing that differs from one kind of database to another."""

    name: str
    """What messages call it, without a secret."""

    replaced: bool
    """Whether another database has taken the place of the one that was written before, until it is set back."""

    @property
    def quarantined(self) -> list[str]:
        """The names of the damaged databases that were set aside and are still there, oldest first."""
        ...

    def delete_quarantined(self, until: datetime) -> list[str]:
        """Delete the damaged databases that were set aside until then; return their names. Raises OSError."""
        ...

    def connected(self) -> AbstractAsyncContextManager[Connection]:
        """Connect for the time of the block, making the tables where there are none."""
        ...


class Database:
    """The database open for writing. ``dropped`` counts the writes that were lost, because too many waited already or
    because their values cannot be stored; ``failure`` says why it cannot be written at present; ``replaced`` is set
    when another database has taken its place, and what waited is in it.
    """

    def __init__(self, engine: Engine) -> None:
        self.name = engine.name
        self.dropped = 0
        self.failure: str | None = None
        self.replaced = asyncio.Event()
        self._engine = engine
        self._opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue: deque[Write] = deque()
        self._filled = asyncio.Event()
        self._closing = self._giving_up = False
        self._erasing: list[tuple[Write, int]] = []
        self._erase_anew = False
        self._erase_at: float | None = 0.0  # at once, for the last process may have been killed before it could

    @property
    def waiting(self) -> int:
        """How many writes are not durable yet."""
        return len(self._queue)

    @property
    def quarantined(self) -> list[str]:
        """The names of the damaged databases that were set aside and are still there, oldest first."""
        return self._engine.quarantined

    async def delete_quarantined(self, until: datetime, why: str) -> None:
        """Delete the damaged databases that were set aside until then. Raises LogError."""
        try:
            for name in await asyncio.to_thread(self._engine.delete_quarantined, until):
                _log.warning("%s, which was set aside as damaged, is deleted: %s", name, why)
        except OSError as error:
            raise LogError(f"{self.name}: what was set aside as damaged cannot be deleted: {error}") from error

    async def read(self, sql: str, values: Values = ()) -> Sequence[Row]:
        """Return the rows of a query. Raises LogError; if that is for damage, all of the database is checked."""
        try:
            return await self._engine.read(sql, values)
        except LogError:
            self._filled.set()  # the connection that writes is to look whether there is damage
            raise

    async def write(self, statement: Statement, values: Values) -> int | None:
        """Queue a write and wait up to COMMIT_TIMEOUT: how many rows it changed, or None if it is not durable by then.

        One that erases is waited for until what it removed is gone from the files.
        """
        if len(self._queue) >= MOST_WAITING or self._closing:
            self.dropped += 1
            return None
        write = Write(statement, values, asyncio.get_running_loop().create_future())
        self._queue.append(write)
        self._filled.set()
        await asyncio.wait((write.changed,), timeout=COMMIT_TIMEOUT)
        return write.changed.result() if write.changed.done() else None

    async def _write_until_closed(self) -> None:
        """Write what waits, until the database closes and nothing does; an error ends the connection alone."""
        while not self._finished:
            try:
                async with self._engine.connected() as connection:
                    if not self._opened.done():
                        self._opened.set_result(None)
                    await self._write_to(connection)
            except ReconnectError as error:
                _log.error("%s", error)
            except Exception as error:  # whatever it is, what waits must not do so for ever
                if not self._opened.done():
                    refusal = LogError(f"{self.name}: the log cannot be opened: {error}")
                    self._opened.set_exception(error if isinstance(error, LogError) else refusal)
                    return
                if not self.failure:
                    _log.error("the log cannot be written, lookups are kept and tried again: %s", error)
                self.failure = str(error) or type(error).__name__
                await asyncio.sleep(RETRY_INTERVAL)

    async def _write_to(self, connection: Connection) -> None:
        while not self._finished:
            self._filled.clear()
            await connection.check()
            if self._queue:
                await self._write_group(connection)
            await self._erase(connection)
            if self.failure:
                self.failure = None
                _log.warning("the log can be written again; %d writes wait", self.waiting)
            await self._work_comes()

    @property
    def _finished(self) -> bool:
        return self._closing and (self._giving_up or not self._queue)

    async def _work_comes(self) -> None:
        """Wait for writes, for doubts, for the time to erase, or for the database to close."""
        if self._queue or self._closing:
            return
        if self._engine.replaced:
            self._engine.replaced = False
            self.replaced.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(self._erase_at):
                await self._filled.wait()

    async def _write_group(self, connection: Connection) -> None:
        """Write what waits, GROUP at most, in one transaction, and tell those who wait."""
        for changed in await connection.write(list(islice(self._queue, GROUP))):
            write = self._queue.popleft()
            if isinstance(changed, Exception):
                self.dropped += 1
                _log.error("a write was dropped, for the database cannot take it: %s", changed)
                write.changed.set_result(0)
            elif write.statement.erase and changed:
                self._erasing.append((write, changed))
                self._erase_anew, self._erase_at = True, 0.0
            else:
                write.changed.set_result(changed)

    async def _erase(self, connection: Connection) -> None:
        """Get what was deleted out of the files if that is due, and tell those who wait for it.

        As long as somebody who reads prevents that it is tried again, and the other writes go on meanwhile.
        """
        now = asyncio.get_running_loop().time()
        if self._erase_at is None or now < self._erase_at:
            return
        gone = await connection.erase(anew=self._erase_anew)
        self._erase_anew = False
        self._erase_at = None if gone else now + RETRY_INTERVAL
        while self._erasing and gone:
            write, changed = self._erasing.pop()
            write.changed.set_result(changed)

    async def _close(self, writer: asyncio.Task[None]) -> None:
        self._closing = True
        self._filled.set()
        await asyncio.wait((writer,), timeout=CLOSING)
        if not writer.done():
            self._giving_up = True  # not cancelled yet: it would not be known whether a commit under way was made
            await asyncio.wait((writer,), timeout=COMMITTING)
            writer.cancel()
            await asyncio.wait((writer,))
        if self._queue:
            _log.error("the log was closed with %d writes that could not be made", self.waiting)


@contextlib.asynccontextmanager
async def writing(engine: Engine) -> AsyncIterator[Database]:
    """Write to the database that ``engine`` keeps, for the time of the block. Raises LogError if it cannot be used."""
    database = Database(engine)
    writer = asyncio.create_task(database._write_until_closed(), name="write the database")
    try:
        await database._opened
        yield database
    finally:
        await database._close(writer)


def stamp(moment: datetime) -> str:
    """Return a moment as the database has it: UTC, ISO 8601 with milliseconds, ending in Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
