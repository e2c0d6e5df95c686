"""A change of several files is made as a whole or not at all, wherever it is cut short and whatever refuses it."""

import asyncio
import errno
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import pytest

from bot.answering.matcher import Matcher
from bot.authoring.editor import BaseEditor
from bot.authoring.folder_lock import NAME as LOCK
from bot.authoring.keeper import BaseKeeper
from bot.briefs import journal
from bot.briefs.journal import NAME, Entry, Journal, carry_out, entry_of, finish, read_journal, settle
from bot.briefs.loader import load, survey
from bot.storage.history import History
from bot.storage.opening import open_database
from tests import forked
from tests.brief_files import brief_text, write
from tests.killed import points

ADMIN = 77
SHIPS = brief_text(title="Ships", aliases=["vessels"]).encode()
OLD = {
    "arks.yaml": brief_text(title="Arks", related=["boats"]),
    "boats.yaml": brief_text(title="Boats", aliases=["canoes"]),
    "cogs.yaml": brief_text(title="Cogs"),
    "ships.yaml": brief_text(title="Ships"),
}
LINKED = {"dhows": brief_text(title="Dhows"), "elks": brief_text(title="Elks")}
TEXTS: dict[str, str | None] = {
    "arks": brief_text(title="Arks", aliases=["canoes"]),
    "boats": None,
    "cogs": brief_text(title="Cogs", related=["ferries"]),
    "dhows": brief_text(title="Dhows", related=["arks"]),
    "elks": None,
    "ferries": brief_text(title="Ferries", aliases=["boats"]),
}
"""Half of it is no valid base: an alias moves, a brief goes that another names, and one comes."""


def folder_in(place: Path) -> Path:
    """Make the folder as it is before the change: files, and links to files that lie below it."""
    folder = write(place / "briefs", OLD)
    write(folder / ".data", LINKED)
    for name in LINKED:
        (folder / f"{name}.yaml").symlink_to(f".data/{name}")
    (folder / "arks.yaml").chmod(0o640)
    return folder


def held(folder: Path) -> dict[str, tuple[str, int]]:
    """Return all that lies in the folder: where links lead, else the content, and the permissions."""
    found = [path for path in folder.rglob("*") if path.is_symlink() or path.is_file()]
    return {
        str(path.relative_to(folder)): (
            os.readlink(path) if path.is_symlink() else path.read_text(),
            path.lstat().st_mode & 0o777,
        )
        for path in found
        if path.name != LOCK
    }


def change_of(folder: Path) -> Journal:
    entries = [entry_of(folder, brief, text.encode() if text else None) for brief, text in TEXTS.items()]
    return Journal("upload", ADMIN, "2024-10-18T12:00:00+00:00", tuple(entries))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return folder_in(tmp_path)


@pytest.fixture(scope="module")
def after(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, int]]:
    """What the folder holds once the change was made."""
    return made_in(tmp_path_factory.mktemp("made"))


def made_in(place: Path) -> dict[str, tuple[str, int]]:
    folder = folder_in(place)
    change = change_of(folder)
    carry_out(folder, change)
    finish(folder, change)
    return held(folder)


def test_a_change_is_made_with_links_and_permissions_kept_and_leaves_nothing_else(
    folder: Path, after: dict[str, tuple[str, int]]
) -> None:
    carry_out(folder, change := change_of(folder))
    assert read_journal(folder) == change
    assert settle(folder) == change
    finish(folder, change)
    assert held(folder) == after
    assert after.keys() == {
        "arks.yaml",
        "cogs.yaml",
        "dhows.yaml",
        "ferries.yaml",
        "ships.yaml",
        ".data/dhows",
        ".data/elks",
    }
    assert after["arks.yaml"] == (TEXTS["arks"], 0o640)
    assert after["dhows.yaml"][0] == ".data/dhows"


# Killed


def some_points(place: Path) -> int:
    return every_point(place, 5)


