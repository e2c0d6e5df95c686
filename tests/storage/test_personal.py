"""What the database holds about one user: all of it is shown, and all of it is deleted."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from bot.briefs.change import Change
from bot.commands import privacy
from bot.commands.privacy import LARGEST_PART, parts
from bot.errors import LogError
from bot.storage import database, migrations, postgres_schema, sqlite
from bot.storage.awaited import AwaitedAnswers
from bot.storage.channels import AnnouncementChannel, AnnouncementChannels
from bot.storage.clock import Clock
from bot.storage.corrections import Corrections
from bot.storage.drafts import Drafts
from bot.storage.engine import Row
from bot.storage.hash_key import KeyHistory
from bot.storage.history import History
from bot.storage.home import HomeChoice
from bot.storage.ignored import IgnoredQuestions
from bot.storage.personal import RESCUE, PersonalData
from bot.storage.registrations import Registrations
from bot.storage.server_languages import ServerLanguages
from bot.storage.unfinished import UnfinishedBriefs
from tests.databases import GUILD, USER, Log, erased, eventually, in_files, locked, lookup, opened

OTHER = USER + 1


pytestmark = pytest.mark.usefixtures("engine")


class Stores(NamedTuple):
    """Everything that is kept in a database."""

    log: Log
    history: History
    drafts: Drafts
    personal: PersonalData


@asynccontextmanager
async def filled(folder: Path) -> AsyncIterator[Stores]:
    """Open a database in which every table has rows, of two users where it is about users."""
    async with opened(folder) as log:
        history, drafts = await History.opened(log.database), Drafts(log.database)
        unfinished = UnfinishedBriefs(log.database)
        for n, user in enumerate((USER, OTHER)):
            await log.record(lookup(f"asked by {n}", user_id=user, interaction_id=n, guild_id=GUILD, channel_id=3))
            await log.record(lookup(f"again by {n}", via="menu", outcome="miss", user_id=user))
            await log.mark_wrong(n, user)
            await history.record("ships", f"title: written by {n}\n", "edit", user)
            await history.record(f"brief-{n}", None, "remove", user)
            await drafts.save(Change("add", {"new": f"proposed by {n}"}, {"new": None}), user)
            await unfinished.add([("ships", {"title": f"drafted by {n}"})], "message", user)
            await unfinished.add([("ships", {"title": f"offered to {n}"})], "file", user, waiting=False)
        channels, channel = AnnouncementChannels(log.database), AnnouncementChannel(GUILD, 3, 1)
        await channels.set(channel)
        await channels.told(channel, "ships", 2)
        await Registrations(log.database).remember_registration(1, 0, {"/brief": "digest"})
        ignored = IgnoredQuestions(log.database, log._key)
        await ignored.ignore(["ignored"], GUILD)
        await Clock(log.database).now()
        corrections = Corrections(log.database, log._key)
        for n, user in enumerate((USER, OTHER)):
            assert await corrections.say(n, user, "ships", "outdated", f"corrected by {n}", "https://example.org")
        awaited = AwaitedAnswers(log.database, log._key)
        for n, user in enumerate((USER, OTHER)):
            await log.record(lookup(f"awaited by {n}", outcome="miss", user_id=user, interaction_id=10 + n))
            assert await awaited.ask(10 + n, user, "en-US", None)
        keys = await KeyHistory.opened(log.database, log._key, new=True)
        await HomeChoice(log.database).save(GUILD)
        await ServerLanguages(log.database).choose(GUILD, "uk")
        yield Stores(
            log,
            history,
            drafts,
            PersonalData(log.database, keys, log, history, drafts, unfinished, ignored, corrections, awaited),
        )


TABLES = (
    "lookups registrations versions drafts ignored announcements announced home clock hash_keys corrections unfinished"
    " awaited server_languages"
).split()


async def tables(log: Log) -> dict[str, Sequence[Row]]:
    """Return every row of every table."""
    return {name: await log.database.read(f"SELECT * FROM {name} ORDER BY 1") for name in TABLES}


async def about(log: Log, user: int) -> dict[str, int]:
    """Return of each table how many rows have the user's id or hash anywhere."""
    traces = (str(user), f"{user:x}", str(log._user_hash(user)))
    found = {
        name: sum(any(trace in str(value) for value in tuple(row) for trace in traces) for row in rows)
        for name, rows in (await tables(log)).items()
    }
    return {name: number for name, number in found.items() if number}


