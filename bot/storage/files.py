"""The files of an SQLite database: locked for one writer, checked for damage, and set aside if they are damaged."""

import contextlib
import errno
import fcntl
import itertools
import os
import re
import sqlite3
import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from bot.durable import sync_file, unfinished, write_durably
from bot.errors import LogError
from bot.storage.migrations import migrate

Inode = tuple[int, int]

_HEADER = b"SQLite format 3\0"
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_BESIDE = ("-wal", "-shm")
_DUE = ".delete-on"
"""Ends the name of the file beside a damaged database that says when that is deleted because a member asked for it."""
_DATED = "%Y%m%dT%H%M%SZ"
_FAR = 1 << 62
"""The byte of the database file that is locked. SQLite never reads, writes or locks a byte so far behind."""


class Files(NamedTuple):
    """The identities of the database and its write-ahead log, None for a file that does not exist."""

    main: Inode | None
    wal: Inode | None


def _for_us_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


@contextlib.contextmanager
def sole_writer(path: Path) -> Iterator[None]:
    """Hold the lock of the only writer. The system releases it when the process ends, in whatever way."""
    with open(path.with_name(f"{path.name}.lock"), "a+", opener=_for_us_alone) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise _taken(path, lock.read(20).strip()) from None
        with contextlib.suppress(OSError):  # on a full disk only the number of the process is missing
            os.ftruncate(lock.fileno(), 0)
            os.write(lock.fileno(), f"{os.getpid()}\n".encode())
        yield


@contextlib.contextmanager
def locked(path: Path) -> Iterator[Inode]:
    """Create the database if it does not exist, and lock this very file, in case somebody deletes the lock file.

    Enter this before SQLite opens the file, and leave it after SQLite has closed it, because closing a file releases
    all locks that SQLite has on it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)  # somebody may have deleted it whole
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)  # no other user of the machine may read what members ask
    try:
        # Not flock, which conflicts with SQLite's own locks on network file systems and on macOS.
        if hasattr(fcntl, "F_OFD_SETLK"):
            byte = struct.pack("hhqqi0q", fcntl.F_WRLCK, os.SEEK_SET, _FAR, 1, 0)
            try:
                fcntl.fcntl(file, fcntl.F_OFD_SETLK, byte)
            except (BlockingIOError, PermissionError):
                raise _taken(path) from None
            except OSError as error:
                if error.errno not in (errno.EINVAL, errno.ENOLCK, errno.ENOTSUP):  # no such locks here
                    raise
        found = os.fstat(file)
        yield found.st_dev, found.st_ino
    finally:
        os.close(file)


def prepare(path: Path, patience: float) -> bool:
    """Bring the database to the newest schema, and return whether it was new.

    Raises sqlite3.DatabaseError if the table that a start reads is damaged.
    """
    with contextlib.closing(sqlite3.connect(path, timeout=patience, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA secure_delete = ON")  # for what a step of the schema drops
        new = migrate(connection) == 0
        _check(connection, "versions")
    return new


def check(path: Path, patience: float) -> None:
    """Fail if anything is damaged, by what is on the disk and not by what another connection remembers of it.

    `quick_check` takes 1.7 to 2.1 s for a million lookups (255 MB) in memory, and took 110 s from a cold, busy disk:
    too long for every start. ``prepare`` looks at what a start reads, in milliseconds; this is for real doubts.
    """
    with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", timeout=patience, uri=True)) as connection:
        _check(connection, "1")


def is_damage(error: BaseException | None) -> bool:
    """Return whether an error of SQLite's means that the file is damaged, or no database at all."""
    return isinstance(error, sqlite3.Error) and (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF in _DAMAGE


def is_database(path: Path) -> bool:
    """Return whether a file begins as every SQLite database does, damaged or not."""
    with path.open("rb") as file:
        return file.read(len(_HEADER)) == _HEADER


def quarantine(path: Path) -> Path:
    """Rename the database and its other files to a dated name that no file has yet, and return that name."""
    dated = f"{path.name}.corrupt-{datetime.now(UTC):{_DATED}}"
    names = itertools.chain((dated,), (f"{dated}-{n}" for n in itertools.count(2)))
    ends = (*_BESIDE, "")  # the database last: if the renaming stops before it, it is found damaged again
    free = next(name for name in names if not any(os.path.lexists(path.with_name(name + end)) for end in ends))
    for end in ends:
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + end).rename(path.with_name(free + end))
    return path.with_name(free)


