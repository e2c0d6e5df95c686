"""All that the database holds about one user, gathered and deleted in one place."""

import asyncio
from typing import Any

from bot.storage.drafts import Drafts
from bot.storage.history import History
from bot.storage.lookups import LookupLog


class PersonalData:
    """What is stored about a user: their lookups, and, of admins, the changes they made or proposed."""

    def __init__(self, lookups: LookupLog, history: History, drafts: Drafts) -> None:
        self._lookups = lookups
        self._history = history
        self._drafts = drafts

    async def of(self, user: int) -> dict[str, list[dict[str, Any]]]:
        """Return every row about ``user`` by what it is. Raises LogError."""
        return {
            "lookups": await self._lookups.lookups_of(user),
            "changes of briefs": await self._history.versions_by(user),
            "proposed changes": await self._drafts.of(user),
        }

    async def forget(self, user: int) -> int | None:
        """Delete the lookups and proposals of ``user``, and take their id out of the history of the briefs.

        Returns the number of lookups deleted, None if that is not durable yet.
        """
        *_, deleted = await asyncio.gather(
            self._history.forget(user), self._drafts.forget(user), self._lookups.forget(user)
        )
        return deleted
