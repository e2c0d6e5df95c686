"""What admins read of the log: counts by day and brief, and unanswered questions; beside the running bot."""

import hashlib
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.errors import LogError
from bot.reports import queries
from bot.reports.misses import Miss, Misses
from bot.reports.report import plain_misses
from bot.storage import database, sqlite
from bot.storage.database import stamp
from bot.storage.engine import Reader, Statement
from bot.storage.lookups import Lookup
from bot.storage.sqlite import SqliteReader
from tests.databases import ENDLESS, USER, Log, locked, lookup, opened, rows, written

TODAY = datetime.now(UTC).date()


pytestmark = pytest.mark.usefixtures("engine")


BACKDATE = Statement("UPDATE lookups SET asked_at = ? WHERE id = (SELECT max(id) FROM lookups)")


@asynccontextmanager
async def logged(folder: Path, *lookups: tuple[timedelta, Lookup]) -> AsyncIterator[Log]:
    """Open a log in which these lookups were made that long ago."""
    async with opened(folder) as log:
        for ago, each in lookups:
            await log.record(each)
            await log.database.write(BACKDATE, (stamp(datetime.now(UTC) - ago),))
        yield log


def days(number: float) -> timedelta:
    return timedelta(days=number)


# Counts


def shown(brief: str, guild: int | None = None) -> Lookup:
    return lookup(brief=brief, guild_id=guild)


def asked(outcome: str, guild: int | None = None) -> Lookup:
    return lookup(outcome=outcome, brief=None, guild_id=guild)


SOME = (
    (days(3), shown("ships", 1)),
    (days(3), asked("miss", 1)),
    (days(3), asked("miss", 2)),
    (days(1), shown("troops", 2)),
    (days(1), asked("suggest")),
    (days(0), shown("ships", 1)),
    (days(0), shown("weapons", 1)),
    (days(0), shown("ships")),
)


@pytest.mark.parametrize(
    ("guild", "number", "counts", "top"),
    [
        (
            queries.EVERYWHERE,
            4,
            [{"answer": 1, "miss": 2}, {}, {"answer": 1, "suggest": 1}, {"answer": 3}],
            [("ships", 3), ("troops", 1), ("weapons", 1)],
        ),
        (queries.EVERYWHERE, 1, [{"answer": 3}], [("ships", 2), ("weapons", 1)]),
        (1, 4, [{"answer": 1, "miss": 1}, {}, {}, {"answer": 2}], [("ships", 2), ("weapons", 1)]),
        (2, 5, [{}, {"miss": 1}, {}, {"answer": 1}, {}], [("troops", 1)]),
        (3, 3, [{}, {}, {}], []),
        (0, 1, [{}], []),
    ],
)
async def test_lookups_are_counted_day_by_day_without_gaps(
    tmp_path: Path, guild: int | None, number: int, counts: list[dict[str, int]], top: list[tuple[str, int]]
) -> None:
    async with logged(tmp_path, *SOME) as log:
        stats = await queries.stats(log.database, TODAY, number, guild)
    assert [day.day for day in stats.days] == [TODAY - days(number - 1 - n) for n in range(number)]
    assert [day.counts for day in stats.days] == counts
    assert stats.top == top


