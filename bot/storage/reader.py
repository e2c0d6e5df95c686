"""Reading a database that another process, or this one, may be writing."""

import asyncio
import contextlib
import sqlite3
from pathlib import Path
from typing import Any

from bot.errors import LogError

Values = tuple[Any, ...]


class Reader:
    """Reads a database, by a connection of its own for each query. None of them can write, or moves what the
    write-ahead log holds: only the writer does, for SQLite before 3.51.3 can lose rows if two do so at once.
    """

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