def every_point(place: Path, every: int = 1) -> int:
    """Kill a process that makes the change at every point, and then whoever takes it back, at every point."""
    before, after = held(folder_in(_new(place, "old"))), made_in(_new(place, "new"))
    bases = [load(place / name / "briefs").base for name in ("old", "new")]
    seen: set[bool] = set()

    folder = Path()

    def fresh() -> Path:
        nonlocal folder
        folder = folder_in(Path(tempfile.mkdtemp(dir=place)))
        return folder

    def look() -> None:
        assert survey(folder).base in bases  # what whoever reads meanwhile gets
        assert not survey(folder).problems
        done = settle(folder)
        if done:
            finish(folder, done)
        seen.add(held(folder) == after)
        assert held(folder) in (before, after) or _only_rest(held(folder), before)

    number = points(lambda: _make(folder), fresh, look, every)
    assert seen == {False, True}
    for failing in range(1, len(TEXTS)):

        def cut_short(failing: int = failing) -> None:
            carry_out(fresh(), change := change_of(folder))
            journal._put(folder, [(entry, entry.before) for entry in change.entries[failing:]])

        def taken_back() -> None:
            assert survey(folder).base == bases[0]
            assert settle(folder) is None
            assert held(folder) == before

        number += points(lambda: settle(folder), cut_short, taken_back, every)
    return number


def _new(place: Path, name: str) -> Path:
    (place / name).mkdir()
    return place / name


def _only_rest(now: dict[str, tuple[str, int]], before: dict[str, tuple[str, int]]) -> bool:
    """Whether there is nothing but what was there, and the half of a journal that was never begun."""
    return {name: each for name, each in now.items() if name != f"{NAME}.new"} == before


def _make(folder: Path) -> None:
    change = change_of(folder)
    carry_out(folder, change)
    finish(folder, change)


@pytest.mark.slow
def test_killed_at_any_system_call_a_change_is_all_there_or_not_at_all_to_whoever_reads_and_after_the_next_look(
    tmp_path: Path,
) -> None:
    assert forked.returned(some_points, tmp_path) > 20


class Unranked(Matcher):
    """A matcher without an index, which takes the longest to make."""

    def build(self) -> None:
        """Make nothing."""

    def built(self) -> Self:
        return self


def some_points_with_a_history(place: Path) -> int:
    return points_with_a_history(place, 7)


def points_with_a_history(place: Path, every: int = 1) -> int:
    """Kill a bot that applies the change at every point; the next one must agree with its files and say who did it."""
    folder = Path()
    outcomes: set[str] = set()

    def fresh() -> None:
        nonlocal folder
        folder = folder_in(Path(tempfile.mkdtemp(dir=place)))
        asyncio.run(restarted(folder))

    def look() -> None:
        texts = asyncio.run(restarted(folder))
        files = {path.stem: path.read_text() for path in folder.glob("*.yaml")}
        assert {brief: text for brief, (_, _, text) in texts.items() if text is not None} == files
        how = {(action, user) for action, user, _ in (texts[brief] for brief in TEXTS if brief in texts)}
        assert how in ({("found", None)}, {("upload", ADMIN)}), how
        outcomes.update(action for action, _ in how)
        assert {path.name for path in folder.iterdir() if path.name.startswith(".")} <= {LOCK, ".data", f"{NAME}.new"}

    number = points(lambda: asyncio.run(applied(folder)), fresh, look, every)
    assert outcomes == {"found", "upload"}
    return number


async def applied(folder: Path) -> None:
    async with open_database(folder.with_name("bot.db")) as database:
        keeper = await kept(folder, await History.opened(database))
        editor = BaseEditor(keeper)
        assert await editor.apply(await editor.change_to("upload", dict(TEXTS)), ADMIN)


