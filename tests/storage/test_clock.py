"""What depends on the time of day: what is purged when, and that no time zone matters."""

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot.reports import queries
from bot.service import assembly
from bot.storage import clock, lookups
from bot.storage.awaited import AwaitedAnswers
from bot.storage.clock import Clock
from bot.storage.corrections import Corrections
from bot.storage.drafts import Drafts
from bot.storage.hash_key import KeyHistory
from bot.storage.history import History
from bot.storage.ignored import IgnoredQuestions
from bot.storage.lookups import LookupLog
from bot.storage.personal import PersonalData
from bot.storage.unfinished import UnfinishedBriefs
from tests.databases import USER, Log, eventually, lookup, opened, rows

pytestmark = pytest.mark.usefixtures("engine")

MONTH = timedelta(days=30)
JUMPS = [timedelta(hours=1), timedelta(hours=-1), timedelta(days=3652), timedelta(days=-3652)]


class WallClock(datetime):
    """A wall clock that somebody sets."""

    ahead = timedelta()

    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return datetime.now(tz) + cls.ahead


@pytest.fixture(autouse=True)
def wall_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WallClock, "ahead", timedelta())
    monkeypatch.setattr(clock, "datetime", WallClock)
    monkeypatch.setattr(lookups, "datetime", WallClock)


async def log_ages(log: LookupLog, *ages: timedelta) -> None:
    """Log a lookup of each age; the query tells which."""
    now = WallClock.ahead
    for age in ages:
        WallClock.ahead = now - age
        await log.record(lookup(f"{age.days} days", user_id=USER))
    WallClock.ahead = now


def purged(folder: Path) -> list[str]:
    found = rows(folder, "query, user_hash")
    return [query for query, user in found if user is None]


class Purges(PersonalData):
    """What purges a database, and counts how often."""

    def __init__(self, log: Log, history: History) -> None:
        keys, ignored = KeyHistory(log.database, ""), IgnoredQuestions(log.database, b"k" * 32)
        corrections = Corrections(log.database, b"k" * 32)
        super().__init__(
            log.database,
            keys,
            log,
            history,
            Drafts(log.database),
            UnfinishedBriefs(log.database),
            ignored,
            corrections,
            AwaitedAnswers(log.database, b"k" * 32),
        )
        self.times = 0

    async def purge(self, now: datetime, age: timedelta) -> None:
        await super().purge(now, age)
        self.times += 1


async def purging(log: Log, until: int, jump: timedelta = timedelta()) -> Clock:
    """Start and purge as the service does, ``until`` so many times, and set the clock after the first."""
    purges, began = Purges(log, await History.opened(log.database)), Clock(log.database)
    task = asyncio.create_task(assembly._keep_purging(began, purges, MONTH, lambda: None))
    await eventually(lambda: purges.times or began.doubt)
    WallClock.ahead += jump
    await eventually(lambda: purges.times >= until)
    task.cancel()
    return began


@pytest.mark.parametrize("jump", JUMPS, ids=str)
async def test_a_clock_that_is_set_while_the_bot_runs_changes_nothing_about_what_is_purged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jump: timedelta
) -> None:
    monkeypatch.setattr(assembly, "PURGE_EVERY", 0.05)
    async with opened(tmp_path) as log:
        half_an_hour = timedelta(minutes=30)
        await log_ages(log, timedelta(days=40), MONTH + half_an_hour, MONTH - half_an_hour, timedelta(days=1))
        await purging(log, until=4, jump=jump)
        assert purged(tmp_path) == ["40 days", "30 days"]
        assert len(rows(tmp_path)) == 4


@pytest.mark.parametrize("jump", JUMPS, ids=str)
async def test_what_comes_of_age_is_purged_however_the_clock_was_set_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jump: timedelta
) -> None:
    monkeypatch.setattr(assembly, "PURGE_EVERY", 0.1)
    async with opened(tmp_path) as log:
        await log_ages(log, MONTH - timedelta(seconds=0.5), timedelta())
        await purging(log, until=8, jump=jump)
        assert purged(tmp_path) == ["29 days"]


@pytest.mark.parametrize("days", [3, 40, 364, 3650])
async def test_a_clock_that_is_far_ahead_at_a_start_deletes_nothing_and_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, days: int
) -> None:
    async with opened(tmp_path) as log:
        await log_ages(log, timedelta(days=40), timedelta(days=1))
        WallClock.ahead = timedelta(days=days)
        began = await purging(log, until=0)
        assert began.doubt
        assert (
            "in case the clock is wrong, nothing is deleted for its age until the bot has run for a day" in caplog.text
        )
        assert purged(tmp_path) == []


@pytest.mark.parametrize("days", [0, 1])
async def test_a_clock_that_agrees_with_the_newest_lookup_is_believed_at_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, days: int
) -> None:
    async with opened(tmp_path) as log:
        await log_ages(log, timedelta(days=40), timedelta(days=days))
        began = await purging(log, until=1)
        assert began.doubt is None
        assert purged(tmp_path) == ["40 days"]


async def test_what_is_logged_by_a_wrong_clock_makes_it_no_righter_not_even_at_the_next_start(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log_ages(log, timedelta(days=1))
        await purging(log, until=1)
        WallClock.ahead = timedelta(days=40)
        assert (await purging(log, until=0)).doubt
        await log_ages(log, timedelta())
        assert (await purging(log, until=0)).doubt
        assert purged(tmp_path) == []


async def test_a_clock_that_is_set_right_while_it_is_doubted_is_believed_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assembly, "PURGE_EVERY", 0.02)
    async with opened(tmp_path) as log:
        await log_ages(log, timedelta(days=50), timedelta(hours=1))
        WallClock.ahead = timedelta(days=40)
        await purging(log, until=1, jump=-timedelta(days=40))
        assert purged(tmp_path) == ["50 days"]


async def test_after_a_day_of_running_a_doubted_clock_is_believed_restarts_in_between_or_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = 0.0
    monkeypatch.setattr("bot.storage.clock.time", SimpleNamespace(monotonic=lambda: ran))
    async with opened(tmp_path) as log:
        await log_ages(log, timedelta(days=40))
        for hours in (0, 11, 12):
            began = Clock(log.database)
            assert await began.now() is None
            ran += hours * 3600
            assert await began.now() is None
            await log_ages(log, timedelta())
        ran += 3600
        assert await began.now()
        assert began.doubt is None


async def test_a_new_database_is_no_reason_for_doubt(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with opened(tmp_path) as log:
        assert (await purging(log, until=1)).doubt is None
    assert "clock" not in caplog.text


@pytest.fixture(params=["Pacific/Kiritimati", "America/St_Johns", "Etc/GMT+12"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Set the time zone of this process."""
    with monkeypatch.context() as patched:
        patched.setenv("TZ", request.param)
        time.tzset()
        assert time.timezone
        yield
    time.tzset()


@pytest.mark.usefixtures("zone")
async def test_no_time_zone_changes_what_is_stored_reported_and_purged(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        before = datetime.now(UTC)
        await log.record(lookup("now", user_id=USER))
        (asked_at,) = rows(tmp_path, "asked_at")
        assert asked_at.endswith("Z")
        assert timedelta(seconds=-1) < datetime.fromisoformat(asked_at) - before < timedelta(seconds=10)
        days = (await queries.stats(log.database, before.date(), 1, None)).days
        assert [(day.day, day.counts) for day in days] == [(before.date(), {"answer": 1})]
        await log_ages(log, MONTH + timedelta(minutes=1), MONTH - timedelta(minutes=1))
        await purging(log, until=1)
        assert purged(tmp_path) == ["30 days"]