async def test_every_table_has_rows_here_so_that_a_new_one_is_thought_of(tmp_path: Path) -> None:
    """Whoever adds a table fills it above; then the tests below see whether it holds anything about a user."""
    async with filled(tmp_path) as stores:
        assert [name for name, rows in (await tables(stores.log)).items() if not rows] == []
        sqlite_tables = set(re.findall(r"CREATE TABLE (\w+)", "".join(migrations.STEPS)))
        sqlite_tables -= {"unerased", "copied"}  # a note about SQLite's files, and what became the lookups
        assert set(TABLES) == sqlite_tables == set(re.findall(r"CREATE TABLE (\w+)", "".join(postgres_schema.STEPS)))
        assert await about(stores.log, USER) == {
            "lookups": 3,
            "versions": 2,
            "drafts": 1,
            "corrections": 1,
            "unfinished": 2,
            "awaited": 1,
        }


async def test_everything_about_a_user_is_shown_and_nothing_of_others(tmp_path: Path) -> None:
    async with filled(tmp_path) as stores:
        shown = await stores.personal.of(USER)
        found = sorted(len(rows) for rows in shown.values() if rows)
        assert found == sorted((await about(stores.log, USER)).values())
        assert shown.keys() == privacy._COUNTED.keys()
        assert {what: len(rows) for what, rows in shown.items()} == {
            "lookups": 3,
            "corrections": 1,
            "awaited answers": 1,
            "changes of briefs": 2,
            "proposed changes": 1,
            "drafts of briefs": 2,
            "damaged logs that may name you": 0,
        }
        text = json.dumps(shown)
        assert "asked by 0" in text
        assert "proposed by 0" in text
        assert "drafted by 0" in text
        assert "by 1" not in text
        assert str(OTHER) not in text
        columns = set(shown["lookups"][0])
        assert columns == set((await tables(stores.log))["lookups"][0].keys())
        assert not any((await stores.personal.of(7)).values())


async def test_nothing_about_a_user_who_is_forgotten_is_left_in_any_table_or_file(tmp_path: Path, hasty: None) -> None:
    async with filled(tmp_path) as stores:
        theirs = await about(stores.log, OTHER)
        shown = await stores.personal.of(OTHER)
        assert await stores.personal.forget(USER) == 3
        assert await about(stores.log, USER) == {}
        assert await about(stores.log, OTHER) == theirs
        assert not any((await stores.personal.of(USER)).values())
        assert await stores.personal.of(OTHER) == shown
        drafts = [(row["state"], row["made_by"]) for row in (await tables(stores.log))["unfinished"]]
        assert sorted(map(str, drafts)) == sorted(map(str, [("waiting", None), ("waiting", OTHER), ("offered", OTHER)]))
        assert [row["text"] for row in (await tables(stores.log))["versions"]][:2] == ["title: written by 0\n", None]
        await erased(stores.log.database)
        traces: list[str | bytes] = [
            "asked by 0",
            "again by 0",
            "proposed by 0",
            "corrected by 0",
            USER.to_bytes(8, "big"),
            str(USER),
        ]
        assert not any(in_files(tmp_path, *traces, str(stores.log._user_hash(USER))))
        assert await stores.personal.forget(USER) == 0
        assert await stores.personal.forget(7) == 0
    assert not any(in_files(tmp_path, *traces))


@pytest.mark.sqlite
async def test_how_much_was_forgotten_is_not_known_until_it_is_gone_for_every_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hasty: None
) -> None:
    monkeypatch.setattr(database, "RETRY_INTERVAL", 0.02)
    monkeypatch.setattr(sqlite, "BUSY", 0.02)
    async with filled(tmp_path) as stores:
        with locked(tmp_path):
            forgetting = asyncio.create_task(stores.personal.forget(USER))
            await asyncio.sleep(0.2)
            assert not forgetting.done()
            assert any(in_files(tmp_path, "asked by 0", "proposed by 0"))
        assert await forgetting == 3
        assert await about(stores.log, USER) == {}
        await erased(stores.log.database)
        assert not any(in_files(tmp_path, "asked by 0", "proposed by 0", USER.to_bytes(8, "big")))


