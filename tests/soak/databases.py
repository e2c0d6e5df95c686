"""What a database that was left behind holds."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

LEFT_BEHIND = ("lookups.db", "lookups.db-wal", "lookups.db-journal")


def examined(folder: Path, copy: Path) -> list[tuple[int, str]]:
    """Return each logged interaction with its query, having checked the whole file.

    A ``copy`` is looked at, because the first to open a database mends it, and that is the bot's to do.
    """
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for name in LEFT_BEHIND:
        if (folder / name).exists():
            shutil.copy(folder / name, copy / name)
    return sound_rows(copy)


def sound_rows(folder: Path) -> list[tuple[int, str]]:
    """Return each logged interaction with its query, in a database that must be sound; of one without tables none."""
    with closing(sqlite3.connect(folder / "lookups.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'lookups'").fetchone():
            return []
        found = connection.execute("SELECT interaction_id, query FROM lookups WHERE interaction_id IS NOT NULL")
        return found.fetchall()
