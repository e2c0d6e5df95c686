"""The key of the user hashes: kept while the bot runs, and not replaced in silence where hashes need it."""

import shutil
from pathlib import Path

import pytest

from bot.errors import LogError
from bot.storage.hash_key import KeyHistory, hash_key, keep_key, user_hash_key
from tests.admins import ADMIN, FILES, settled
from tests.conftest import Start
from tests.databases import USER, eventually, lookup, opened, rows
from tools.fake_discord import FakeDiscord

pytestmark = [pytest.mark.usefixtures("engine"), pytest.mark.briefs(FILES)]

ONE, OTHER = b"k" * 32, b"o" * 32


async def doubt(folder: Path, key: bytes, *, new: bool = False) -> str | None:
    async with opened(folder) as log:
        return await (await KeyHistory.opened(log.database, key, new=new)).doubt()


async def test_another_key_than_before_is_doubted_as_long_as_hashes_from_before_are_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert await doubt(tmp_path, ONE, new=True) is None
    async with opened(tmp_path) as log:
        await log.record(lookup(user_id=USER))
        await log.record(lookup(user_id=USER + 1))
        await log.record(lookup(via="console"))
    assert await doubt(tmp_path, ONE) is None
    assert caplog.text == ""
    for _ in range(2):
        said = await doubt(tmp_path, OTHER)
        assert said
        assert "2 lookups of all members from before may be under another one" in said
        assert said in caplog.text
    async with opened(tmp_path) as log:
        for user in (USER, USER + 1):
            await log.forget(user)
    assert await doubt(tmp_path, OTHER) is None


@pytest.mark.parametrize(("new", "doubted"), [(False, False), (True, True)])
async def test_a_key_that_was_made_for_the_hashes_of_an_earlier_version_is_doubted(
    tmp_path: Path, *, new: bool, doubted: bool
) -> None:
    """Such a database knows of no key; one that was there may be taken for the right one."""
    async with opened(tmp_path) as log:
        await log.record(lookup(user_id=USER))
    assert bool(await doubt(tmp_path, ONE, new=new)) == doubted


async def test_a_key_that_is_lost_is_told_to_the_member_and_to_the_admins(fake: FakeDiscord, start: Start) -> None:
    bot = await start()
    for query in ("cats", "dogs", "ships"):
        await fake.slash("brief", {"query": query})
    await start()
    assert "3 lookups" in await settled(await fake.slash("privacy show"))
    (bot.folder.parent / "user_hash.key").unlink()
    await start(owner_ids=frozenset({fake.user.id}))
    said = await settled(await fake.slash("privacy show"))
    assert said.startswith("Nothing is stored about you.\n-# The key of the user hashes was replaced on ")
    assert "3 lookups of all members" in said
    assert "3 lookups of all members" in await settled(await fake.slash("briefs check", **ADMIN))


@pytest.mark.sqlite
async def test_a_folder_of_data_that_is_deleted_whole_is_there_again_with_what_is_asked_and_the_same_key(
    fake: FakeDiscord, start: Start, tmp_path: Path
) -> None:
    bot = await start()
    data = tmp_path / "data"
    assert bot.folder.parent == tmp_path
    (data / "of a bot").mkdir(parents=True)
    async with opened(data / "of a bot") as log:
        await log.record(lookup("before"))
        shutil.rmtree(data)
        await log.record(lookup("after"))
        await eventually(lambda: (data / "of a bot" / "lookups.db").exists())
        await eventually(lambda: log.database.waiting == 0)
        assert "after" in rows(data / "of a bot")
        assert log.database.failure is None
    key = (tmp_path / "user_hash.key").read_bytes()
    for path in tmp_path.glob("*"):
        if path.is_file():
            path.unlink()
    await fake.slash("brief", {"query": "cats"})
    await eventually(lambda: (tmp_path / "user_hash.key").exists())
    assert (tmp_path / "user_hash.key").read_bytes() == key


def test_a_key_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "made" / "user_hash.key"
    assert hash_key(path) is None
    keep_key(path, ONE)
    keep_key(path, OTHER)
    assert user_hash_key(path) == ONE
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_key_that_cannot_be_made_is_a_plain_error(tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("no folder")
    with pytest.raises(LogError, match="cannot be"):
        user_hash_key(tmp_path / "letter" / "user_hash.key")
