"""SQLite with one writer: durable, in groups, and what happens while it cannot be written."""

import asyncio
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from bot.storage import database, sqlite
from bot.storage.engine import Statement
from tests.databases import (
    USER,
    authorize,
    eventually,
    locked,
    lookup,
    opened,
    reading,
    rows,
    writing_connection,
    written,
)
from tools.environment import HANGS

# Durable, in order, in groups


async def test_a_lookup_is_on_disk_when_record_returns(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        for n in range(5):
            await log.record(lookup(str(n)))
            assert log.database.waiting == 0
            assert rows(tmp_path) == [str(n) for n in range(n + 1)]


async def test_the_connection_that_writes_survives_a_power_cut(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup())
        connection = await writing_connection()
        assert list(await connection.execute_fetchall("PRAGMA journal_mode")) == [("wal",)]
        assert list(await connection.execute_fetchall("PRAGMA synchronous")) == [(2,)]  # FULL


async def test_fewer_than_one_commit_in_a_hundred_waits_for_the_disk_more_than_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        before = (tmp_path / "lookups.db").stat()
        for n in range(200):  # each writes six pages or more, and two of them wait longer where a checkpoint is made
            await log.record(lookup(str(n), user_id=n, interaction_id=n))
        assert (tmp_path / "lookups.db").stat().st_mtime_ns == before.st_mtime_ns


async def test_a_thousand_lookups_at_once_are_written_in_order_and_in_few_transactions(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup("0"))
        traced: list[str] = []
        await (await writing_connection()).set_trace_callback(traced.append)
        await asyncio.gather(*(log.record(lookup(str(n), interaction_id=n)) for n in range(1, 1001)))
        await written(log)
        assert rows(tmp_path) == [str(n) for n in range(1001)]
        commits = [statement for statement in traced if statement.upper().startswith("COMMIT")]
        assert 1 <= len(commits) <= 10


async def test_a_lookup_whose_asker_has_left_is_written_all_the_same(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        with locked(tmp_path):
            left, stayed = (asyncio.create_task(log.record(lookup(query))) for query in ("left", "stayed"))
            await eventually(lambda: log.database.waiting == 2)
            left.cancel()
            with pytest.raises(asyncio.CancelledError):
                await left
        await stayed
        await written(log)
        assert rows(tmp_path) == ["left", "stayed"]


async def test_closing_writes_what_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "CLOSING", HANGS)
    async with opened(tmp_path) as log:
        tasks = [asyncio.create_task(log.record(lookup(str(n)))) for n in range(1000)]
        await asyncio.sleep(0)
        assert log.database.waiting == 1000
    await asyncio.gather(*tasks)
    assert not (tmp_path / "lookups.db-wal").exists()
    assert rows(tmp_path) == [str(n) for n in range(1000)]


async def test_a_block_that_fails_closes_the_log_too(tmp_path: Path) -> None:
    async def fail() -> None:
        async with opened(tmp_path) as log:
            await log.record(lookup("before"))
            raise LookupError

    for _ in range(2):
        with pytest.raises(LookupError):
            await fail()
    assert rows(tmp_path) == ["before", "before"]


async def test_what_was_logged_before_stays(tmp_path: Path) -> None:
    for n in range(3):
        async with opened(tmp_path) as log:
            await log.record(lookup(str(n)))
    assert rows(tmp_path, "id, query") == [(1, "0"), (2, "1"), (3, "2")]


async def test_reports_and_backups_work_meanwhile(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup("first"))
        with reading(tmp_path) as report:
            report.execute("BEGIN")
            assert report.execute("SELECT count(*) FROM lookups").fetchone() == (1,)
            await log.record(lookup("second"))
            assert log.database.waiting == 0
            assert report.execute("SELECT count(*) FROM lookups").fetchone() == (1,)
            report.execute("COMMIT")
            with closing(sqlite3.connect(tmp_path / "backup.db")) as backup:
                report.backup(backup)
            await log.record(lookup("third"))
        assert rows(tmp_path, name="backup.db") == ["first", "second"]
        assert rows(tmp_path) == ["first", "second", "third"]


# While the database cannot be written


@pytest.mark.parametrize("how", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"])
@pytest.mark.usefixtures("impatient")
async def test_a_locked_database_keeps_nobody_waiting_and_loses_nothing(tmp_path: Path, how: str) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup("before"))
        await written(log)
        with locked(tmp_path, how):
            for n in range(3):
                await asyncio.wait_for(log.record(lookup(f"meanwhile {n}")), 4)
            assert log.database.waiting == 3
            assert rows(tmp_path) == ["before"]
        await written(log)
        await log.record(lookup("after"))
        await written(log)
        assert rows(tmp_path) == ["before", "meanwhile 0", "meanwhile 1", "meanwhile 2", "after"]
        assert log.database.dropped == 0


@pytest.mark.usefixtures("impatient")
async def test_too_many_waiting_lookups_are_dropped_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "MOST_WAITING", 3)
    async with opened(tmp_path) as log:
        with locked(tmp_path):
            for n in range(5):
                await log.record(lookup(str(n)))
            assert (log.database.waiting, log.database.dropped) == (3, 2)
        await written(log)
        await log.record(lookup("after"))
        await written(log)
        assert rows(tmp_path) == ["0", "1", "2", "after"]


