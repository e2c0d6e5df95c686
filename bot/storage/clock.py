"""Judges whether the clock of this machine is right, because rows that are deleted for their age are lost for good."""

import logging
import time
from datetime import UTC, datetime, timedelta

from bot.errors import Said
from bot.storage.database import Database, stamp
from bot.storage.engine import Statement

APART = timedelta(days=2)
"""The clock is believed if it is at most this far from the newest row and from when it was last believed."""

LONG_ENOUGH = 24 * 3600.0
"""Seconds that the bot must run in all, with restarts in between, until a doubted clock is believed."""

_BELIEVE = Statement(
    """
    INSERT INTO clock (id, believed_at, doubted) VALUES (1, ?, 0)
    ON CONFLICT (id) DO UPDATE SET believed_at = excluded.believed_at, doubted = 0
    """
)
_DOUBT = Statement(
    """
    INSERT INTO clock (id, believed_at, doubted) VALUES (1, ?, ?)
    ON CONFLICT (id) DO UPDATE SET doubted = clock.doubted + excluded.doubted
    """
)
_READ = """
    SELECT (SELECT believed_at FROM clock) AS believed_at, (SELECT doubted FROM clock) AS doubted,
           (SELECT max(asked_at) FROM lookups WHERE asked_at < ?) AS newest
"""

_log = logging.getLogger(__name__)


class Clock:
    """The clock of this machine. ``doubt`` says why it is not believed, and is None if it is."""

    def __init__(self, database: Database) -> None:
        self.doubt: str | None = None
        self._database = database
        self._began = datetime.now(UTC)
        self._looked = time.monotonic()
        self._believed: tuple[datetime, float] | None = None

    async def now(self) -> datetime | None:
        """Return the time, None if it is not believed. Then it follows the monotonic clock. Raises LogError."""
        ran, self._looked = time.monotonic() - self._looked, time.monotonic()
        if not self._believed:
            await self._judge(datetime.now(UTC), ran)
        if not self._believed:
            return None
        moment, origin = self._believed
        now = moment + timedelta(seconds=time.monotonic() - origin)
        await self._database.write(_BELIEVE, (stamp(now),))
        return now

    async def _judge(self, now: datetime, ran: float) -> None:
        """Believe the clock if it is close to what the database says, or if the bot has run long enough."""
        ((believed_at, doubted, newest),) = await self._database.read(_READ, (stamp(self._began),))
        witnesses = [datetime.fromisoformat(each) for each in (believed_at, newest) if each]
        oldest = min(witnesses, default=now)
        if now - oldest <= APART or (doubted or 0) + ran >= LONG_ENOUGH:
            self.doubt, self._believed = None, (now, time.monotonic())
            return
        self.doubt = Said(
            "the clock says {now}, and what was last logged is of {before}: in case the clock is wrong, nothing is "
            "deleted for its age until the bot has run for a day",
            now=f"{now:%Y-%m-%d}",
            before=f"{oldest:%Y-%m-%d}",
        )
        _log.warning("%s", self.doubt)
        await self._database.write(_DOUBT, (stamp(oldest), ran))  # rows that are logged from now on prove nothing
