"""The history: every version of each brief's file, who made it and when."""

import asyncio
import itertools
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self, cast, get_args

from bot.briefs.brief import Brief, BriefBase
from bot.briefs.brief_file import read_brief
from bot.briefs.change import Action, Version, action_on, digest
from bot.briefs.journal import Journal
from bot.briefs.loader import Loaded
from bot.briefs.translation import Translation
from bot.errors import LogError
from bot.storage.database import Database, stamp
from bot.storage.engine import Reader, Statement, Values

_KEEP = Statement(
    # Another process may have recorded this version already, or a later one of a file that is new to this process.
    # The types are for PostgreSQL.
    """
    INSERT INTO versions (brief, saved_at, action, user_id, text)
    SELECT CAST(:brief AS TEXT), CAST(:saved AS TEXT), CAST(:action AS TEXT), CAST(:user AS BIGINT), CAST(:text AS TEXT)
    WHERE NOT EXISTS (
        SELECT 1 FROM versions WHERE id = (SELECT max(id) FROM versions WHERE brief = :brief)
        AND (CAST(:action AS TEXT) = 'found' OR coalesce(text, '') = coalesce(CAST(:text AS TEXT), ''))
    )
    """,
    append=True,
    exclusive=True,
)
_FORGET = Statement("UPDATE versions SET user_id = NULL WHERE user_id = ?", erase=True)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_OLDER = 100
"""How many versions of a brief are searched for a valid one."""

_LATEST = "SELECT * FROM versions WHERE id IN (SELECT max(id) FROM versions GROUP BY brief)"
_OF_BRIEF = "SELECT * FROM versions WHERE brief = ? ORDER BY id DESC LIMIT ?"
_PAGE = "SELECT * FROM versions WHERE brief = ? ORDER BY id DESC LIMIT ? OFFSET ?"
_NUMBER = "SELECT count(*) AS number FROM versions WHERE brief = ?"
_ONE = "SELECT * FROM versions WHERE brief = ? AND id = ?"
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
    """The versions in a database. ``changed`` has the time of each brief's last change, if it has changed at all."""

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
        """Read the versions again, because another file has become the database. Raises LogError."""
        latest = await self._read(_LATEST)
        self._latest.clear()
        self._changed.clear()
        for version in latest:
            self._take(version.brief, version.text, None if version.action == "found" else version.saved_at)

    @property
    def is_empty(self) -> bool:
        """Whether there is no version of any brief, as before the first start."""
        return not self._latest

    @property
    def changed(self) -> Mapping[str, datetime]:
        return MappingProxyType(self._changed)

    async def record(self, brief: str, text: str | None, action: Action, user: int | None) -> None:
        """Record a version that an admin has just made, unless it is the last one in the database."""
        await self._keep(brief, text, datetime.now(UTC), action, user)

    def removed(self) -> list[str]:
        """Return the ids of the briefs that once were and are no more, the last removed first."""
        gone = [brief for brief, latest in self._latest.items() if latest is None]
        return sorted(gone, key=lambda brief: self._changed.get(brief, _LONG_AGO), reverse=True)

    def knows(self, brief: str) -> bool:
        """Return whether there is any version of a brief."""
        return brief in self._latest

    async def catch_up(self, brief: str, text: str | None) -> None:
        """Record the text of a brief's file (None if there is no file), unless it is the last version already."""
        if digest(text) != self._latest.get(brief):
            await self._note(brief, text, datetime.now(UTC))

    async def note(self, loaded: Loaded) -> None:
        """Keep a version of whatever came into use since the last one, by a change that a journal tells of, or else
        outside Discord.
        """
        now, digests = datetime.now(UTC), await asyncio.to_thread(_digests, loaded)
        removed = [name for name, latest in self._latest.items() if latest and not loaded.base.content(name)]
        changed = [file for file in loaded.files if self._latest.get(file.id) != digests[file.id]]
        gone = (self._note_as(brief, None, now, loaded.journal) for brief in removed)
        new = (self._note_as(file.id, file.text, _saved_at(Path(file.path)), loaded.journal) for file in changed)
        await asyncio.gather(*gone, *new)

    async def of(self, brief: str, limit: int) -> list[Version]:
        """Return the versions of a brief, newest first. Raises LogError, also while the newest is not durable yet."""
        versions = await self._read(_OF_BRIEF, (brief, limit))
        kept, known = [digest(version.text) for version in versions], self._latest.get(brief)
        beyond = known in (None, *kept) and not self._database.waiting  # then another process has recorded more
        if known != (kept[0] if kept else None) and not beyond:
            raise LogError(f"{self._database.name}: the last version of {brief} is still to be written")
        return versions

    async def page(self, brief: str, first: int, size: int) -> list[Version]:
        """Return ``size`` versions of a brief, newest first, of which ``first`` are left out. Raises LogError."""
        return await self._read(_PAGE, (brief, size, first))

    async def number_of(self, brief: str) -> int:
        """Return how many versions of a brief there are. Raises LogError."""
        number: int = (await self._database.read(_NUMBER, (brief,)))[0]["number"]
        return number

    async def version(self, brief: str, number: int) -> Version | None:
        """Return a version of a brief by its number, None if it is not kept. Raises LogError."""
        versions = await self._read(_ONE, (brief, number))
        return versions[0] if versions else None

    async def between(self, version: int, last: int) -> list[tuple[Version, Version]]:
        """Return each brief's version at ``version`` and at ``last``, if they differ. Raises LogError."""
        before_it: dict[str, Version] = {}
        pairs: dict[str, tuple[Version, Version]] = {}
        for each in await self._read(_BETWEEN, {"first": version, "last": last}):
            if (before := before_it.get(each.brief)) and before.text != each.text:
                pairs[each.brief] = (before, each)
            before_it[each.brief] = each
        return list(pairs.values())

    async def newest(self) -> int:
        """Return the number of the newest version of all briefs, 0 if there is none. Raises LogError."""
        rows = await self._database.read("SELECT max(id) AS newest FROM versions")
        return rows[0]["newest"] or 0

    async def versions_by(self, user: int) -> list[dict[str, Any]]:
        """Return the versions that this user made, without their texts. Raises LogError."""
        return [dict(row) for row in await self._database.read(_OF_USER, (user,))]

    async def forget(self, user: int) -> None:
        """Remove this user's id from the versions that they made. The versions stay."""
        await self._database.write(_FORGET, (user,))

    async def _note_as(self, brief: str, text: str | None, at: datetime, journal: Journal | None) -> None:
        """Record a version. If the journal names it, also record who made it, and the valid text that it replaced."""
        entry = next((each for each in journal.entries if each.brief == brief), None) if journal else None
        if journal is None or journal.action not in get_args(Action) or entry is None or _text(entry.after) != text:
            await self._note(brief, text, at)
            return
        if entry.before and read_brief(f"{brief}.yaml", entry.before).content:
            await self.catch_up(brief, _text(entry.before))
        made = datetime.fromisoformat(journal.at)
        await self._keep(brief, text, made, action_on(cast("Action", journal.action), text), journal.user)

    async def _note(self, brief: str, text: str | None, at: datetime) -> None:
        """Record a version that was made outside Discord, unless it is the last one in the database."""
        await self._keep(brief, text, at, "file" if self.knows(brief) else "found", None)

    async def _keep(self, brief: str, text: str | None, at: datetime, action: Action, user: int | None) -> None:
        self._take(brief, text, None if action == "found" else at)
        version = {"brief": brief, "saved": stamp(at), "action": action, "user": user, "text": text}
        await self._database.write(_KEEP, version)

    def _take(self, brief: str, text: str | None, changed: datetime | None) -> None:
        """Remember the last version and when it was ``changed``, None for a file that is seen for the first time."""
        self._latest[brief] = digest(text)
        if changed:
            self._changed[brief] = changed

    async def _read(self, sql: str, values: Values = ()) -> list[Version]:
        return [
            Version(row["id"], row["brief"], datetime.fromisoformat(row["saved_at"]), *tuple(row)[3:])
            for row in await self._database.read(sql, values)
        ]


