"""The interactions that are being answered now, so that the bot can wait for them before it stops."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class InFlight:
    """Counts interactions from their admission to their answer. ``number`` is how many there are now."""

    def __init__(self) -> None:
        self.number = 0
        self._idle = asyncio.Event()

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count one more for the time of the block."""
        self.number += 1
        try:
            yield
        finally:
            self.number -= 1
            if not self.number:
                self._idle.set()

    async def drained(self, within: float) -> None:
        """Wait until none is left, for ``within`` seconds at most."""
        try:
            async with asyncio.timeout(within):
                while self.number:
                    self._idle.clear()
                    await self._idle.wait()
        except TimeoutError:
            pass
