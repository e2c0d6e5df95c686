"""Work beside the answers: whatever fails of it is begun again, and it is said that it is down."""

import asyncio
import math
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.answering.matcher import Matcher
from bot.authoring.keeper import BaseKeeper
from bot.briefs.loader import Loaded
from bot.errors import BotError, LogError
from bot.gateway import background, connection
from bot.gateway.background import Background
from bot.gateway.connection import Vitals, keep_alive, serve
from bot.service.assembly import assembled
from bot.service.settings import Address, Settings
from bot.storage.channels import AnnouncementChannels
from bot.storage.drafts import Drafts
from bot.storage.history import History
from tests.admins import ADMIN, FILES, announce, settled
from tests.brief_files import write
from tests.conftest import Start
from tests.service.test_health import LIVE, READY, get, metrics
from tools.fake_discord import FakeDiscord, until
from tools.fake_discord.rules import displayed_text
from tools.running import Running

ROUGHLY = 10


@pytest.fixture
async def started() -> AsyncIterator[Background]:
    """Background work that was not begun yet, and ends with the test."""
    work = Background()
    yield work
    await work.stop()


pytestmark = pytest.mark.briefs(FILES)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(background, "LONGEST_PAUSE", 0.1)


class Flaky:
    """Work that fails the first ``failures`` times, and then goes on for ever."""

    def __init__(self, failures: int, error: Exception) -> None:
        self.begun = 0
        self._failures = failures
        self._error = error

    async def __call__(self) -> None:
        self.begun += 1
        if self.begun <= self._failures:
            raise self._error
        await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("last", "held", "pause"),
    [(0, 0, 1), (1, 0, 2), (2, 59, 4), (32, 0, 60), (60, 0, 60), (60, 61, 1), (4, 61, 1), (0, 3600, 1)],
)
def test_the_pause_grows_until_work_has_held_for_longer_than_the_longest(
    last: float, held: float, pause: float
) -> None:
    assert background.next_pause(last, held) == pause


async def test_work_that_fails_is_begun_again_and_the_rest_goes_on(
    started: Background, quick: None, caplog: pytest.LogCaptureFixture
) -> None:
    flaky, steady = Flaky(3, ValueError("unforeseen")), Flaky(0, ValueError())
    started.add("flaky", flaky)
    started.add("steady", steady)
    for _ in range(3):
        started.start()  # each shard says that it is connected
    await until(lambda: started.down == {"flaky"})
    await until(lambda: flaky.begun == 4)
    assert started.down == set()
    assert (steady.begun, started.failures) == (1, {"flaky": 3})
    assert [record.getMessage() for record in caplog.records] == [
        f"background work failed, and is begun again in {pause} s: flaky: unforeseen"
        for pause in ("0.05", "0.1", "0.1")
    ]
    assert all(record.exc_info for record in caplog.records)


async def test_what_is_foreseen_is_one_line_without_a_traceback(
    started: Background, quick: None, caplog: pytest.LogCaptureFixture
) -> None:
    started.add("history", Flaky(1, LogError("the disk is full")))
    started.start()
    await until(lambda: caplog.records)
    assert caplog.records[0].exc_info is None


async def test_work_that_ends_by_itself_is_over_and_not_down(started: Background) -> None:
    async def work() -> None:
        ended.set()

    ended = asyncio.Event()
    started.add("systemd", work)
    started.start()
    await ended.wait()
    await started.stop()
    assert (started.down, started.failures) == (set(), {})


async def test_work_that_waits_to_be_begun_again_is_stopped_too(started: Background) -> None:
    flaky = Flaky(1, ValueError())
    started.add("flaky", flaky)
    started.start()
    await until(lambda: started.down)
    async with asyncio.timeout(ROUGHLY):
        await started.stop()
    assert flaky.begun == 1


