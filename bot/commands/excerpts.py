"""Keeps the beginnings of messages that **Brief this** was used on, so that the member can send them to the admins."""

from collections import OrderedDict

LENGTH = 200
"""Characters of a message that are kept: it is another member's text."""

KEPT_FOR = 15 * 60.0
"""Seconds, as long as Discord takes responses to an interaction."""

MOST = 1000
"""Excerpts kept at once, the newest ones."""


class Excerpts:
    """The beginnings of messages in memory alone, by the interaction that asked about each. Times are in seconds."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, tuple[float, str]] = OrderedDict()

    def keep(self, interaction_id: int, text: str, now: float) -> None:
        """Keep the beginning of a message, and let go of those that are too old or too many."""
        self._kept[interaction_id] = now, text[:LENGTH]
        self._let_go(now)

    def of(self, interaction_id: int, now: float) -> str | None:
        """Return the beginning of the message that was asked about, None if it is no longer kept."""
        self._let_go(now)
        return self._kept[interaction_id][1] if interaction_id in self._kept else None

    def _let_go(self, now: float) -> None:
        while self._kept and (len(self._kept) > MOST or next(iter(self._kept.values()))[0] + KEPT_FOR <= now):
            self._kept.popitem(last=False)
