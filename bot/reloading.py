"""Hot reload: the folder is watched, and a new valid content becomes the base by swapping one reference.

File events lose changes (a directory replaced, a whole checkout), so the folder is looked at: the files' metadata every
second, their content every minute. That keeps up with every way to save and takes 71 ms for 10,000 files.
"""

import asyncio
import hashlib
import logging
import os
from collections.abc import Callable
from pathlib import Path

from bot.brief import BriefBase, may_be_brief
from bot.errors import BriefsError, Problem
from bot.matching import Matcher

POLL = 1.0
"""Seconds between two looks at the metadata. A change is taken up once two looks agree, so that half a file settles."""

DIGEST_EVERY = 60
"""Looks from one digest of the content to the next, which sees a change that left size and times as they were."""

Load = Callable[[], BriefBase]
"""Reads the folder; raises BriefsError."""

Build = Callable[[BriefBase], Matcher]
Metadata = tuple[tuple[str, int, int, int, int], ...]

_log = logging.getLogger(__name__)


class BaseKeeper:
    """Keeps ``matcher`` up to date with a folder; ``problems`` says what is wrong with content that is not in use.

    ``publish`` is called with each new matcher. ``load`` and ``build`` run in a thread and must share nothing that
    changes.
    """

    def __init__(
        self, folder: Path, matcher: Matcher, load: Load, build: Build, publish: Callable[[Matcher], None]
    ) -> None:
        self.matcher = matcher
        self.problems: tuple[Problem, ...] = ()
        self._folder = folder
        self._load = load
        self._build = build
        self._publish = publish

    async def watch(self) -> None:
        """Reload whenever the folder has changed, until cancelled.

        The first look counts as a change: files may have been saved since the base in use was loaded.
        """
        taken: Metadata | None = None
        before = await asyncio.to_thread(_metadata, self._folder)
        digest = await asyncio.to_thread(_digest, self._folder)
        looks = 0
        while True:
            await asyncio.sleep(POLL)
            looks += 1
            now = await asyncio.to_thread(_metadata, self._folder)
            due = now != taken and now == before
            before = now
            if looks % DIGEST_EVERY == 0:
                content = await asyncio.to_thread(_digest, self._folder)
                due = due or content != digest
                digest = content
            if due:
                taken = now
                await self.reload()

    async def reload(self, *, force: bool = False) -> None:
        """Take up the folder's content, unless it has problems, or would remove most of the base and is not forced."""
        try:
            base = await asyncio.to_thread(self._load)
        except BriefsError as error:
            if error.problems != self.problems:
                _log.error("the briefs have problems, the last good base keeps answering:\n%s", error)
            self.problems = error.problems
            return
        if self.problems:
            _log.info("the problems of the briefs are gone")
        self.problems = ()
        old = self.matcher.base
        if base == old:
            return
        gone = old.briefs.keys() - base.briefs.keys()
        if 2 * len(gone) > len(old.briefs) and not force:
            _log.error("held: %d of %d briefs would be removed; restart to have it so", len(gone), len(old.briefs))
            return
        self.matcher = await asyncio.to_thread(self._build, base)
        self._publish(self.matcher)
        _log.info("reloaded: %d briefs, %d of the old ones gone", len(base.briefs), len(gone))


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
    """Return a digest of the content of every regular file that could be a brief."""
    digest = hashlib.blake2b()
    for path in sorted(_files(folder)):
        try:
            content = path.read_bytes() if path.is_file() else b""
        except OSError:
            content = b""
        digest.update(os.fsencode(path.name) + b"\0" + hashlib.blake2b(content).digest())
    return digest.digest()


def _files(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if may_be_brief(path.name)]
    except OSError:
        return []
