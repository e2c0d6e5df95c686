"""What became of each brief: versions of its file, noted when it changes outside Discord, recorded when on Discord."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.briefs.brief import BriefBase
from bot.briefs.brief_file import LoadedFile, read_brief
from bot.briefs.change import Version
from bot.briefs.loader import Loaded
from bot.storage import database
from bot.storage.history import History
from bot.storage.opening import open_database
from tests.brief_files import a_brief, brief_text, write
from tests.databases import erased, eventually, in_files, place, rows

ADMIN = 0x0123456789ABCDEF
THEN = datetime(2024, 10, 20, 12, 30, 15, tzinfo=UTC)


pytestmark = pytest.mark.usefixtures("engine")


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[History]:
    async with open_database(place(folder / "bot.db")) as opened:
        yield await History.opened(opened)


def in_use(*files: LoadedFile) -> Loaded:
    """Return what is published when these files, whether valid or not, are in use."""
    return Loaded(BriefBase({file.id: a_brief(file.id) for file in files}), files)


def base(folder: Path, saved: datetime = THEN, **texts: str | None) -> Loaded:
    """Put these files, and no others, into a folder and return them as they are loaded; None is no file."""
    briefs = folder / "briefs"
    for path in briefs.glob("*"):
        path.unlink()
    write(briefs, {f"{name}.yaml": text for name, text in texts.items() if text is not None})
    for path in briefs.iterdir():
        os.utime(path, (saved.timestamp(), saved.timestamp()))
    return in_use(*(read_brief(str(path), path.read_bytes()) for path in sorted(briefs.iterdir())))


async def story(history: History, brief: str = "ships") -> list[tuple[str, str | None]]:
    """Return what became of a brief, from the first version on."""
    return [(version.action, version.text) for version in reversed(await history.of(brief, 100))]


def just_now(moment: datetime) -> bool:
    return timedelta(seconds=-1) < datetime.now(UTC) - moment < timedelta(minutes=1)


# Files that change outside Discord


async def test_a_file_seen_for_the_first_time_is_a_version_of_the_time_it_was_saved_at(tmp_path: Path) -> None:
    text = brief_text(title="Ships")
    async with opened(tmp_path) as history:
        await history.note(base(tmp_path, ships=text))
        assert await history.of("ships", 10) == [Version(1, "ships", THEN, "found", None, text)]
        assert history.changed == {}  # the file's own time says when it was copied, not when its words changed
    async with opened(tmp_path) as history:
        assert history.changed == {}


A, B, C = (brief_text(summary=f"Version {letter}.") for letter in "ABC")


@pytest.mark.parametrize(
    ("contents", "expected"),
    [
        ([A], [("found", A)]),
        ([A, A, A], [("found", A)]),
        ([A, B], [("found", A), ("file", B)]),
        ([A, B, B, A], [("found", A), ("file", B), ("file", A)]),
        ([A, None], [("found", A), ("file", None)]),
        ([A, None, None], [("found", A), ("file", None)]),
        ([A, None, A], [("found", A), ("file", None), ("file", A)]),
        ([A, None, B, None], [("found", A), ("file", None), ("file", B), ("file", None)]),
        ([None, None], []),
        ([None, A], [("found", A)]),
        ([f"{A}# é 😀 a\tb\n"], [("found", f"{A}# é 😀 a\tb\n")]),
        ([A, A.replace("\n", "\r\n")], [("found", A), ("file", A.replace("\n", "\r\n"))]),
    ],
)
@pytest.mark.parametrize("restarting", [False, True])
async def test_a_version_is_noted_whenever_the_file_has_changed_and_only_then(
    tmp_path: Path, contents: list[str | None], expected: list[tuple[str, str | None]], restarting: bool
) -> None:
    def files(text: str | None) -> Loaded:
        return base(tmp_path, other=C, ships=text)

    if restarting:
        for text in contents:
            async with opened(tmp_path) as history:
                await history.note(files(text))
    else:
        async with opened(tmp_path) as history:
            for text in contents:
                await history.note(files(text))
    async with opened(tmp_path) as history:
        assert await story(history) == expected
        assert await story(history, "other") == [("found", C)]


async def test_a_removal_is_of_the_time_it_was_noticed_at(tmp_path: Path) -> None:
    async with opened(tmp_path) as history:
        await history.note(base(tmp_path, ships=A))
        await history.note(base(tmp_path))
        (removed, *_) = await history.of("ships", 1)
        assert (removed.text, removed.user) == (None, None)
        assert just_now(removed.saved_at)


async def test_a_file_saved_in_the_future_or_gone_again_is_of_now(tmp_path: Path) -> None:
    async with opened(tmp_path) as history:
        gone = read_brief("nowhere/gone.yaml", A.encode())
        await history.note(in_use(*base(tmp_path, datetime(2999, 1, 1, tzinfo=UTC), ships=A).files, gone))
        assert all([just_now((await history.of(brief, 1))[0].saved_at) for brief in ("ships", "gone")])


@pytest.mark.slow
async def test_hundreds_of_files_are_noted_in_groups_and_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One by one, each would take a commit, and its COMMIT_TIMEOUT while the database is busy."""
    groups: list[int] = []
    write_group = database.Database._write_group

    async def counted(self: database.Database, *connection: object) -> None:
        groups.append(self.waiting)
        await write_group(self, *connection)  # type: ignore[arg-type]

    monkeypatch.setattr(database, "COMMIT_TIMEOUT", 0.001)
    monkeypatch.setattr(database.Database, "_write_group", counted)
    names = [f"brief-{n:04d}" for n in range(700)]
    async with open_database(place(tmp_path / "bot.db")) as opened:
        history = await History.opened(opened)
        await history.note(
            in_use(*(LoadedFile(f"{name}.yaml", name, f"title: {name}\n", None, None, ()) for name in names))
        )
        await eventually(lambda: opened.waiting == 0)
        rows = await opened.read("SELECT brief FROM versions ORDER BY id")
        assert [row["brief"] for row in rows] == names
        assert len(groups) <= 700 // database.GROUP + 2