async def restarted(folder: Path) -> dict[str, tuple[str, int | None, str | None]]:
    """Start over the folder, and return the last version of each brief: the action, who did it, and the text."""
    async with open_database(folder.with_name("bot.db")) as database:
        history = await History.opened(database)
        keeper = await kept(folder, history)
        assert await keeper.reload(force=True)
        while database.waiting:
            await asyncio.sleep(0.001)
        latest = "SELECT * FROM versions WHERE id IN (SELECT max(id) FROM versions GROUP BY brief)"
        rows: list[Any] = list(await database.read(latest))
        return {row["brief"]: (row["action"], row["user_id"], row["text"]) for row in rows}


async def kept(folder: Path, history: History) -> BaseKeeper:
    async def publish(loaded: Any, _matcher: Matcher) -> None:
        await history.note(loaded)

    return BaseKeeper(folder, Unranked(load(folder).base), Unranked, publish)


@pytest.mark.slow
def test_killed_at_any_system_call_the_history_has_exactly_what_is_in_use_and_who_did_it(tmp_path: Path) -> None:
    assert forked.returned(some_points_with_a_history, tmp_path) > 7


# Refused


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("number", [errno.EBUSY, errno.EPERM, errno.ENOSPC, errno.EROFS])
def test_one_file_that_cannot_be_replaced_leaves_all_as_they_were(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, number: int
) -> None:
    """As if it were mounted by itself (EBUSY) or immutable (EPERM)."""
    before, change = held(folder), change_of(folder)
    entry = next(entry for entry in change.entries if entry.brief == name)

    def refusing(real: Callable[..., None]) -> Callable[..., None]:
        def call(*paths: Any) -> None:
            if Path(paths[-1]) == folder / entry.path:
                raise OSError(number, os.strerror(number))
            real(*paths)

        return call

    with monkeypatch.context() as patched:
        for call in ("replace", "unlink"):
            patched.setattr(os, call, refusing(getattr(os, call)))
        with pytest.raises(OSError, match=os.strerror(number)) as refusal:
            carry_out(folder, change)
    assert (refusal.value.errno, refusal.value.filename) == (number, f"{name}.yaml")
    assert held(folder) == before


def test_what_cannot_be_taken_back_at_once_is_read_as_it_was_and_taken_back_at_the_next_look(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, base, replace, calls = held(folder), load(folder).base, os.replace, 0

    def failing(*paths: Any) -> None:
        nonlocal calls
        calls += 1
        if calls > 2:  # the journal's own, and that of the first file
            raise OSError(errno.EIO, "Input/output error")
        replace(*paths)

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", failing)
        with pytest.raises(OSError, match="Input/output"):
            carry_out(folder, change_of(folder))
        with pytest.raises(OSError, match="Input/output"):
            settle(folder)
    assert held(folder) != before
    assert load(folder).base == base
    assert settle(folder) is None
    assert held(folder) == before


def test_a_file_that_somebody_changed_after_the_cut_is_left_to_them(folder: Path) -> None:
    change = change_of(folder)
    carry_out(folder, change)
    journal._put(folder, [(change.entries[2], change.entries[2].before)])
    (folder / "arks.yaml").write_text("mine")
    assert settle(folder) is None
    assert (folder / "arks.yaml").read_text() == "mine"
    assert (folder / "boats.yaml").read_text() == OLD["boats.yaml"]
    assert not (folder / NAME).exists()


# A journal that came from elsewhere


def note(**changes: Any) -> str:
    entry = {"brief": "x", "path": "x.yaml", "before": "bWluZQ==", "after": None, "mode": None, "link": None} | changes
    other = {"brief": "arks", "path": "arks.yaml", "before": None, "after": "eA==", "mode": None, "link": None}
    return json.dumps({"action": "edit", "user": 1, "at": "2024-10-18", "entries": [entry, other]})


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", "{}", '{"entries": [{}]}', note(path="../x.yaml"), note(path=".git/x"),
     note(path="/tmp/x.yaml"), note(brief="../x", path="../x.yaml"), note(brief="X", path="X.yaml"),
     note(before="?"), note(before=1), note(more=1), note(path="y.yaml"), "[" * 100_000],
)  # fmt: skip
def test_a_journal_that_is_none_of_ours_writes_nothing(folder: Path, content: str) -> None:
    write(folder, {NAME: content})
    before = held(folder)
    assert read_journal(folder) is None
    assert settle(folder) is None
    assert load(folder).journal is None
    assert held(folder) == before