@pytest.mark.usefixtures("impatient")
async def test_a_database_that_is_deleted_is_made_anew_and_gets_what_waits(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup("lost"))
        await written(log)
        (tmp_path / "lookups.db").unlink()
        await log.record(lookup("waiting"))
        await written(log)
        await log.record(lookup("later"))
        await written(log)
        assert rows(tmp_path) == ["waiting", "later"]
        connection = await writing_connection()
        assert list(await connection.execute_fetchall("PRAGMA synchronous")) == [(2,)]


async def backup_of(folder: Path, *queries: str) -> Path:
    async with opened(folder, "backup.db") as log:
        for query in queries:
            await log.record(lookup(query))
    return folder / "backup.db"


@pytest.mark.usefixtures("impatient")
async def test_a_database_that_is_replaced_gets_what_waits_and_what_comes_later(tmp_path: Path) -> None:
    backup = await backup_of(tmp_path, "restored")
    async with opened(tmp_path) as log:
        await log.record(lookup("before"))
        await written(log)
        backup.replace(tmp_path / "lookups.db")
        await log.record(lookup("waiting"))
        await written(log)
        await log.record(lookup("later"))
        await written(log)
        assert rows(tmp_path)[-2:] == ["waiting", "later"]


@pytest.mark.usefixtures("impatient")
async def test_a_backup_that_is_put_in_place_keeps_its_rows(tmp_path: Path) -> None:
    """What the old file's -wal still holds is none of the new file's business."""
    restored = [f"restored {n}" for n in range(200)]
    backup = await backup_of(tmp_path, *restored)
    async with opened(tmp_path) as log:
        await log.record(lookup("before"))
        await written(log)
        backup.replace(tmp_path / "lookups.db")
        await log.record(lookup("after"))
        await eventually(lambda: log.database.waiting == 0, within=2)
        assert rows(tmp_path) == [*restored, "after"]
    with closing(sqlite3.connect(tmp_path / "lookups.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


async def test_a_backup_that_is_put_in_place_just_before_a_restart_keeps_its_rows(tmp_path: Path) -> None:
    restored = [f"restored {n}" for n in range(200)]
    backup = await backup_of(tmp_path, *restored)
    async with opened(tmp_path) as log:
        await log.record(lookup("before"))
        backup.replace(tmp_path / "lookups.db")
    async with opened(tmp_path) as log:
        await log.record(lookup("after"))
    assert rows(tmp_path) == [*restored, "after"]


@pytest.mark.usefixtures("impatient")
async def test_a_database_that_turns_into_something_else_is_left_alone_until_it_is_gone(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup("before"))
        await written(log)
        (tmp_path / "letter").write_bytes(b"This is no database. " * 200)
        (tmp_path / "letter").replace(tmp_path / "lookups.db")
        await log.record(lookup("waiting"))
        assert log.database.waiting == 1
        assert (tmp_path / "lookups.db").read_bytes().startswith(b"This is no database")
        (tmp_path / "lookups.db").unlink()
        await written(log)
        assert rows(tmp_path) == ["waiting"]


@pytest.mark.usefixtures("impatient")
async def test_a_folder_that_vanishes_and_comes_back_loses_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path / "data") as log:
        await log.record(lookup("lost"))
        await written(log)
        shutil.rmtree(tmp_path / "data")
        await log.record(lookup("waiting"))
        assert log.database.waiting == 1
        (tmp_path / "data").mkdir(exist_ok=True)
        await written(log)
        assert rows(tmp_path / "data") == ["waiting"]


@pytest.mark.usefixtures("impatient")
async def test_closing_does_not_hang_while_the_database_is_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(database, "CLOSING", 0.02)
    async with asyncio.timeout(20):
        async with opened(tmp_path) as log:
            held = locked(tmp_path)
            held.__enter__()
            await log.record(lookup("never written"))
        held.__exit__(None, None, None)
    assert rows(tmp_path) == []
    assert "1 writes" in caplog.text
    async with opened(tmp_path) as log:
        await log.record(lookup("next"))
    assert rows(tmp_path) == ["next"]


@pytest.mark.usefixtures("impatient")
async def test_closing_does_not_hang_while_the_database_is_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(database, "CLOSING", 0.02)
    async with asyncio.timeout(20):
        async with opened(tmp_path) as log:
            (tmp_path / "letter").write_bytes(b"This is no database. " * 200)
            (tmp_path / "letter").replace(tmp_path / "lookups.db")
            await log.record(lookup("never written"))
    assert "1 writes" in caplog.text


@pytest.mark.usefixtures("impatient")
async def test_a_write_that_sqlite_cannot_take_does_not_stop_those_behind_it(tmp_path: Path) -> None:
    """Such a number is what bot/commands/brief.py lets through: 19 digits of a button's custom_id."""
    async with opened(tmp_path) as log:
        await log.mark_wrong(9_999_999_999_999_999_999, USER)
        await log.record(lookup("behind"))
        await eventually(lambda: rows(tmp_path) == ["behind"], within=2)


@pytest.mark.parametrize(
    ("columns", "impossible"),
    [
        ("id", 1 << 63),
        ("query", "\ud800"),
        ("outcome", "no such outcome"),
        ("confidence", float("nan")),  # NULL to SQLite
        ("id", "no number"),
    ],
)
@pytest.mark.parametrize("append", [False, True])
async def test_a_write_that_can_never_be_made_is_dropped_alone_and_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, columns: str, impossible: object, append: bool
) -> None:
    """Kept, it would be tried for ever and hold up all others, or end the task that writes."""
    values = {"id": None, "query": "x", "outcome": "miss", "confidence": 0.0}
    insert = Statement(
        "INSERT INTO lookups (asked_at, elapsed_ms, via, id, query, outcome, confidence) "
        "VALUES ('2024', 0, 'slash', ?, ?, ?, ?)",
        append=append,
    )

    async def write(**other: object) -> int | None:
        return await log.database.write(insert, tuple((values | other).values()))

    async with opened(tmp_path) as log:
        changed = await asyncio.gather(write(query="before"), write(**{columns: impossible}), write(query="behind"))
        await log.record(lookup("later"))
        assert list(changed) == [1, 0, 1]
        assert (log.database.waiting, log.database.dropped) == (0, 1)
        assert log.database.failure is None
    assert rows(tmp_path) == ["before", "behind", "later"]
    assert "dropped" in caplog.text


