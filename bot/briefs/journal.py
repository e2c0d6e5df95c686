"""A change of several files as one: written down before it is made, and taken back as a whole if it is cut short.

The journal lies among the files, as the folder's lock does: there it can be written wherever they can be, and every
process that shares them finds it. Whoever changes anything here holds that lock.
"""

import errno
import os
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter
from pydantic_core import PydanticSerializationError

from bot.briefs.brief import ID_PATTERN
from bot.durable import sync_folder, write_durably

NAME = ".journal"

MOST_BYTES = 1 << 30
"""Largest journal that is read; one has at most twice the size of the files of a change, and a third more."""


def _check_moment(at: str) -> str:
    datetime.fromisoformat(at).astimezone(UTC)
    return at


@dataclass(frozen=True, slots=True)
class Entry:
    """What one brief's file held and what it is to hold; None stands for no file.

    ``path`` says below the folder where the content lies, which is elsewhere than the file if that is a link. ``mode``
    are the permissions that it had. ``link`` says where a link leads that is to be removed.
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
    """A change that is being made: the entry of each file, the action, who acts, and when (ISO 8601)."""

    action: str
    user: Annotated[int, Field(gt=0, lt=1 << 63)] | None
    at: Annotated[str, AfterValidator(_check_moment)]
    entries: tuple[Entry, ...]


_NOTES = TypeAdapter(Journal)


def entry_of(folder: Path, brief: str, after: bytes | None) -> Entry:
    """Return the entry of a file that is to hold ``after``. Raises OSError if the file cannot be read."""
    inside = Path(os.path.realpath(folder))
    file = inside / f"{brief}.yaml"
    path = file if after is None else Path(os.path.realpath(file))  # a link stays one unless it is removed
    if not os.path.lexists(path):
        return Entry(brief, os.path.relpath(path, inside), None, after)
    link = os.readlink(path) if path.is_symlink() else None
    mode = None if link else stat.S_IMODE(path.stat().st_mode) & 0o777
    return Entry(brief, os.path.relpath(path, inside), path.read_bytes(), after, mode, link)


def noted(folder: Path) -> Journal | None:
    """Return the journal of a change that was begun and not seen through, None if there is none that can be read."""
    try:
        # Whatever somebody has put there must hang nobody, and lead nowhere else.
        descriptor = os.open(folder / NAME, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode) or os.fstat(descriptor).st_size > MOST_BYTES:
                return None
            journal = _NOTES.validate_json(file.read(), strict=True)
    except (OSError, ValueError, OverflowError):
        return None
    return journal if all(_belongs(folder, entry) for entry in journal.entries) else None


def carry_out(folder: Path, journal: Journal) -> None:
    """Give every file what it is to hold; ``finish`` is to follow once that is known elsewhere.

    Raises OSError, whose filename is the file that could not be written. Then all are as before, or will be when the
    folder is settled.
    """
    new = folder / f"{NAME}.new"
    try:
        note = _NOTES.dump_json(journal)
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
    """Take back a change that was cut short; return one that was made in full, which ``finish`` is to follow.

    Raises OSError if it cannot be taken back: then that is to be tried again.
    """
    journal = noted(folder)
    if journal and not _is_made(folder, journal):
        _take_back(folder, journal)
        return None
    return journal


def finish(folder: Path, journal: Journal) -> None:
    """Remove the journal, and what a process that was killed has left. Raises OSError."""
    for entry in journal.entries:
        _new(folder / entry.path).unlink(missing_ok=True)
    (folder / NAME).unlink(missing_ok=True)
    sync_folder(folder)


def made(folder: Path) -> Journal | None:
    """Return the journal of a change that was made in full, and that nobody has finished yet."""
    journal = noted(folder)
    return journal if journal and _is_made(folder, journal) else None


def unmade(folder: Path) -> Mapping[str, bytes | None]:
    """Return what the briefs of a change that was cut short, or is just being made, held before it."""
    journal = noted(folder)
    if journal is None or _is_made(folder, journal):
        return {}
    return {entry.brief: entry.before for entry in journal.entries}


def _is_made(folder: Path, journal: Journal) -> bool:
    """Whether a change was made in full; a file that somebody else has changed since does not count."""
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
    """Give files their content, None to remove one: whoever reads one sees the old content or the new.

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
    """Whether an entry is about a brief of this folder: a journal may have come with files from elsewhere."""
    inside, file = os.path.realpath(folder), f"{entry.brief}.yaml"
    target = os.path.realpath(folder / file)
    ways = [file] + ([os.path.relpath(target, inside)] if target.startswith(os.path.join(inside, "")) else [])
    link = os.path.realpath(os.path.join(inside, entry.link or file))
    stays = entry.link is None or link.startswith(os.path.join(inside, ""))
    return bool(ID_PATTERN.fullmatch(entry.brief)) and entry.path in ways and stays
