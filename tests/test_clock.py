"""What depends on the time of day: what is purged when, and that no time zone matters."""

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import service
from bot.storage import lookups, reports
from bot.storage.drafts import Drafts
from bot.storage.lookups import LookupLog
from tests.databases import USER, lookup, opened, rows

pytestmark = pytest.mark.usefixtures("patient")

MONTH = timedelta(days=30)
JUMPS = [timedelta(hours=1), timedelta(hours=-1), timedelta(days=3652), timedelta(days=-3652)]


class Clock(datetime):
    """A wall clock that somebody sets."""

    ahead = timedelta()

    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return datetime.now(tz) + cls.ahead


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Clock, "ahead", timedelta())
    monkeypatch.setattr(service, "datetime", Clock)
    monkeypatch.setattr(lookups, "datetime", Clock)


async def log_ages(log: LookupLog, *ages: timedelta) -> None:
    """Log a lookup of each age; the query tells which."""
    for age in ages:
        Clock.ahead = -age
        await log.record(lookup(f"{age.days} days", user_id=USER))
    Clock.ahead = timedelta()


def purged(folder: Path) -> list[str]:
    found = rows(folder, "query, user_hash")
    return [query for query, user in found if user is None]


class Purges:
    """A database that purges, and counts how often."""

    def __init__(self, log: LookupLog) -> None:
        self.log, self.times = log, 0

    async def newest(self) -> datetime | None:
        return await self.log.newest()

    async def purge(self, before: datetime) -> None:
        await self.log.purge(before)
        self.times += 1


async def purging(log: Any, until: int, jump: timedelta = timedelta()) -> int:
    """Purge as the service does, ``until`` so many times, and set the clock after the first; or as long as it takes."""
    purges = Purges(log)
    task = asyncio.create_task(
        service._keep_purging(purges, Drafts(log.database), MONTH)  # type: ignore[arg-type]
    )
    await asyncio.sleep(0)
    try:
        async with asyncio.timeout(0.5 if until == 0 else 10):
            while not until or purges.times < until:
                if purges.times == 1:
                    Clock.ahead = jump
                await asyncio.sleep(0.01)
    except TimeoutError:
        assert until == 0
    task.cancel()
    return purges.times


@pytest.mark.parametrize("jump", JUMPS, ids=str)
async def test_a_clock_that_is_set_while_the_bot_runs_changes_nothing_about_what_is_purged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jump: timedelta
) -> None:
    monkeypatch.setattr(service, "PURGE_EVERY", 0.05)
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
    monkeypatch.setattr(service, "PURGE_EVERY", 0.1)
    async with opened(tmp_path) as log:
        await log_ages(log, MONTH - timedelta(seconds=0.5))
        await purging(log, until=8, jump=jump)
        assert purged(tmp_path) == ["29 days"]


@pytest.mark.parametrize(("ahead", "times"), [(timedelta(days=364), 1), (timedelta(days=366), 0)])
async def test_a_start_more_than_a_year_after_the_last_lookup_purges_nothing_at_first(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, ahead: timedelta, times: int
) -> None:
    async with opened(tmp_path) as log:
        await log_ages(log, timedelta(days=40), timedelta())
        Clock.ahead = ahead
        assert await purging(log, until=times) == times
        assert ("a year after" in caplog.text) == (times == 0)
        assert len(purged(tmp_path)) == (2 if times else 0)


async def test_a_purge_that_was_put_off_comes_with_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "PURGE_EVERY", 0.1)
    async with opened(tmp_path) as log:
        await log_ages(log, timedelta(days=400))
        await purging(log, until=1)
        assert purged(tmp_path) == ["400 days"]


async def test_a_new_database_is_no_reason_for_doubt(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with opened(tmp_path) as log:
        assert await purging(log, until=1) == 1
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
        days = (await reports.stats(log.database, before.date(), 1, None)).days
        assert [(day.day, day.counts) for day in days] == [(before.date(), {"answer": 1})]
        await log_ages(log, MONTH + timedelta(minutes=1), MONTH - timedelta(minutes=1))
        await purging(log, until=1)
        assert purged(tmp_path) == ["30 days"]
