"""Where a database can be opened, by whom, and what a reader is told where it cannot."""

import asyncio
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.errors import LogError
from bot.storage import database, sqlite
from bot.storage.opening import open_database
from bot.storage.sqlite import SqliteReader
from tests.databases import eventually, lookup, opened, rows, written
from tests.faults import full
from tools.environment import environment

# Opening


@pytest.mark.parametrize("place", ["", ".", "..", "folder", "file/lookups.db", "/", "/proc/nowhere/lookups.db", "a\0b"])
async def test_a_place_that_cannot_hold_a_database_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(LogError) as refusal:
        async with open_database(Path(place)):
            pass
    assert "\n" not in str(refusal.value)


async def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "lookups.db").write_bytes(b"This is no database. " * 200)
    with pytest.raises(LogError, match=r"lookups\.db"):
        async with opened(tmp_path):
            pass
    assert (tmp_path / "lookups.db").read_bytes() == b"This is no database. " * 200


async def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "lookups.db")) as connection:
        connection.execute("CREATE TABLE lookups (address TEXT)")
    with pytest.raises(LogError, match=r"lookups\.db"):
        async with opened(tmp_path):
            pass
    with closing(sqlite3.connect(tmp_path / "lookups.db")) as connection:
        assert connection.execute("SELECT name FROM sqlite_schema").fetchall() == [("lookups",)]
        assert connection.execute("PRAGMA user_version").fetchone() == (0,)


async def test_nobody_else_may_read_what_members_ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "RETRY_INTERVAL", 0.02)
    monkeypatch.setattr(sqlite, "BUSY", 0.02)

    def readable() -> set[str]:
        return {path.name for path in tmp_path.glob("*.db*") if path.stat().st_mode & 0o077 and path.stat().st_size}

    mask = os.umask(0)
    try:
        async with opened(tmp_path) as log:
            await log.record(lookup())
            assert readable() == set()
            (tmp_path / "lookups.db").unlink()
            await log.record(lookup("made anew"))
            assert rows(tmp_path) == ["made anew"]
            assert readable() == set()
    finally:
        os.umask(mask)


async def test_missing_folders_are_made(tmp_path: Path) -> None:
    async with opened(tmp_path / "some" / "where") as log:
        await log.record(lookup())
    assert rows(tmp_path / "some" / "where") == ["troops"]


@pytest.mark.parametrize("name", ["a b.db", "50%.db", "what?.db", "no#1.db", "Ünïcode.db", "lookups"])
async def test_any_name_will_do_for_the_file(tmp_path: Path, name: str) -> None:
    async with opened(tmp_path, name) as log:
        await log.record(lookup())
        assert await log.most_asked(None, 5) == ["troops"]
    assert rows(tmp_path, name=name) == ["troops"]


async def test_a_second_writer_in_this_process_is_refused_until_the_first_closes(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        with pytest.raises(LogError) as refusal:
            async with opened(tmp_path):
                pass
        assert "lookups.db" in str(refusal.value)
        assert "another" in str(refusal.value)
        assert "\n" not in str(refusal.value)
        await log.record(lookup("the first goes on"))
        assert rows(tmp_path) == ["the first goes on"]
    async with opened(tmp_path) as log:
        await log.record(lookup("now the second may"))
    assert rows(tmp_path) == ["the first goes on", "now the second may"]


OPEN = """
import asyncio, sys
from pathlib import Path
from bot.storage.opening import open_database
async def main():
    async with open_database(Path(sys.argv[1])):
        print("open")
asyncio.run(main())
"""


async def test_a_second_writer_in_another_process_is_refused(tmp_path: Path) -> None:
    async with opened(tmp_path):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", OPEN, str(tmp_path / "lookups.db")),
            env=environment(tmp_path),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        out, errors = await asyncio.wait_for(process.communicate(), 30)
    assert out == b""
    assert errors.decode().splitlines()[-1].startswith("bot.errors.LogError: ")
    assert b"another" in errors


@pytest.mark.parametrize("exchange", [False, True])
async def test_a_second_writer_is_refused_even_if_the_lock_file_was_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exchange: bool
) -> None:
    monkeypatch.setattr(database, "RETRY_INTERVAL", 0.02)
    monkeypatch.setattr(sqlite, "BUSY", 0.02)
    async with opened(tmp_path) as log:
        if exchange:
            (tmp_path / "lookups.db").unlink()
            await log.record(lookup("in a new file"))
        (tmp_path / "lookups.db.lock").unlink()
        with pytest.raises(LogError, match=r"^[^\n]*another briefbot writes this log[^\n]*$"):
            async with opened(tmp_path):
                pass
        await log.record(lookup("the first goes on"))
        assert rows(tmp_path)[-1] == "the first goes on"


