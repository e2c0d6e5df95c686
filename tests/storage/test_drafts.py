"""Changes that an admin has proposed: each for its author alone, over a restart, and for a day."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.briefs.change import Change
from bot.storage import database, drafts, sqlite
from bot.storage.drafts import Drafts
from bot.storage.opening import open_database
from tests.databases import at, erased, eventually, in_files, locked, place

ADMIN = 0x0123456789ABCDEF
CHANGE = Change("edit", {"ships": "title: Ships\n"}, {"ships": "0123456789abcdef"})


pytestmark = pytest.mark.usefixtures("engine")


@pytest.mark.parametrize(
    "change",
    [
        CHANGE,
        Change("add", {"new": "title: é 😀 \0 \u2028 \r\n\t'\"\n"}, {"new": None}),
        Change("remove", {"ships": None}, {"ships": "0123456789abcdef"}),
        Change("upload", {"b": "x" * 1_000_000, "a": "", "c": None}, {"b": None, "a": "1", "c": "2"}),
        Change("edit", {"ships": "a lone \ud800 surrogate \udfff"}, {"ships": None}),
    ],
)
async def test_a_proposal_is_found_as_it_was_even_after_a_restart(tmp_path: Path, change: Change) -> None:
    async with open_database(place(tmp_path / "bot.db")) as opened:
        draft = await Drafts(opened).save(change, ADMIN)
        assert await Drafts(opened).find(draft, ADMIN) == change
    async with open_database(place(tmp_path / "bot.db")) as opened:
        found = await Drafts(opened).find(draft, ADMIN)
        assert found == change
        assert found.brief == change.brief
        assert list(found.texts) == list(change.texts)


async def test_a_proposal_is_found_by_its_author_and_its_id_alone(tmp_path: Path) -> None:
    async with open_database(place(tmp_path / "bot.db")) as opened:
        kept = Drafts(opened)
        draft, other = await kept.save(CHANGE, ADMIN), await kept.save(CHANGE, ADMIN)
        assert draft != other
        assert len(draft) <= 64  # it has to fit into a button's custom_id, behind what the button does
        nobodys = [(draft, ADMIN + 1), (other, 0), ("", ADMIN), (draft.swapcase(), ADMIN), (f"{draft}\0", ADMIN)]
        assert [await kept.find(*asked) for asked in nobodys] == [None] * len(nobodys)


@pytest.mark.parametrize(("age", "found"), [({"hours": 23.9}, True), ({"hours": 24.1}, False), ({"days": 400}, False)])
@pytest.mark.parametrize("purged", [False, True])
async def test_a_proposal_is_dropped_after_a_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, age: dict[str, float], found: bool, purged: bool
) -> None:
    async with open_database(place(tmp_path / "bot.db")) as opened:
        kept = Drafts(opened)
        draft = await kept.save(CHANGE, ADMIN)
        at(monkeypatch, drafts, **age)
        if purged:
            await kept.purge(datetime.now(UTC) + timedelta(**age))
            assert len(await kept.of(ADMIN)) == found
        assert await kept.find(draft, ADMIN) == (CHANGE if found else None)


async def test_a_proposal_that_was_removed_is_gone_and_no_other(tmp_path: Path) -> None:
    async with open_database(place(tmp_path / "bot.db")) as opened:
        kept = Drafts(opened)
        draft, other = await kept.save(CHANGE, ADMIN), await kept.save(CHANGE, ADMIN)
        await kept.remove(draft, erase=False)
        await kept.remove("no such draft", erase=True)
        assert await kept.find(draft, ADMIN) is None
        assert await kept.find(other, ADMIN) == CHANGE


async def test_what_a_user_proposed_is_listed_in_order_with_its_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_database(place(tmp_path / "bot.db")) as opened:
        kept = Drafts(opened)
        for n in range(5):
            at(monkeypatch, drafts, minutes=n)
            await kept.save(Change("edit", {"ships": str(n)}, {"ships": None}), ADMIN)
            await kept.save(Change("edit", {"ships": "theirs"}, {"ships": None}), ADMIN + 1)
        listed = await kept.of(ADMIN)
        assert [row["text"] for row in listed if row["brief"] == "ships"] == ["0", "1", "2", "3", "4"]
        assert all(row["saved_at"].endswith("Z") for row in listed)
        assert await kept.of(7) == []


@pytest.mark.sqlite
async def test_a_user_who_is_forgotten_leaves_no_proposal_in_any_file(tmp_path: Path, hasty: None) -> None:
    async with open_database(place(tmp_path / "bot.db")) as opened:
        kept = Drafts(opened)
        mine = [Change("add", {f"mine-{n}": f"my text {n} " + "x" * (n * 97 % 7000)}, {}) for n in range(200)]
        theirs = [Change("add", {f"theirs-{n}": f"their text {n} "}, {}) for n in range(200)]
        await asyncio.gather(*(kept.save(change, ADMIN) for change in mine))
        others = await asyncio.gather(*(kept.save(change, ADMIN + 1) for change in theirs))
        assert in_files(tmp_path, "my text 7 ", "their text 7 ") == [True, True]
        await kept.forget(ADMIN)
        assert await kept.of(ADMIN) == []
        await erased(opened)
        assert not any(in_files(tmp_path, *(f"my text {n} " for n in range(200)), ADMIN.to_bytes(8, "big")))
        assert [await kept.find(draft, ADMIN + 1) for draft in others] == theirs


@pytest.mark.sqlite
async def test_a_proposal_that_has_to_wait_for_the_disk_is_found_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "COMMIT_TIMEOUT", 0.02)
    monkeypatch.setattr(database, "RETRY_INTERVAL", 0.02)
    monkeypatch.setattr(sqlite, "BUSY", 0.02)
    async with open_database(tmp_path / "lookups.db") as opened:
        with locked(tmp_path):
            draft = await Drafts(opened).save(CHANGE, ADMIN)
        await eventually(lambda: opened.waiting == 0)
        assert await Drafts(opened).find(draft, ADMIN) == CHANGE
