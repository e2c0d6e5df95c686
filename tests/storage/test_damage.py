"""A damaged database is set aside, whole and under a dated name, and a new one takes over."""

import asyncio
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.errors import LogError
from bot.storage import files
from bot.storage.history import History
from tests.databases import eventually, locked, lookup, opened, rows, written
from tests.faults import LETTER, damage
from tools.environment import HANGS


async def damaged_database(folder: Path, what: str = "versions", *queries: str) -> bytes:
    """Make a database that holds these lookups, damage it, and return its bytes."""
    async with opened(folder) as log:
        for query in queries:
            await log.record(lookup(query))
    damage(folder / "lookups.db", what)
    return (folder / "lookups.db").read_bytes()


def set_aside(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.corrupt-*") if not path.name.endswith(("-wal", "-shm")))


async def test_a_damaged_database_is_set_aside_at_the_start_and_a_new_one_is_begun(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = await damaged_database(tmp_path, "versions", "old")
    async with opened(tmp_path) as log:
        await log.record(lookup("new"))
        assert rows(tmp_path) == ["new"]
        (old,) = set_aside(tmp_path)
        assert re.fullmatch(r"lookups\.db\.corrupt-\d{8}T\d{6}Z", old.name)
        assert old.read_bytes() == before
        assert log.database.quarantined == [old.name]
        assert "the log is damaged" in caplog.text
        assert str(old) in caplog.text
    async with opened(tmp_path) as log:
        assert log.database.quarantined == [old.name]  # until somebody takes it away


@pytest.mark.parametrize("content", [b"SQLite format 3\0", b"SQLite format 3\0" + b"\xff" * 5000])
async def test_what_is_left_of_a_database_is_set_aside_even_if_it_cannot_be_opened(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "lookups.db").write_bytes(content)
    async with opened(tmp_path) as log:
        await log.record(lookup("new"))
    assert [path.read_bytes() for path in set_aside(tmp_path)] == [content]
    assert rows(tmp_path) == ["new"]


async def test_what_was_set_aside_before_is_never_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Noon(datetime):
        @classmethod
        def now(cls, tz: object = None) -> "Noon":
            return cls(2026, 11, 23, 12, tzinfo=UTC)

    monkeypatch.setattr(files, "datetime", Noon)
    contents = [b"SQLite format 3\0" + bytes([n]) * 5000 for n in range(1, 4)]
    for content in contents:
        (tmp_path / "lookups.db").write_bytes(content)
        async with opened(tmp_path):
            pass
    name = "lookups.db.corrupt-20261123T120000Z"
    assert [(tmp_path / each).read_bytes() for each in (name, f"{name}-2", f"{name}-3")] == contents


def test_the_files_beside_the_database_go_with_it(tmp_path: Path) -> None:
    for end in ("", "-wal", "-shm"):
        (tmp_path / f"lookups.db{end}").write_text(end)
    old = files.quarantine(tmp_path / "lookups.db")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        old.name + end: end for end in ("", "-wal", "-shm")
    }


async def test_damage_that_the_start_does_not_meet_is_found_by_who_writes_there(tmp_path: Path) -> None:
    """To look through a million lookups takes seconds, and from a busy disk minutes."""
    await damaged_database(tmp_path, "lookups_by_guild", "old")
    async with opened(tmp_path) as log:
        await log.record(lookup("new"))
        await written(log)
        assert log.database.quarantined
    assert rows(tmp_path) == ["new"]


@pytest.mark.usefixtures("impatient")
async def test_damage_that_a_reader_meets_is_dealt_with(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup("old"))
        await written(log)
        damage(tmp_path / "lookups.db", "lookups_by_guild")
        assert await log.most_asked(None, 5) == []
        await eventually(lambda: log.database.quarantined)
        await eventually(lambda: (tmp_path / "lookups.db").exists())
        await log.record(lookup("new", brief="new"))
        await written(log)
        assert await log.most_asked(None, 5) == ["new"]


@pytest.mark.usefixtures("impatient")
async def test_what_waits_when_damage_is_met_goes_to_the_new_database(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup("old"))
        await written(log)
        with locked(tmp_path):
            await log.record(lookup("waiting"))
            await eventually(lambda: log.database.failure)
        damage(tmp_path / "lookups.db", "lookups")
        await log.record(lookup("later"))
        await written(log)
        (old,) = set_aside(tmp_path)
        kept = [*rows(tmp_path, name=old.name), *rows(tmp_path)] if is_whole(old) else rows(tmp_path)
        assert kept[-2:] == ["waiting", "later"]


def is_whole(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("SELECT * FROM lookups").fetchall()
    except sqlite3.DatabaseError:
        return False
    return True


@pytest.mark.usefixtures("impatient")
async def test_our_own_file_is_set_aside_even_if_it_no_longer_looks_like_a_database(tmp_path: Path) -> None:
    """Somebody else's is left alone, for it may be a letter."""
    async with opened(tmp_path) as log:
        await log.record(lookup("old"))
        await written(log)
        with locked(tmp_path):
            await log.record(lookup("waiting"))
            await eventually(lambda: log.database.failure)
            (tmp_path / "lookups.db").write_bytes(LETTER)
        await written(log)
    assert len(set_aside(tmp_path)) == 1
    assert rows(tmp_path) == ["waiting"]


async def test_a_letter_is_refused_at_the_start_and_not_set_aside(tmp_path: Path) -> None:
    (tmp_path / "lookups.db").write_bytes(LETTER)
    with pytest.raises(LogError, match="not a database"):
        async with opened(tmp_path):
            pass
    assert set_aside(tmp_path) == []


async def test_the_history_goes_by_the_database_that_has_taken_over(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        history = await History.opened(log.database)
        await history.record("cats", "title: Cats", "edit", 1)
        (tmp_path / "lookups.db").unlink()
        await log.record(lookup("wakes the writer"))
        async with asyncio.timeout(HANGS):
            await log.database.replaced.wait()
        with pytest.raises(LogError, match="still to be written"):
            await history.of("cats", 5)
        await history.reread()
        assert await history.of("cats", 5) == []
        assert dict(history.changed) == {}
