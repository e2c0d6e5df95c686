"""Fairness: a token bucket for each member and each server, so that nobody who floods the bot slows it for others.

Pure: the time is handed in, in seconds of any clock that never goes back.
"""

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from enum import Enum

MOST_BUCKETS = 10_000
"""Most buckets that are remembered; the one unused for longest is forgotten first, and would be full again by then."""


@dataclass(frozen=True, slots=True)
class Rate:
    """``burst`` at once, and ``per_second`` in the long run."""

    burst: float
    per_second: float


MEMBER = Rate(burst=300, per_second=5)
"""What one member may ask for. Each letter that is typed may ask for completion, and nobody types for minutes on end;
a higher rate would be felt by others, as `bench.fairness` shows."""

COSTS: Mapping[str, float] = {
    "briefs announce": 20,
    "briefs heed": 20,
    "briefs ignore": 20,
    "briefs ignored": 20,
    "briefs misses": 20,
    "briefs stats": 20,
    "privacy": 20,
    "privacy show": 10,
}
"""As how many lookups an action counts that takes much more processor time than one; every other counts as 1.
"privacy" are the buttons of `/privacy forget`: the command only asks, the button deletes. What only admins of the base
may do is not named, because they are trusted with it."""

SERVER = Rate(burst=3000, per_second=500)
"""What the members of one server may ask for together."""

TELLING = Rate(burst=1, per_second=0.2)
"""How often a member is told of being too fast: saying so costs as much as an answer."""


class Buckets:
    """One token bucket (Turner 1986) for each key, all of the same rate."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._levels: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._levels)

    def take(self, key: Hashable, now: float, cost: float = 1) -> bool:
        """Take ``cost`` tokens from the bucket of ``key``, all of them if it holds no more when it is full.

        Returns False, and takes nothing, if there are fewer.
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
    """Says whose turn it is: a member's, as long as they and their server have tokens left."""

    def __init__(self) -> None:
        self._members = Buckets(MEMBER)
        self._servers = Buckets(SERVER)
        self._told = Buckets(TELLING)

    def turn(self, user: Hashable, guild: Hashable | None, now: float, action: str = "") -> Turn:
        """Return what becomes of an ``action`` of ``user`` in ``guild``, None for direct messages."""
        cost = COSTS.get(action, 1)
        if self._members.take(user, now, cost) and (guild is None or self._servers.take(guild, now, cost)):
            return Turn.SERVE
        return Turn.REFUSE if self._told.take(user, now) else Turn.DROP
