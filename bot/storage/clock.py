"""The time of day, as far as it may be believed: what is deleted for being old cannot be brought back."""

import logging
import time
from datetime import UTC, datetime, timedelta

from bot.storage.database import Database, Statement, stamp

APART = timedelta(days=2)
"""How long after the newest row, and after it was last believed, the clock may be and is believed at once."""

LONG_ENOUGH = 24 * 3600.0
"""Seconds that bots have to run, restarts in between or not, until a clock that was doubted is believed."""

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
    """The clock of this machine, judged by what the database holds. ``doubt`` says why it is not believed, if so."""

    def __init__(self, database: Database) -> None:
        self.doubt: str | None = None
        self._database = database
        self._began = datetime.now(UTC)
        self._looked = time.monotonic()
        self._believed: tuple[datetime, float] | None = None

    async def now(self) -> datetime | None:
        """Return the time if it is believed; once it is, it runs on however the clock is set. Raises LogError."""
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
        """Believe the clock if it is near to both witnesses, or if bots have run long enough beside it."""
        ((believed_at, doubted, newest),) = await self._database.read(_READ, (stamp(self._began),))
        witnesses = [datetime.fromisoformat(each) for each in (believed_at, newest) if each]
        oldest = min(witnesses, default=now)
        if now - oldest <= APART or (doubted or 0) + ran >= LONG_ENOUGH:
            self.doubt, self._believed = None, (now, time.monotonic())
            return
        self.doubt = (
            f"the clock says {now:%Y-%m-%d}, and what was last logged is of {oldest:%Y-%m-%d}: in case the clock is "
            "wrong, nothing is deleted for its age until the bot has run for a day"
        )
        _log.warning("%s", self.doubt)
        await self._database.write(_DOUBT, (stamp(oldest), ran))  # what is logged from now on is no witness