@pytest.mark.usefixtures("impatient")
async def test_two_writers_never_write_even_if_every_file_was_deleted(tmp_path: Path) -> None:
    async with opened(tmp_path) as first:
        await first.record(lookup("lost"))
        await written(first)
        for path in tmp_path.glob("lookups.db*"):
            path.unlink()
        async with opened(tmp_path) as second:
            await first.record(lookup("the first waits"))
            await eventually(lambda: "another briefbot" in str(first.database.failure))
            await second.record(lookup("the second writes"))
            await written(second)
            assert rows(tmp_path) == ["the second writes"]
        await written(first)
        assert rows(tmp_path) == ["the second writes", "the first waits"]


async def test_the_lock_leaves_sqlites_own_locks_alone(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup())
        with closing(sqlite3.connect(tmp_path / "lookups.db", timeout=0, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("COMMIT")
            assert other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() == (0, 0, 0)
        assert (tmp_path / "lookups.db-wal").exists()  # so it was not the last to close, by SQLite's own locks


async def test_a_link_to_the_file_is_the_same_file(tmp_path: Path) -> None:
    async with opened(tmp_path):
        (tmp_path / "link.db").symlink_to(tmp_path / "lookups.db")
        with pytest.raises(LogError, match="another"):
            async with open_database(tmp_path / "link.db"):
                pass


# Reading


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "does not exist"),
        (b"This is no database. " * 200, "not a database"),
        (b"", "no such table"),
        (b"SQLite format 3\0" + b"\xff" * 5000, "."),
    ],
)
async def test_what_cannot_be_read_is_a_plain_error(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "lookups.db"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(LogError, match=rf"^{re.escape(str(path))}: [^\n]*{message}[^\n]*$"):
        await SqliteReader(path).read("SELECT query FROM lookups")
    assert (path.read_bytes() if path.exists() else None) == content


@pytest.mark.parametrize("place", ["x" * 300, "a\0b", ".", "file/lookups.db"])
async def test_a_place_that_can_hold_no_database_is_a_plain_error_to_a_reader_too(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LogError):
        await SqliteReader(tmp_path / place).read("SELECT 1")


def test_a_report_that_fails_ends_without_a_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that outlives the event loop would write one to standard error."""
    traced: list[object] = []
    monkeypatch.setattr(threading, "excepthook", traced.append)
    for _ in range(30):
        with pytest.raises(LogError):
            asyncio.run(SqliteReader(tmp_path).read("SELECT 1"))
    assert traced == []


@pytest.mark.parametrize("value", [1 << 63, -(1 << 70), "\ud800"])
async def test_a_value_that_no_row_can_hold_is_a_plain_error_to_a_reader(tmp_path: Path, value: Any) -> None:
    async with opened(tmp_path) as log:
        with pytest.raises(LogError):
            await log.database.read("SELECT ?", (value,))


async def test_a_reader_can_write_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup("kept"))
        for reader in (log.database, SqliteReader(tmp_path / "lookups.db")):
            with pytest.raises(LogError, match="readonly"):
                await reader.read("DELETE FROM lookups")
    assert rows(tmp_path) == ["kept"]


async def test_a_reader_leaves_the_write_ahead_log_as_it_is(tmp_path: Path) -> None:
    """SQLite before 3.51.3 can lose rows if two connections empty it at once."""
    left = tmp_path / "left"
    left.mkdir()
    async with opened(tmp_path) as log:
        await log.record(lookup("in the log"))
        for name in ("lookups.db", "lookups.db-wal"):  # as a kill leaves them
            shutil.copy(tmp_path / name, left / name)
    before = [(left / name).read_bytes() for name in ("lookups.db", "lookups.db-wal")]
    assert [row["query"] for row in await SqliteReader(left / "lookups.db").read("SELECT query FROM lookups")] == [
        "in the log"
    ]
    assert [(left / name).read_bytes() for name in ("lookups.db", "lookups.db-wal")] == before


@pytest.mark.parametrize("begun", [False, True])
async def test_a_start_with_a_full_disk_is_refused_in_a_plain_line(tmp_path: Path, *, begun: bool) -> None:
    if begun:
        async with opened(tmp_path) as log:
            await log.record(lookup())
    with full(tmp_path), pytest.raises(LogError) as refused:
        async with opened(tmp_path):
            pass
    assert str(refused.value).startswith(f"{tmp_path / 'lookups.db'}: ")
    assert "\n" not in str(refused.value)
    async with opened(tmp_path) as log:
        await log.record(lookup())
    assert rows(tmp_path) == ["troops"] * (1 + begun)
