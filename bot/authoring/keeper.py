"""Hot reload: watches the folder of briefs and replaces the base in use when valid files have changed.

File events can be lost, for example when a whole directory is replaced. The keeper therefore polls: it compares the
metadata of all files every second, and their content every minute. That takes 71 ms for 10,000 files.
"""

import asyncio
import hashlib
import logging
import os
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal

from bot.answering.matcher import Matcher
from bot.authoring.folder_lock import FolderLock
from bot.briefs import journal
from bot.briefs.brief import Brief, BriefBase, may_be_brief
from bot.briefs.journal import Journal
from bot.briefs.loader import Loaded, read_file, survey
from bot.errors import Problem
from bot.garbage import out_of_the_way

POLL = 1.0
"""Seconds between two polls. Files are reloaded once two polls in a row agree, so that no half-written file is read."""

UNSETTLED = 10
"""Polls after which a folder that changes at every poll is reloaded all the same. Something may write without pause."""

DIGEST_EVERY = 60
"""Polls from one digest of the content to the next. It finds a change that left the size and times of a file alone."""

WRONG = "the briefs have problems; a wrong file is not used, and what was last good of it keeps answering"
"""The line above the list of problems in the diagnostic log."""

Build = Callable[[BriefBase], Matcher]
Publish = Callable[[Loaded, Matcher], Awaitable[None]]
Metadata = tuple[tuple[str, int, int, int, int], ...]

_log = logging.getLogger(__name__)


class BaseKeeper:
    """Keeps ``matcher`` up to date with a folder. ``problems`` says why some files are not in use.

    ``build`` makes the matcher of a base; it runs in a thread. ``publish`` is called after each reload with everything
    that was read, also with what was in use before. To write into ``folder``, hold ``lock``. ``reloads`` counts how
    often new content came into use, and how often some was refused. ``renewed`` is set each time the folder has been
    loaded.
    """

    def __init__(self, folder: Path, matcher: Matcher, build: Build, publish: Publish) -> None:
        self.matcher = matcher
        self.problems: tuple[Problem, ...] = ()
        self.reloads: Counter[Literal["success", "failure"]] = Counter()
        self.renewed = asyncio.Event()
        self.build = build
        self.lock = FolderLock(folder)
        self.folder = folder
        self._publish = publish

    async def begin(self, loaded: Loaded, matcher: Matcher) -> None:
        """Use what was loaded before the keeper was there. The first poll of ``watch`` finds what has changed since."""
        self.matcher = matcher
        self._tell(loaded.problems)
        await self._publish(await asyncio.to_thread(_slim, loaded, matcher.base), matcher)
        if await asyncio.to_thread(journal.read_journal, self.folder):
            await self.reload(force=True)  # to undo or finish a change that was cut short
        self.renewed.set()

    async def watch(self) -> None:
        """Reload whenever the folder has changed. Runs until it is cancelled.

        The first poll counts as a change, because files may have been saved after the base in use was loaded.
        """
        taken: Metadata | None = None
        before = await asyncio.to_thread(metadata, self.folder)
        digest = await asyncio.to_thread(_digest, self.folder)
        looks = unsettled = 0
        while True:
            await asyncio.sleep(POLL)
            looks += 1
            now = await asyncio.to_thread(metadata, self.folder)
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
        """Load the folder and use what is valid. For a wrong file, the last good version of its brief stays in use.

        If more than half of the briefs are gone, they stay in use too, unless ``force`` is set. Returns True if all
        files of the folder are in use now.
        """
        # We go on even without the lock: a process that hangs must not keep this one from reloading.
        async with self.lock.held(to_write=False) as held:
            return await self.reload_locked(force=force, locked=held)

    async def reload_locked(self, *, force: bool = False, locked: bool = True) -> bool:
        """Do what ``reload`` does. The caller holds the lock, or could not get it and says so with ``locked=False``.

        With the lock, an unfinished change of several files is undone first, and a complete one is finished.
        """
        if locked:
            await asyncio.to_thread(self._settle)
        loaded = await asyncio.to_thread(self._load, force)
        self._tell(loaded.problems)
        if loaded.base != self.matcher.base:
            await self._use(loaded.base)
        if loaded.problems:
            self.reloads["failure"] += 1
        await self._publish(loaded, self.matcher)
        if locked and loaded.journal:
            await asyncio.to_thread(self._finish, loaded.journal)
        self.renewed.set()
        return not loaded.problems

    @out_of_the_way()
    def _load(self, force: bool) -> Loaded:
        return _slim(survey(self.folder, good=self.matcher.base, hold=not force), self.matcher.base)

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
        """Remember the present problems. Log those that are new and those that are gone."""
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
        self.matcher = await asyncio.to_thread(out_of_the_way()(lambda: self.build(base).built()))
        self.reloads["success"] += 1
        _log.info("reloaded: %d briefs, %d of the old ones gone", len(base.briefs), len(gone))


def _slim(loaded: Loaded, before: BriefBase) -> Loaded:
    """Return what was loaded without the trees of the files, and with the old object of each brief that is as before.

    To compare, collect or free them all at once would hold up answers: a tree has 60 objects, a brief has 11. They go
    one by one here, while other threads may run.
    """

    def known(brief: Brief) -> Brief:
        return old if (old := before.briefs.get(brief.id)) == brief else brief

    base, problems, unfinished, files = loaded.base, loaded.problems, loaded.journal, list(loaded.files)
    del loaded
    for number, file in enumerate(files):
        files[number] = replace(file, root=None, brief=file.brief and known(file.brief))
    briefs = {name: known(each) for name, each in base.briefs.items()}
    return Loaded(replace(base, briefs=briefs), tuple(files), problems, unfinished)


def metadata(folder: Path) -> Metadata:
    """Return name, times, size and inode of each file that may be a brief, and of the journal; zeros if unreadable."""
    return tuple(sorted((path.name, *_stat(path)) for path in (*_files(folder), folder / journal.NAME)))


def _stat(path: Path) -> tuple[int, int, int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0, 0)
    return (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)


def _digest(folder: Path) -> bytes:
    """Return a digest of the content of all files that may be briefs, as the loader would read them."""
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
