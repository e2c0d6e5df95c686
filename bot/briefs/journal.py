"""Changes several files as one. The change is first written into a journal, so that a change that was interrupted can
be undone as a whole.

The journal is a file in the same folder. Where the briefs can be written, the journal can be written too, and every
process that shares the folder finds it. Callers that change anything must hold the folder's lock.
"""

import errno
import os
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter
from pydantic_core import PydanticSerializationError

from bot.briefs.translation import is_file_name
from bot.durable import sync_folder, write_durably

NAME = ".journal"

MOST_BYTES = 1 << 30
"""Bytes of the largest journal that is read. A journal has at most 2.7 times the size of the files of a change."""


def _check_moment(at: str) -> str:
    datetime.fromisoformat(at).astimezone(UTC)
    return at


@dataclass(frozen=True, slots=True)
class Entry:
    """The content of one brief's file before and after the change. None means that there is no file.

    ``path`` is the file that holds the content, relative to the folder; it differs from the brief's file if that is a
    link. ``mode`` is its permissions. ``link`` is the target of a link that is to be removed.
    """

    __pydantic_config__ = ConfigDict(extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")

    brief: str
    path: str
    before: bytes | None
    after: bytes | None
    mode: Annotated[int, Field(ge=0, le=0o777)] | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Journal:
    """A change: the entry of each file, the action, the admin's user id, and the time (ISO 8601)."""

    action: str
    user: Annotated[int, Field(gt=0, lt=1 << 63)] | None
    at: Annotated[str, AfterValidator(_check_moment)]
    entries: tuple[Entry, ...]


@cache
def _notes() -> TypeAdapter[Journal]:
    """Return what reads and writes a journal. It is made when there is one, so that connecting does not wait."""
    return TypeAdapter(Journal)


def entry_of(folder: Path, brief: str, after: bytes | None) -> Entry:
    """Return the entry for writing ``after`` into a file. Raises OSError if the file cannot be read."""
    inside = Path(os.path.realpath(folder))
    file = inside / f"{brief}.yaml"
    path = file if after is None else Path(os.path.realpath(file))  # a link stays a link unless the brief is removed
    if not os.path.lexists(path):
        return Entry(brief, os.path.relpath(path, inside), None, after)
    link = os.readlink(path) if path.is_symlink() else None
    mode = None if link else stat.S_IMODE(path.stat().st_mode) & 0o777
    return Entry(brief, os.path.relpath(path, inside), path.read_bytes(), after, mode, link)


def read_journal(folder: Path) -> Journal | None:
    """Return the journal of an unfinished change, or None if there is none or it is not valid."""
    try:
        # Somebody may have put another kind of file there. It must neither block us nor lead to a file elsewhere.
        descriptor = os.open(folder / NAME, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode) or os.fstat(descriptor).st_size > MOST_BYTES:
                return None
            journal = _notes().validate_json(file.read(), strict=True)
    except (OSError, ValueError, OverflowError):
        return None
    return journal if all(_belongs(folder, entry) for entry in journal.entries) else None


def carry_out(folder: Path, journal: Journal) -> None:
    """Write all files of a change. Call ``finish`` once the history knows of the change.

    Raises OSError, whose filename is the file that could not be written. All files are as before then, or will be
    after ``settle``.
    """
    new = folder / f"{NAME}.new"
    try:
        note = _notes().dump_json(journal)
    except PydanticSerializationError as error:
        raise OSError(errno.EILSEQ, "a link leads to a name that is not UTF-8", NAME) from error
    try:
        write_durably(new, note)
        new.replace(folder / NAME)
    except OSError as error:
        with suppress(OSError):
            new.unlink()
        raise OSError(error.errno, error.strerror, NAME) from error
    sync_folder(folder)
    try:
        _put(folder, [(entry, entry.after) for entry in journal.entries])
    except OSError:
        with suppress(OSError):
            _take_back(folder, journal)
        raise


def settle(folder: Path) -> Journal | None:
    """Undo an interrupted change. Return the journal of a complete one, for which ``finish`` is to be called.

    Raises OSError if the change cannot be undone. Try again later then.
    """
    journal = read_journal(folder)
    if journal and not _is_complete(folder, journal):
        _take_back(folder, journal)
        return None
    return journal


def finish(folder: Path, journal: Journal) -> None:
    """Remove the journal and the temporary files of a killed process. Raises OSError."""
    for entry in journal.entries:
        _new(folder / entry.path).unlink(missing_ok=True)
    (folder / NAME).unlink(missing_ok=True)
    sync_folder(folder)


def complete_change(folder: Path) -> Journal | None:
    """Return the journal of a complete change that is not finished yet."""
    journal = read_journal(folder)
    return journal if journal and _is_complete(folder, journal) else None


def contents_before(folder: Path) -> Mapping[str, bytes | None]:
    """Return what the files of an unfinished change held before it."""
    journal = read_journal(folder)
    if journal is None or _is_complete(folder, journal):
        return {}
    return {entry.brief: entry.before for entry in journal.entries}


def _is_complete(folder: Path, journal: Journal) -> bool:
    """Return whether a change is complete. Files that somebody else has changed since are ignored."""
    states = {_state(folder, entry) for entry in journal.entries}
    return "after" in states and "before" not in states


def _take_back(folder: Path, journal: Journal) -> None:
    made = [(entry, entry.before) for entry in journal.entries if _state(folder, entry) == "after"]
    _put(folder, made)
    finish(folder, journal)


def _state(folder: Path, entry: Entry) -> Literal["before", "after", "other"]:
    path = folder / entry.path
    try:
        content = path.read_bytes() if os.path.lexists(path) else None
    except OSError:
        return "other"
    return "before" if content == entry.before else "after" if content == entry.after else "other"


def _put(folder: Path, wanted: Iterable[tuple[Entry, bytes | None]]) -> None:
    """Write or remove (None) files. A reader sees the old content of a file or the new one, never a part.

    Raises OSError, whose filename is the file that could not be written.
    """
    ready: dict[Path, Path] = {}
    name = ""
    try:
        for entry, content in wanted:
            name, path = f"{entry.brief}.yaml", folder / entry.path
            if content is not None:
                ready[path] = _new(path)
                _make(ready[path], entry, content)
        for entry, _ in wanted:
            name, path = f"{entry.brief}.yaml", folder / entry.path
            if path in ready:
                ready[path].replace(path)
            else:
                path.unlink(missing_ok=True)
    except OSError as error:
        raise OSError(error.errno, error.strerror, name) from error
    finally:
        for new in ready.values():
            with suppress(OSError):
                new.unlink(missing_ok=True)
    for parent in {(folder / entry.path).parent for entry, _ in wanted}:
        sync_folder(parent)


def _make(new: Path, entry: Entry, content: bytes) -> None:
    if entry.link is None:
        write_durably(new, content, entry.mode)
    else:
        new.unlink(missing_ok=True)
        new.symlink_to(entry.link)


def _new(path: Path) -> Path:
    return path.with_name(f".{path.name}.new")


def _belongs(folder: Path, entry: Entry) -> bool:
    """Return whether an entry is about a brief of this folder. A journal may have been copied from elsewhere."""
    inside, file = os.path.realpath(folder), f"{entry.brief}.yaml"
    target = os.path.realpath(folder / file)
    ways = [file] + ([os.path.relpath(target, inside)] if target.startswith(os.path.join(inside, "")) else [])
    link = os.path.realpath(os.path.join(inside, entry.link or file))
    stays = entry.link is None or link.startswith(os.path.join(inside, ""))
    return is_file_name(entry.brief) and entry.path in ways and stays