@pytest.mark.sqlite
async def test_forgetting_writes_the_files_anew_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its parts wait together: for a large log each rewriting takes seconds."""
    async with filled(tmp_path) as stores:
        monkeypatch.setattr(database, "COMMIT_TIMEOUT", 0.001)
        with locked(tmp_path):
            await stores.personal.forget(USER)
            assert stores.log.database.waiting == 7
        await eventually(lambda: stores.log.database.waiting == 0)


# Databases that were set aside as damaged: nobody can tell what they hold

SET_ASIDE = "lookups.db.corrupt-20240102T030405Z"


NAMES = (SET_ASIDE, f"{SET_ASIDE}-wal", f"{SET_ASIDE}-2")


@pytest.mark.sqlite
async def test_a_damaged_database_is_shown_to_everybody_and_deleted_some_days_after_somebody_was_forgotten(
    tmp_path: Path, hasty: None
) -> None:
    """So one member cannot destroy at once what may be mended, and knows by when it is gone."""
    async with filled(tmp_path) as stores:
        for name in NAMES:
            (tmp_path / name).write_bytes(b"damaged, but asked by 0 stands there")
        shown = await stores.personal.of(7)
        damaged = [{"name": name, "deleted_on": None} for name in (SET_ASIDE, f"{SET_ASIDE}-2")]
        assert shown["damaged logs that may name you"] == damaged
        assert stores.personal.deleted_later is None
        asked = datetime.now(UTC)
        await stores.personal.forget(USER)
        due = stores.log.database.due_quarantined
        assert list(due) == [SET_ASIDE, f"{SET_ASIDE}-2"]
        assert all(timedelta(seconds=-1) <= each - asked - RESCUE <= timedelta(minutes=10) for each in due.values())
        later = stores.personal.deleted_later
        assert later
        assert later > max(due.values()).date()
        await stores.personal.purge(asked + RESCUE - timedelta(hours=1), timedelta(days=10**5))
        assert all((tmp_path / name).exists() for name in NAMES)
        await stores.personal.purge(asked + RESCUE + timedelta(hours=1), timedelta(days=10**5))
        await erased(stores.log.database)
        assert list(tmp_path.glob("*corrupt*")) == []
        assert not any(in_files(tmp_path, "asked by 0"))
        assert not any((await stores.personal.of(USER)).values())


@pytest.mark.sqlite
async def test_who_is_forgotten_later_puts_off_nothing_and_what_is_set_aside_later_is_not_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with filled(tmp_path) as stores:
        (tmp_path / SET_ASIDE).write_bytes(b"damaged")
        await stores.personal.forget(USER)
        first = stores.log.database.due_quarantined
        monkeypatch.setattr("bot.storage.personal.RESCUE", timedelta(days=300))
        await stores.personal.forget(OTHER)
        assert stores.log.database.due_quarantined == first
        (tmp_path / f"{SET_ASIDE}-2").write_bytes(b"damaged after they were forgotten")
        assert list(stores.log.database.due_quarantined) == [SET_ASIDE]


@pytest.mark.sqlite
async def test_a_note_that_cannot_be_read_keeps_nothing_for_longer(tmp_path: Path) -> None:
    async with filled(tmp_path) as stores:
        for name in (SET_ASIDE, f"{SET_ASIDE}.delete-on"):
            (tmp_path / name).write_bytes(b"\xff damaged")
        await stores.personal.purge(datetime.now(UTC), timedelta(days=10**5))
        assert list(tmp_path.glob("*corrupt*")) == []


@pytest.mark.sqlite
async def test_a_damaged_database_is_deleted_when_it_is_as_old_as_lookups_may_be_and_what_is_not_ours_never(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with filled(tmp_path) as stores:
        names = [SET_ASIDE, "lookups.db.corrupt-20240103T030405Z", "lookups.db.corrupt-mine", "lookups.db.before"]
        for name in names:
            (tmp_path / name).write_bytes(b"damaged")
        await stores.personal.purge(datetime(2024, 2, 1, 12, tzinfo=UTC), timedelta(days=30))
        assert sorted(path.name for path in tmp_path.glob("lookups.db.[cb]*")) == sorted(names[1:])
    assert f"{SET_ASIDE}, which was set aside as damaged, is deleted" in caplog.text


@pytest.mark.sqlite
async def test_what_cannot_be_deleted_is_said_and_not_called_forgotten(tmp_path: Path) -> None:
    async with filled(tmp_path) as stores:
        (tmp_path / SET_ASIDE).mkdir()  # which no unlink removes
        await stores.personal.forget(USER)
        with pytest.raises(LogError, match="cannot be deleted"):
            await stores.personal.purge(datetime.now(UTC) + 2 * RESCUE, timedelta(days=10**5))


@pytest.mark.sqlite
async def test_a_cancelled_proposal_is_gone_from_the_files_and_an_applied_one_is_left_to_the_history(
    tmp_path: Path, hasty: None
) -> None:
    async with filled(tmp_path) as stores:
        draft = await stores.drafts.save(Change("add", {"new": "xylophones of mine"}, {"new": None}), USER)
        assert in_files(tmp_path, "xylophones of mine") == [True]
        await stores.drafts.remove(draft, erase=True)
        await erased(stores.log.database)
        assert in_files(tmp_path, "xylophones of mine") == [False]


async def test_a_large_proposal_is_shown_file_by_file_so_that_each_fits_into_a_message(tmp_path: Path) -> None:
    async with filled(tmp_path) as stores:
        texts: dict[str, str | None] = {f"brief-{n}": "\x01ж" * 350_000 for n in range(5)} | {"gone": None}
        await Drafts(stores.log.database).save(Change("upload", texts, dict.fromkeys(texts)), 7)
        shown = (await stores.personal.of(7))["proposed changes"]
        assert {row["brief"]: row["text"] for row in shown} == texts
        assert max(map(len, parts({"proposed changes": shown}))) <= LARGEST_PART
