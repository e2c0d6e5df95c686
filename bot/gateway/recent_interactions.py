"""The interactions and questions that arrived lately: which are new, which came too fast, how soon each was answered.

Pure: the time is handed in, in seconds of any clock that never goes back.
"""

from collections import OrderedDict
from dataclasses import dataclass

from bot.metrics import Histogram

MOST_REMEMBERED = 10_000
"""How many interactions are remembered, because Discord may deliver one again after a reconnect."""

RESPONSE_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0)
"""The upper bounds of the buckets in which response times are counted. Discord takes no first response after 3 s."""

MESSAGE = 0
"""The number of what is no interaction: a message that asks."""

TYPES = {2: "command", 3: "component", 4: "autocomplete", 5: "modal", MESSAGE: "message"}
"""The types of interactions, by Discord's numbers, and messages."""


@dataclass(slots=True)
class _Arrival:
    kind: int
    arrived: float
    too_fast: bool = False
    answered: bool = False


class RecentInteractions:
    """Remembers the last interactions by their ids. ``response_seconds`` has the times to the first response, by type.

    A first response is timed when Discord has accepted it.
    """

    def __init__(self) -> None:
        self.response_seconds = {name: Histogram(RESPONSE_SECONDS) for name in TYPES.values()}
        self._remembered: OrderedDict[int, _Arrival] = OrderedDict()

    def add(self, interaction_id: int, kind: int, now: float) -> bool:
        """Remember an interaction of a type. Return False if it was delivered before."""
        if interaction_id in self._remembered:
            return False
        self._remembered[interaction_id] = _Arrival(kind, now)
        if len(self._remembered) > MOST_REMEMBERED:
            self._remembered.popitem(last=False)
        return True

    def mark_too_fast(self, interaction_id: int) -> None:
        """Note that an interaction has to be refused, because its member sends too many."""
        self._remembered[interaction_id].too_fast = True

    def is_too_fast(self, interaction_id: int) -> bool:
        """Return whether an interaction was marked as too fast."""
        return (arrival := self._remembered.get(interaction_id)) is not None and arrival.too_fast

    def answered(self, interaction_id: int, now: float) -> None:
        """Count the first response to an interaction, which Discord has just accepted."""
        arrival = self._remembered.get(interaction_id)
        if arrival and not arrival.answered:
            arrival.answered = True
            self.response_seconds[TYPES[arrival.kind]].observe(now - arrival.arrived)
