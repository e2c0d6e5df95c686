"""The log of lookups: what a row holds, that it is durable, and what happens when the database cannot be written."""

import asyncio
import gc
import hashlib
import os
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, closing, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiosqlite
import pytest

from bot import lookups, migrations
from bot.answer import Lookup
from bot.errors import LogError
from bot.lookups import LookupLog, open_log
from tests.processes import environment

USER = 0x0123456789ABCDEF
GUILD = 0x1122334455667788


def lookup(query: str = "troops", **more: Any) -> Lookup:
    return replace(Lookup(query, "answer", "troops", 1.0, 2.5, "slash"), **more)


def opened(folder: Path) -> AbstractAsyncContextManager[LookupLog]:
    return open_log(folder / "lookups.db", folder / "user_hash.key")


def rows(folder: Path, columns: str = "query", name: str = "lookups.db") -> list[Any]:
    """Return what a second connection reads; a single column without its tuples."""
    with closing(sqlite3.connect(f"{(folder / name).as_uri()}?mode=ro", uri=True)) as connection:
        found = connection.execute(f"SELECT {columns} FROM lookups ORDER BY id").fetchall()
    return found if "," in columns or columns == "*" else [value for (value,) in found]


@contextmanager
def locked(folder: Path, how: str = "BEGIN IMMEDIATE") -> Iterator[None]:
    """Hold the database's write lock, as another program might."""
    with closing(sqlite3.connect(folder / "lookups.db", isolation_level=None)) as connection:
        connection.execute(how)
        yield


async def eventually(condition: Callable[[], object], within: float = 10) -> None:
    async with asyncio.timeout(within):
        while not condition():
            await asyncio.sleep(0.01)