# What an admin does on Discord


async def test_what_an_admin_did_is_kept_with_who_and_when(tmp_path: Path) -> None:
    async with opened(tmp_path) as history:
        await history.record("ships", A, "add", ADMIN)
        await history.record("ships", B, "edit", ADMIN + 1)
        await history.record("ships", None, "remove", ADMIN)
        versions = await history.of("ships", 2)
        assert [(v.id, v.action, v.user, v.text) for v in versions] == [
            (3, "remove", ADMIN, None),
            (2, "edit", ADMIN + 1, B),
        ]
        assert all(just_now(version.saved_at) for version in versions)
        assert just_now(history.changed["ships"])
        assert await history.versions_by(ADMIN + 1) == [
            {
                "brief": "ships",
                "saved_at": versions[1].saved_at.isoformat(timespec="milliseconds")[:-6] + "Z",
                "action": "edit",
            }
        ]
        assert [version["action"] for version in await history.versions_by(ADMIN)] == ["add", "remove"]
        assert await history.of("other", 9) == []
        assert await history.versions_by(7) == []


@pytest.mark.parametrize("restarting", [False, True])
@pytest.mark.parametrize("text", [B, None])
async def test_what_an_admin_did_is_not_noted_again_as_a_change_of_the_file(
    tmp_path: Path, text: str | None, restarting: bool
) -> None:
    async with open_database(place(tmp_path / "bot.db")) as opened:
        history = await History.opened(opened)
        await history.note(base(tmp_path, other=C, ships=A))
        await history.record("ships", text, "edit", ADMIN)
        if restarting:
            history = await History.opened(opened)
        await history.note(base(tmp_path, other=C, ships=text))
        assert await story(history) == [("found", A), ("edit", text)]


async def test_a_history_that_is_opened_again_knows_when_each_brief_was_last_changed(tmp_path: Path) -> None:
    async with opened(tmp_path) as history:
        assert history.changed == {}
        await history.note(base(tmp_path, ships=A, troops=A))
        await history.note(base(tmp_path, THEN + timedelta(days=1), ships=B, troops=A))
        await history.record("tanks", A, "add", ADMIN)
    async with opened(tmp_path) as history:
        added = (await history.of("tanks", 1))[0].saved_at
        assert history.changed == {"ships": THEN + timedelta(days=1), "tanks": added}


