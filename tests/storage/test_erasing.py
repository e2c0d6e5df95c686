"""What is deleted or purged is gone from the files, and what else is there stays."""

import asyncio
import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.storage import erasing, lookups, sqlite
from bot.storage.engine import Statement
from bot.storage.erasing import ErasureSchedule
from bot.storage.lookups import LookupLog
from tests.databases import (
    GUILD,
    USER,
    Log,
    authorize,
    erased,
    eventually,
    held_snapshot,
    in_files,
    locked,
    lookup,
    opened,
    records,
    rows,
    written,
)
from tools.environment import HANGS

FORGET = Statement("DELETE FROM lookups WHERE query = ?", erase=True)


def rewritings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that grows whenever the tables are rewritten."""
    rewritten: list[str] = []
    rewrite = sqlite._Connection._rewrite

    async def counted(connection: sqlite._Connection) -> bool:
        rewritten.append("rewritten")
        return await rewrite(connection)

    monkeypatch.setattr(sqlite._Connection, "_rewrite", counted)
    return rewritten


# When deleted rows are due to leave the files


def test_deleted_rows_are_due_once_nothing_has_been_written_for_a_while() -> None:
    assert ErasureSchedule().due is None
    schedule = ErasureSchedule()
    schedule.deleted(100)
    assert (schedule.due, schedule.rewrite) == (100 + erasing.QUIET, True)
    schedule.written(105)
    assert schedule.due == 105 + erasing.QUIET


def test_deleted_rows_are_due_in_the_end_however_much_is_written_and_deleted() -> None:
    schedule = ErasureSchedule()
    for now in range(1000, 1400, 5):
        schedule.deleted(now)
        schedule.written(now)
    assert schedule.due == 1000 + erasing.GATHERED


def test_the_tables_are_rewritten_once_in_a_while_however_often_rows_are_deleted() -> None:
    schedule = ErasureSchedule()
    schedule.deleted(1000)
    schedule.tried(1010, gone=True)
    assert (schedule.due, schedule.rewrite) == (None, False)
    schedule.deleted(1011)
    assert schedule.due == 1010 + erasing.GATHERED


def test_a_reader_in_the_way_is_asked_again_soon_and_nothing_is_rewritten_for_that() -> None:
    schedule = ErasureSchedule()
    schedule.deleted(1000)
    schedule.tried(1010, gone=False)
    assert (schedule.due, schedule.rewrite) == (1010 + erasing.RETRY_INTERVAL, False)
    schedule.tried(1011, gone=True)
    assert schedule.due is None


async def test_whoever_erases_waits_for_no_rewriting_and_the_rows_are_gone_for_every_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rewritten = rewritings(monkeypatch)
    async with opened(tmp_path) as log:
        for number in range(5):
            await log.record(lookup(f"forgotten {number}"))
            assert await log.database.write(FORGET, (f"forgotten {number}",)) == 1
            assert rows(tmp_path) == []
        assert rewritten == []
    assert rewritten == ["rewritten"]
    assert not any(in_files(tmp_path, *(f"forgotten {number}" for number in range(5))))


async def test_deleted_rows_leave_the_files_at_a_quiet_moment_while_the_bot_runs(tmp_path: Path, hasty: None) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup("forgotten"))
        assert await log.database.write(FORGET, ("forgotten",)) == 1
        await erased(log.database)
        assert in_files(tmp_path, "forgotten") == [False]


async def test_a_close_without_anything_deleted_rewrites_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rewritten = rewritings(monkeypatch)
    for _ in range(2):
        async with opened(tmp_path) as log:
            await log.record(lookup("kept"))
            assert await log.database.write(FORGET, ("unknown",)) == 0
    assert rewritten == []


# While a reader holds on to the database as it was


async def test_a_reader_holds_up_neither_whoever_erases_nor_other_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hasty: None
) -> None:
    monkeypatch.setattr(erasing, "RETRY_INTERVAL", 60)
    monkeypatch.setattr(sqlite, "BUSY", 60)
    monkeypatch.setattr(
        sqlite, "BUSY_ERASING", 0.5
    )  # so twenty writes that waited for the reader would take ten seconds
    async with opened(tmp_path) as log, asyncio.timeout(8):
        await log.record(lookup("forgotten"))
        with held_snapshot(tmp_path):
            assert await log.database.write(FORGET, ("forgotten",)) == 1
            for n in range(20):
                await log.record(lookup(str(n)))
            assert rows(tmp_path) == [str(n) for n in range(20)]
            assert in_files(tmp_path, "forgotten") == [True]


async def test_what_was_erased_is_gone_soon_after_the_reader_even_if_nothing_is_written(
    tmp_path: Path, hasty: None
) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup("forgotten"))
        with held_snapshot(tmp_path):
            assert await log.database.write(FORGET, ("forgotten",)) == 1
            await asyncio.sleep(0.2)  # long enough for attempts in vain
            assert in_files(tmp_path, "forgotten") == [True]
        await erased(log.database)
        assert in_files(tmp_path, "forgotten") == [False]


@pytest.mark.usefixtures("impatient")
async def test_an_erasure_that_a_reader_holds_up_does_not_hold_up_closing_and_is_made_by_the_next_process(
    tmp_path: Path, hasty: None
) -> None:
    async with asyncio.timeout(HANGS):
        async with opened(tmp_path) as log:
            await log.record(lookup("forgotten"))
            snapshot = held_snapshot(tmp_path)
            snapshot.__enter__()
            await log.database.write(FORGET, ("forgotten",))
            await written(log)
        assert in_files(tmp_path, "forgotten") == [True]
        snapshot.__exit__(None, None, None)
        async with opened(tmp_path) as log:
            await erased(log.database)
            assert in_files(tmp_path, "forgotten") == [False]


async def test_what_the_last_process_could_not_erase_any_more_is_erased_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = tmp_path / "killed"
    killed.mkdir()
    async with opened(tmp_path) as log:
        await log.record(lookup("forgotten"))
        assert await log.database.write(FORGET, ("forgotten",)) == 1
        for name in ("lookups.db", "lookups.db-wal"):  # as a kill leaves them
            shutil.copy(tmp_path / name, killed / name)
    assert in_files(killed, "forgotten") == [True]
    rewritten = rewritings(monkeypatch)
    for _ in range(2):
        async with opened(killed) as log:
            await log.record(lookup("later"))
        assert in_files(killed, "forgotten") == [False]
    assert rewritten == ["rewritten"]
    assert rows(killed) == ["later", "later"]


# Forgetting a user


async def test_a_user_who_is_forgotten_leaves_no_lookup_in_any_file_and_others_keep_theirs(
    tmp_path: Path, hasty: None
) -> None:
    async with opened(tmp_path) as log:
        for n in range(300):
            mine = {"user_id": USER, "interaction_id": 2 * n} if n % 3 else {"user_id": USER + 1}
            await log.record(lookup(f"{'mine' if n % 3 else 'theirs'} {n} {'x' * (n * 20 % 5000)}", **mine))
        theirs = [query for query in rows(tmp_path) if query.startswith("theirs")]
        assert in_files(tmp_path, "mine 1 ", "mine 299 ") == [True, True]
        (mine_hash, other_hash) = [
            row["user_hash"] for user in (0, 1) for row in (await log.lookups_of(USER + user))[:1]
        ]
        assert await log.forget(USER) == 200
        await erased(log.database)
        assert not any(in_files(tmp_path, *(f"mine {n} " for n in range(300)), mine_hash))
        assert rows(tmp_path) == theirs
        assert all(in_files(tmp_path, *theirs[:2], other_hash))
        assert await log.forget(USER) == 0
        assert await log.lookups_of(USER) == []
    assert not any(in_files(tmp_path, *(f"mine {n} " for n in range(300))))


async def test_a_database_that_cannot_be_written_anew_is_erased_from_as_well_as_may_be(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, hasty: None
) -> None:
    def refuse(action: int, *_: object) -> int:
        return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_ATTACH else sqlite3.SQLITE_OK  # VACUUM attaches a file

    async with opened(tmp_path) as log:
        await log.record(lookup("mine", user_id=USER))
        await authorize(refuse)
        assert await log.forget(USER) == 1
        await erased(log.database)
        assert in_files(tmp_path, "mine") == [False]
        await log.record(lookup("later"))
        assert log.database.failure is None
        assert records(tmp_path, "SELECT count(*) AS number FROM unerased") == [{"number": 1}]  # for the next process
    assert "traces" in caplog.text
    assert rows(tmp_path) == ["later"]


async def test_a_lookup_that_still_waits_is_forgotten_too(tmp_path: Path, hasty: None) -> None:
    async with opened(tmp_path) as log:
        with locked(tmp_path):
            recording = asyncio.create_task(log.record(lookup("mine", user_id=USER)))
            await eventually(lambda: log.database.waiting)
            forgetting = asyncio.create_task(log.forget(USER))
            await eventually(lambda: log.database.waiting == 2)
        await recording
        assert await forgetting == 1
        assert rows(tmp_path) == []
        await erased(log.database)
        assert in_files(tmp_path, "mine") == [False]


@pytest.mark.usefixtures("impatient")
async def test_how_much_was_forgotten_is_not_known_while_the_database_is_locked(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup("mine", user_id=USER))
        await written(log)
        with locked(tmp_path):
            assert await log.forget(USER) is None
        await written(log)
        assert rows(tmp_path) == []


async def test_another_hash_key_forgets_nobody(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup("mine", user_id=USER))
        assert await LookupLog(log.database, b"another key").forget(USER) == 0
    assert rows(tmp_path) == ["mine"]


# Purging what is old

WHERE_AND_WHO = "user_hash, guild_id, channel_id, interaction_id"


def days_ago(days: int) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


async def backdate(log: Log, **age: int) -> None:
    """Make the lookups logged so far older than they are."""
    back = f"-{next(iter(age.values()))} {next(iter(age))}"
    await log.database.write(
        Statement("UPDATE lookups SET asked_at = strftime('%Y-%m-%dT%H:%M:%fZ', asked_at, ?)"), (back,)
    )


async def logged(log: Log, name: str, first: int) -> None:
    """Log a lookup of each kind: from a server, from a direct message, of another's message, and from the console."""
    who = {"user_id": USER, "channel_id": 3}
    await log.record(lookup(f"{name} slash", guild_id=GUILD, interaction_id=first, **who))
    await log.record(lookup(f"{name} direct", interaction_id=first + 1, **who))
    await log.record(
        lookup(f"{name} menu", via="menu", outcome="miss", guild_id=GUILD, interaction_id=first + 2, **who)
    )
    await log.record(lookup(f"{name} console", via="console"))


