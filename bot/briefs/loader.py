"""Loads a folder of YAML files: returns the base of the valid ones, and all problems of the others at once."""

import os
import stat
from collections.abc import Mapping
from operator import attrgetter
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import NamedTuple

from bot.briefs.brief import BriefBase, may_be_brief
from bot.briefs.brief_file import NO_ID, LoadedFile, read_brief
from bot.briefs.consistency import disagreements, in_order, own_problems, usable
from bot.briefs.journal import Journal, complete_change, contents_before
from bot.briefs.translation import is_file_name, parted
from bot.briefs.translation_files import usable_translations
from bot.errors import BriefsError, Problem

MAX_BYTES = 1 << 20
"""Bytes of the largest file that is read. The largest valid brief fits in 1 MiB, in any script."""


READS = 3
"""Most times that a folder is read again because a change began or ended meanwhile."""

Texts = Mapping[str, str | None]
"""Texts by id that are used in place of the files. None means that there is no such file."""

_NONE: Texts = MappingProxyType({})


class Loaded(NamedTuple):
    """A brief base, the files that it was made from, and the problems of the files that could not be used.

    ``journal`` is the journal of a complete change that is not finished yet.
    """

    base: BriefBase
    files: tuple[LoadedFile, ...]
    problems: tuple[Problem, ...] = ()
    journal: Journal | None = None

    @property
    def of_briefs(self) -> tuple[Problem, ...]:
        """The problems that keep a base from starting: all but those of translations, without which it can do."""
        return tuple(problem for problem in self.problems if not parted(PurePath(problem.path).stem)[1])


class _Folder(NamedTuple):
    files: list[LoadedFile]
    problems: list[Problem]
    names: set[str]
    """The names of all files without .yaml, also of those that cannot be read."""


def load(folder: Path, texts: Texts = _NONE, good: BriefBase | None = None) -> Loaded:
    """Read every ``*.yaml`` in ``folder``, not in subfolders. Raises BriefsError with all problems if there are any.

    ``texts`` are used in place of files, to see what the folder would be after a change. ``good`` says which language
    the briefs are in.
    """
    loaded = survey(folder, texts, good)
    if loaded.problems:
        raise BriefsError(loaded.problems)
    return loaded


def survey(folder: Path, texts: Texts = _NONE, good: BriefBase | None = None, *, hold: bool = False) -> Loaded:
    """Read every ``*.yaml`` in ``folder``, use the valid ones, and report the problems of the others.

    For a wrong file, the base has the brief from ``good``, the base that was in use, if it is there. With ``hold``, at
    most half of the briefs of ``good`` may disappear. A wrong translation is replaced in the same way, and never keeps
    a brief from being used.
    """
    good = good or BriefBase()
    for _ in range(READS):
        state = _changed_at(folder)
        journal, read = complete_change(folder), _read_folder(folder, texts)
        if state == _changed_at(folder):
            break
    files = sorted((file for file in read.files if not file.language), key=attrgetter("path"))
    ranked = in_order(files, texts, good)
    ids = {name for name in read.names if not parted(name)[1]}
    problems = [*read.problems, *own_problems(files), *disagreements(ranked)]
    gone = good.briefs.keys() - ids
    if not ids and not problems:
        problems.append(Problem(str(folder), 1, 1, "holds no briefs; a brief is a file whose name ends in .yaml"))
    elif ids and hold and 2 * len(gone) > len(good.briefs):
        removed = f"{len(gone)} of {len(good.briefs)} briefs would be removed"
        problems.append(Problem(str(folder), 1, 1, f"held: {removed}; to have it so, restart or use /briefs reload"))
    elif ids:
        gone = set()
    used, kept, more = usable(files, problems, good.briefs, gone)
    briefs = kept | {file.id: file.brief for file in used.values() if file.brief}
    others = in_order((file for file in read.files if file.language), texts, good)
    stay = good.translations.keys() - read.names if gone else set()
    translations = usable_translations(others, read.problems, briefs, good, stay)
    base = BriefBase(briefs, translations.in_use, good.language)
    found = sorted([*problems, *more, *translations.problems])
    return Loaded(base, (*used.values(), *translations.files), tuple(found), journal)


def _changed_at(folder: Path) -> int:
    """Return when a file was last created or removed in the folder.

    A change of several files begins by creating its journal and ends by removing it, so this moment differs then.
    """
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0


def _read_folder(folder: Path, texts: Texts) -> _Folder:
    """Read the files. Those of an unfinished change are taken as they were before it."""
    try:
        names = set(os.listdir(folder))
        inside = os.path.realpath(folder)
    except OSError as error:
        message = _no_folder(folder, error)
        return _Folder([], [Problem(str(folder), 1, 1, message)], set())
    contents: dict[str, bytes | str | None] = {}
    for name in filter(may_be_brief, names):
        path = os.path.join(folder, name)
        mended = f"rename it to {name.removesuffix('.yml')}.yaml to have it read"
        contents[name] = mended if name.endswith(".yml") else read_file(path, inside)
    contents |= {f"{brief}.yaml": content for brief, content in contents_before(folder).items()}
    for brief, text in texts.items():
        # A name that is no id could be a path out of the folder.
        written = None if text is None else text.encode(errors="surrogatepass")
        contents[f"{brief}.yaml"] = written if is_file_name(brief) else NO_ID
    there = {os.path.join(folder, name): content for name, content in contents.items() if content is not None}
    files = [read_brief(path, content) for path, content in there.items() if isinstance(content, bytes)]
    problems = [Problem(path, 1, 1, content) for path, content in there.items() if isinstance(content, str)]
    return _Folder(files, problems, {PurePath(path).stem for path in there})


def _no_folder(folder: Path, error: OSError) -> str:
    if isinstance(error, NotADirectoryError):
        return f"is a file; name the folder that holds it, {folder.parent}"
    if isinstance(error, FileNotFoundError):
        return "is not there; name the folder that holds the briefs"
    return f"cannot be read as a folder ({error.strerror}); mend its permissions, or name another folder"


def read_file(path: str, inside: str) -> bytes | str:
    """Return the content of a regular file inside the folder ``inside``, or a message that says why it cannot be read.

    Type and size are checked first, and the file is opened without blocking, because it may be a FIFO or a device.
    """
    try:
        if not os.path.realpath(path).startswith(os.path.join(inside, "")):
            return "is a link that leaves the folder; put the file itself here"
        if not stat.S_ISREG(os.stat(path).st_mode):
            return "is not a regular file; a brief is a text file"
        with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return "is not a regular file; a brief is a text file"
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        return f"cannot be read ({error.strerror}); mend its link or its permissions"
    if len(content) > MAX_BYTES:
        return f"is larger than {MAX_BYTES // 1024} KiB; a brief is short, so split it"
    return content
