"""`/privacy`: everybody sees all that is stored about them, and deletes it for good, and nobody else's."""

import asyncio
import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.commands import privacy
from bot.commands.privacy import parts
from bot.storage import lookups, personal
from bot.storage.personal import PersonalData
from tests.admins import ADMIN, FILES, attached, edit, press, rows, settled, with_button
from tests.databases import erased
from tools.fake_discord import FakeDiscord, User, Where
from tools.running import Running

SOMEBODY = User(1_000_000_000_000_000_077, "somebody")
pytestmark = [pytest.mark.usefixtures("engine"), pytest.mark.both, pytest.mark.briefs(FILES)]

NOTHING = "Nothing is stored about you."


async def shown(fake: FakeDiscord, **where: Any) -> dict[str, list[dict[str, Any]]]:
    """Return what `/privacy show` gives as a file, by kind."""
    exchange = await fake.slash("privacy show", **where)
    await settled(exchange)
    assert exchange.ephemeral
    stored: dict[str, list[dict[str, Any]]] = json.loads((await attached(fake, exchange))["your-data.json"])
    for kind, found in stored.items():
        assert (f"{len(found):,} {kind}" in exchange.text) == bool(found)
    return stored


async def forgotten(fake: FakeDiscord, **where: Any) -> str:
    """Ask to be forgotten, confirm it, and return what is said in place of the question."""
    asked = await fake.slash("privacy forget", **where)
    assert asked.ephemeral
    said = await press(fake, asked, "Delete everything")
    assert asked.labels == []
    return said


async def test_nothing_is_forgotten_before_whoever_asks_for_it_has_confirmed_it(
    fake: FakeDiscord, bot: Running
) -> None:
    await fake.slash("brief", {"query": "kitties"})
    before = rows(bot, "lookups")
    asked = await fake.slash("privacy forget")
    assert "Nobody can bring it back" in asked.text
    assert asked.labels == ["Delete everything", "Keep it"]
    assert rows(bot, "lookups") == before
    await press(fake, asked, "Keep it")
    assert (asked.text, asked.labels) == ("Nothing was deleted.", [])
    assert rows(bot, "lookups") == before


async def test_a_button_of_the_question_deletes_nothing_but_what_is_about_whoever_presses_it(
    fake: FakeDiscord, bot: Running
) -> None:
    await fake.slash("brief", {"query": "kitties"})
    before = rows(bot, "lookups")
    for state in ("forget", "keep", "x", ""):
        forged = await with_button(fake, f"privacy:{state}")
        await settled(await fake.press(forged, f"privacy:{state}", user=SOMEBODY))
    assert before == [row for row in rows(bot, "lookups") if row["id"] <= before[-1]["id"]]


def raw(bot: Running) -> bytes:
    """Return the bytes of all files of the database: what was deleted must not be in any of them."""
    return b"".join(path.read_bytes() for path in bot.folder.parent.glob("lookups.db*"))


async def test_who_has_asked_nothing_is_told_that_nothing_is_stored(fake: FakeDiscord, bot: Running) -> None:
    await fake.slash("brief", {"query": "cats"}, user=SOMEBODY)
    exchange = await fake.slash("privacy show")
    assert (await settled(exchange), exchange.ephemeral) == (NOTHING, True)


async def test_the_file_holds_every_lookup_of_whoever_asks_and_no_one_elses(fake: FakeDiscord, bot: Running) -> None:
    await fake.slash("brief", {"query": "kitties"})
    await fake.slash("brief", {"query": "zebras\ud800"})
    await fake.message_command("Brief this", "what about hounds?")
    await fake.slash("brief", {"query": "secret of somebody"}, user=SOMEBODY)
    stored = await shown(fake)
    mine = [row for row in rows(bot, "lookups") if row["query"] != "secret of somebody"]
    assert stored["lookups"] == mine
    assert [row["query"] for row in mine] == ["kitties", "zebras\ufffd", ""]
    assert [row["query"] for row in (await shown(fake, user=SOMEBODY))["lookups"]] == ["secret of somebody"]