def quarantined(path: Path) -> list[str]:
    """Return the names of the damaged databases that are still there, oldest first."""
    found = (file.name for file in path.parent.glob("*") if file.name.startswith(f"{path.name}.corrupt-"))
    return sorted(name for name in found if not name.endswith((*_BESIDE, _DUE)))


def delete_quarantined(path: Path, until: datetime, now: datetime) -> list[str]:
    """Delete the databases that were set aside before ``until``, or are due, and return their names."""
    due = due_quarantined(path)
    old = [name for name in quarantined(path) if quarantined_at(name) <= until or (name in due and due[name] <= now)]
    for name, end in itertools.product(old, (*_BESIDE, "", _DUE)):
        path.with_name(name + end).unlink(missing_ok=True)
    return old


def have_quarantined_deleted(path: Path, when: datetime) -> None:
    """Note durably that the databases that are set aside now are to be deleted, unless that was to be sooner."""
    for name in quarantined(path):
        note = path.with_name(name + _DUE)
        with contextlib.suppress(FileExistsError), unfinished(note) as made:
            write_durably(made, f"{when.isoformat(timespec='seconds')}\n".encode(), 0o600)
            os.link(made, note)


def due_quarantined(path: Path) -> dict[str, datetime]:
    """Return when databases that were set aside are deleted because a member asked for it, by their names.

    A note that cannot be read counts as one that is due.
    """
    due: dict[str, datetime] = {}
    for name in quarantined(path):
        with contextlib.suppress(FileNotFoundError):
            due[name] = _moment(path.with_name(name + _DUE).read_text(encoding="utf-8", errors="replace"))
    return due


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text.strip()).astimezone(UTC)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


def quarantined_at(name: str) -> datetime:
    """Return when a database was set aside, as its name says. For any other name, return the latest possible time."""
    dated = re.search(r"\.corrupt-(\d{8}T\d{6}Z)(?:-\d+)?$", name)
    return datetime.strptime(dated[1], _DATED).replace(tzinfo=UTC) if dated else datetime.max.replace(tzinfo=UTC)


def files(path: Path) -> Files:
    """Return the identities of the files that are there now."""
    return Files(inode(path), inode(f"{path}-wal"))


def inode(path: Path | str) -> Inode | None:
    """Return the identity of a file, which differs if another file replaces it. None if there is no file."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def drop_orphans(path: Path, had: Files) -> None:
    """Remove the write-ahead log of a database that is no longer there.

    SQLite would apply it to the file that has replaced the database, and damage that file.
    """
    now = files(path)
    if now.main != had.main and now.wal == had.wal:
        for end in _BESIDE:
            path.with_name(path.name + end).unlink(missing_ok=True)


def sync_write_ahead_log(path: Path) -> None:
    """Sync the write-ahead log, so that its content and length outlast a power cut."""
    with contextlib.suppress(FileNotFoundError):
        sync_file(path.with_name(f"{path.name}-wal"))


def _check(connection: sqlite3.Connection, what: str) -> None:
    found = connection.execute(f"PRAGMA quick_check({what})").fetchone()[0]
    if found != "ok":
        error = sqlite3.DatabaseError("the database is damaged: " + " ".join(found.split()))
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error


def _taken(path: Path, process: str = "") -> LogError:
    named = f" (process {process}, perhaps a forgotten terminal chat)" if process.isdecimal() else ""
    return LogError(f"{path}: another briefbot writes this log{named}; stop it or name another database")
