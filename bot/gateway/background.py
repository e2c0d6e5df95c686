"""Work that runs in the background. Work that fails is started again after a pause, and counts as down until then."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

from bot.errors import BotError

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds until work that has failed is started again: after the first failure, and at most."""

Work = Callable[[], Coroutine[Any, Any, None]]

_log = logging.getLogger(__name__)


class Background:
    """Keeps all added work running, from ``start`` to ``stop``.

    ``failures`` counts how often each work has failed. ``down`` has the names of work that waits to be started again.
    """

    def __init__(self) -> None:
        self.failures: Counter[str] = Counter()
        self.down: set[str] = set()
        self._works: dict[str, Work] = {}
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def names(self) -> list[str]:
        """The names of all work, in the order in which it was added."""
        return list(self._works)

    def add(self, name: str, work: Work) -> None:
        """Add ``work``, which runs from the start. If it returns, it is finished and not started again."""
        self._works[name] = work

    def start(self) -> None:
        """Start all work, unless it was started already."""
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._keep(*each), name=each[0]) for each in self._works.items()]

    async def stop(self) -> None:
        """Cancel all work, and wait until it has ended."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _keep(self, name: str, work: Work) -> None:
        now, pause = asyncio.get_running_loop().time, 0.0
        while True:
            begun = now()
            try:
                return await work()
            except Exception as error:  # whatever it is, the work must be started again: members and admins rely on it
                pause = next_pause(pause, now() - begun)
                self._note(name, error, pause)
            await asyncio.sleep(pause)
            self.down.discard(name)

    def _note(self, name: str, error: Exception, pause: float) -> None:
        """Log what failed. An error of our own is a plain message, any other has its traceback."""
        self.failures[name] += 1
        self.down.add(name)
        unforeseen = None if isinstance(error, BotError) else error
        _log.error(
            "background work failed, and is begun again in %g s: %s: %s", pause, name, error, exc_info=unforeseen
        )


def next_pause(last: float, held: float) -> float:
    """Return the pause after a failure, in seconds: twice the ``last`` one (0 if there was none), up to LONGEST_PAUSE.

    If the work ``held`` for longer than LONGEST_PAUSE seconds before it failed, the pause is FIRST_PAUSE again.
    """
    return min(2 * last, LONGEST_PAUSE) if last and held <= LONGEST_PAUSE else FIRST_PAUSE