async def test_an_admin_sees_the_changes_they_made_and_proposed_too(fake: FakeDiscord, bot: Running) -> None:
    preview = await edit(fake, "cats", FILES["cats.yaml"].replace("purr", "hiss"))
    proposed = await shown(fake)
    assert "hiss" in proposed["proposed changes"][0]["text"]
    assert proposed["changes of briefs"] == []
    await press(fake, preview, "Apply")
    made = await shown(fake)
    assert [each["action"] for each in made["proposed changes"]] == ["undo"]  # what the button beside it would do
    ((brief, action),) = [(each["brief"], each["action"]) for each in made["changes of briefs"]]
    assert (brief, action) == ("cats", "edit")
    assert await settled(await fake.slash("privacy show", user=SOMEBODY)) == NOTHING


@pytest.mark.sqlite
@pytest.mark.parametrize("where", [{}, {"dm": True}], ids=["server", "DM"])
async def test_what_is_forgotten_is_gone_from_the_files_too_and_only_ones_own(
    fake: FakeDiscord, bot: Running, hasty: None, where: Where
) -> None:
    await fake.slash("brief", {"query": "xylophones of mine"}, **where)
    await fake.slash("brief", {"query": "xylophones of mine"})
    await fake.slash("brief", {"query": "trombones of somebody"}, user=SOMEBODY)
    (mine,) = {row["user_hash"] for row in rows(bot, "lookups") if "mine" in row["query"]}
    assert b"xylophones of mine" in raw(bot)
    said = await forgotten(fake, **where)
    assert said == "Done: 2 lookups are deleted for good, and nothing else names you any more."
    await erased(bot.database)
    assert b"xylophones" not in raw(bot)
    assert mine.encode() not in raw(bot)
    assert [row["query"] for row in rows(bot, "lookups")] == ["trombones of somebody"]
    assert await settled(await fake.slash("privacy show", **where)) == NOTHING


async def test_an_admin_is_forgotten_in_history_and_drafts_but_what_they_changed_stays(
    fake: FakeDiscord, bot: Running, hasty: None
) -> None:
    await press(fake, await edit(fake, "cats", FILES["cats.yaml"].replace("purr", "hiss")), "Apply")
    preview = await edit(fake, "dogs", FILES["dogs.yaml"].replace("bark", "growl softly"))
    await edit(fake, "ships", FILES["ships.yaml"].replace("sea", "ocean"), Where(**ADMIN, user=SOMEBODY))
    assert str(fake.user.id).encode() in json.dumps(rows(bot, "drafts")).encode()
    assert await forgotten(fake) == "Done: 0 lookups are deleted for good, and nothing else names you any more."
    await erased(bot.database)
    assert b"growl softly" not in raw(bot)
    assert {row["user_id"] for row in rows(bot, "versions")} == {None}
    assert [row["user_id"] for row in rows(bot, "drafts")] == [SOMEBODY.id]
    assert await settled(await fake.slash("privacy show")) == NOTHING
    history = await fake.slash("briefs history", {"brief": "cats"}, **ADMIN)
    assert "edited" in history.text
    assert f"{fake.user.id}" not in history.text
    assert "no longer kept" in await press(fake, preview, "Apply")
    assert "hiss" in (await fake.slash("brief", {"query": "cats"})).text


async def test_a_lookup_that_was_forgotten_can_no_longer_be_called_wrong(fake: FakeDiscord, bot: Running) -> None:
    card = await fake.slash("brief", {"query": "cats"})
    assert await forgotten(fake) == "Done: 1 lookup is deleted for good, and nothing else names you any more."
    assert "only while the lookup is kept" in await settled(await fake.press(card, "Not what I asked"))
    assert rows(bot, "lookups") == []


async def test_forgetting_twice_is_harmless_and_the_next_lookup_is_stored_again(
    fake: FakeDiscord, bot: Running
) -> None:
    await fake.slash("brief", {"query": "cats"})
    await forgotten(fake)
    assert "0 lookups" in await forgotten(fake)
    await fake.slash("brief", {"query": "dogs"})
    assert [row["query"] for row in (await shown(fake))["lookups"]] == ["dogs"]


# A log that is slow, and one that is large