async def test_a_day_begins_and_ends_at_midnight_utc(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        for moment in ("19T23:59:59.999", "20T00:00:00.000", "20T23:59:59.999", "21T00:00:00.000"):
            await log.record(lookup())
            await log.database.write(BACKDATE, (f"2024-10-{moment}Z",))
        stats = await queries.stats(log.database, date(2024, 10, 20), 1, queries.EVERYWHERE)
    assert [(day.day, day.counts) for day in stats.days] == [(date(2024, 10, 20), {"answer": 2})]
    assert stats.top == [("troops", 2)]


async def test_the_briefs_shown_most_are_a_few_and_equals_keep_one_order(tmp_path: Path) -> None:
    names = [f"brief-{n:02d}" for n in range(15)]
    async with logged(tmp_path, *((days(0), shown(name)) for name in reversed(names))) as log:
        stats = await queries.stats(log.database, TODAY, 1, queries.EVERYWHERE)
    assert stats.top == [(name, 1) for name in names[: queries.TOP]]


# Misses


def missed(query: str, **more: Any) -> Lookup:
    return lookup(query, outcome="miss", brief=None, **more)


MISSES = (
    (days(9), missed("long ago")),
    (days(2), missed("one", guild_id=1, user_id=USER)),
    (days(2), missed("two", guild_id=2)),
    (days(1), lookup("answered", guild_id=1)),
    (days(1), lookup("doubtful", outcome="suggest", brief=None, guild_id=1)),
    (days(1), missed("", guild_id=1, via="menu")),
    (days(1), lookup("wrong", guild_id=1, user_id=USER, interaction_id=5)),
    (days(0), lookup("", via="menu", guild_id=1, user_id=USER, interaction_id=6)),
    (days(0), missed("; ' % _", via="console")),
    (days(0), missed("one", guild_id=1)),
)


@pytest.mark.parametrize(
    ("guild", "number", "expected"),
    [
        (queries.EVERYWHERE, 7, ["one", "; ' % _", "wrong", "two", "one"]),
        (queries.EVERYWHERE, 30, ["one", "; ' % _", "wrong", "two", "one", "long ago"]),
        (queries.EVERYWHERE, 1, ["one", "; ' % _"]),
        (1, 7, ["one", "wrong", "one"]),
        (2, 7, ["two"]),
        (3, 7, []),
        (0, 7, []),
    ],
)
async def test_misses_are_what_was_not_answered_or_was_not_what_was_asked(
    tmp_path: Path, guild: int | None, number: int, expected: list[str]
) -> None:
    async with logged(tmp_path, *MISSES) as log:
        for interaction in (5, 6):
            assert await log.mark_wrong(interaction, USER)
        found = (await queries.misses(log.database, number, guild)).found
        assert [miss.query for miss in found] == expected
        by_id = dict(zip(rows(tmp_path, "id"), rows(tmp_path, "query, brief, guild_id, user_hash"), strict=True))
    kept = [(miss.query, miss.brief, miss.guild, miss.asker) for miss in found]
    assert kept == [by_id[miss.lookup] for miss in found]
    assert all(datetime.now(UTC) - miss.asked_at < days(number) for miss in found)


async def test_what_one_member_asks_in_the_same_words_in_one_server_is_one_miss_with_its_times(tmp_path: Path) -> None:
    asked_thus = {"guild_id": 1, "user_id": USER}
    other = [missed("one", guild_id=1), missed("one", guild_id=2, user_id=USER), missed("two", **asked_thus)]
    async with logged(tmp_path, *((days(2 - n / 10), missed("one", **asked_thus)) for n in range(3))) as log:
        for each in other:
            await log.record(each)
        found = (await queries.misses(log.database, 7, queries.EVERYWHERE)).found
    assert [(miss.lookup, miss.times) for miss in found] == [(6, 1), (5, 1), (4, 1), (3, 3)]
    assert datetime.now(UTC) - found[-1].asked_at < days(1.9)


async def test_nobody_can_push_out_what_others_ask_and_what_is_left_out_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A member at home asks much after hers, and ten accounts elsewhere each ask something, twice as it happens."""
    monkeypatch.setattr(queries, "MOST_WORDINGS", 9)
    before = [missed("hers", guild_id=1, user_id=1), missed("direct", user_id=3), missed("console", via="console")]
    at_home = [missed(f"his {n}", guild_id=1, user_id=2) for n in (7, 7, *range(20))]
    elsewhere = [missed(f"elsewhere {n}", guild_id=2, user_id=n) for n in range(10, 20) for _ in "12"]
    async with opened(tmp_path) as log:
        for each in (*before, *at_home, *elsewhere):
            await log.record(each)
        report = await queries.misses(log.database, 7, queries.EVERYWHERE)
        assert {"hers", "his 7", "direct", "console"} <= {miss.query for miss in report.found}
        assert len(report.found) == 9
        assert report.left_out == 3 + 20 + 10 - 9
        assert (await queries.misses(log.database, 7, 2)).left_out == 1


async def test_a_wording_that_is_looked_at_is_counted_in_full_whoever_asked_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST_WORDINGS", 1)
    async with opened(tmp_path) as log:
        for user in range(1, 6):
            await log.record(missed("rare", guild_id=user, user_id=user))
            await log.record(missed("rare", guild_id=user, user_id=user))
            await log.record(missed("common", guild_id=user, user_id=user))
        report = await queries.misses(log.database, 7, queries.EVERYWHERE)
    assert [(miss.query, miss.times) for miss in report.found] == [("rare", 2)] * 5
    assert report.left_out == 1


async def test_only_the_beginning_of_a_long_question_is_looked_at(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.record(missed("д" * 6000))
        await log.record(missed("д" * 300))
        (found,) = (await queries.misses(log.database, 7, queries.EVERYWHERE)).found
    assert (found.query, found.times) == ("д" * 201, 2)


@pytest.mark.parametrize(
    ("number", "guild", "found"),
    [
        (2, 1, "one"),
        (2, queries.EVERYWHERE, "one"),
        (2, 2, None),
        (2, 0, None),
        (1, 1, None),  # of no server
        (1, queries.EVERYWHERE, "long ago"),
        (4, 1, None),  # answered
        (5, 1, None),  # suggested
        (6, 1, None),  # empty
        (7, 1, "wrong"),
        (999, queries.EVERYWHERE, None),
        (0, queries.EVERYWHERE, None),
        (-1, queries.EVERYWHERE, None),
    ],
)
async def test_a_miss_is_found_by_its_lookup_in_its_own_server_alone(
    tmp_path: Path, number: int, guild: int | None, found: str | None
) -> None:
    async with logged(tmp_path, *MISSES) as log:
        assert await log.mark_wrong(5, USER)
        miss = await queries.miss(log.database, number, guild)
        assert (miss and (miss.lookup, miss.query)) == (found and (number, found))
        assert miss is None or miss in (await queries.misses(log.database, 99, guild)).found


async def test_a_miss_without_its_asker_is_still_a_miss_once_it_is_purged(tmp_path: Path) -> None:
    asked_by = {"guild_id": 1, "user_id": USER}
    kept = missed("slash", interaction_id=1, **asked_by)
    async with logged(tmp_path, (days(31), kept), (days(31), missed("menu", via="menu", **asked_by))) as log:
        (_, before) = (await queries.misses(log.database, 60, queries.EVERYWHERE)).found
        await log.purge(datetime.now(UTC) - days(30))
        after = await queries.misses(log.database, 60, queries.EVERYWHERE)
        assert after == Misses([Miss(before.lookup, before.asked_at, "slash", None, None, None)], 0, unsaid=1)
        assert await queries.misses(log.database, 60, 1) == Misses([], 0)


# Beside the running bot


def content(folder: Path) -> list[tuple[str, int, str]]:
    return [
        (path.name, path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest())
        for path in sorted(folder.iterdir())
        if not path.name.endswith("-shm")  # there readers say how far they are
    ]


async def report(reader: Reader) -> Sequence[object]:
    return [
        await queries.stats(reader, TODAY, 7, queries.EVERYWHERE),
        await queries.misses(reader, 7, queries.EVERYWHERE),
        await queries.miss(reader, 1, queries.EVERYWHERE),
    ]


@pytest.mark.sqlite
async def test_a_report_sees_what_is_logged_beside_it_and_changes_no_file(tmp_path: Path) -> None:
    async with logged(tmp_path, *MISSES) as log:
        before = content(tmp_path)
        assert {name: size for name, size, _ in before}["lookups.db-wal"] > 0
        reader = SqliteReader(tmp_path / "lookups.db")
        assert await report(reader) == await report(log.database)
        assert content(tmp_path) == before
        await log.record(missed("new"))
        assert "new" in str(await report(reader))
    assert not (tmp_path / "lookups.db-wal").exists()


@pytest.mark.sqlite
async def test_a_report_beside_a_bot_that_was_killed_leaves_the_write_ahead_log_to_the_next_one(tmp_path: Path) -> None:
    killed = tmp_path / "killed"
    killed.mkdir()
    async with logged(tmp_path, *MISSES) as log:
        for name in ("lookups.db", "lookups.db-wal"):
            shutil.copy(tmp_path / name, killed / name)
        before = content(killed)
        assert await report(SqliteReader(killed / "lookups.db")) == await report(log.database)
        assert content(killed) == before


@pytest.mark.sqlite
async def test_a_report_goes_on_while_the_database_is_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "RETRY_INTERVAL", 0.02)
    monkeypatch.setattr(sqlite, "BUSY", 0.02)
    async with logged(tmp_path, *MISSES) as log:
        with locked(tmp_path):
            assert "two" in str(await report(log.database))
        await written(log)


@pytest.mark.parametrize("content", [None, b"", b"This is no database. " * 200])
async def test_a_report_of_what_cannot_be_read_is_a_plain_error(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "lookups.db"
    if content is not None:
        path.write_bytes(content)
    reader = SqliteReader(path)
    for each in (
        queries.stats(reader, TODAY, 7, None),
        queries.misses(reader, 7, None),
        queries.miss(reader, 1, None),
    ):
        with pytest.raises(LogError) as error:
            await each
        assert str(error.value).startswith(f"{path}: ")
        assert "\n" not in str(error.value)
    assert path.exists() == (content is not None)


@pytest.mark.sqlite
async def test_a_report_of_a_damaged_database_is_a_plain_error(tmp_path: Path) -> None:
    async with logged(tmp_path, *MISSES):
        pass
    path = tmp_path / "lookups.db"
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xaa" * (len(whole) - 4096))
    with pytest.raises(LogError, match="malformed"):
        await queries.misses(SqliteReader(path), 7, queries.EVERYWHERE)


async def test_messages_that_found_nothing_are_counted_while_their_words_are_not_kept(tmp_path: Path) -> None:
    """So that the counts of `stats` and of `misses` are those of the same lookups."""
    of_messages = [lookup("", via="menu", outcome="miss", brief=None, interaction_id=n, user_id=USER) for n in (1, 2)]
    answered = lookup("", via="menu", interaction_id=3, user_id=USER)
    async with logged(tmp_path, *((days(1), each) for each in (*of_messages, answered, missed("x")))) as log:
        found = await queries.misses(log.database, 7, queries.EVERYWHERE)
        assert ([miss.query for miss in found.found], found.unsaid) == (["x"], 2)
        assert await log.ask_admins(1, USER, "what it says")
        assert await log.mark_wrong(3, USER)
        found = await queries.misses(log.database, 7, queries.EVERYWHERE)
        counts = await queries.stats(log.database, TODAY, 7, queries.EVERYWHERE)
    assert ([miss.query for miss in found.found], found.unsaid) == (["x", "what it says"], 2)
    assert counts.of("miss") == 3
    beside = "Brief this found nothing for 2 messages more, of which no words are kept."
    assert plain_misses([], 7, 0, found.unsaid).splitlines()[0] == beside


# Too much to read


async def test_a_query_that_takes_too_long_is_given_up_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.storage.engine.READING", 0.2)
    async with opened(tmp_path) as log:
        with pytest.raises(LogError, match="given up; for a report, ask about fewer days"):
            await log.database.read(ENDLESS)
        await log.record(lookup("after"))
        assert len(await log.database.read("SELECT id FROM lookups")) == 1