@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir, lambda path: path.symlink_to("/dev/zero")])
def test_what_stands_in_the_journals_place_hangs_nobody(folder: Path, make: Callable[[Path], None]) -> None:
    make(folder / NAME)
    assert read_journal(folder) is None


def test_an_entry_says_all_that_is_needed_to_take_it_back(folder: Path) -> None:
    (folder / "arks.yaml").write_bytes(b"\xef\xbb\xbf\xff")
    (folder / "arks.yaml").chmod(0o600)
    assert entry_of(folder, "arks", b"x") == Entry("arks", "arks.yaml", b"\xef\xbb\xbf\xff", b"x", 0o600)
    assert entry_of(folder, "dhows", None) == Entry(
        "dhows", "dhows.yaml", LINKED["dhows"].encode(), None, None, ".data/dhows"
    )
    assert entry_of(folder, "dhows", b"x") == Entry("dhows", ".data/dhows", LINKED["dhows"].encode(), b"x", 0o644)
    assert entry_of(folder, "new", b"x") == Entry("new", "new.yaml", None, b"x")


@pytest.mark.parametrize(
    "wrong",
    [
        {"at": "yesterday"},
        {"at": "9999-12-31T23:59:59-12:00"},
        {"at": 5},
        {"user": "somebody"},
        {"user": 1 << 63},
        {"action": 5},
        {"mode": "x"},
        {"mode": 1 << 40},
        {"mode": 0o4755},
        {"link": 5},
        {"link": "/etc/passwd"},
    ],
    ids=str,
)
def test_a_journal_from_elsewhere_whose_values_make_no_sense_is_none(tmp_path: Path, wrong: dict[str, Any]) -> None:
    folder = write(tmp_path / "briefs", {"ships.yaml": OLD["ships.yaml"]})
    change = Journal("edit", ADMIN, "2024-10-18T12:00:00+00:00", (entry_of(folder, "ships", b"new"),))
    carry_out(folder, change)
    note = json.loads((folder / NAME).read_text())
    (note["entries"][0] if wrong.keys() & {"mode", "link"} else note).update(wrong)
    (folder / NAME).write_text(json.dumps(note))
    before = held(folder)
    assert read_journal(folder) is None
    assert settle(folder) is None
    assert held(folder) == before


async def test_an_action_that_nobody_knows_is_a_change_outside_discord(tmp_path: Path) -> None:
    folder = write(tmp_path / "briefs", OLD)
    carry_out(folder, Journal("hacked", ADMIN, "2024-10-18T12:00:00+00:00", (entry_of(folder, "ships", SHIPS),)))
    async with open_database(tmp_path / "log.db") as database:
        history = await History.opened(database)
        await history.note(survey(folder))
        assert [(each.action, each.user) for each in await history.of("ships", 2)] == [("found", None)]


def test_a_link_to_a_name_that_no_journal_can_hold_is_refused_before_anything_is_written(folder: Path) -> None:
    target = Path(os.fsdecode(os.fsencode(folder / ".data") + b"/\xff"))
    target.write_text(OLD["cogs.yaml"])
    (folder / "rafts.yaml").symlink_to(target)
    with pytest.raises(OSError, match="not UTF-8"):
        carry_out(folder, Journal("edit", ADMIN, "2024-10-18T12:00:00+00:00", (entry_of(folder, "rafts", b"new"),)))
    assert target.read_text() == OLD["cogs.yaml"]
    assert not [path for path in folder.iterdir() if path.name.startswith(NAME)]
