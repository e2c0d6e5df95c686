"""What is deleted or purged is gone from the files, and what else is there stays."""

import asyncio
import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.storage import database, lookups, sqlite
from bot.storage.database import Statement
from bot.storage.lookups import LookupLog
from tests.databases import (
    GUILD,
    USER,
    Log,
    authorize,
    eventually,
    held_snapshot,
    in_files,
    locked,
    lookup,
    opened,
    reading,
    rows,
    written,
)
from tools.environment import HANGS

pytestmark = pytest.mark.usefixtures("patient")


# While a reader holds on to the database as it was


FORGET = Statement("DELETE FROM lookups WHERE query = ?", erase=True)


async def test_whoever_erases_waits_for_a_reader_and_nobody_else_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "RETRY_INTERVAL", 60)
    monkeypatch.setattr(sqlite, "BUSY", 60)
    monkeypatch.setattr(
        sqlite, "BUSY_ERASING", 0.5
    )  # so twenty writes that waited for the reader would take ten seconds
    async with opened(tmp_path) as log, asyncio.timeout(8):
        await log.record(lookup("forgotten"))
        with held_snapshot(tmp_path):
            erasing = asyncio.create_task(log.database.write(FORGET, ("forgotten",)))
            await eventually(lambda: rows(tmp_path) == [])
            for n in range(20):
                await log.record(lookup(str(n)))
            assert rows(tmp_path) == [str(n) for n in range(20)]
            assert not erasing.done()
            erasing.cancel()


async def test_what_was_erased_is_gone_soon_after_the_reader_even_if_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "RETRY_INTERVAL", 0.02)
    monkeypatch.setattr(sqlite, "BUSY", 0.02)
    monkeypatch.setattr(sqlite, "BUSY_ERASING", 0)
    async with opened(tmp_path) as log:
        await log.record(lookup("forgotten"))
        with held_snapshot(tmp_path):
            erasing = asyncio.create_task(log.database.write(FORGET, ("forgotten",)))
            await eventually(lambda: rows(tmp_path) == [])
            await asyncio.sleep(0.2)  # long enough for attempts in vain
            assert in_files(tmp_path, "forgotten") == [True]
        assert await erasing == 1
        assert in_files(tmp_path, "forgotten") == [False]


@pytest.mark.usefixtures("impatient")
async def test_an_erasure_that_a_reader_holds_up_does_not_hold_up_closing(tmp_path: Path) -> None:
    async with asyncio.timeout(HANGS):
        async with opened(tmp_path) as log:
            await log.record(lookup("forgotten"))
            snapshot = held_snapshot(tmp_path)
            snapshot.__enter__()
            assert await log.database.write(FORGET, ("forgotten",)) is None
        assert in_files(tmp_path, "forgotten") == [True]
        snapshot.__exit__(None, None, None)


async def test_what_the_last_process_could_not_erase_any_more_is_erased_by_the_next(tmp_path: Path) -> None:
    killed = tmp_path / "killed"
    killed.mkdir()
    async with opened(tmp_path) as log:
        await log.record(lookup("forgotten"))
        with held_snapshot(tmp_path):
            erasing = asyncio.create_task(log.database.write(FORGET, ("forgotten",)))
            await eventually(lambda: rows(tmp_path) == [])
            for name in ("lookups.db", "lookups.db-wal"):  # as a kill leaves them
                shutil.copy(tmp_path / name, killed / name)
        assert await erasing == 1
    with reading(killed) as reader:  # keeps the first connection from emptying the log when it closes
        reader.execute("SELECT count(*) FROM lookups").fetchone()
        async with opened(killed):
            assert in_files(killed, "forgotten") == [True]
            await eventually(lambda: in_files(killed, "forgotten") == [False])


# Forgetting a user


async def test_a_user_who_is_forgotten_leaves_no_lookup_in_any_file_and_others_keep_theirs(tmp_path: Path) -> None:
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
        assert not any(in_files(tmp_path, *(f"mine {n} " for n in range(300)), mine_hash))
        assert rows(tmp_path) == theirs
        assert all(in_files(tmp_path, *theirs[:2], other_hash))
        assert await log.forget(USER) == 0
        assert await log.lookups_of(USER) == []
    assert not any(in_files(tmp_path, *(f"mine {n} " for n in range(300))))


async def test_a_database_that_cannot_be_written_anew_is_erased_from_as_well_as_may_be(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(action: int, *_: object) -> int:
        return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_ATTACH else sqlite3.SQLITE_OK  # VACUUM attaches a file

    async with opened(tmp_path) as log:
        await log.record(lookup("mine", user_id=USER))
        await authorize(refuse)
        assert await log.forget(USER) == 1
        assert in_files(tmp_path, "mine") == [False]
        await log.record(lookup("later"))
        assert log.database.failure is None
    assert "traces" in caplog.text
    assert rows(tmp_path) == ["later"]


async def test_a_lookup_that_still_waits_is_forgotten_too(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        with locked(tmp_path):
            recording = asyncio.create_task(log.record(lookup("mine", user_id=USER)))
            await eventually(lambda: log.database.waiting)
            forgetting = asyncio.create_task(log.forget(USER))
            await eventually(lambda: log.database.waiting == 2)
        await recording
        assert await forgetting == 1
        assert rows(tmp_path) == []
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


async def test_older_lookups_lose_whatever_leads_to_somebody_and_younger_ones_nothing(tmp_path: Path) -> None:
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


async def test_a_purge_of_nothing_does_not_disturb_the_files(tmp_path: Path) -> None:
    """It comes every hour, and emptying the write-ahead log costs the writes behind it time."""
    async with opened(tmp_path) as log:
        await logged(log, "young", 1)
        before = in_files(tmp_path, "young slash"), (tmp_path / "lookups.db-wal").stat().st_size
        assert await log.purge(days_ago(30)) == 0
        assert (in_files(tmp_path, "young slash"), (tmp_path / "lookups.db-wal").stat().st_size) == before
        assert before[1] > 0