async def test_older_lookups_lose_whatever_leads_to_somebody_and_younger_ones_nothing(
    tmp_path: Path, hasty: None
) -> None:
    async with opened(tmp_path) as log:
        await logged(log, "old", 0x3132333435363738)
        await log.mark_wrong(0x3132333435363738, USER)
        await backdate(log, days=31)
        await logged(log, "young", 0x4142434445464748)
        before = rows(tmp_path, "*")
        assert all(in_files(tmp_path, "old menu", (0x3132333435363738).to_bytes(8, "big")))
        assert await log.purge(days_ago(30)) == 3
        after = rows(tmp_path, "*")
        assert rows(tmp_path) == ["old slash", "old direct", "", "old console"] + [row[2] for row in before[4:]]
        assert rows(tmp_path, WHERE_AND_WHO)[:4] == [(None,) * 4] * 4
        assert after[3:] == before[3:]
        assert [row[3:8] + row[12:] for row in after] == [row[3:8] + row[12:] for row in before]
        gone: list[str | bytes] = ["old menu", *((0x3132333435363738 + n).to_bytes(8, "big") for n in range(3))]
        await erased(log.database)
        assert not any(in_files(tmp_path, *gone))
        assert await log.purge(days_ago(30)) == 0
        assert rows(tmp_path, "*") == after


