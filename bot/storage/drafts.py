"""Changes that an admin has proposed but not applied. They outlast a restart, and are deleted after a day."""

import json
import secrets
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.briefs.change import Change
from bot.storage.database import Database, stamp
from bot.storage.engine import Statement

KEPT = timedelta(days=1)

_SAVE = Statement("INSERT INTO drafts (id, saved_at, user_id, change) VALUES (?, ?, ?, ?)")
_PURGE = Statement("DELETE FROM drafts WHERE saved_at < ?", erase=True)
_REMOVE = Statement("DELETE FROM drafts WHERE id = ?")
_ERASE = Statement(_REMOVE.sql, erase=True)
_FORGET = Statement("DELETE FROM drafts WHERE user_id = ?", erase=True)
_OF_USER = "SELECT saved_at, change FROM drafts WHERE user_id = ? ORDER BY saved_at"
_FIND = "SELECT change FROM drafts WHERE id = ? AND user_id = ? AND saved_at >= ?"


class Drafts:
    """The proposed changes in a database, each for its author alone."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._not_durable: dict[tuple[str, int], Change] = {}

    async def save(self, change: Change, user: int) -> str:
        """Keep ``change`` and return the id by which its author finds it again."""
        now, draft = datetime.now(UTC), secrets.token_urlsafe(12)
        if await self._database.write(_SAVE, (draft, stamp(now), user, json.dumps(asdict(change)))) is None:
            self._not_durable[draft, user] = change
        return draft

    async def find(self, draft: str, user: int) -> Change | None:
        """Return the change with this id if this user proposed it and it is still kept. Raises LogError."""
        if change := self._not_durable.get((draft, user)):
            return change
        rows = await self._database.read(_FIND, (draft, user, stamp(datetime.now(UTC) - KEPT)))
        return Change(**json.loads(rows[0]["change"])) if rows else None

    async def of(self, user: int) -> list[dict[str, Any]]:
        """Return what this user proposed, a row for each file: all of a proposal could be too large for a message.

        Raises LogError.
        """
        rows = [(row["saved_at"], json.loads(row["change"])) for row in await self._database.read(_OF_USER, (user,))]
        return [
            {"saved_at": saved_at, "action": change["action"], "brief": brief, "text": text}
            | ({"form": change["form"]} if change.get("form") else {})
            for saved_at, change in rows
            for brief, text in change["texts"].items()
        ]

    async def remove(self, draft: str, *, erase: bool) -> None:
        """Delete the change with this id. ``erase``: also remove its texts from the files, for no version has them."""
        self._not_durable = {key: change for key, change in self._not_durable.items() if key[0] != draft}
        await self._database.write(_ERASE if erase else _REMOVE, (draft,))

    async def purge(self, now: datetime) -> None:
        """Drop what is no longer kept."""
        self._not_durable.clear()  # by now they are durable or lost
        await self._database.write(_PURGE, (stamp(now - KEPT),))

    async def forget(self, user: int) -> None:
        """Drop all that this user proposed."""
        self._not_durable = {key: change for key, change in self._not_durable.items() if key[1] != user}
        await self._database.write(_FORGET, (user,))
