"""A backup: whole, of one moment, made beside a bot that writes, and good to start from again."""

import asyncio
import os
import re
import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bot.errors import LogError
from bot.storage.backup import back_up
from tests import processes
from tests.databases import lookup, opened, reading, rows, written
from tests.forked import run
from tests.processes import heeding_permissions

pytestmark = pytest.mark.slow


async def logged(folder: Path, count: int = 3) -> None:
    """Make a log in ``folder``, as a bot would that has ended since."""
    async with opened(folder) as log:
        await asyncio.gather(*(log.record(lookup(f"question {n}")) for n in range(count)))


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


async def test_a_bot_that_starts_on_a_backup_has_every_row_that_was_logged_before_it_was_made(tmp_path: Path) -> None:
    """The bot writes all the time; the backup and the bot that starts on it are processes of their own."""
    ended = asyncio.Event()

    async def ask(asker: int) -> None:
        number = 0
        while not ended.is_set():
            number += 1
            await log.record(lookup(f"{asker}: {number}"))

    async with opened(tmp_path) as log, asyncio.TaskGroup() as asking:
        for asker in range(4):
            asking.create_task(ask(asker))
        await asyncio.sleep(0.2)
        await written(log)
        before = rows(tmp_path)
        done = await asyncio.to_thread(run, tmp_path, "backup", "copy.db")
        ended.set()
    assert (done.returncode, done.stderr) == (0, b"")
    restored = tmp_path / "restored"
    restored.mkdir()
    (tmp_path / "copy.db").rename(restored / "lookups.db")
    shutil.copy(tmp_path / "user_hash.key", restored)
    kept = rows(restored)
    assert kept == rows(tmp_path)[: len(kept)]
    assert len(kept) >= len(before) > 0
    assert run(restored, stdin=b"troops\n").stderr == b""
    assert rows(restored) == [*kept, "troops"]


async def test_a_backup_says_where_it_is_and_what_belongs_to_it(tmp_path: Path) -> None:
    await logged(tmp_path)
    done = run(tmp_path, "backup", "copy.db")
    assert done.stdout.decode() == (
        f"copy.db\nKeep {tmp_path}/user_hash.key with it: without that key nobody's lookups are found as theirs.\n"
    )


async def test_a_backup_is_one_file_for_this_user_alone_that_can_be_read_where_nothing_can_be_written(
    tmp_path: Path,
) -> None:
    (place := tmp_path / "place").mkdir()
    async with opened(tmp_path) as log:
        await log.record(lookup())
        back_up(tmp_path / "lookups.db", place / "copy.db")
    assert [path.name for path in place.iterdir()] == ["copy.db"]
    assert stat.S_IMODE((place / "copy.db").stat().st_mode) == 0o600
    place.chmod(0o555)
    done = processes.run(tmp_path, "stats", "--database", f"sqlite:///{place}/copy.db", before=heeding_permissions())
    place.chmod(0o755)
    assert done.stdout.startswith(b"1 lookup in 30 days: ")
    assert [path.name for path in place.iterdir()] == ["copy.db"]


async def test_a_backup_moves_nothing_in_the_files_of_the_bot(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup())
        await written(log)
        before = files(tmp_path)
        assert run(tmp_path, "backup", "copy.db").returncode == 0
        after = files(tmp_path)
    assert before["lookups.db-wal"]
    assert all(after[name] == content for name, content in before.items() if not name.endswith("-shm"))


async def test_a_backup_has_what_a_killed_bot_left_in_its_write_ahead_log_and_leaves_it_there(tmp_path: Path) -> None:
    (left := tmp_path / "left").mkdir()
    async with opened(tmp_path) as log:
        await log.record(lookup())
        for name in ("lookups.db", "lookups.db-wal"):
            shutil.copy(tmp_path / name, left)
    before = files(left)
    back_up(left / "lookups.db", tmp_path / "copy.db")
    assert rows(tmp_path, name="copy.db") == ["troops"]
    assert {name: content for name, content in files(left).items() if not name.endswith("-shm")} == before


