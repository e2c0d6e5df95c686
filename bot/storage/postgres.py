"""The engine for PostgreSQL: several processes, also on several machines, write one database.

If the answer to a commit is lost, nobody knows whether it was made. The server is asked before anything is written
again, so that nothing is written twice.
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from bot.errors import LogError
from bot.storage import engine, postgres_schema
from bot.storage.database import Database, writing
from bot.storage.engine import TOO_LONG, Row, Values, Write

CONNECT_TIMEOUT = 5.0
"""Seconds that connecting may take."""

ANSWERING = 10.0
"""Seconds that a statement may take, and that a transaction may wait for its next statement."""

ERASING = 600.0
"""Seconds that a statement that erases may take, because a purge may change millions of rows."""

READERS = 4
"""Most connections that read at once."""

_EXCLUSIVE = 0x62726965663A31
"""The number of the lock for exclusive statements. Any number will do that no other program uses."""

_UNWRITABLE = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, asyncpg.ProgramLimitExceededError)
"""Raised for values that the database can never store."""

_FAILURES = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)
_BROKEN = (asyncpg.InternalClientError, asyncpg.PostgresConnectionError, asyncpg.ConnectionDoesNotExistError)
"""Raised on a connection that the server has closed, for example when it restarted."""

_UTF8 = "The log needs UTF8: make a database by createdb --encoding=UTF8 --template=template0"

_SERVER_LATER = 1.0
"""Seconds after which the server gives up a query that this process has given up."""

_SESSION = {
    "application_name": "briefbot",
    "synchronous_commit": "on",  # a commit is durable when it is answered, whatever the server's default is
    "idle_in_transaction_session_timeout": f"{ANSWERING:.0f}s",
    "default_transaction_isolation": "read committed",  # after the lock, see what others wrote
    "TimeZone": "UTC",
}


@dataclass(frozen=True, slots=True)
class _Commit:
    """A transaction that was about to be committed, and how many rows each of its writes changed."""

    transaction: str
    changes: list[int | Exception]


class PostgresReader:
    """Reads a database with up to READERS connections, which are made when they are needed."""

    def __init__(self, url: str, pool: asyncpg.Pool) -> None:
        self.name = printable_url(url)
        self._pool = pool

    async def read(self, sql: str, values: Values = ()) -> Sequence[Row]:
        try:
            for _ in range(READERS):
                with contextlib.suppress(*_BROKEN):
                    return await self._fetch(sql, values)
            return await self._fetch(sql, values)
        except asyncpg.UndefinedTableError:
            raise LogError(f"{self.name}: holds no log yet; it is made when the bot is first started") from None
        except TimeoutError as error:
            raise LogError(f"{self.name}: cannot be read: {TOO_LONG}") from error
        except _FAILURES as error:
            raise LogError(f"{self.name}: cannot be read: {_reason(error)}") from error

    async def _fetch(self, sql: str, values: Values) -> Sequence[Row]:
        async with self._pool.acquire() as connection:
            try:
                return await connection.fetch(with_numbered_parameters(sql)[0], *_storable(sql, values))
            except (asyncio.CancelledError, TimeoutError):
                connection.terminate()  # giving it back to the pool would wait for the server
                raise


class PostgresEngine(PostgresReader):
    """Keeps a Database on a PostgreSQL server."""

    quarantined: list[str] = []  # noqa: RUF012 - always empty: repairing is the server's work
    due_quarantined: Mapping[str, datetime] = {}
    replaced = False

    def delete_quarantined(self, until: datetime, now: datetime) -> list[str]:
        return []

    def have_quarantined_deleted(self, when: datetime) -> None:
        """Do nothing: no database is set aside."""

    def __init__(self, url: str, pool: asyncpg.Pool) -> None:
        super().__init__(url, pool)
        self._url = url
        self._unanswered: _Commit | None = None

    @contextlib.asynccontextmanager
    async def connected(self) -> AsyncIterator["_Connection"]:
        try:
            connection = await asyncpg.connect(
                self._url, timeout=CONNECT_TIMEOUT, command_timeout=ANSWERING, server_settings=_SESSION
            )
            try:
                if (encoding := connection.get_settings().server_encoding) != "UTF8":
                    raise LogError(f"{self.name}: its encoding is {encoding}. {_UTF8}")
                await postgres_schema.migrate(connection)
                yield _Connection(self, connection)
            except BaseException:  # cancelled or not, the connection must not be left open
                connection.terminate()  # close() would wait for a server that may not answer
                raise
            await connection.close(timeout=CONNECT_TIMEOUT)
        except _FAILURES as error:
            raise LogError(f"{self.name}: {_reason(error)}") from error


class _Connection:
    """The connection that writes."""

    def __init__(self, engine: PostgresEngine, connection: asyncpg.Connection) -> None:
        self._engine = engine
        self._connection = connection

    async def check(self) -> None:
        """Do nothing: a server that has lost its database answers with an error."""

    async def write(self, group: Sequence[Write]) -> Sequence[int | Exception]:
        if (commit := self._engine._unanswered) and await self._was_made(commit):
            self._engine._unanswered = None
            return commit.changes
        connection = self._connection
        transaction = connection.transaction()
        await transaction.start()
        if any(write.statement.exclusive for write in group):
            await connection.execute(f"SELECT pg_advisory_xact_lock({_EXCLUSIVE})")
        try:
            async with connection.transaction():
                changes: list[int | Exception] = [*await self._changes(group)]
        except _UNWRITABLE:
            changes = [await self._change(write) for write in group]
        number = await connection.fetchval("SELECT pg_current_xact_id()::text")
        self._engine._unanswered = _Commit(number, changes)
        await transaction.commit()
        self._engine._unanswered = None
        return changes

    unerased = False

    async def erase(self, *, anew: bool) -> bool:
        """Do nothing: the autovacuum of the server removes deleted rows."""
        return True

    async def _was_made(self, commit: _Commit) -> bool:
        """Return whether a commit without an answer was made. Raises LogError while the server does not know yet."""
        try:
            status = await self._connection.fetchval("SELECT pg_xact_status($1::text::xid8)", commit.transaction)
        except asyncpg.InvalidParameterValueError:  # another server has taken over and does not know it
            return False
        if status == "in progress":
            # Its connection is broken, but the server may notice that late, and its locks would make us wait.
            await self._connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_xid = $1::text::xid",
                str(int(commit.transaction) % 2**32),
            )
            raise LogError(f"{self._engine.name}: a commit is still under way")
        return bool(status == "committed")

    async def _changes(self, group: Sequence[Write]) -> list[int]:
        """Execute all writes and return the number of rows that each changed; 1 for one that appends."""
        changes: list[int] = []
        for statement, writes in groupby(group, lambda write: write.statement):
            sql, _ = with_numbered_parameters(statement.sql)
            rows = [_storable(statement.sql, write.values) for write in writes]
            if statement.append:
                await self._connection.executemany(sql, rows)
                changes += [1] * len(rows)
            else:
                timeout = ERASING if statement.erase else None
                changes += [_count(await self._connection.execute(sql, *row, timeout=timeout)) for row in rows]
        return changes

    async def _change(self, write: Write) -> int | Exception:
        """Execute one write and return the number of changed rows, or the error if it can never be written."""
        try:
            async with self._connection.transaction():
                return (await self._changes([write]))[0]
        except _UNWRITABLE as error:
            return LogError(_reason(error))


@contextlib.asynccontextmanager
async def open_postgres(url: str) -> AsyncIterator[Database]:
    """Open a database for writing, for the time of the block. Raises LogError if it cannot be used."""
    async with _pool(url) as pool, writing(PostgresEngine(url, pool)) as database:
        yield database


@contextlib.asynccontextmanager
async def open_postgres_reader(url: str) -> AsyncIterator[PostgresReader]:
    """Open a database for reading alone, for the time of the block."""
    async with _pool(url) as pool:
        yield PostgresReader(url, pool)


@contextlib.asynccontextmanager
async def _pool(url: str) -> AsyncIterator[asyncpg.Pool]:
    # The server is told as well: it would go on with a query whose connection is gone.
    session = _SESSION | {
        "default_transaction_read_only": "on",
        "statement_timeout": f"{(engine.READING + _SERVER_LATER) * 1000:.0f}ms",
    }
    try:
        pool = asyncpg.create_pool(
            url,
            min_size=0,
            max_size=READERS,
            timeout=CONNECT_TIMEOUT,
            command_timeout=engine.READING,
            server_settings=session,
        )
        await pool
    except (*_FAILURES, ValueError) as error:
        raise LogError(f"{printable_url(url)}: {_reason(error)}") from error
    try:
        yield pool
    finally:
        pool.terminate()


@lru_cache(maxsize=256)
def with_numbered_parameters(sql: str) -> tuple[str, tuple[str, ...]]:
    """Return ``sql`` with PostgreSQL's parameters (``$1``, ``$2`` …) and the names that these had, in order.

    The name of a ``?`` is its position. A ``:name`` has the same number wherever it occurs.
    """
    names: list[str] = []

    def number(mark: re.Match[str]) -> str:
        name = mark[1] or str(len(names))
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    return re.sub(r"\?|(?<!:):([a-z]+)\b", number, sql), tuple(names)


def printable_url(url: str) -> str:
    """Return the URL of a database without the user, the password and the options."""
    parts = urlsplit(url)
    return f"postgresql://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _storable(sql: str, values: Values) -> list[Any]:
    """Return a statement's values in the order of their numbers. NULs are replaced, because PostgreSQL takes none."""
    ordered = [values[name] for name in with_numbered_parameters(sql)[1]] if isinstance(values, Mapping) else values
    return [value.replace("\0", "\ufffd") if isinstance(value, str) else value for value in ordered]


def _count(status: str) -> int:
    """Return the number of rows from a command's status, such as "UPDATE 3"."""
    return int(status.rpartition(" ")[2])


def _reason(error: Exception) -> str:
    """Return an error's first line without values, which stand in the other lines, or after asyncpg's colon."""
    line = str(error).partition("\n")[0] or type(error).__name__
    return line.partition(":")[0] if isinstance(error, asyncpg.DataError) else line
