"""Hot reload: the folder is watched, and a new valid content becomes the base by swapping one reference.

File events lose changes (a directory replaced, a whole checkout), so the folder is looked at: the files' metadata every
second, their content every minute. That keeps up with every way to save and takes 71 ms for 10,000 files.
"""

import asyncio
import hashlib
import logging
import os
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Literal

from bot.brief import BriefBase, may_be_brief
from bot.errors import BriefsError, Problem
from bot.folder_lock import FolderLock
from bot.loader import Loaded, load, read_file
from bot.matching import Matcher

POLL = 1.0
"""Seconds between two looks at the metadata. A change is taken up once two looks agree, so that half a file settles."""

UNSETTLED = 10
"""Looks after which a folder that changes at each of them is read as it is: somebody may write a file without pause."""

DIGEST_EVERY = 60
"""Looks from one digest of the content to the next, which sees a change that left size and times as they were."""

Build = Callable[[BriefBase], Matcher]
Publish = Callable[[Loaded, Matcher], Awaitable[None]]
Metadata = tuple[tuple[str, int, int, int, int], ...]

_log = logging.getLogger(__name__)


class BaseKeeper:
    """Keeps ``matcher`` up to date with a folder; ``problems`` says what is wrong with content that is not in use.

    ``build`` makes the matcher of a base, in a thread. ``publish`` is told of all content that was read and is in use,
    the content that was in use already included. Whoever writes into ``folder`` holds ``lock`` meanwhile.
    ``reloads`` counts how often new content came into use, and how often content was refused.
    """

    def __init__(self, folder: Path, matcher: Matcher, build: Build, publish: Publish) -> None:
        self.matcher = matcher
        self.problems: tuple[Problem, ...] = ()
        self.reloads: Counter[Literal["success", "failure"]] = Counter()
        self.build = build
        self.lock = FolderLock(folder)
        self.folder = folder
        self._publish = publish

    async def watch(self) -> None:
        """Reload whenever the folder has changed, until cancelled.

        The first look counts as a change: files may have been saved since the base in use was loaded.
        """
        taken: Metadata | None = None
        before = await asyncio.to_thread(_metadata, self.folder)
        digest = await asyncio.to_thread(_digest, self.folder)
        looks = unsettled = 0
        while True:
            await asyncio.sleep(POLL)
            looks += 1
            now = await asyncio.to_thread(_metadata, self.folder)
            unsettled = 0 if now == before else unsettled + 1
            due = now != taken and unsettled % UNSETTLED == 0
            before = now
            if looks % DIGEST_EVERY == 0:
                content = await asyncio.to_thread(_digest, self.folder)
                due = due or content != digest
                digest = content
            if due:
                taken = now
                await self.reload()

    async def reload(self, *, force: bool = False) -> bool:
        """Take up the folder's content, unless it has problems, or would remove most of the base and is not forced.

        Returns whether that content is in use now.
        """
        async with self.lock.held(to_write=False):  # or not: a process that hangs must not hold up another's answers
            try:
                loaded = await asyncio.to_thread(load, self.folder)
            except BriefsError as error:
                self._tell(error.problems)
                self.reloads["failure"] += 1
                return False
            if loaded.base != self.matcher.base and not await self._take_up(loaded.base, force):
                return False
            self._tell(())
            await self._publish(loaded, self.matcher)
        return True

    def _tell(self, problems: tuple[Problem, ...]) -> None:
        """Note what is wrong now, and log what was not wrong before and what no longer is."""
        before, now = set(self.problems), set(problems)
        new = [str(problem) for problem in problems if problem not in before]
        gone = [str(problem) for problem in self.problems if problem not in now]
        if new:
            _log.error("the briefs have problems, the last good base keeps answering:\n%s", "\n".join(new))
        if gone:
            _log.info("no longer wrong, with %d problems left:\n%s", len(problems), "\n".join(gone))
        self.problems = problems

    async def _take_up(self, base: BriefBase, force: bool) -> bool:
        old = self.matcher.base
        gone = old.briefs.keys() - base.briefs.keys()
        if 2 * len(gone) > len(old.briefs) and not force:
            removed = f"{len(gone)} of {len(old.briefs)} briefs would be removed"
            held = f"held: {removed}; to have it so, restart or use /briefs reload"
            self._tell((Problem(str(self.folder), 1, 1, held),))
            self.reloads["failure"] += 1
            return False
        self.matcher = await asyncio.to_thread(self.build, base)
        self.reloads["success"] += 1
        _log.info("reloaded: %d briefs, %d of the old ones gone", len(base.briefs), len(gone))
        return True


def _metadata(folder: Path) -> Metadata:
    """Return name, times, size and inode of every file that could be a brief; a broken one counts as zeros."""
    return tuple(sorted((path.name, *_stat(path)) for path in _files(folder)))


def _stat(path: Path) -> tuple[int, int, int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0, 0)
    return (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)


def _digest(folder: Path) -> bytes:
    """Return a digest of the content of every file that could be a brief, as far as the loader would read it."""
    digest = hashlib.blake2b()
    inside = os.path.realpath(folder)
    for path in sorted(_files(folder)):
        content = read_file(str(path), inside)
        if isinstance(content, str):
            content = content.encode()
        digest.update(os.fsencode(path.name) + b"\0" + hashlib.blake2b(content).digest())
    return digest.digest()


def _files(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if may_be_brief(path.name)]
    except OSError:
        return []