# What changed since


async def test_the_versions_since_one_are_pairs_of_what_was_and_what_is(tmp_path: Path) -> None:
    async with opened(tmp_path) as history:
        assert await history.newest() == 0
        assert await history.between(0, 99) == []
        for brief, text in [("ships", A), ("troops", A), ("ships", B), ("new", A), ("ships", C), ("troops", None)]:
            await history.record(brief, text, "edit", None)
        assert await history.newest() == 6

        async def since(version: int) -> list[tuple[str, int, int]]:
            return [(old.brief, old.id, new.id) for old, new in await history.between(version, 99)]

        assert [await since(version) for version in range(8)] == [
            [],  # there was nothing yet that could have changed
            [("ships", 1, 5)],
            [("ships", 1, 5), ("troops", 2, 6)],
            [("ships", 3, 5), ("troops", 2, 6)],
            [("ships", 3, 5), ("troops", 2, 6)],
            [("troops", 2, 6)],
            [],
            [],
        ]


@pytest.mark.parametrize(("texts", "changed"), [([A, B], True), ([A, B, A], False), ([A, None, A], False)])
async def test_a_brief_that_was_changed_back_has_not_changed_since(
    tmp_path: Path, texts: list[str | None], changed: bool
) -> None:
    async with opened(tmp_path) as history:
        for text in texts:
            await history.record("ships", text, "edit", None)
        assert bool(await history.between(1, 99)) == changed


async def test_a_user_who_is_forgotten_leaves_the_history_and_the_versions_stay(
    tmp_path: Path, engine: str, hasty: None
) -> None:
    async with opened(tmp_path) as history:
        await history.record("ships", A, "add", ADMIN)
        await history.record("ships", B, "edit", ADMIN + 1)
        await history.forget(ADMIN)
        assert [(v.user, v.text) for v in await history.of("ships", 9)] == [(ADMIN + 1, B), (None, A)]
        assert await history.versions_by(ADMIN) == []
        assert set(rows(tmp_path, "user_id", "bot.db", "versions")) == {None, ADMIN + 1}
        await erased(history._database)
        traces = (ADMIN.to_bytes(8, "big"), (ADMIN + 1).to_bytes(8, "big"))
        assert in_files(tmp_path, *traces) == [False, engine == "sqlite"]


# Several processes with one database


@asynccontextmanager
async def opened_twice(folder: Path) -> AsyncIterator[tuple[History, History]]:
    async with open_database(place(folder / "bot.db")) as opened:
        yield await History.opened(opened), await History.opened(opened)


async def test_a_change_that_several_processes_see_is_one_version(tmp_path: Path) -> None:
    async with opened_twice(tmp_path) as processes:
        for text in (A, B, None, A):
            files = base(tmp_path, ships=text)
            for history in processes:
                await history.note(files)
        for history in processes:
            assert await story(history) == [("found", A), ("file", B), ("file", None), ("file", A)]


async def test_what_an_admin_did_on_one_process_the_others_do_not_take_for_a_change_outside_discord(
    tmp_path: Path,
) -> None:
    async with opened_twice(tmp_path) as (one, other):
        for history in (one, other):
            await history.note(base(tmp_path, ships=A, tanks=A))
        await one.record("ships", B, "edit", ADMIN)
        await one.record("tanks", None, "remove", ADMIN)
        assert await story(other) == [("found", A), ("edit", B)]
        await other.note(base(tmp_path, ships=B))
        assert await story(other) == [("found", A), ("edit", B)]
        assert await story(other, "tanks") == [("found", A), ("remove", None)]
        assert just_now(one.changed["ships"])


async def test_a_process_that_begins_during_a_change_does_not_record_the_old_text_after_the_new_one(
    tmp_path: Path,
) -> None:
    async with opened_twice(tmp_path) as (one, beginning):
        old = base(tmp_path, ships=A)
        await one.note(old)
        await one.record("ships", B, "edit", ADMIN)
        await beginning.note(old)
        await beginning.note(base(tmp_path, ships=B))
        assert await story(beginning) == [("found", A), ("edit", B)]
