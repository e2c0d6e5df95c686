"""One writer of a folder at a time: among the tasks of a process, and among processes."""

import asyncio
import fcntl
import os
from pathlib import Path

import pytest

from bot.authoring import folder_lock
from bot.authoring.folder_lock import NAME, FolderLock


@pytest.mark.parametrize("to_write", [True, False])
async def test_another_process_is_waited_for(tmp_path: Path, to_write: bool) -> None:
    mine, theirs = FolderLock(tmp_path), FolderLock(tmp_path)
    async with mine.held(to_write=True):
        waiting = asyncio.create_task(entered(theirs, to_write=to_write))
        await asyncio.sleep(0.2)
        assert not waiting.done()
    assert await waiting


async def entered(lock: FolderLock, *, to_write: bool) -> bool:
    async with lock.held(to_write=to_write) as held:
        return held


async def test_a_process_that_keeps_it_too_long_is_waited_for_no_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_lock, "LOCK_TIMEOUT", 0.1)
    with (tmp_path / NAME).open("w") as kept:
        fcntl.flock(kept, fcntl.LOCK_EX)
        assert not await entered(FolderLock(tmp_path), to_write=True)


async def test_the_tasks_of_a_process_wait_for_each_other(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path)
    async with lock.held(to_write=True):
        waiting = asyncio.create_task(entered(lock, to_write=True))
        await asyncio.sleep(0.1)
        assert not waiting.done()
    assert await waiting


async def test_who_only_reads_leaves_nothing_in_the_folder(tmp_path: Path) -> None:
    assert await entered(FolderLock(tmp_path), to_write=False)
    assert os.listdir(tmp_path) == []


async def test_where_no_file_can_be_made_it_holds_within_the_process(tmp_path: Path) -> None:
    assert await entered(FolderLock(tmp_path / "gone"), to_write=True)
