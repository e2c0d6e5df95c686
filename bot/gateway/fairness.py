"""Limits how fast each member and each server may ask, so that one who floods the bot does not slow it for others.

Pure: the time is handed in, in seconds of any clock that never goes back.
"""

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from enum import Enum

MOST_BUCKETS = 10_000
"""Most buckets that are kept. The one unused for longest is dropped first; it would be full again by then."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How much may be taken: ``burst`` at once, and ``per_second`` in the long run."""

    burst: float
    per_second: float


MEMBER = Rate(burst=300, per_second=5)
"""What one member may ask for. Each typed letter may ask for autocomplete, so the burst is large. With a higher rate
others would notice, as `bench.fairness` shows."""

COSTS: Mapping[str, float] = {
    "briefs announce": 20,
    "briefs heed": 20,
    "briefs ignore": 20,
    "briefs ignored": 20,
    "briefs misses": 20,
    "briefs stats": 20,
    "privacy": 100,
    "privacy show": 10,
}
"""How many lookups an action counts as, if it takes much more processor time than one. All others count as 1.
"privacy" stands for the buttons of `/privacy forget`, because the button deletes and the command only asks: a
member may do that three times in a row, then once in 20 s. Actions
that only admins of the base may do are not listed, because these admins are trusted."""

SERVER = Rate(burst=3000, per_second=500)
"""What the members of one server may ask for together."""

REFUSALS = Rate(burst=1, per_second=0.2)
"""How often a member is told of being too fast, because saying so costs as much as an answer."""


class Buckets:
    """One token bucket (Turner 1986) for each key, all of the same rate."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._levels: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._levels)

    def take(self, key: Hashable, now: float, cost: float = 1) -> bool:
        """Take ``cost`` tokens from the bucket of ``key``, but never more than a full bucket holds.

        Returns False, and takes nothing, if the bucket has too few.
        """
        cost = min(cost, self._rate.burst)
        level, since = self._levels.pop(key, (self._rate.burst, now))
        level = min(self._rate.burst, level + (now - since) * self._rate.per_second)
        taken = level >= cost
        self._levels[key] = (level - cost * taken, now)
        if len(self._levels) > MOST_BUCKETS:
            self._levels.popitem(last=False)
        return taken


class Turn(Enum):
    """What becomes of an interaction."""

    SERVE = "serve"
    REFUSE = "refuse"
    DROP = "drop"


class Fairness:
    """Decides what becomes of an interaction: it is served while its member and their server have tokens left."""

    def __init__(self) -> None:
        self._members = Buckets(MEMBER)
        self._servers = Buckets(SERVER)
        self._refused = Buckets(REFUSALS)

    def turn(self, user: Hashable, guild: Hashable | None, now: float, action: str = "") -> Turn:
        """Return what becomes of an ``action`` of ``user`` in ``guild``, which is None in direct messages."""
        cost = COSTS.get(action, 1)
        if self._members.take(user, now, cost) and (guild is None or self._servers.take(guild, now, cost)):
            return Turn.SERVE
        return Turn.REFUSE if self._refused.take(user, now) else Turn.DROP
