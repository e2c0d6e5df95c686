"""When deleted rows are removed from the files: gathered, because that rewrites the whole database and delays writes.

Pure: the time is handed in, in seconds of any clock that never goes back.
"""

import math

QUIET = 10.0
"""Seconds without a write after which deleted rows are removed before GATHERED is over."""

GATHERED = 300.0
"""Seconds that a deleted row stays in the files at most. It is also the least time between two rewrites."""

RETRY_INTERVAL = 0.5
"""Seconds between two attempts to empty the write-ahead log while a reader needs it."""


class ErasureSchedule:
    """Says when deleted rows are due to be removed. ``rewrite`` is True if the tables have to be rewritten for it."""

    def __init__(self) -> None:
        self.rewrite = False
        self._deleted = math.inf
        self._rewritten = self._written = -math.inf
        self._retry: float | None = None

    def written(self, now: float) -> None:
        """Note that something was written."""
        self._written = now

    def deleted(self, now: float) -> None:
        """Note that rows were deleted and are still in the files."""
        self.rewrite = True
        self._deleted = min(self._deleted, now)
        self._written = now

    def tried(self, now: float, *, gone: bool) -> None:
        """Note that the tables were rewritten if that was due, and whether the deleted rows are gone from all files."""
        if self.rewrite:
            self.rewrite, self._deleted, self._rewritten = False, math.inf, now
        self._retry = None if gone else now + RETRY_INTERVAL

    @property
    def due(self) -> float | None:
        """The time at which to try; None if no deleted row is left."""
        rewrite = max(self._rewritten + GATHERED, min(self._deleted + GATHERED, self._written + QUIET))
        return rewrite if self.rewrite else self._retry
