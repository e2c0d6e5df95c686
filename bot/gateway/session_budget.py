"""Spreads new sessions over the day. Discord allows 1,000 a day; one more ends all sessions and resets the token."""

from dataclasses import dataclass

RESERVE = 50
"""Sessions that stay unused for somebody who starts the bot by hand."""

LONGEST_PAUSE = 300.0
"""Most seconds between two new sessions of a shard whose sessions do not last."""


@dataclass(frozen=True, slots=True)
class SessionBudget:
    """What Discord allows: ``left`` of ``total`` sessions until ``resets_at``, by the same clock as ``now``."""

    total: int
    left: int
    resets_at: float

    def pause(self, now: float) -> float:
        """Return the seconds to wait before a session: 0 while half are left, later so many that the rest suffice."""
        until = max(0.0, self.resets_at - now)
        if 2 * self.left > self.total:
            return 0.0
        return until / (self.left - RESERVE) if self.left > RESERVE else until


def renewal_pause(renewals: int) -> float:
    """Return the seconds before a new session, if that many sessions in a row did not last."""
    return min(2.0 ** min(renewals, 10), LONGEST_PAUSE) if renewals > 1 else 0.0