async def written(log: LookupLog) -> None:
    await eventually(lambda: log.waiting == 0)


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a slow disk slow these tests down and nothing else."""
    monkeypatch.setattr(lookups, "PATIENCE", 10)


@pytest.fixture
def _impatient(_patient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookups, "PATIENCE", 0.02)
    monkeypatch.setattr(lookups, "RETRY", 0.02)


# What a row holds


async def test_a_lookup_is_a_row_with_these_columns(tmp_path: Path) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    async with opened(tmp_path) as log:
        await log.record(
            Lookup("How many?", "answer", "troops", 0.75, 1.23456, "slash", GUILD, 20, user_id=USER, interaction_id=30)
        )
    with closing(sqlite3.connect(tmp_path / "lookups.db")) as connection:
        connection.row_factory = sqlite3.Row
        (row,) = map(dict, connection.execute("SELECT * FROM lookups"))
    asked_at, user_hash = row.pop("asked_at"), row.pop("user_hash")
    assert row == {
        "id": 1,
        "query": "How many?",
        "outcome": "answer",
        "brief": "troops",
        "confidence": 0.75,
        "elapsed_ms": pytest.approx(1.23456, abs=0.001),
        "via": "slash",
        "guild_id": GUILD,
        "channel_id": 20,
        "interaction_id": 30,
        "feedback": None,
    }
    assert list(map(type, row.values())) == [int, str, str, str, float, float, str, int, int, int, type(None)]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", asked_at)
    assert before <= datetime.fromisoformat(asked_at) <= datetime.now(UTC)
    assert re.fullmatch("[0-9a-f]{64}", user_hash)


async def test_the_columns_stand_in_the_order_of_the_contract(tmp_path: Path) -> None:
    async with opened(tmp_path):
        pass
    with closing(sqlite3.connect(tmp_path / "lookups.db")) as connection:
        names = [row[1] for row in connection.execute("PRAGMA table_info(lookups)")]
    assert names[:7] == "id asked_at query outcome brief confidence elapsed_ms".split()
    assert names[7:] == "via guild_id channel_id user_hash interaction_id feedback".split()


@pytest.mark.parametrize("outcome", ["answer", "suggest", "miss"])
@pytest.mark.parametrize("via", ["slash", "menu", "button", "console"])
async def test_every_outcome_and_every_way_in_can_be_logged(tmp_path: Path, outcome: str, via: str) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup(outcome=outcome, via=via))
        assert rows(tmp_path, "outcome, via") == [(outcome, via)]


async def test_what_is_not_known_is_null(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.record(Lookup("x", "miss", None, 0.0, 1.0, "console"))
    columns = "brief, guild_id, channel_id, user_hash, interaction_id, feedback"
    assert rows(tmp_path, columns) == [(None,) * 6]


async def test_the_time_is_utc_wherever_the_machine_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        async with opened(tmp_path) as log:
            await log.record(lookup())
    time.tzset()
    (asked_at,) = rows(tmp_path, "asked_at")
    assert before <= datetime.fromisoformat(asked_at) <= datetime.now(UTC)


@pytest.mark.parametrize(
    ("asked", "logged"),
    [
        ("", ""),
        ("  Troops,\tPLEASE\n", "  Troops,\tPLEASE\n"),
        ("북한군 é e\u0301 😀", "북한군 é e\u0301 😀"),
        ("'; DROP TABLE lookups; --", "'; DROP TABLE lookups; --"),
        ("a\0b", "a\0b"),
        ("x" * 6000, "x" * 6000),
        ("\ud800", "\ufffd"),
        ("\udfff!", "\ufffd!"),
        ("a\ud800b\udc00c", "a\ufffdb\ufffdc"),
        ("\udc00\ud800", "\ufffd\ufffd"),
        ("\ufefftroops", "\ufefftroops"),
    ],
)
async def test_the_query_is_logged_as_asked_but_for_lone_surrogates(tmp_path: Path, asked: str, logged: str) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup(asked))
        assert rows(tmp_path) == [logged]


async def test_an_interaction_that_arrives_twice_is_one_row_and_the_first_stays(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup("first", interaction_id=7))
        await log.record(lookup("again", interaction_id=7))
        await log.record(lookup("other", interaction_id=8))
        await log.record(lookup("no interaction"))
        await log.record(lookup("no interaction"))
    assert rows(tmp_path) == ["first", "other", "no interaction", "no interaction"]


async def test_an_interaction_twice_in_one_transaction_is_one_row_too(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await asyncio.gather(*(log.record(lookup(str(n), interaction_id=n // 2)) for n in range(100)))
    assert rows(tmp_path) == [str(n) for n in range(0, 100, 2)]


# Who asked


async def test_a_user_keeps_one_hash_and_each_has_another(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup(user_id=USER))
        await log.record(lookup(user_id=USER + 1))
    async with opened(tmp_path) as log:
        await log.record(lookup(user_id=USER))
    first, other, again = rows(tmp_path, "user_hash")
    assert first == again != other


async def test_the_hash_depends_on_the_key_and_is_no_plain_hash(tmp_path: Path) -> None:
    hashes = []
    for name in ("one", "two"):
        async with opened(tmp_path / name) as log:
            await log.record(lookup(user_id=USER))
        hashes += rows(tmp_path / name, "user_hash")
    assert hashes[0] != hashes[1]
    forms = (str(USER).encode(), f"{USER:x}".encode(), USER.to_bytes(8, "big"), USER.to_bytes(8, "little"))
    plain = {
        hashlib.new(name, form).hexdigest()
        for name in hashlib.algorithms_guaranteed
        if not name.startswith("shake")
        for form in forms
    }
    assert not plain & set(hashes)


async def test_a_key_that_is_given_is_the_one_that_counts(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "user_hash.key").write_text("0123456789abcdef" * 4, encoding="ascii")
        async with opened(tmp_path / name) as log:
            await log.record(lookup(user_id=USER))
    assert rows(tmp_path / "one", "user_hash") == rows(tmp_path / "two", "user_hash") != [None]


async def test_no_file_holds_the_id_of_a_user(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup("as asked", user_id=USER, guild_id=GUILD, interaction_id=5))
        await log.mark_wrong(5, USER)
        stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    stored += b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"as asked" in stored  # so an id would have been found in either form
    assert GUILD.to_bytes(8, "big") in stored
    for form in (str(USER).encode(), f"{USER:x}".encode(), USER.to_bytes(8, "big"), USER.to_bytes(8, "little")):
        assert form not in stored


async def test_the_key_is_made_once_for_this_user_alone(tmp_path: Path) -> None:
    mask = os.umask(0)
    try:
        async with open_log(tmp_path / "lookups.db", tmp_path / "secrets" / "key"):
            made = (tmp_path / "secrets" / "key").read_bytes()
    finally:
        os.umask(mask)
    async with open_log(tmp_path / "lookups.db", tmp_path / "secrets" / "key"):
        pass
    assert stat.S_IMODE((tmp_path / "secrets" / "key").stat().st_mode) == 0o600
    assert (tmp_path / "secrets" / "key").read_bytes() == made
    assert len(made) >= 32


@pytest.mark.parametrize("key", [b"", b"\n", b"short", b"x" * 31, b" " * 40])
async def test_a_key_too_short_to_protect_anyone_is_refused_and_left_alone(tmp_path: Path, key: bytes) -> None:
    (tmp_path / "user_hash.key").write_bytes(key)
    with pytest.raises(LogError, match=r"user_hash\.key"):
        async with opened(tmp_path):
            pass
    assert (tmp_path / "user_hash.key").read_bytes() == key


# Durable, in order, in groups


async def test_a_lookup_is_on_disk_when_record_returns(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        for n in range(5):
            await log.record(lookup(str(n)))
            assert log.waiting == 0
            assert rows(tmp_path) == [str(n) for n in range(n + 1)]


async def writing_connection() -> aiosqlite.Connection:
    """Return the one open connection that has written rows: to ask it, not a new one, how it writes."""
    found = []
    for connection in [thing for thing in gc.get_objects() if type(thing) is aiosqlite.Connection]:
        with suppress(ValueError):  # closed
            if connection.total_changes:
                found.append(connection)
    assert len(found) == 1
    return found[0]


async def test_the_connection_that_writes_survives_a_power_cut(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup())
        connection = await writing_connection()
        assert list(await connection.execute_fetchall("PRAGMA journal_mode")) == [("wal",)]
        assert list(await connection.execute_fetchall("PRAGMA synchronous")) == [(2,)]  # FULL


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
            left = asyncio.create_task(log.record(lookup("left")))
            await eventually(lambda: log.waiting)
            left.cancel()
            with pytest.raises(asyncio.CancelledError):
                await left
        await log.record(lookup("stayed"))
        await written(log)
        assert rows(tmp_path) == ["left", "stayed"]


async def test_closing_writes_what_waits(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        tasks = [asyncio.create_task(log.record(lookup(str(n)))) for n in range(1000)]
        await asyncio.sleep(0)
        assert log.waiting == 1000
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
        with closing(sqlite3.connect(f"{(tmp_path / 'lookups.db').as_uri()}?mode=ro", uri=True)) as report:
            report.execute("BEGIN")
            assert report.execute("SELECT count(*) FROM lookups").fetchone() == (1,)
            await log.record(lookup("second"))
            assert log.waiting == 0
            assert report.execute("SELECT count(*) FROM lookups").fetchone() == (1,)
            report.execute("COMMIT")
            with closing(sqlite3.connect(tmp_path / "backup.db")) as backup:
                report.backup(backup)
            await log.record(lookup("third"))
        assert rows(tmp_path, name="backup.db") == ["first", "second"]
        assert rows(tmp_path) == ["first", "second", "third"]


# While the database cannot be written


@pytest.mark.parametrize("how", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"])
@pytest.mark.usefixtures("_impatient")
async def test_a_locked_database_keeps_nobody_waiting_and_loses_nothing(tmp_path: Path, how: str) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup("before"))
        await written(log)
        with locked(tmp_path, how):
            for n in range(3):
                await asyncio.wait_for(log.record(lookup(f"meanwhile {n}")), 4)
            assert log.waiting == 3
            assert rows(tmp_path) == ["before"]
        await written(log)
        await log.record(lookup("after"))
        await written(log)
        assert rows(tmp_path) == ["before", "meanwhile 0", "meanwhile 1", "meanwhile 2", "after"]
        assert log.dropped == 0


@pytest.mark.usefixtures("_impatient")
async def test_too_many_waiting_lookups_are_dropped_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookups, "MOST_WAITING", 3)
    async with opened(tmp_path) as log:
        with locked(tmp_path):
            for n in range(5):
                await log.record(lookup(str(n)))
            assert (log.waiting, log.dropped) == (3, 2)
        await written(log)
        await log.record(lookup("after"))
        await written(log)
        assert rows(tmp_path) == ["0", "1", "2", "after"]


@pytest.mark.usefixtures("_impatient")
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
    async with open_log(folder / "backup.db", folder / "user_hash.key") as log:
        for query in queries:
            await log.record(lookup(query))
    return folder / "backup.db"


@pytest.mark.usefixtures("_impatient")
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


@pytest.mark.usefixtures("_impatient")
async def test_a_backup_that_is_put_in_place_keeps_its_rows(tmp_path: Path) -> None:
    """What the old file's -wal still holds is none of the new file's business."""
    restored = [f"restored {n}" for n in range(200)]
    backup = await backup_of(tmp_path, *restored)
    async with opened(tmp_path) as log:
        await log.record(lookup("before"))
        await written(log)
        backup.replace(tmp_path / "lookups.db")
        await log.record(lookup("after"))
        await eventually(lambda: log.waiting == 0, within=2)
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


@pytest.mark.usefixtures("_impatient")
async def test_a_database_that_turns_into_something_else_is_left_alone_until_it_is_gone(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup("before"))
        await written(log)
        (tmp_path / "letter").write_bytes(b"This is no database. " * 200)
        (tmp_path / "letter").replace(tmp_path / "lookups.db")
        await log.record(lookup("waiting"))
        assert log.waiting == 1
        assert (tmp_path / "lookups.db").read_bytes().startswith(b"This is no database")
        (tmp_path / "lookups.db").unlink()
        await written(log)
        assert rows(tmp_path) == ["waiting"]


@pytest.mark.usefixtures("_impatient")
async def test_a_folder_that_vanishes_and_comes_back_loses_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path / "data") as log:
        await log.record(lookup("lost"))
        await written(log)
        shutil.rmtree(tmp_path / "data")
        await log.record(lookup("waiting"))
        assert log.waiting == 1
        (tmp_path / "data").mkdir(exist_ok=True)
        await written(log)
        assert rows(tmp_path / "data") == ["waiting"]


@pytest.mark.usefixtures("_impatient")
async def test_closing_does_not_hang_while_the_database_is_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(lookups, "CLOSING", 0.02)
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


@pytest.mark.usefixtures("_impatient")
async def test_closing_does_not_hang_while_the_database_is_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(lookups, "CLOSING", 0.02)
    async with asyncio.timeout(20):
        async with opened(tmp_path) as log:
            (tmp_path / "letter").write_bytes(b"This is no database. " * 200)
            (tmp_path / "letter").replace(tmp_path / "lookups.db")
            await log.record(lookup("never written"))
    assert "1 writes" in caplog.text


@pytest.mark.usefixtures("_impatient")
async def test_a_write_that_sqlite_cannot_take_does_not_stop_those_behind_it(tmp_path: Path) -> None:
    """Such a number is what bot/members.py lets through: 19 digits of a button's custom_id."""
    async with opened(tmp_path) as log:
        await log.mark_wrong(9_999_999_999_999_999_999, USER)
        await log.record(lookup("behind"))
        await eventually(lambda: rows(tmp_path) == ["behind"], within=2)


