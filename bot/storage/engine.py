"""What the database needs of an engine, SQLite or PostgreSQL: how it reads, and how it makes writes durable."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

READING = 10.0
"""Seconds that a query may take."""

TOO_LONG = f"a query took more than {READING:.0f} s and was given up; for a report, ask about fewer days"

Values = tuple[Any, ...] | Mapping[str, Any]
"""The values of a statement: in order for ``?``, or by name for ``:name``, which may occur more than once."""


class Row(Protocol):
    """A row that was read. Its values are in the order of the columns, and each is found by its column's name."""

    def __getitem__(self, column: str, /) -> Any: ...

    def __iter__(self) -> Iterator[Any]: ...

    def keys(self) -> Any: ...


class ReconnectError(Exception):
    """Raised after a damaged file was moved aside: reconnect without waiting."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that writes.

    ``append``: the row count is not reported, so executemany may be used.
    ``erase``: what it deletes must be removed from the files too, soon after it is durable.
    ``exclusive``: no other process may run such a statement until it is durable, because it depends on the rows that it
    finds, or on its place in the order.
    """

    sql: str
    append: bool = False
    erase: bool = False
    exclusive: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Write:
    """A queued statement. ``changed`` gets the number of changed rows once the statement is durable.

    It gets None if whoever waits for it has waited long enough.
    """

    statement: Statement
    values: Values
    changed: asyncio.Future[int | None]

    def tell(self, changed: int | None) -> None:
        """Give a result to whoever waits, if anybody still does."""
        if not self.changed.done():
            self.changed.set_result(changed)


class Reader(Protocol):
    """Reads a database."""

    async def read(self, sql: str, values: Values = ()) -> Sequence[Row]:
        """Return the rows of a query. Raises LogError if the database cannot be read, or takes longer than READING."""
        ...


class Connection(Protocol):
    """A connection that writes. Any exception ends it, and unwritten statements are tried on a new one.

    ``unerased`` says whether, when it was made, deleted rows may have been left in the files.
    """

    unerased: bool

    async def check(self) -> None:
        """Raise an exception if the database is damaged, or its file was deleted or replaced."""

    async def write(self, group: Sequence[Write]) -> Sequence[int | Exception]:
        """Make writes durable in one transaction. Return how many rows each changed, or why it can never be written.

        The result may be shorter than ``group``: then only the first writes were made.
        """
        ...

    async def erase(self, *, anew: bool) -> bool:
        """Remove deleted rows from the files; ``anew``: some are new since the last call. Return True once done.

        If it is cancelled, or the process is killed, the next connection is ``unerased``.
        """
        ...


class Engine(Reader, Protocol):
    """The part that differs between SQLite and PostgreSQL."""

    name: str
    """Its name in messages, without a secret."""

    replaced: bool
    """True once the file was replaced; the reader resets it."""

    @property
    def quarantined(self) -> list[str]:
        """The names of the damaged databases that were set aside and are still there, oldest first."""
        ...

    @property
    def due_quarantined(self) -> Mapping[str, datetime]:
        """When damaged databases that were set aside are deleted because a member asked for it, by their names."""
        ...

    def delete_quarantined(self, until: datetime, now: datetime) -> list[str]:
        """Delete the damaged databases that were set aside before ``until``, or are due. Return their names.

        Raises OSError.
        """
        ...

    def have_quarantined_deleted(self, when: datetime) -> None:
        """Note that the damaged databases that are set aside are to be deleted then at the latest. Raises OSError."""
        ...

    def connected(self) -> AbstractAsyncContextManager[Connection]:
        """Connect for the time of the block, and create the tables if there are none."""
        ...