@pytest.mark.usefixtures("impatient")
async def test_the_database_says_why_it_cannot_be_written_as_long_as_that_is_so(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup("before"))
        await written(log)
        assert log.database.failure is None
        with locked(tmp_path):
            await log.record(lookup("waiting"))
            await eventually(lambda: log.database.failure)
            assert "locked" in str(log.database.failure)
        await eventually(lambda: log.database.failure is None)
        assert rows(tmp_path) == ["before", "waiting"]


async def test_a_checkpoint_that_fails_makes_no_row_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "RETRY_INTERVAL", 0.02)
    monkeypatch.setattr(sqlite, "BUSY", 0.02)
    refused: list[str] = []

    def refuse(action: int, what: str | None, *_: object) -> int:
        if action == sqlite3.SQLITE_PRAGMA and what == "wal_checkpoint":
            refused.append(what)
            return sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_OK

    async with opened(tmp_path) as log:
        await log.record(lookup("forgotten"))
        await authorize(refuse)
        forgetting = log.database.write(Statement("DELETE FROM lookups WHERE query = ?", erase=True), ("forgotten",))
        assert (await asyncio.gather(log.record(lookup("once")), forgetting))[1] == 1
    assert refused
    assert rows(tmp_path) == ["once"]


async def test_a_commit_under_way_when_the_patience_of_closing_ends_is_counted_as_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(database, "CLOSING", 0.02)

    def dawdle(action: int, what: str | None, *_: object) -> int:
        if action == sqlite3.SQLITE_TRANSACTION and what == "COMMIT":
            time.sleep(0.3)
        return sqlite3.SQLITE_OK

    async with opened(tmp_path) as log:
        await log.record(lookup("before"))
        await authorize(dawdle)
        recording = asyncio.create_task(log.record(lookup("under way")))
        await eventually(lambda: log.database.waiting)
    await recording
    assert log.database.waiting == 0
    assert "could not be made" not in caplog.text
    assert rows(tmp_path) == ["before", "under way"]


