"""The questions that admins ignore among the misses. A keyed digest is kept of each, not a member's words."""

import asyncio
from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.storage.database import Database, stamp
from bot.storage.engine import Reader, Statement
from bot.storage.hash_key import keyed

KEPT = timedelta(days=365)

_IGNORE = Statement(
    """
    INSERT INTO ignored (scope, digest, ignored_at) VALUES (?, ?, ?)
    ON CONFLICT (scope, digest) DO UPDATE SET ignored_at = excluded.ignored_at
    """
)
_HEED = Statement("DELETE FROM ignored WHERE scope = ? AND digest = ?")
_PURGE = Statement("DELETE FROM ignored WHERE ignored_at < ?")
_OF_SCOPE = "SELECT digest FROM ignored WHERE scope = ?"


@dataclass(frozen=True, slots=True)
class Ignored(Container[str]):
    """The ignored questions. It can tell whether a normalised query is one of them, but cannot list them."""

    key: bytes
    digests: frozenset[str]

    def __contains__(self, query: object) -> bool:
        return isinstance(query, str) and keyed(self.key, query) in self.digests


async def ignored(reader: Reader, key: bytes, guild: int | None) -> Ignored:
    """Return what is ignored in the misses of ``guild``, or of all servers if that is None. Raises LogError."""
    return Ignored(key, frozenset(row["digest"] for row in await reader.read(_OF_SCOPE, (guild or 0,))))


class IgnoredQuestions:
    """The ignored questions in a database, separate for each server. They are kept for a year."""

    def __init__(self, database: Database, key: bytes) -> None:
        self._database = database
        self._key = key

    async def of(self, guild: int | None) -> Ignored:
        """Return what is ignored in the misses of ``guild``. Raises LogError."""
        return await ignored(self._database, self._key, guild)

    async def ignore(self, queries: Iterable[str], guild: int | None) -> bool:
        """Leave normalised queries out of the misses of ``guild`` from now on. Return whether that is durable."""
        now = stamp(datetime.now(UTC))
        return await self._write((_IGNORE, (guild or 0, keyed(self._key, query), now)) for query in queries)

    async def heed(self, queries: Iterable[str], guild: int | None) -> bool:
        """Report normalised queries again. Return whether that is durable."""
        return await self._write((_HEED, (guild or 0, keyed(self._key, query))) for query in queries)

    async def _write(self, writes: Iterable[tuple[Statement, tuple[object, ...]]]) -> bool:
        return None not in await asyncio.gather(*(self._database.write(*each) for each in writes))

    async def purge(self, now: datetime) -> None:
        """Drop what is no longer kept."""
        await self._database.write(_PURGE, (stamp(now - KEPT),))