# Opening


@pytest.mark.parametrize("place", ["", ".", "..", "folder", "file/lookups.db", "/", "/proc/nowhere/lookups.db", "a\0b"])
async def test_a_place_that_cannot_hold_a_database_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(LogError) as refusal:
        async with open_log(Path(place), tmp_path / "user_hash.key"):
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


async def test_missing_folders_are_made(tmp_path: Path) -> None:
    async with opened(tmp_path / "some" / "where") as log:
        await log.record(lookup())
    assert rows(tmp_path / "some" / "where") == ["troops"]


@pytest.mark.parametrize("name", ["a b.db", "50%.db", "what?.db", "no#1.db", "Ünïcode.db", "lookups"])
async def test_any_name_will_do_for_the_file(tmp_path: Path, name: str) -> None:
    async with open_log(tmp_path / name, tmp_path / "key") as log:
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
from bot.lookups import open_log
async def main():
    async with open_log(Path(sys.argv[1]), Path(sys.argv[2])):
        print("open")
asyncio.run(main())
"""


async def test_a_second_writer_in_another_process_is_refused(tmp_path: Path) -> None:
    async with opened(tmp_path):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", OPEN, str(tmp_path / "lookups.db"), str(tmp_path / "user_hash.key")),
            env=environment(tmp_path),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        out, errors = await asyncio.wait_for(process.communicate(), 30)
    assert out == b""
    assert errors.decode().splitlines()[-1].startswith("bot.errors.LogError: ")
    assert b"another" in errors


async def test_a_link_to_the_file_is_the_same_file(tmp_path: Path) -> None:
    async with opened(tmp_path):
        (tmp_path / "link.db").symlink_to(tmp_path / "lookups.db")
        with pytest.raises(LogError, match="another"):
            async with open_log(tmp_path / "link.db", tmp_path / "user_hash.key"):
                pass


# Feedback and reports


async def test_only_the_asker_can_say_that_it_was_not_what_they_asked(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup("mine", user_id=USER, interaction_id=1))
        await log.record(lookup("theirs", user_id=USER + 1, interaction_id=2))
        await log.record(lookup("nobody's", interaction_id=3))
        assert await log.mark_wrong(2, USER) is False
        assert await log.mark_wrong(3, USER) is False
        assert await log.mark_wrong(4, USER) is False
        assert rows(tmp_path, "feedback") == [None, None, None]
        assert await log.mark_wrong(1, USER) is True
        assert await log.mark_wrong(1, USER) is True
        assert rows(tmp_path, "query, feedback") == [("mine", "wrong"), ("theirs", None), ("nobody's", None)]


@pytest.mark.usefixtures("_impatient")
async def test_feedback_that_has_to_wait_is_not_known_yet_and_follows_its_lookup(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        with locked(tmp_path):
            await log.record(lookup("mine", user_id=USER, interaction_id=1))
            assert await log.mark_wrong(1, USER) is None
            await log.record(lookup("next", user_id=USER, interaction_id=2))
        await written(log)
        assert rows(tmp_path, "query, feedback") == [("mine", "wrong"), ("next", None)]


@pytest.mark.parametrize(
    ("guild", "limit", "expected"),
    [
        (1, 10, ["weapons", "ships", "troops"]),
        (1, 2, ["weapons", "ships"]),
        (2, 10, ["troops"]),
        (3, 10, []),
        (None, 10, ["shells"]),
    ],
)
async def test_the_briefs_asked_for_most_are_counted_server_by_server(
    tmp_path: Path, guild: int | None, limit: int, expected: list[str]
) -> None:
    asked: dict[int | None, list[str | None]] = {
        1: ["troops", "weapons", "ships", "weapons", "ships", "weapons", None, None, None, None],
        2: ["troops"],
        None: ["shells"],
    }
    async with opened(tmp_path) as log:
        for server, briefs in asked.items():
            for brief in briefs:
                await log.record(lookup(outcome="answer" if brief else "miss", brief=brief, guild_id=server))
        assert await log.most_asked(guild, limit) == expected


async def test_briefs_asked_for_equally_often_keep_one_order(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        for brief in ("weapons", "ships", "troops"):
            await log.record(lookup(brief=brief))
        assert await log.most_asked(None, 3) == ["ships", "troops", "weapons"]


async def test_a_report_of_a_database_that_cannot_be_read_is_empty(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup())
        (tmp_path / "lookups.db").unlink()
        assert await log.most_asked(None, 5) == []
        assert not (tmp_path / "lookups.db").exists()


async def test_registrations_are_remembered_by_application_and_scope(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        assert await log.registration(1, 0) is None
        await log.remember_registration(1, 0, "old")
        await log.remember_registration(1, GUILD, "one server")
        await log.remember_registration(2, 0, "another bot")
        await log.remember_registration(1, 0, "new")
    async with opened(tmp_path) as log:
        digests = [await log.registration(*where) for where in ((1, 0), (1, GUILD), (2, 0), (2, GUILD))]
    assert digests == ["new", "one server", "another bot", None]


# The schema over time

FIRST_SCHEMA = """
    CREATE TABLE lookups (
        id             INTEGER PRIMARY KEY,
        asked_at       TEXT    NOT NULL,
        query          TEXT    NOT NULL,
        outcome        TEXT    NOT NULL CHECK (outcome IN ('answer', 'suggest', 'miss')),
        brief          TEXT,
        confidence     REAL    NOT NULL,
        elapsed_ms     REAL    NOT NULL,
        via            TEXT    NOT NULL CHECK (via IN ('slash', 'menu', 'button', 'console')),
        guild_id       INTEGER,
        channel_id     INTEGER,
        user_hash      TEXT,
        interaction_id INTEGER UNIQUE,
        feedback       TEXT    CHECK (feedback IN ('wrong'))
    );
    CREATE INDEX lookups_by_guild ON lookups (guild_id, brief);
    CREATE TABLE registrations (
        application_id INTEGER NOT NULL,
        scope          INTEGER NOT NULL,
        digest         TEXT    NOT NULL,
        PRIMARY KEY (application_id, scope)
    ) WITHOUT ROWID;
    INSERT INTO lookups (asked_at, query, outcome, brief, confidence, elapsed_ms, via)
        VALUES ('2024-10-20T12:00:00Z', 'asked long ago', 'answer', 'troops', 1.0, 2.0, 'slash');
    PRAGMA user_version = 1;
