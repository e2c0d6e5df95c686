"""All that the database holds about one user, gathered and deleted in one place."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.catalogues.catalogue import ENGLISH, Catalogue
from bot.storage.corrections import Corrections
from bot.storage.database import Database
from bot.storage.drafts import Drafts
from bot.storage.hash_key import KeyHistory
from bot.storage.history import History
from bot.storage.ignored import IgnoredQuestions
from bot.storage.lookups import MOST_SHOWN, LookupLog
from bot.storage.unfinished import UnfinishedBriefs


class PersonalData:
    """What is stored about a user: their lookups and corrections; of admins, their changes, proposals and drafts.

    Nobody can tell what a damaged database that was set aside contains, so it counts as everybody's.
    """

    def __init__(
        self,
        database: Database,
        keys: KeyHistory,
        lookups: LookupLog,
        history: History,
        drafts: Drafts,
        unfinished: UnfinishedBriefs,
        ignored: IgnoredQuestions,
        corrections: Corrections,
    ) -> None:
        self._database = database
        self._lookups = lookups
        self._history = history
        self._drafts = drafts
        self._unfinished = unfinished
        self._ignored = ignored
        self._corrections = corrections
        self._keys = keys

    async def notes(self, user: int, catalogue: Catalogue = ENGLISH) -> list[str]:
        """Return notes on data about ``user`` that cannot be shown. Raises LogError."""
        older = await self._lookups.number_of(user) - MOST_SHOWN
        left_out = catalogue.ngettext(
            "Of your lookups these are the newest; there are {n} more",
            "Of your lookups these are the newest; there are {n} more",
            older,
        )
        return [note for note in (left_out if older > 0 else None, await self._keys.doubt(catalogue)) if note]

    async def of(self, user: int) -> dict[str, list[dict[str, Any]]]:
        """Return the rows about ``user``, grouped by what they are. Raises LogError."""
        return {
            "lookups": await self._lookups.lookups_of(user),
            "corrections": await self._corrections.of(user),
            "changes of briefs": await self._history.versions_by(user),
            "proposed changes": await self._drafts.of(user),
            "drafts of briefs": await self._unfinished.of(user),
            "damaged logs that may name you": [{"name": name} for name in self._database.quarantined],
        }

    async def forget(self, user: int) -> int | None:
        """Delete the lookups, corrections and proposals of ``user``, and take their id out of history and drafts.

        Databases that were set aside as damaged are deleted whole. Returns the number of lookups deleted, None if that
        is not durable yet. Raises LogError.
        """
        await self._database.delete_quarantined(datetime.max.replace(tzinfo=UTC), "a member asked to be forgotten")
        *_, deleted = await asyncio.gather(
            self._history.forget(user),
            self._drafts.forget(user),
            self._corrections.forget(user),
            self._unfinished.forget(user),
            self._lookups.forget(user),
        )
        return deleted

    async def purge(self, now: datetime, age: timedelta) -> None:
        """Delete what is no longer kept. Lookups older than ``age`` lose what identifies a person. Raises LogError.

        Drafts from messages that nobody has changed for ``age`` are deleted: they hold words of whoever wrote these.
        """
        await self._lookups.purge(now - age)
        await self._corrections.purge(now - age)
        await self._drafts.purge(now)
        await self._unfinished.purge(now, age)
        await self._ignored.purge(now)
        await self._database.delete_quarantined(now - age, "it is older than RETENTION_DAYS")
