"""Hot reload: the folder is watched, and what is valid of its new content becomes the base by swapping one reference.

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

from bot.answering.matcher import Matcher
from bot.authoring.folder_lock import FolderLock
from bot.briefs import journal
from bot.briefs.brief import BriefBase, may_be_brief
from bot.briefs.journal import Journal
from bot.briefs.loader import Loaded, read_file, survey
from bot.errors import Problem

POLL = 1.0
"""Seconds between two looks at the metadata. A change is taken up once two looks agree, so that half a file settles."""

UNSETTLED = 10
"""Looks after which a folder that changes at each of them is read as it is: somebody may write a file without pause."""

DIGEST_EVERY = 60
"""Looks from one digest of the content to the next, which sees a change that left size and times as they were."""

WRONG = "the briefs have problems; in place of each wrong file, what was last good of it keeps answering"
"""What is said above the problems."""

Build = Callable[[BriefBase], Matcher]
Publish = Callable[[Loaded, Matcher], Awaitable[None]]
Metadata = tuple[tuple[str, int, int, int, int], ...]

_log = logging.getLogger(__name__)


class BaseKeeper:
    """Keeps ``matcher`` up to date with a folder; ``problems`` says what is wrong with files that are not in use.

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
        """Take up the folder's content, but for files that are wrong: of these what was in use before stays.

        A removal of most of the base is held unless it is forced. Returns whether all of the content is in use now.
        """
        async with self.lock.held(to_write=False) as held:  # or not: one that hangs must not hold up others' answers
            return await self.reload_locked(force=force, locked=held)

    async def reload_locked(self, *, force: bool = False, locked: bool = True) -> bool:
        """Do what ``reload`` does, for whoever holds the lock; if not ``locked``, leave unfinished changes as they are.

        A change of several files that was cut short is taken back first, and one that was made is seen through.
        """
        if locked:
            await asyncio.to_thread(self._settle)
        loaded = await asyncio.to_thread(survey, self.folder, good=self.matcher.base, hold=not force)
        self._tell(loaded.problems)
        if loaded.base != self.matcher.base:
            await self._use(loaded.base)
        if loaded.problems:
            self.reloads["failure"] += 1
        await self._publish(loaded, self.matcher)
        if locked and loaded.journal:
            await asyncio.to_thread(self._finish, loaded.journal)
        return not loaded.problems

    def _settle(self) -> None:
        try:
            journal.settle(self.folder)
        except OSError as error:
            _log.error("a change that was cut short cannot be taken back yet: %s: %s", error.filename, error.strerror)

    def _finish(self, done: Journal) -> None:
        try:
            journal.finish(self.folder, done)
        except OSError as error:
            _log.error("%s cannot be removed (%s); mend the folder of the briefs", error.filename, error.strerror)

    def _tell(self, problems: tuple[Problem, ...]) -> None:
        """Note what is wrong now, and log what was not wrong before and what no longer is."""
        before, now = set(self.problems), set(problems)
        new = [str(problem) for problem in problems if problem not in before]
        gone = [str(problem) for problem in self.problems if problem not in now]
        if new:
            _log.error("%s:\n%s", WRONG, "\n".join(new))
        if gone:
            _log.info("no longer wrong, with %d problems left:\n%s", len(problems), "\n".join(gone))
        self.problems = problems

    async def _use(self, base: BriefBase) -> None:
        gone = self.matcher.base.briefs.keys() - base.briefs.keys()
        self.matcher = await asyncio.to_thread(self.build, base)
        self.reloads["success"] += 1
        _log.info("reloaded: %d briefs, %d of the old ones gone", len(base.briefs), len(gone))


def _metadata(folder: Path) -> Metadata:
    """Return name, times, size and inode of each file that could be a brief or is a journal; zeros for a broken one."""
    return tuple(sorted((path.name, *_stat(path)) for path in (*_files(folder), folder / journal.NAME)))


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
