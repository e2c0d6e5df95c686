"""Drafts of briefs, which wait until they are finished or thrown away. All who administer the base share them.

A topic that was only offered, and a draft that was thrown away or finished, is kept for a day, so that it can be taken
up again. A draft that was made from a message holds words of whoever wrote it, so it is deleted with age.
"""

import asyncio
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from bot.briefs.change import DraftRef
from bot.storage.database import Database, stamp
from bot.storage.engine import Row, Statement

KEPT = timedelta(days=1)
"""How long a draft that does not wait is kept."""

Origin = Literal["message", "file", "form", "import"]
State = Literal["offered", "waiting", "thrown", "finished"]

_ADD = Statement(
    "INSERT INTO unfinished (id, batch, content, origin, state, revision, made_at, made_by, saved_at, saved_by) "
    "VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?, ?)"
)
_SAVE = Statement(
    "UPDATE unfinished SET content = ?, state = 'waiting', revision = revision + 1, saved_at = ?, saved_by = ? "
    "WHERE id = ? AND revision = ?"
)
_LEAVE = Statement("UPDATE unfinished SET state = ?, saved_at = ? WHERE id = ? AND revision = ?")
_BRING_BACK = Statement(
    "UPDATE unfinished SET state = 'waiting', saved_at = ? WHERE id = ? AND state IN ('thrown', 'finished')"
)
_KEEP_BATCH = Statement("UPDATE unfinished SET state = 'waiting' WHERE batch = ? AND state = 'offered'")
_LET_BATCH_GO = Statement(
    "UPDATE unfinished SET state = 'offered', saved_at = ? WHERE batch = ? AND state = 'waiting' AND revision = 1"
)
_PURGE = Statement("DELETE FROM unfinished WHERE state <> 'waiting' AND saved_at < ?", erase=True)
_PURGE_MESSAGES = Statement("DELETE FROM unfinished WHERE origin = 'message' AND saved_at < ?", erase=True)
_REMOVE = Statement("DELETE FROM unfinished WHERE state <> 'waiting' AND ? IN (made_by, saved_by)", erase=True)
_FORGET = Statement(
    "UPDATE unfinished SET made_by = nullif(made_by, :user), saved_by = nullif(saved_by, :user) "
    "WHERE :user IN (made_by, saved_by)",
    erase=True,
)
_FIND = "SELECT * FROM unfinished WHERE id = ? AND (state = 'waiting' OR saved_at >= ?)"
_COUNT = "SELECT count(*) AS number FROM unfinished WHERE state = 'waiting'"
_PAGE = "SELECT * FROM unfinished WHERE state = 'waiting' ORDER BY made_at DESC, id LIMIT ? OFFSET ?"
_OF_USER = "SELECT * FROM unfinished WHERE ? IN (made_by, saved_by) ORDER BY made_at, id"


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft: what it is about, what the fields of the form hold, and who made it and changed it last.

    A user is None after they were forgotten.
    """

    ref: DraftRef
    topic: str
    form: Mapping[str, str]
    origin: Origin
    state: State
    made_at: datetime
    made_by: int | None
    saved_at: datetime
    saved_by: int | None

    @property
    def about(self) -> str:
        """Its title, or what it is about as long as it has none."""
        return self.form.get("title") or self.topic


class UnfinishedBriefs:
    """The drafts in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self, found: Sequence[tuple[str, Mapping[str, str]]], origin: Origin, user: int | None, *, waiting: bool = True
    ) -> tuple[str, list[DraftRef]] | None:
        """Keep drafts, each a topic and what the form holds. They are ``waiting`` in the list, or only offered.

        Returns the id of all of them together, and each one's; None if it is not certain that they are kept.
        """
        batch, now = secrets.token_urlsafe(12), stamp(datetime.now(UTC))
        refs = [DraftRef(f"{batch}-{number:04}", 1) for number in range(len(found))]
        state: State = "waiting" if waiting else "offered"
        rows = [
            (ref.id, batch, _content(topic, form), origin, state, now, user, now, user)
            for ref, (topic, form) in zip(refs, found, strict=True)
        ]
        kept = await asyncio.gather(*(self._database.write(_ADD, row) for row in rows))
        return None if None in kept else (batch, refs)

    async def keep_batch(self, batch: str) -> int | None:
        """Put what was offered together into the list; return how many drafts, None if that is not certain yet."""
        return await self._database.write(_KEEP_BATCH, (batch,))

    async def let_batch_go(self, batch: str) -> int | None:
        """Take what was offered together, and nobody has changed, off the list again; return as `keep_batch` does."""
        return await self._database.write(_LET_BATCH_GO, (stamp(datetime.now(UTC)), batch))

    async def save(self, ref: DraftRef, topic: str, form: Mapping[str, str], user: int) -> bool | None:
        """Have a draft say this, and wait. Return whether it was as ``ref`` says, None if that is not certain yet."""
        now = stamp(datetime.now(UTC))
        changed = await self._database.write(_SAVE, (_content(topic, form), now, user, *ref))
        return None if changed is None else changed > 0

    async def throw_away(self, ref: DraftRef) -> bool | None:
        """Take a draft off the list. Return whether it was as ``ref`` says, None if that is not certain yet."""
        return await self._leave("thrown", ref)

    async def finish(self, ref: DraftRef) -> bool | None:
        """Take a draft off the list because it has become a brief. Return as `throw_away` does."""
        return await self._leave("finished", ref)

    async def _leave(self, state: State, ref: DraftRef) -> bool | None:
        changed = await self._database.write(_LEAVE, (state, stamp(datetime.now(UTC)), *ref))
        return None if changed is None else changed > 0

    async def bring_back(self, draft: str) -> bool | None:
        """Put a draft that was thrown away or finished back. Return whether it is kept, None if that is not certain."""
        changed = await self._database.write(_BRING_BACK, (stamp(datetime.now(UTC)), draft))
        return None if changed is None else changed > 0

    async def find(self, draft: str) -> Draft | None:
        """Return a draft whatever its state, None if it is no longer kept. Raises LogError."""
        rows = await self._database.read(_FIND, (draft, stamp(datetime.now(UTC) - KEPT)))
        return _draft(rows[0]) if rows else None

    async def number(self) -> int:
        """Return how many drafts wait. Raises LogError."""
        return int((await self._database.read(_COUNT))[0]["number"])

    async def page(self, first: int, most: int) -> list[Draft]:
        """Return up to ``most`` waiting drafts, without the ``first`` ones; the newest comes first. Raises LogError."""
        return [_draft(row) for row in await self._database.read(_PAGE, (most, first))]

    async def of(self, user: int) -> list[dict[str, Any]]:
        """Return the drafts that this user made or changed last. Raises LogError."""
        rows = await self._database.read(_OF_USER, (user,))
        return [
            {"made_at": row["made_at"], "saved_at": row["saved_at"], "state": row["state"]} | json.loads(row["content"])
            for row in rows
        ]

    async def forget(self, user: int) -> None:
        """Take this user's id out of the drafts that wait, and delete their others."""
        await asyncio.gather(self._database.write(_REMOVE, (user,)), self._database.write(_FORGET, {"user": user}))

    async def purge(self, now: datetime, age: timedelta) -> None:
        """Delete what is no longer kept: of messages, what nobody has changed for ``age``."""
        await self._database.write(_PURGE, (stamp(now - KEPT),))
        await self._database.write(_PURGE_MESSAGES, (stamp(now - age),))


def _content(topic: str, form: Mapping[str, str]) -> str:
    return json.dumps({"topic": topic, "form": dict(form)})


def _draft(row: Row) -> Draft:
    content = json.loads(row["content"])
    return Draft(
        DraftRef(row["id"], row["revision"]),
        content["topic"],
        content["form"],
        row["origin"],
        row["state"],
        datetime.fromisoformat(row["made_at"]),
        row["made_by"],
        datetime.fromisoformat(row["saved_at"]),
        row["saved_by"],
    )