async def test_a_backup_is_on_the_disk_with_its_name_before_it_is_said_to_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await logged(tmp_path)
    synced: list[str] = []
    fsync, rename = os.fsync, Path.rename

    def noted(descriptor: int) -> None:
        synced.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        fsync(descriptor)

    def renamed(path: Path, target: Path) -> Path:
        synced.append("name")
        return rename(path, target)

    monkeypatch.setattr(os, "fsync", noted)
    monkeypatch.setattr(Path, "rename", renamed)
    back_up(tmp_path / "lookups.db", tmp_path / "copy.db")
    assert synced == ["file", "name", "folder"]


def existing(place: Path) -> None:
    place.joinpath("copy.db").write_text("mine")


def link_to_nowhere(place: Path) -> None:
    place.joinpath("copy.db").symlink_to("nowhere")


def folder(place: Path) -> None:
    place.joinpath("copy.db").mkdir()


def no_folder(place: Path) -> None:
    place.rmdir()


def file_as_folder(place: Path) -> None:
    place.rmdir()
    place.write_text("mine")


@pytest.mark.parametrize("obstacle", [existing, link_to_nowhere, folder, no_folder, file_as_folder])
async def test_where_no_new_file_can_be_made_nothing_is_touched(
    tmp_path: Path, obstacle: Callable[[Path], None]
) -> None:
    await logged(tmp_path)
    (place := tmp_path / "place").mkdir()
    obstacle(place)
    before = sorted((path, path.lstat().st_mtime_ns) for path in tmp_path.rglob("*") if "lookups" not in path.name)
    done = run(tmp_path, "backup", "place/copy.db")
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (1, b"", 1)
    assert done.stderr.startswith(b"place/copy.db: ")
    assert before == sorted(
        (path, path.lstat().st_mtime_ns) for path in tmp_path.rglob("*") if "lookups" not in path.name
    )


def empty(folder: Path) -> None:
    (folder / "lookups.db").write_bytes(b"")


def letter(folder: Path) -> None:
    (folder / "lookups.db").write_bytes(b"This is no database. " * 200)


def other_program(folder: Path) -> None:
    empty(folder)
    with closing(sqlite3.connect(folder / "lookups.db")) as connection:
        connection.execute("CREATE TABLE addresses (name TEXT)")


def damaged(folder: Path) -> None:
    """Damage a page that only a look at all of it finds."""
    with reading(folder) as connection:
        sql = "SELECT rootpage FROM sqlite_schema WHERE name = 'lookups_by_time'"
        page, size = connection.execute(sql).fetchone()[0], connection.execute("PRAGMA page_size").fetchone()[0]
    with (folder / "lookups.db").open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)


@pytest.mark.parametrize("fault", [empty, letter, other_program, damaged])
async def test_what_is_no_whole_log_is_one_line_and_no_file(tmp_path: Path, fault: Callable[[Path], None]) -> None:
    (place := tmp_path / "place").mkdir()
    await logged(tmp_path)
    fault(tmp_path)
    with pytest.raises(LogError, match=r"^[^\n]*lookups\.db[^\n]+$"):
        back_up(tmp_path / "lookups.db", place / "copy.db")
    assert list(place.iterdir()) == []


def test_the_log_on_postgresql_is_backed_up_by_its_own_tool(tmp_path: Path) -> None:
    done = run(tmp_path, "backup", "copy.db", "--database", "postgresql://bot:s3cret@127.0.0.1:1/log")
    assert (done.returncode, done.stdout) == (2, b"")
    assert re.fullmatch(rb"DATABASE_URL: [^\n]*pg_dump[^\n]*\n", done.stderr)


def test_a_log_that_is_not_there_yet_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="it is made when the bot is first started"):
        back_up(tmp_path / "lookups.db", tmp_path / "copy.db")


@pytest.mark.parametrize("most", [4096, 40960])
async def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, most: int) -> None:
    if not shutil.which("prlimit"):
        pytest.skip("there is no prlimit on this machine")
    (place := tmp_path / "place").mkdir()
    await logged(tmp_path, 500)
    done = processes.run(tmp_path, "backup", "place/copy.db", before=("prlimit", f"--fsize={most}"))
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (1, b"", 1)
    assert done.stderr.startswith(b"place/copy.db: ")
    assert list(place.iterdir()) == []
