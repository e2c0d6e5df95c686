"""A copy of the database, made beside the bot that writes it."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.durable import sync_file, unfinished
from bot.errors import LogError, printable


def back_up(database: Path, copy: Path) -> None:
    """Copy the database as it is at one moment. ``copy`` is one durable file that only this system user can read.

    Raises LogError if ``copy`` exists or the database cannot be copied; nothing is left behind then.
    """
    if os.path.lexists(copy):
        raise LogError(f"{printable(str(copy))}: exists already; name another file")
    if not database.exists():
        raise LogError(f"{database}: does not exist; it is made when the bot is first started")
    try:
        with unfinished(copy) as made:
            made.touch(0o600, exist_ok=False)
            _copy(database, made)
            sync_file(made)
            made.rename(copy)
    except OSError as error:
        raise LogError(f"{printable(str(copy))}: cannot be written ({error.strerror}); name another place") from error
    except sqlite3.Error as error:
        raise LogError(f"{printable(str(copy))}: {database} cannot be copied: {error}") from error


def _copy(database: Path, copy: Path) -> None:
    # Read-only, like every reader: only the writer may move pages out of the write-ahead log.
    uri = f"{database.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True)) as source, closing(sqlite3.connect(copy)) as target:
        source.execute("SELECT 1 FROM lookups").fetchone()  # a database without lookups is none of ours
        source.backup(target)  # all pages in one step, while the bot goes on writing
        target.execute("PRAGMA journal_mode = DELETE")  # so that it can be read from a read-only disk
        found = target.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if found != "ok":
            raise sqlite3.DatabaseError("the database is damaged: " + " ".join(found.split()))