@pytest.mark.parametrize(("age", "purged"), [(29 * 24, 0), (30 * 24 - 1, 0), (30 * 24 + 1, 3), (9999, 3)])
async def test_the_age_from_which_on_a_lookup_is_purged_is_exact(tmp_path: Path, age: int, purged: int) -> None:
    async with opened(tmp_path) as log:
        await logged(log, "some", 1)
        await backdate(log, hours=age)
        assert await log.purge(days_ago(30)) == purged


async def test_what_was_purged_is_no_longer_its_askers(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await logged(log, "old", 10)
        await backdate(log, days=31)
        await log.purge(days_ago(30))
        assert await log.lookups_of(USER) == []
        assert await log.mark_wrong(10, USER) is False
        assert await log.forget(USER) == 0
    assert len(rows(tmp_path)) == 4


async def test_a_purge_looks_only_at_what_there_is_to_purge(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        plan = await log.database.read(f"EXPLAIN QUERY PLAN {lookups._PURGE.sql}", ("2024",))
        (index,) = await log.database.read("SELECT * FROM pragma_index_list('lookups') WHERE name = 'lookups_to_purge'")
    assert "USING INDEX lookups_to_purge" in str([row["detail"] for row in plan])
    assert index["partial"]


@pytest.mark.parametrize("sql", [lookups._FORGET.sql, lookups._NUMBER_OF_USER, lookups._OF_USER])
async def test_what_is_about_a_user_is_found_by_an_index(tmp_path: Path, sql: str) -> None:
    async with opened(tmp_path) as log:
        plan = await log.database.read(f"EXPLAIN QUERY PLAN {sql}", ("a hash", 10)[: sql.count("?")])
    assert "USING INDEX lookups_by_user" in str([row["detail"] for row in plan]).replace("COVERING ", "")


async def test_a_purge_of_nothing_does_not_disturb_the_files(tmp_path: Path) -> None:
    """It comes every hour, and emptying the write-ahead log costs the writes behind it time."""
    async with opened(tmp_path) as log:
        await logged(log, "young", 1)
        before = in_files(tmp_path, "young slash"), (tmp_path / "lookups.db-wal").stat().st_size
        assert await log.purge(days_ago(30)) == 0
        assert (in_files(tmp_path, "young slash"), (tmp_path / "lookups.db-wal").stat().st_size) == before
        assert before[1] > 0
