"""All that the database holds about one user, gathered and deleted in one place."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.catalogues.catalogue import ENGLISH, Catalogue
from bot.storage.awaited import AwaitedAnswers
from bot.storage.corrections import Corrections
from bot.storage.database import Database, stamp
from bot.storage.drafts import Drafts
from bot.storage.hash_key import KeyHistory
from bot.storage.history import History
from bot.storage.ignored import IgnoredQuestions
from bot.storage.lookups import MOST_SHOWN, LookupLog
from bot.storage.unfinished import UnfinishedBriefs

RESCUE = timedelta(days=3)
"""How long a damaged database is left to whoever runs the bot after a member has asked to be forgotten: so that one
member cannot destroy at once what may be mended."""


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
        awaited: AwaitedAnswers,
    ) -> None:
        self._database = database
        self._lookups = lookups
        self._history = history
        self._drafts = drafts
        self._unfinished = unfinished
        self._ignored = ignored
        self._corrections = corrections
        self._awaited = awaited
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
            "awaited answers": await self._awaited.of(user),
            "changes of briefs": await self._history.versions_by(user),
            "proposed changes": await self._drafts.of(user),
            "drafts of briefs": await self._unfinished.of(user),
            "damaged logs that may name you": self._damaged_logs(),
        }

    def _damaged_logs(self) -> list[dict[str, Any]]:
        due = self._database.due_quarantined
        return [
            {"name": name, "deleted_on": stamp(due[name]) if name in due else None}
            for name in self._database.quarantined
        ]

    async def forget(self, user: int) -> int | None:
        """Delete what is stored about ``user``, and take their id out of the history of briefs.

        Databases that were set aside as damaged are deleted whole, RESCUE later. Returns the number of lookups deleted,
        None if that is not durable yet. Raises LogError.
        """
        await self._database.have_quarantined_deleted(datetime.now(UTC) + RESCUE)
        *_, deleted = await asyncio.gather(
            self._history.forget(user),
            self._drafts.forget(user),
            self._corrections.forget(user),
            self._unfinished.forget(user),
            self._awaited.forget(user),
            self._lookups.forget(user),
        )
        return deleted

    @property
    def deleted_later(self) -> date | None:
        """The day by which the damaged databases are deleted because a member asked to be forgotten; None for none."""
        due = self._database.due_quarantined.values()
        return (max(due) + timedelta(days=1)).date() if due else None  # it is looked for what is due every few hours

    async def purge(self, now: datetime, age: timedelta) -> None:
        """Delete what is no longer kept. Lookups older than ``age`` lose what identifies a person. Raises LogError.

        Drafts from messages that nobody has changed for ``age`` are deleted: they hold words of whoever wrote these.
        """
        await self._lookups.purge(now - age)
        await self._corrections.purge(now - age)
        await self._awaited.purge(now)
        await self._drafts.purge(now)
        await self._unfinished.purge(now, age)
        await self._ignored.purge(now)
        await self._database.delete_quarantined(now - age, now)
