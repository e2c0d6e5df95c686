"""Acknowledged means durable: the power is cut at random moments, and what was said to be logged is there.

What the bot's storage does to its files is traced once (strace) and then replayed up to each cut. SOAK_CUTS says how
many cuts each test makes (100).
"""

import asyncio
import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.storage.migrations import STEPS
from tests.databases import in_files, lookup, opened
from tests.soak.conftest import Say
from tests.soak.databases import LEFT_BEHIND, sound_rows
from tests.soak.disk import Disk, Event
from tests.soak.load import count_from_environment
from tests.soak.tracing import traced
from tests.storage.test_migrations import FIRST_SCHEMA

CUTS = count_from_environment("SOAK_CUTS", 100)
NEWEST = len(STEPS)


@dataclass(frozen=True)
class Cut:
    """What a power cut leaves in ``folder``, and what had been said before it."""

    folder: Path
    said: frozenset[str]

    @property
    def logged(self) -> set[int]:
        return {int(line.split()[1]) for line in self.said if line.startswith("logged")}

    def rows(self) -> dict[int, str]:
        """Return each logged interaction with its query; the file must be sound and hold none of them twice."""
        found = sound_rows(self.folder)
        assert len(dict(found)) == len(found)
        assert all(query.startswith(f"question {interaction} ") for interaction, query in found)
        return dict(found)


def cuts(before: dict[str, bytes], events: list[Event], folder: Path, also_after: str = "") -> Iterator[Cut]:
    """Yield what is left of the files ``before``, after a cut at each of CUTS random ``events``.

    A tenth of the cuts come right after a line was said, if one is named.
    """
    chance = random.Random(7)
    told = [number for number, event in enumerate(events) if event.data == f"{also_after}\n".encode()]
    told *= CUTS // 10
    moments = sorted(told + chance.choices(range(len(events)), k=CUTS - len(told)))
    disk, said, done = Disk(before), "", 0
    for moment in moments:
        for event in events[done : moment + 1]:
            disk.apply(event)
            said += event.data.decode() if event.kind == "said" else ""
        done = moment + 1
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for name, content in disk.after_cut(chance).items():
            (folder / name).write_bytes(content)
        yield Cut(folder, frozenset(said.splitlines()))


def files(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in LEFT_BEHIND if (folder / name).exists()}


async def reopened(folder: Path) -> None:
    """Have the bot use a database that a cut has left."""
    async with opened(folder) as log:
        await log.record(lookup("after the cut", interaction_id=1))
        assert log.database.failure is None


@pytest.fixture
def story(tmp_path: Path) -> Path:
    """A folder with a log in it, for one process to tell its story in."""
    folder = tmp_path.resolve() / "story"
    folder.mkdir()
    return folder


def test_what_was_logged_survives_every_power_cut(story: Path, tmp_path: Path, say: Say) -> None:
    events = traced(story, "log", "FULL")
    assert sum(event.kind == "sync" and event.name == "lookups.db" for event in events) > 2, "no checkpoint under load"
    kept = 0
    for cut in cuts({}, events, tmp_path / "cut"):
        missing = cut.logged - cut.rows().keys()
        assert not missing, f"{len(missing)} of {len(cut.logged)} are missing"
        asyncio.run(reopened(cut.folder))
        assert cut.logged | {1} <= dict(sound_rows(cut.folder)).keys()
        kept += len(cut.logged)
    say(f"{CUTS} power cuts, {kept} acknowledged lookups looked for in all, none missing")


def test_with_less_syncing_the_same_cuts_lose_lookups(story: Path, tmp_path: Path, say: Say) -> None:
    """The control: what these cuts cannot tell apart they do not prove."""
    losing = lost = 0
    for cut in cuts({}, traced(story, "log", "NORMAL"), tmp_path / "cut"):
        missing = len(cut.logged - cut.rows().keys())
        lost += missing
        losing += missing > 0
    say(f"with synchronous = NORMAL {losing} of {CUTS} power cuts lose {lost} lookups")
    assert losing > CUTS / 2


def test_a_power_cut_while_a_member_is_forgotten_takes_all_of_theirs_or_nothing(
    story: Path, tmp_path: Path, say: Say
) -> None:
    traced(story, "fill", "FULL")
    before = files(story)
    outcomes = {"untouched": 0, "deleted": 0, "acknowledged": 0}
    theirs = [f"question {10_000 + number} " for number in range(105)]
    brought_back = 0
    for cut in cuts(before, traced(story, "forget", "FULL"), tmp_path / "cut", also_after="forgotten"):
        brought_back += "forgotten" in cut.said and any(in_files(cut.folder, *theirs))
        rows = cut.rows().keys()
        must = cut.logged | {member * 10_000 + number for member in (1, 2, 3) for number in range(100)}
        deleted = not any(row < 20_000 for row in rows)
        assert rows >= {row for row in must if row >= 20_000 or not deleted}
        asyncio.run(reopened(cut.folder))
        if "forgotten" in cut.said:
            assert deleted
            assert not any(in_files(cut.folder, *theirs))
        outcomes["acknowledged" if "forgotten" in cut.said else "deleted" if deleted else "untouched"] += 1
    say(f"{CUTS} power cuts while a member is forgotten: {outcomes}; nothing of others lost, nothing of theirs back")
    # Deleted rows leave the files later than the acknowledgement. The next bot does what the last one could not.
    say(f"traces of theirs that {brought_back} of these cuts left were gone once the bot had run again")
    assert outcomes["untouched"]
    assert outcomes["acknowledged"]
    assert brought_back


def test_a_power_cut_while_the_schema_changes_leaves_one_of_them(story: Path, tmp_path: Path, say: Say) -> None:
    with closing(sqlite3.connect(story / "lookups.db")) as connection:
        connection.executescript(FIRST_SCHEMA)
        old = ((f"question {20_000 + number} asked long ago", 20_000 + number) for number in range(300))
        connection.executemany(
            "INSERT INTO lookups (asked_at, query, outcome, confidence, elapsed_ms, via, interaction_id)"
            " VALUES ('2024-10-20T12:00:00Z', ?, 'miss', 0, 1, 'slash', ?)",
            old,
        )
        connection.commit()
    before = files(story)
    versions: list[int] = []
    for cut in cuts(before, traced(story, "migrate", "FULL"), tmp_path / "cut"):
        assert cut.rows().keys() >= cut.logged | set(range(20_000, 20_300))
        versions.append(_version(cut.folder))
        asyncio.run(reopened(cut.folder))
        assert _version(cut.folder) == NEWEST
    say(f"{CUTS} power cuts while the schema changes: {versions.count(1)} before, {versions.count(NEWEST)} after it")
    assert {1, NEWEST} <= set(versions) <= set(range(1, NEWEST + 1))


def _version(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "lookups.db")) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])
