"""Drafts of briefs wait for all admins, nobody overwrites another's unseen, and what was thrown away comes back."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.briefs.change import DraftRef
from bot.storage import unfinished
from bot.storage.opening import open_database
from bot.storage.unfinished import KEPT, Draft, UnfinishedBriefs
from tests.databases import at, erased, in_files, place

ADMIN, OTHER = 0x0123456789ABCDEF, 0x0123456789ABCDEE
FERRIES = ("ferries", {"title": "Ferries", "facts": "? 1,500 a year"})
AGE = timedelta(days=30)

pytestmark = pytest.mark.usefixtures("engine")


async def added(kept: UnfinishedBriefs, *found: tuple[str, dict[str, str]], **how: Any) -> list[DraftRef]:
    stored = await kept.add(found or [FERRIES], how.pop("origin", "form"), ADMIN, **how)
    assert stored
    return stored[1]


async def found(kept: UnfinishedBriefs, ref: DraftRef) -> Draft:
    draft = await kept.find(ref.id)
    assert draft
    return draft


async def test_a_draft_is_found_as_it_was_after_a_restart_and_listed_with_who_made_it(tmp_path: Path) -> None:
    odd = {"title": "é 😀 \0 \u2028 \ud800", "facts": "x" * 4000}
    async with open_database(place(tmp_path / "bot.db")) as opened:
        (ref,) = await added(UnfinishedBriefs(opened), ("a \ud800 topic", odd))
    async with open_database(place(tmp_path / "bot.db")) as opened:
        kept = UnfinishedBriefs(opened)
        draft = await found(kept, ref)
        assert (draft.topic, draft.form, draft.made_by, draft.saved_by) == ("a \ud800 topic", odd, ADMIN, ADMIN)
        assert await kept.page(0, 9) == [draft]
        assert await kept.find("nonsense") is None


async def test_topics_that_were_only_offered_are_in_no_list_until_they_are_kept(tmp_path: Path) -> None:
    async with open_database(place(tmp_path / "bot.db")) as opened:
        kept = UnfinishedBriefs(opened)
        stored = await kept.add([(f"topic {n}", {}) for n in range(30)], "message", ADMIN, waiting=False)
        assert stored
        batch, refs = stored
        assert (await kept.number(), await kept.page(0, 99)) == (0, [])
        assert (await found(kept, refs[7])).topic == "topic 7"
        await kept.finish(refs[3])
        assert await kept.keep_batch(batch) == 29
        assert await kept.keep_batch(batch) == 0
        assert await kept.keep_batch("nonsense") == 0
        assert [each.topic for each in await kept.page(0, 4)] == ["topic 0", "topic 1", "topic 2", "topic 4"]
        assert [each.topic for each in await kept.page(28, 9)] == ["topic 29"]
        assert await kept.save(refs[5], "topic 5", {"title": "mine"}, OTHER)
        assert await kept.let_batch_go(batch) == 28
        assert [each.topic for each in await kept.page(0, 4)] == ["topic 5"]
        assert (await found(kept, refs[3])).state == "finished"


async def test_who_saves_what_somebody_else_has_changed_meanwhile_changes_nothing(tmp_path: Path) -> None:
    async with open_database(place(tmp_path / "bot.db")) as opened:
        kept = UnfinishedBriefs(opened)
        (ref,) = await added(kept)
        assert await kept.save(ref, "theirs", {"title": "theirs"}, OTHER) is True
        assert await kept.save(ref, "mine", {"title": "mine"}, ADMIN) is False
        assert await kept.throw_away(ref) is False
        assert await kept.finish(ref) is False
        draft = await found(kept, ref)
        assert (draft.ref.revision, draft.topic, draft.form["title"]) == (2, "theirs", "theirs")
        assert (draft.made_by, draft.saved_by, draft.state) == (ADMIN, OTHER, "waiting")


async def test_what_was_thrown_away_or_finished_comes_back_for_a_day_and_is_then_gone_from_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hasty: None
) -> None:
    async with open_database(place(tmp_path / "bot.db")) as opened:
        kept = UnfinishedBriefs(opened)
        one, two, three = await added(kept, ("one", {}), ("two", {}), ("xylophones", {}))
        assert await kept.throw_away(one)
        assert await kept.finish(two)
        assert await kept.throw_away(three)
        assert await kept.number() == 0
        assert await kept.bring_back(one.id)
        assert await kept.bring_back(two.id)
        assert not await kept.bring_back(one.id)
        assert not await kept.bring_back("nonsense")
        assert [each.topic for each in await kept.page(0, 9)] == ["one", "two"]
        later = datetime.now(UTC) + KEPT + timedelta(seconds=1)
        at(monkeypatch, unfinished, days=1, seconds=1)
        assert await kept.find(three.id) is None
        await kept.purge(later, AGE)
        assert not await kept.bring_back(three.id)
        assert await kept.number() == 2
        await erased(opened)
        assert in_files(tmp_path, "xylophones") == [False]


@pytest.mark.parametrize("origin", ["message", "file", "form", "import"])
async def test_only_what_was_made_from_a_message_goes_with_age_unless_somebody_works_on_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, origin: str
) -> None:
    async with open_database(place(tmp_path / "bot.db")) as opened:
        kept = UnfinishedBriefs(opened)
        left, worked_on = await added(kept, ("left", {}), ("worked on", {}), origin=origin)
        at(monkeypatch, unfinished, days=20)
        assert await kept.save(worked_on, "worked on", {}, OTHER)
        await kept.purge(datetime.now(UTC) + timedelta(days=31), AGE)
        assert (await kept.find(left.id) is None) == (origin == "message")
        assert await kept.find(worked_on.id)


@pytest.mark.parametrize("text", ["", ".", "x", "x.²", "x.99999999999999999999999", "x.-1"])
def test_a_forged_revision_is_that_of_no_draft(text: str) -> None:
    assert DraftRef.parse(text).revision == 0
    assert DraftRef.parse(str(DraftRef("a-_1", 7))) == DraftRef("a-_1", 7)
