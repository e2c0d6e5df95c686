"""What can befall the files of a database while a bot runs: real faults, each over at the end of its block."""

import os
import resource
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path

import pytest

from tests.databases import locked, reading

Fault = Callable[[Path], AbstractContextManager[None]]

LETTER = b"This is no database. " * 200


@contextmanager
def full(folder: Path, pid: int = 0) -> Iterator[None]:
    """Let no file of a process grow: it is refused the write as by a full disk."""
    soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def immutable(folder: Path) -> Iterator[None]:
    """Let nobody write the files, root included, even through what was opened before.

    Not the -shm, which SQLite has mapped: the system kills whoever writes to such memory then.
    """
    files = [str(folder / name) for name in ("lookups.db", "lookups.db-wal")]
    if (
        not shutil.which("chattr")
        or subprocess.run(["chattr", "+i", *files], capture_output=True, check=False).returncode
    ):
        pytest.skip("chattr +i needs root and a file system that knows it")
    try:
        yield
    finally:
        subprocess.run(["chattr", "-i", *files], check=True)


@contextmanager
def deleted(folder: Path) -> Iterator[None]:
    os.link(folder / "lookups.db", folder / "old.db")  # to count what was in it
    for path in folder.glob("lookups.db*"):
        path.unlink()
    yield


@contextmanager
def without_its_log(folder: Path) -> Iterator[None]:
    """Delete the write-ahead log alone, which holds the last rows."""
    (folder / "lookups.db-wal").unlink()
    yield


@contextmanager
def moved_away(folder: Path) -> Iterator[None]:
    (folder / "lookups.db").rename(folder / "old.db")
    yield


@contextmanager
def replaced(folder: Path) -> Iterator[None]:
    """Put another database in the place, which holds one lookup of its own."""
    with reading(folder) as connection, closing(sqlite3.connect(folder / "other.db")) as other:
        connection.backup(other)
        other.execute("DELETE FROM lookups")
        other.execute("DELETE FROM versions")
        other.commit()
    os.link(folder / "lookups.db", folder / "old.db")
    (folder / "other.db").replace(folder / "lookups.db")
    yield


@contextmanager
def turned_into_a_letter(folder: Path) -> Iterator[None]:
    os.link(folder / "lookups.db", folder / "old.db")
    (folder / "letter").write_bytes(LETTER)
    (folder / "letter").replace(folder / "lookups.db")
    yield
    (folder / "lookups.db").unlink()


@contextmanager
def damaged(folder: Path) -> Iterator[None]:
    damage(folder / "lookups.db")
    yield


PASSING: dict[str, Fault] = {
    "full": full,
    "immutable": immutable,
    "locked": locked,
    "letter": turned_into_a_letter,
}
"""What lasts until its block ends."""

LASTING: dict[str, Fault] = {
    "deleted": deleted,
    "without its log": without_its_log,
    "moved away": moved_away,
    "replaced": replaced,
    "damaged": damaged,
}
"""What is there to stay, and heals without anybody's help."""


def damage(path: Path, what: str = "lookups_by_guild") -> None:
    """Overwrite the first page of a table or an index, on the disk and behind the back of whoever has it open."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        query = "SELECT rootpage FROM sqlite_schema WHERE name = ?"
        (page,) = connection.execute(query, (what,)).fetchone() if what else (1,)
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)


def kept(folder: Path) -> set[int]:
    """Return the lookups, by interaction, in all databases of a folder: the one in use, and those it had before.

    Where a database is moved away as rows are committed, they may be in both.
    """
    found: set[int] = set()
    for path in folder.glob("*.db*"):
        if not path.name.endswith(("-wal", "-shm", ".lock")):
            with suppress(sqlite3.OperationalError), closing(sqlite3.connect(path)) as connection:
                found.update(row[0] for row in connection.execute("SELECT interaction_id FROM lookups NOT INDEXED"))
    return found
