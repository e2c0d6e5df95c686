"""What became of each brief: every version of its file, who made it and when."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from bot.brief_file import LoadedFile
from bot.change import Action, Version, digest
from bot.errors import LogError
from bot.storage.database import Database, Statement, Values, stamp

_RECORD = Statement(
    "INSERT INTO versions (brief, saved_at, action, user_id, text) VALUES (?, ?, ?, ?, ?)", append=True, exclusive=True
)
_NOTE = Statement(
    # Another process may have seen the same, or made this change itself. The types are for PostgreSQL.
    """
    INSERT INTO versions (brief, saved_at, action, text)
    SELECT CAST(:brief AS TEXT), CAST(:saved AS TEXT), CAST(:action AS TEXT), CAST(:text AS TEXT)
    WHERE coalesce(CAST(:text AS TEXT), '') <>
        coalesce((SELECT text FROM versions WHERE brief = :brief ORDER BY id DESC LIMIT 1), '')
    """,
    append=True,
    exclusive=True,
)
_FORGET = Statement("UPDATE versions SET user_id = NULL WHERE user_id = ?", erase=True)
_LATEST = "SELECT * FROM versions WHERE id IN (SELECT max(id) FROM versions GROUP BY brief)"
_OF_BRIEF = "SELECT * FROM versions WHERE brief = ? ORDER BY id DESC LIMIT ?"
_OF_USER = "SELECT brief, saved_at, action FROM versions WHERE user_id = ? ORDER BY id"
_BETWEEN = """
    SELECT * FROM versions
    WHERE id IN (SELECT max(id) FROM versions WHERE id > :first AND id <= :last GROUP BY brief)
       OR id IN (SELECT max(id) FROM versions
                 WHERE id <= :first
                   AND brief IN (SELECT brief FROM versions WHERE id > :first AND id <= :last) GROUP BY brief)
    ORDER BY id
"""


class History:
    """The versions in a database. ``changed`` says when a brief was last changed, if it was since it was first seen."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._latest: dict[str, str | None] = {}
        self._changed: dict[str, datetime] = {}

    @classmethod
    async def opened(cls, database: Database) -> Self:
        """Return the history that a database holds. Raises LogError."""
        history = cls(database)
        await history.reread()
        return history

    async def reread(self) -> None:
        """Go by what the database holds now, for another file may have become the database. Raises LogError."""
        latest = await self._read(_LATEST)
        self._latest.clear()
        self._changed.clear()
        for version in latest:
            self._take(version.brief, version.text, None if version.action == "found" else version.saved_at)

    @property
    def changed(self) -> Mapping[str, datetime]:
        return MappingProxyType(self._changed)

    async def record(self, brief: str, text: str | None, action: Action, user: int | None) -> None:
        """Keep a version that an admin has just made."""
        now = datetime.now(UTC)
        self._take(brief, text, now)
        await self._database.write(_RECORD, (brief, stamp(now), action, user, text))

    def knows(self, brief: str) -> bool:
        """Whether there is any version of a brief."""
        return brief in self._latest

    async def catch_up(self, brief: str, text: str | None) -> None:
        """Keep what stands in a brief's file, None if there is no file, unless that is the last version already."""
        if digest(text) != self._latest.get(brief):
            await self._note(brief, text, datetime.now(UTC))

    async def note(self, files: Iterable[LoadedFile]) -> None:
        """Keep a version of whatever was changed outside Discord since the last one: these are all the files in use."""
        in_use = {file.id: file for file in files}
        removed = [brief for brief, latest in self._latest.items() if latest and brief not in in_use]
        changed = [file for file in in_use.values() if self._latest.get(file.id) != digest(file.text)]
        gone = (self._note(brief, None, datetime.now(UTC)) for brief in removed)
        new = (self._note(file.id, file.text, _saved_at(Path(file.path))) for file in changed)
        await asyncio.gather(*gone, *new)

    async def of(self, brief: str, limit: int) -> list[Version]:
        """Return the versions of a brief, the last one first. Raises LogError, also if that one is not durable yet."""
        versions = await self._read(_OF_BRIEF, (brief, limit))
        kept, known = [digest(version.text) for version in versions], self._latest.get(brief)
        beyond = known in (None, *kept) and not self._database.waiting  # what another process has done since
        if known != (kept[0] if kept else None) and not beyond:
            raise LogError(f"{self._database.name}: the last version of {brief} is still to be written")
        return versions

    async def between(self, version: int, last: int) -> list[tuple[Version, Version]]:
        """Return each brief's version as of ``version`` and as of ``last``, where these differ. Raises LogError."""
        before_it: dict[str, Version] = {}
        pairs: dict[str, tuple[Version, Version]] = {}
        for each in await self._read(_BETWEEN, {"first": version, "last": last}):
            if (before := before_it.get(each.brief)) and before.text != each.text:
                pairs[each.brief] = (before, each)
            before_it[each.brief] = each
        return list(pairs.values())

    async def newest(self) -> int:
        """Return the number of the last version of all; 0 if there is none. Raises LogError."""
        rows = await self._database.read("SELECT max(id) AS newest FROM versions")
        return rows[0]["newest"] or 0

    async def versions_by(self, user: int) -> list[dict[str, Any]]:
        """Return which versions this user made, without the texts. Raises LogError."""
        return [dict(row) for row in await self._database.read(_OF_USER, (user,))]

    async def forget(self, user: int) -> None:
        """Keep the versions that this user made, and no longer who made them."""
        await self._database.write(_FORGET, (user,))

    async def _note(self, brief: str, text: str | None, at: datetime) -> None:
        """Keep a version that was made outside Discord, unless the database has it as the last one."""
        came = "file" if self.knows(brief) else "found"
        self._take(brief, text, at if came == "file" else None)
        await self._database.write(_NOTE, {"brief": brief, "saved": stamp(at), "action": came, "text": text})

    def _take(self, brief: str, text: str | None, changed: datetime | None) -> None:
        """Go by this as the last version, made when it was ``changed``; None if it was seen for the first time."""
        self._latest[brief] = digest(text)
        if changed:
            self._changed[brief] = changed

    async def _read(self, sql: str, values: Values = ()) -> list[Version]:
        return [
            Version(row["id"], row["brief"], datetime.fromisoformat(row["saved_at"]), *tuple(row)[3:])
            for row in await self._database.read(sql, values)
        ]


def _saved_at(path: Path) -> datetime:
    """Return when a file was saved, as far as that is known, and never a time to come."""
    now = datetime.now(UTC)
    try:
        return min(datetime.fromtimestamp(path.stat().st_mtime, UTC), now)
    except (OSError, OverflowError, ValueError):
        return now
