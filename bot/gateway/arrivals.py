"""The interactions that have arrived: each is served once, and timed until its first response has been delivered.

Pure: the time is handed in, in seconds of any clock that never goes back.
"""

from collections import OrderedDict

from bot.metrics import Histogram

MOST_REMEMBERED = 10_000
"""How many interactions are remembered, because Discord may deliver one again after a reconnect."""

RESPONSE_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0)
"""Bounds between which responses are counted; later than 3 s Discord takes none."""

TYPES = {2: "command", 3: "component", 4: "autocomplete", 5: "modal"}
"""The types of interactions, by Discord's numbers."""


class Arrivals:
    """Remembers what arrived last. ``response_seconds`` has the times from arrival to first response, by type."""

    def __init__(self) -> None:
        self.response_seconds = {name: Histogram(RESPONSE_SECONDS) for name in TYPES.values()}
        self._remembered: OrderedDict[int, tuple[int, float] | None] = OrderedDict()

    def is_new(self, interaction_id: int, kind: int, now: float) -> bool:
        """Note an interaction of a type, and say whether it arrived for the first time."""
        if interaction_id in self._remembered:
            return False
        self._remembered[interaction_id] = kind, now
        if len(self._remembered) > MOST_REMEMBERED:
            self._remembered.popitem(last=False)
        return True

    def answered(self, interaction_id: int, now: float) -> None:
        """Count the first response to an interaction, which has just been delivered."""
        if arrival := self._remembered.get(interaction_id):
            self._remembered[interaction_id] = None
            kind, since = arrival
            self.response_seconds[TYPES[kind]].observe(now - since)
