"""Work that goes on beside the answers: whatever fails of it is begun again, and is said to be down until then."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

from bot.errors import BotError

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds until work that has failed is begun again: the first time, and at most."""

Work = Callable[[], Coroutine[Any, Any, None]]

_log = logging.getLogger(__name__)


class Background:
    """Keeps every work that was added going, from ``start`` to ``stop``.

    ``failures`` counts how often each work has failed; ``down`` are the names of those that wait to be begun again.
    """

    def __init__(self) -> None:
        self.failures: Counter[str] = Counter()
        self.down: set[str] = set()
        self._works: dict[str, Work] = {}
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def names(self) -> list[str]:
        """What each work is called, in the order in which they were added."""
        return list(self._works)

    def add(self, name: str, work: Work) -> None:
        """Have ``work`` done from the start on. It may come to an end by itself, and is over then."""
        self._works[name] = work

    def start(self) -> None:
        """Begin all work, unless it was begun already."""
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
            except Exception as error:  # whatever it is, what members and admins rely on must go on
                pause = next_pause(pause, now() - begun)
                self._note(name, error, pause)
            await asyncio.sleep(pause)
            self.down.discard(name)

    def _note(self, name: str, error: Exception, pause: float) -> None:
        """Say what failed, with a traceback unless the message says it all."""
        self.failures[name] += 1
        self.down.add(name)
        unforeseen = None if isinstance(error, BotError) else error
        _log.error(
            "background work failed, and is begun again in %g s: %s: %s", pause, name, error, exc_info=unforeseen
        )


def next_pause(last: float, held: float) -> float:
    """Return the pause after a failure, in seconds: twice the ``last`` one, 0 if there was none, up to LONGEST_PAUSE.

    Work that ``held`` for longer than that since it was last begun starts with FIRST_PAUSE again.
    """
    return min(2 * last, LONGEST_PAUSE) if last and held <= LONGEST_PAUSE else FIRST_PAUSE
