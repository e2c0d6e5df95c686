"""A lock on a folder, held by one task of one process at a time, on whichever machine shares the folder."""

import asyncio
import fcntl
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import IO

NAME = ".lock"
"""The file in the folder that stands for it: flock on a folder itself does not reach across a network file system."""

LOCK_TIMEOUT = 10.0
"""Seconds that another process is waited for; writing a change takes it tenths of a second."""

LOCK_INTERVAL = 0.05
"""Seconds between two attempts. Not a thread that waits: it could not be called off."""


class FolderLock:
    """Whoever writes into a folder, or notes what it holds, holds its lock meanwhile.

    It binds only those who ask for it: an editor or `git` does not. Where it cannot be had, because nothing can be
    written there or the file system has no locks, it holds within this process alone.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._in_process = asyncio.Lock()

    @asynccontextmanager
    async def held(self, *, to_write: bool) -> AsyncIterator[bool]:
        """Hold the lock for the block, which is told whether it is held, or another process keeps it too long.

        Who only reads makes no file: as long as nobody has written, there is nobody to wait for.
        """
        async with self._in_process:
            with ExitStack() as opened:
                try:
                    file = opened.enter_context(self._path.open("ab" if to_write else "r+b"))
                except OSError:
                    yield True
                else:
                    yield await _taken(file)


async def _taken(file: IO[bytes]) -> bool:
    """Lock a file until it is closed; return whether that was done in time, or cannot be done at all."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + LOCK_TIMEOUT
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if loop.time() >= deadline:
                return False
            await asyncio.sleep(LOCK_INTERVAL)
        except OSError:
            return True
        else:
            return True