@pytest.mark.parametrize("command", ["privacy show", "privacy forget"])
async def test_a_member_is_answered_in_time_however_long_the_log_takes(
    fake: FakeDiscord, bot: Running, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    answers = asyncio.Event()

    async def nothing(*_: object) -> dict[str, list[dict[str, Any]]]:
        await answers.wait()
        return {}

    async def none_deleted(*_: object) -> int:
        await answers.wait()
        return 0

    monkeypatch.setattr(PersonalData, "of", nothing)
    monkeypatch.setattr(PersonalData, "forget", none_deleted)
    exchange = await fake.slash(command)
    assert exchange.ephemeral
    if command == "privacy forget":
        exchange = await fake.press(exchange, "Delete everything")
    assert (exchange.callback or {})["type"] in (5, 6)
    answers.set()
    assert await settled(exchange)


def test_rows_are_parted_into_documents_none_of_which_is_too_large() -> None:
    stored: dict[str, list[dict[str, Any]]] = {
        "lookups": [{"id": n, "query": "д" * (n % 50)} for n in range(300)],
        "none": [],
        "few": [{"id": 1}],
    }
    assert [json.loads(part) for part in parts(stored)] == [stored]
    several = parts(stored, 2000)
    assert all(len(part) <= 2000 for part in several)
    assert len(several) > 10
    read = [json.loads(part) for part in several]
    assert [row for part in read for row in part.get("lookups", [])] == stored["lookups"]
    assert read[-1]["few"] == stored["few"]
    assert len(parts({"few": [{"query": "x" * 3000}] * 2}, 2000)) == 2


async def test_what_is_too_large_for_one_message_comes_in_several_and_of_too_many_the_newest(
    fake: FakeDiscord, bot: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fake.slash("brief", {"query": "cats"})
    monkeypatch.setattr(privacy, "LARGEST_PART", 400)
    monkeypatch.setattr(privacy.parts, "__defaults__", (400,))
    for _ in range(2):
        await fake.slash("brief", {"query": "cats"})
    exchange = await fake.slash("privacy show")
    await exchange.until(lambda it: len(it.followups) == 2)
    names = [each["filename"] for each in (exchange.message or {})["attachments"]]
    assert names == ["your-data-1.json"]
    assert [each["attachments"][0]["filename"] for each in exchange.followups] == [
        "your-data-2.json",
        "your-data-3.json",
    ]
    monkeypatch.setattr(privacy, "MOST_PARTS", 1)
    shown = await fake.slash("privacy show")
    assert "Before these come 2 parts more" in await settled(shown)
    kept = json.loads((await attached(fake, shown))["your-data.json"])
    assert [row["id"] for row in kept["lookups"]] == [3]


async def test_of_more_lookups_than_fit_into_memory_the_newest_are_shown_and_the_rest_are_counted(
    fake: FakeDiscord, bot: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookups, "MOST_SHOWN", 2)
    monkeypatch.setattr(personal, "MOST_SHOWN", 2)
    for query in ("cats", "dogs", "kitties"):
        await fake.slash("brief", {"query": query})
    exchange = await fake.slash("privacy show")
    assert "there are 1 more" in await settled(exchange)
    stored = json.loads((await attached(fake, exchange))["your-data.json"])
    assert [row["query"] for row in stored["lookups"]] == ["dogs", "kitties"]


@pytest.mark.sqlite
async def test_who_is_forgotten_is_told_by_when_a_damaged_log_is_gone_and_admins_are_too(
    fake: FakeDiscord, bot: Running
) -> None:
    (bot.folder.parent / f"lookups.db.corrupt-{datetime.now(UTC):%Y%m%dT%H%M%SZ}").write_bytes(b"damaged")
    assert "set aside, until RETENTION_DAYS are over" in await settled(await fake.slash("briefs check", **ADMIN))
    said = await forgotten(fake)
    assert re.search(r"Except perhaps a damaged log, .*: it is deleted whole by \d+ \w+ \d{4}\.$", said)
    checked = await settled(await fake.slash("briefs check", **ADMIN))
    assert re.search(r"set aside, until [-\d]+ [\d:]+ UTC, because a member asked to be forgotten: ", checked)
    ((damaged),) = (await shown(fake))["damaged logs that may name you"]
    assert damaged["deleted_on"].endswith("Z")
