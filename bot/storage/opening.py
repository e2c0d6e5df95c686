"""Opens a database with the right engine: SQLite for a file, PostgreSQL for a URL."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from bot.errors import LogError
from bot.storage.database import Database
from bot.storage.engine import Reader
from bot.storage.sqlite import SqliteReader, open_sqlite

_NO_ASYNCPG = "PostgreSQL needs the package asyncpg: pip install --require-hashes -r requirements-postgres.txt"


def open_database(place: Path | str) -> AbstractAsyncContextManager[Database]:
    """Open the database for writing, for the time of the block. Raises LogError if it cannot be used."""
    if isinstance(place, Path):
        return open_sqlite(place)
    try:
        from bot.storage.postgres import open_postgres  # an extra
    except ModuleNotFoundError:
        raise LogError(_NO_ASYNCPG) from None
    return open_postgres(place)


@asynccontextmanager
async def open_reader(place: Path | str) -> AsyncIterator[Reader]:
    """Open the database for reading alone, beside whoever writes it, for the time of the block. Raises LogError."""
    if isinstance(place, Path):
        yield SqliteReader(place)
        return
    try:
        from bot.storage.postgres import open_postgres_reader
    except ModuleNotFoundError:
        raise LogError(_NO_ASYNCPG) from None
    async with open_postgres_reader(place) as reader:
        yield reader
