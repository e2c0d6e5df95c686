"""Writes to the database, durably and in groups, with either engine.

One task has the writing connection and commits all queued writes as one transaction. Writes that fail stay in the queue
and are tried again on a new connection, so members get their answers while the database has a fault.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice

from bot.errors import LogError
from bot.storage.engine import Connection, Engine, ReconnectError, Row, Statement, Values, Write
from bot.storage.erasing import ErasureSchedule

COMMIT_TIMEOUT = 0.25
"""Seconds that a write may take to become durable before whoever waits for it goes on regardless."""

GROUP = 256
"""Most writes of one transaction."""

MOST_WAITING = 100_000
"""Most writes that are queued while the database cannot be written. Further ones are dropped and counted."""

RETRY_INTERVAL = 0.5
"""Seconds between two attempts while the database cannot be written."""

CLOSING = 3.0
"""Seconds that closing waits for the queued writes."""

COMMITTING = 5.0
"""Seconds that closing then waits for the commit that is under way."""

_log = logging.getLogger(__name__)


class Database:
    """The database, open for writing.

    ``dropped`` counts the writes that were lost, because the queue was full or because their values cannot be stored.
    ``failure`` says why the database cannot be written now. ``replaced`` is set when another file has become the
    database and the queued writes are in it.
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
        self._erasure = ErasureSchedule()

    @property
    def waiting(self) -> int:
        """How many writes are not durable yet."""
        return len(self._queue)

    @property
    def quarantined(self) -> list[str]:
        """The names of the damaged databases that were set aside and are still there, oldest first."""
        return self._engine.quarantined

    @property
    def due_quarantined(self) -> Mapping[str, datetime]:
        """When damaged databases that were set aside are deleted because a member asked for it, by their names."""
        return self._engine.due_quarantined

    async def delete_quarantined(self, until: datetime, now: datetime) -> None:
        """Delete the damaged databases that were set aside until then, or are due. Raises LogError."""
        try:
            for name in await asyncio.to_thread(self._engine.delete_quarantined, until, now):
                _log.warning("%s, which was set aside as damaged, is deleted", name)
        except OSError as error:
            raise LogError(f"{self.name}: what was set aside as damaged cannot be deleted: {error}") from error

    async def have_quarantined_deleted(self, when: datetime) -> None:
        """Have the damaged databases that are set aside deleted then at the latest. Raises LogError."""
        try:
            await asyncio.to_thread(self._engine.have_quarantined_deleted, when)
        except OSError as error:
            raise LogError(f"{self.name}: it cannot be noted that a damaged log is to be deleted: {error}") from error

    async def read(self, sql: str, values: Values = ()) -> Sequence[Row]:
        """Return the rows of a query. Raises LogError. After an error the writing connection checks for damage."""
        try:
            return await self._engine.read(sql, values)
        except LogError:
            self._filled.set()  # wakes the writing connection, which checks for damage
            raise

    async def write(self, statement: Statement, values: Values) -> int | None:
        """Queue a write, and wait up to COMMIT_TIMEOUT. Return how many rows it changed.

        None if that is not known: the write waits, or was dropped because the queue is full or the database closes.
        Another task, `_write_until_closed`, takes the queued writes and commits them in `_write_group`.

        Once a statement that erases is durable, no reader finds those rows. The files lose them later, as
        ErasureSchedule says.
        """
        if len(self._queue) >= MOST_WAITING or self._closing:
            self.dropped += 1
            return None
        loop = asyncio.get_running_loop()
        write = Write(statement, values, loop.create_future())
        self._queue.append(write)
        self._filled.set()
        timer = loop.call_later(COMMIT_TIMEOUT, write.tell, None)
        try:
            return await write.changed
        finally:
            timer.cancel()

    async def _write_until_closed(self) -> None:
        """Write the queue until the database closes and the queue is empty. After an error, connect again."""
        while not self._finished:
            try:
                async with self._engine.connected() as connection:
                    if not self._opened.done():
                        self._opened.set_result(None)
                    await self._write_to(connection)
            except ReconnectError as error:
                _log.error("%s", error)
            except Exception as error:  # whatever it is, the queued writes must be tried again
                if not self._opened.done():
                    refusal = LogError(f"{self.name}: the log cannot be opened: {error}")
                    self._opened.set_exception(error if isinstance(error, LogError) else refusal)
                    return
                if not self.failure:
                    _log.error("the log cannot be written, lookups are kept and tried again: %s", error)
                self.failure = str(error) or type(error).__name__
                await asyncio.sleep(RETRY_INTERVAL)

    async def _write_to(self, connection: Connection) -> None:
        if connection.unerased:
            self._erasure.deleted(self._now())
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
        if not self._giving_up:
            await self._erase(connection, at_once=True)

    @property
    def _finished(self) -> bool:
        return self._closing and (self._giving_up or not self._queue)

    async def _work_comes(self) -> None:
        """Wait for a write, a suspicion of damage, the time to erase, or the end."""
        if self._queue or self._closing:
            return
        if self._engine.replaced:
            self._engine.replaced = False
            self.replaced.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(self._erasure.due):
                await self._filled.wait()

    async def _write_group(self, connection: Connection) -> None:
        """Write up to GROUP queued writes in one transaction, and give each its result."""
        for changed in await connection.write(list(islice(self._queue, GROUP))):
            write = self._queue.popleft()
            if isinstance(changed, Exception):
                self.dropped += 1
                _log.error("a write was dropped, for the database cannot take it: %s", changed)
                write.tell(0)
                continue
            if write.statement.erase and changed:
                self._erasure.deleted(self._now())
            write.tell(changed)
        self._erasure.written(self._now())

    async def _erase(self, connection: Connection, *, at_once: bool = False) -> None:
        """Remove deleted rows from the files if there are any and it is due, or ``at_once``.

        While a reader prevents it, it is tried again and again, and other writes go on meanwhile.
        """
        due = self._erasure.due
        if due is not None and (at_once or due <= self._now()):
            gone = await connection.erase(anew=self._erasure.rewrite)
            self._erasure.tried(self._now(), gone=gone)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    async def _close(self, writer: asyncio.Task[None]) -> None:
        self._closing = True
        self._filled.set()
        await asyncio.wait((writer,), timeout=CLOSING)
        if not writer.done():
            self._giving_up = True  # not cancelled yet, because then nobody would know whether a commit was made
            await asyncio.wait((writer,), timeout=COMMITTING)
            writer.cancel()
            await asyncio.wait((writer,))
        if self._queue:
            _log.error("the log was closed with %d writes that could not be made", self.waiting)


@contextlib.asynccontextmanager
async def writing(engine: Engine) -> AsyncIterator[Database]:
    """Open the database of ``engine`` for writing, for the time of the block. Raises LogError if it cannot be used."""
    database = Database(engine)
    writer = asyncio.create_task(database._write_until_closed(), name="write the database")
    try:
        await database._opened
        yield database
    finally:
        await database._close(writer)


def stamp(moment: datetime) -> str:
    """Return a moment in the format of the database: UTC, ISO 8601 with milliseconds, ending in Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
