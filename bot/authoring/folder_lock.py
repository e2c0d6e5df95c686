"""A lock on a folder. One task of one process holds it at a time, on all machines that share the folder."""

import asyncio
import fcntl
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import IO

NAME = ".lock"
"""The file that is locked. A lock on the folder itself would not reach across a network file system."""

LOCK_TIMEOUT = 10.0
"""Seconds to wait for another process that holds the lock. Writing a change takes tenths of a second."""

LOCK_INTERVAL = 0.05
"""Seconds between two attempts. We poll because a thread that blocks on the lock could not be cancelled."""


class FolderLock:
    """Hold it while you write into a folder, or note in the database what the folder holds.

    Only the bot respects it; editors and `git` do not. If the folder is read-only or its file system has no locks,
    it works within this process alone.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._in_process = asyncio.Lock()

    @asynccontextmanager
    async def held(self, *, to_write: bool) -> AsyncIterator[bool]:
        """Hold the lock for the block. Yields True if the lock was taken, False if another process kept it too long.

        Readers (``to_write=False``) do not create the lock file: while it does not exist, nobody has written.
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
    """Lock a file until it is closed. Returns False on timeout; True also where the file system has no locks."""
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