def _digests(loaded: Loaded) -> dict[str, str | None]:
    return {file.id: digest(file.text) for file in loaded.files}


async def last_good(reader: Reader) -> BriefBase:
    """Return the last version of each brief and each translation that is valid. Raises LogError."""
    briefs: dict[str, Brief] = {}
    translations: dict[str, Translation] = {}
    for latest in await reader.read(_LATEST):
        texts = [latest["text"]]
        if latest["text"] and not _valid(latest["brief"], latest["text"]):
            texts = [version["text"] for version in await reader.read(_OF_BRIEF, (latest["brief"], _OLDER))]
        for text in itertools.takewhile(bool, texts):  # a brief that was removed stays removed
            match _valid(latest["brief"], text):
                case Brief() as brief:
                    briefs[brief.id] = brief
                    break
                case Translation() as translation:
                    translations[translation.name] = translation
                    break
    return BriefBase(briefs, translations)


def _valid(name: str, text: str) -> Brief | Translation | None:
    return read_brief(f"{name}.yaml", text.encode(errors="surrogatepass")).content


def _text(content: bytes | None) -> str | None:
    return None if content is None else content.decode("utf-8-sig", "replace")


def _saved_at(path: Path) -> datetime:
    """Return when a file was saved, or the present time if that is not known or lies in the future."""
    now = datetime.now(UTC)
    try:
        return min(datetime.fromtimestamp(path.stat().st_mtime, UTC), now)
    except (OSError, OverflowError, ValueError):
        return now