"""


def schema(database: Path) -> tuple[list[tuple[str, str]], int]:
    with closing(sqlite3.connect(database)) as connection:
        statements = connection.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall()
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return [(name, " ".join((sql or "").split())) for name, sql in statements], version


async def test_a_database_of_the_first_schema_becomes_the_newest_and_keeps_its_rows(tmp_path: Path) -> None:
    """A change of the schema is a new step at the end: whoever rewrites an old one breaks every log that exists."""
    (tmp_path / "old").mkdir()
    with closing(sqlite3.connect(tmp_path / "old" / "lookups.db")) as connection:
        connection.executescript(FIRST_SCHEMA)
    for name in ("old", "new"):
        async with opened(tmp_path / name) as log:
            await log.record(lookup("asked now", user_id=USER, interaction_id=1))
            assert await log.mark_wrong(1, USER) is True
            assert await log.most_asked(None, 5) == ["troops"]
    assert schema(tmp_path / "old" / "lookups.db") == schema(tmp_path / "new" / "lookups.db")
    assert schema(tmp_path / "new" / "lookups.db")[1] == len(migrations.STEPS)
    assert rows(tmp_path / "old", "query, feedback") == [("asked long ago", None), ("asked now", "wrong")]


async def test_a_database_of_a_newer_briefbot_is_refused_and_left_alone(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup())
    with closing(sqlite3.connect(tmp_path / "lookups.db")) as connection:
        connection.execute(f"PRAGMA user_version = {len(migrations.STEPS) + 1}")
    before = schema(tmp_path / "lookups.db")
    with pytest.raises(LogError, match="newer"):
        async with opened(tmp_path):
            pass
    assert schema(tmp_path / "lookups.db") == before
    assert rows(tmp_path) == ["troops"]


def test_only_the_steps_that_are_missing_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(tmp_path / "lookups.db", isolation_level=None)) as connection:
        for steps in (1, 1, 3):
            names = ["one", "two", "three"][:steps]
            monkeypatch.setattr(migrations, "STEPS", tuple(f"CREATE TABLE {name} (a);" for name in names))
            migrations.migrate(connection)
            assert connection.execute("PRAGMA user_version").fetchone() == (steps,)
            assert connection.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (steps,)


def test_a_step_that_fails_leaves_the_step_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = ("CREATE TABLE one (a);", "CREATE TABLE two (a); CREATE TABLE one (a);")
    monkeypatch.setattr(migrations, "STEPS", steps)
    connection = sqlite3.connect(tmp_path / "lookups.db", isolation_level=None)
    with closing(connection), pytest.raises(sqlite3.OperationalError):
        migrations.migrate(connection)
    assert schema(tmp_path / "lookups.db") == ([("one", "CREATE TABLE one (a)")], 1)