def failing_once(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
    """Have a method raise what nobody foresaw, once."""
    method = getattr(owner, name)

    async def fail(*_: object) -> None:
        monkeypatch.setattr(owner, name, method)
        raise TypeError("unforeseen")

    monkeypatch.setattr(owner, name, fail)


WORK = {
    "announcements": (AnnouncementChannels, "all"),
    "briefs": (BaseKeeper, "watch"),
    "purge": (Drafts, "purge"),
}
"""What each work calls first that may fail."""


def fail_with_the_history(bot: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the history fail once that is read again for another file as the database: a start reads it as well."""
    failing_once(monkeypatch, History, "reread")
    bot.database.replaced.set()


async def test_while_work_is_down_the_bot_answers_but_is_not_ready(
    fake: FakeDiscord, start: Start, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "FIRST_PAUSE", 600)
    for owner, method in WORK.values():
        failing_once(monkeypatch, owner, method)
    bot = await start(health_address=Address("127.0.0.1", port))
    fail_with_the_history(bot, monkeypatch)
    await until(lambda: len(bot.client.background.down) == 4)
    said = "not ready: failed, and soon begun again: announcements, briefs, history, purge\n"
    assert await get(port, "/readyz") == (503, said)
    assert await get(port, "/healthz") == LIVE  # it helps itself: nobody needs to start it anew
    found = await metrics(port)
    assert found["briefbot_background_up"] == {
        of("up", name): name in ("connection", "garbage", "notices") for name in bot.client.background.names
    }
    assert "purr" in (await fake.slash("brief", {"query": "cats"})).text


@pytest.mark.parametrize("name", [*WORK, "history"])
async def test_once_work_is_begun_again_the_bot_is_ready(
    start: Start, port: int, monkeypatch: pytest.MonkeyPatch, quick: None, name: str
) -> None:
    if name in WORK:
        failing_once(monkeypatch, *WORK[name])
    bot = await start(health_address=Address("127.0.0.1", port))
    if name not in WORK:
        fail_with_the_history(bot, monkeypatch)
    await until(lambda: bot.client.background.failures[name] == 1 and not bot.client.background.down)
    assert await get(port, "/readyz") == READY
    found = await metrics(port)
    assert found["briefbot_background_up"][of("up", name)] == 1
    assert found["briefbot_background_failures_total"][of("failures_total", name)] == 1


def of(metric: str, name: str) -> str:
    return f'briefbot_background_{metric}{{work="{name}"}}'


async def test_after_an_unforeseen_error_a_saved_brief_answers_as_ever(
    fake: FakeDiscord, start: Start, monkeypatch: pytest.MonkeyPatch, quick: None
) -> None:
    monkeypatch.setattr("bot.authoring.keeper.POLL", 0.05)
    bot = await start()
    failing_once(monkeypatch, BaseKeeper, "reload")
    write(bot.folder, {"cats.yaml": FILES["cats.yaml"].replace("purr", "hiss")})
    async with asyncio.timeout(ROUGHLY):
        while "hiss" not in (await fake.slash("brief", {"query": "cats"})).text:
            await asyncio.sleep(0.05)
    assert bot.client.background.failures == {"briefs": 1}


async def test_after_an_unforeseen_error_another_file_as_the_database_is_seen_to_still(
    start: Start, monkeypatch: pytest.MonkeyPatch, quick: None
) -> None:
    bot = await start()
    reread = 0

    async def count(_: History) -> None:
        nonlocal reread
        reread += 1

    monkeypatch.setattr(History, "reread", count)
    fail_with_the_history(bot, monkeypatch)
    await until(lambda: reread == 1)


async def test_after_an_unforeseen_error_a_change_is_announced_still(
    fake: FakeDiscord, start: Start, monkeypatch: pytest.MonkeyPatch, quick: None
) -> None:
    bot = await start()
    await settled(await announce(fake, fake.guilds[0].channel, **ADMIN))
    failing_once(monkeypatch, AnnouncementChannels, "all")
    write(bot.folder, {"cats.yaml": FILES["cats.yaml"].replace("purr", "hiss")})
    await bot.keeper.reload()
    await until(lambda: any("Changed: Cats" in displayed_text(each) for each in fake.messages.values()))
    assert bot.client.background.failures == {"announcements": 1}


async def test_a_watch_over_the_connection_that_has_failed_calls_nothing_late(
    bot: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "WATCH_INTERVAL", 0.01)
    vitals = Vitals(bot.client)
    monkeypatch.setattr(connection, "_trouble", None)
    with pytest.raises(TypeError):
        await keep_alive(bot.client, vitals)
    assert vitals.due == math.inf


async def test_a_first_matcher_that_cannot_be_made_ends_the_bot_and_is_not_tried_again(
    fake: FakeDiscord, tmp_path: Path, quick: None
) -> None:
    def broken() -> tuple[Loaded, Matcher]:
        raise ValueError("unforeseen")

    settings = Settings(
        briefs_dir=write(tmp_path / "briefs", FILES),
        database=tmp_path / "lookups.db",
        user_hash_key_file=tmp_path / "key",
    )
    async with assembled(settings, Matcher, broken) as service:
        with pytest.raises(BotError, match="the bot has ended for an error of its own: unforeseen"):
            await serve(service.client, fake.token)
    assert service.client.background.failures == {}