async def test_a_dropped_write_is_counted_once_however_often_those_beside_it_are_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "RETRY_INTERVAL", 0.02)
    monkeypatch.setattr(sqlite, "BUSY", 0.02)

    def refuse(action: int, what: str | None, *_: object) -> int:
        refused = action == sqlite3.SQLITE_TRANSACTION and what == "COMMIT"
        return sqlite3.SQLITE_DENY if refused else sqlite3.SQLITE_OK

    async with opened(tmp_path) as log:
        await log.record(lookup("before"))
        await authorize(refuse)  # until there is a new connection
        await asyncio.gather(log.mark_wrong((1 << 63) - 1, USER), log.record(lookup("x", confidence=float("nan"))))
        assert (log.database.waiting, log.database.dropped) == (0, 1)
    assert rows(tmp_path) == ["before"]


@pytest.mark.usefixtures("impatient")
async def test_nothing_that_goes_wrong_ends_the_writing_for_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("can't start new thread")

    async with opened(tmp_path) as log:
        with locked(tmp_path), monkeypatch.context() as patched:
            patched.setattr("bot.storage.sqlite.aiosqlite.connect", fail)
            await log.record(lookup("waiting"))
            await eventually(lambda: "thread" in str(log.database.failure) or None)
        await written(log)
        assert rows(tmp_path) == ["waiting"]


@pytest.mark.usefixtures("impatient")
async def test_the_failure_is_over_once_the_database_is_back_even_if_nothing_waits(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup("before"))
        await written(log)
        (tmp_path / "lookups.db").rename(tmp_path / "moved.db")
        (tmp_path / "lookups.db").mkdir()
        log.database._filled.set()
        await eventually(lambda: log.database.failure)
        (tmp_path / "lookups.db").rmdir()
        await eventually(lambda: log.database.failure is None)
        assert rows(tmp_path, name="moved.db") == ["before"]


@pytest.mark.usefixtures("impatient")
async def test_a_commit_to_a_file_that_is_deleted_at_that_moment_is_made_again(tmp_path: Path) -> None:
    def delete(action: int, what: str | None, *_: object) -> int:
        if action == sqlite3.SQLITE_TRANSACTION and what == "COMMIT":
            (tmp_path / "lookups.db").unlink(missing_ok=True)
        return sqlite3.SQLITE_OK

    async with opened(tmp_path) as log:
        await log.record(lookup("before"))
        await written(log)
        await authorize(delete)
        await log.record(lookup("under way"))
        await written(log)
        assert rows(tmp_path) == ["under way"]
