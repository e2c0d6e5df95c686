"""How many sessions Discord lets the bot begin: 1,000 a day. Beyond that it ends all sessions and resets the token."""

from dataclasses import dataclass

RESERVE = 50
"""Sessions that are left for whoever starts the bot by hand."""

LONGEST_PAUSE = 300.0
"""Seconds between two new sessions of a shard whose sessions do not last."""


@dataclass(frozen=True, slots=True)
class SessionBudget:
    """What Discord said: sessions of a total that are left, and when all are there again, by the clock of ``now``."""

    total: int
    left: int
    resets_at: float

    def pause(self, now: float) -> float:
        """Return the seconds to wait before a session: none while half are left, then so long that the rest suffice."""
        until = max(0.0, self.resets_at - now)
        if 2 * self.left > self.total:
            return 0.0
        return until / (self.left - RESERVE) if self.left > RESERVE else until


def renewal_pause(renewals: int) -> float:
    """Return the seconds before a new session if the last ``renewals`` ones did not last: none before the first."""
    return min(2.0 ** min(renewals, 10), LONGEST_PAUSE) if renewals > 1 else 0.0
