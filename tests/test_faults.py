"""Whatever befalls the log's files while the bot runs, members are answered and no lookup goes uncounted."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.storage import database, sqlite
from tests.admins import ADMIN, FILES, settled
from tests.conftest import starter
from tests.databases import eventually, rows
from tests.faults import LASTING, PASSING, kept
from tools.environment import HANGS
from tools.fake_discord import FakeDiscord
from tools.running import Running


@pytest.fixture
async def bot(fake: FakeDiscord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Running]:
    folder = tmp_path / "briefs"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text)
    async with starter(fake, folder) as start:
        bot = await start()
        monkeypatch.setattr(database, "COMMIT_TIMEOUT", 0.25)
        monkeypatch.setattr(database, "RETRY_INTERVAL", 0.05)
        monkeypatch.setattr(sqlite, "BUSY", 0.05)
        await eventually(lambda: bot.database.waiting == 0)
        yield bot


async def asked(fake: FakeDiscord, times: int) -> int:
    for _ in range(times):
        assert "purr" in (await fake.slash("brief", {"query": "cats"})).text
        await fake.autocomplete("brief", "query", "")  # reads the log
    return times


async def checked(fake: FakeDiscord) -> str:
    return await settled(await fake.slash("briefs check", **ADMIN))


@pytest.mark.parametrize("name", PASSING)
async def test_a_fault_costs_nobody_the_answer_and_no_lookup_and_is_told_as_long_as_it_lasts(
    fake: FakeDiscord, bot: Running, tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    answered = await asked(fake, 2)
    with PASSING[name](tmp_path):
        answered += await asked(fake, 3)
        assert bot.database.waiting >= 3  # what else the bot writes at its start may wait too
        assert "The log cannot be written" in await checked(fake)
        assert "cannot be written" in caplog.text
        assert "can be written again" not in caplog.text
    await eventually(lambda: not bot.database.failure)
    answered += await asked(fake, 1)
    await eventually(lambda: not bot.database.waiting)
    assert len(kept(tmp_path)) + bot.database.waiting + bot.database.dropped == answered
    assert "⚠️" not in await checked(fake)
    assert "can be written again" in caplog.text


@pytest.mark.parametrize("name", LASTING)
async def test_a_database_that_is_gone_or_damaged_costs_nobody_the_answer_and_no_lookup(
    fake: FakeDiscord, bot: Running, tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    answered = await asked(fake, 2)
    with LASTING[name](tmp_path):
        answered += await asked(fake, 3)
    async with asyncio.timeout(HANGS):
        while bot.database.waiting or bot.database.failure:
            await asyncio.sleep(0.02)
    answered += await asked(fake, 1)
    await eventually(lambda: not bot.database.waiting)
    assert len(kept(tmp_path)) + bot.database.waiting + bot.database.dropped == answered
    await eventually(lambda: {*rows(tmp_path, "brief", table="versions")} == {"cats", "dogs", "ships"})
    told = await checked(fake)
    assert "cannot be written" not in told
    assert ("set aside" in told) == ("set aside" in caplog.text) == (name == "damaged")
