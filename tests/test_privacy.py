"""`/privacy`: everybody sees all that is stored about them, and deletes it for good, and nobody else's."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.admins import ADMIN, FILES, attached, edit, press, rows, settled, starter
from tests.briefs import write
from tests.conftest import Running, Start
from tests.fake_discord import FakeDiscord, User, Where

SOMEBODY = User(1_000_000_000_000_000_077, "somebody")
pytestmark = pytest.mark.usefixtures("engine")

NOTHING = "Nothing is stored about you."


@pytest.fixture
async def start(fake: FakeDiscord, tmp_path: Path) -> AsyncIterator[Start]:
    async with starter(fake, write(tmp_path / "briefs", FILES)) as start:
        yield start


async def shown(fake: FakeDiscord, **where: Any) -> dict[str, list[dict[str, Any]]]:
    """Return what `/privacy show` gives as a file, by kind."""
    exchange = await fake.slash("privacy show", **where)
    assert exchange.ephemeral
    stored: dict[str, list[dict[str, Any]]] = json.loads((await attached(fake, exchange))["your-data.json"])
    for kind, found in stored.items():
        assert (f"{len(found):,} {kind}" in exchange.text) == bool(found)
    return stored


async def forgotten(fake: FakeDiscord, **where: Any) -> str:
    exchange = await fake.slash("privacy forget", **where)
    assert exchange.ephemeral
    return exchange.text


def raw(bot: Running) -> bytes:
    """Return the bytes of all files of the database: what was deleted must not be in any of them."""
    return b"".join(path.read_bytes() for path in bot.folder.parent.glob("lookups.db*"))


async def test_who_has_asked_nothing_is_told_that_nothing_is_stored(fake: FakeDiscord, bot: Running) -> None:
    await fake.slash("brief", {"query": "cats"}, user=SOMEBODY)
    exchange = await fake.slash("privacy show")
    assert (exchange.text, exchange.ephemeral) == (NOTHING, True)


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
    assert "hiss" in proposed["proposed changes"][0]["change"]
    assert proposed["changes of briefs"] == []
    await press(fake, preview, "Apply")
    made = await shown(fake)
    assert made["proposed changes"] == []
    ((brief, action),) = [(each["brief"], each["action"]) for each in made["changes of briefs"]]
    assert (brief, action) == ("cats", "edit")
    assert (await fake.slash("privacy show", user=SOMEBODY)).text == NOTHING


@pytest.mark.sqlite
@pytest.mark.parametrize("where", [{}, {"dm": True}], ids=["server", "DM"])
async def test_what_is_forgotten_is_gone_from_the_files_too_and_only_ones_own(
    fake: FakeDiscord, bot: Running, where: Where
) -> None:
    await fake.slash("brief", {"query": "xylophones of mine"}, **where)
    await fake.slash("brief", {"query": "xylophones of mine"})
    await fake.slash("brief", {"query": "trombones of somebody"}, user=SOMEBODY)
    (mine,) = {row["user_hash"] for row in rows(bot, "lookups") if "mine" in row["query"]}
    assert b"xylophones of mine" in raw(bot)
    said = await forgotten(fake, **where)
    assert said == "Done: 2 lookups are deleted for good, and nothing else names you any more."
    assert b"xylophones" not in raw(bot)
    assert mine.encode() not in raw(bot)
    assert [row["query"] for row in rows(bot, "lookups")] == ["trombones of somebody"]
    assert (await fake.slash("privacy show", **where)).text == NOTHING


async def test_an_admin_is_forgotten_in_history_and_drafts_but_what_they_changed_stays(
    fake: FakeDiscord, bot: Running
) -> None:
    await press(fake, await edit(fake, "cats", FILES["cats.yaml"].replace("purr", "hiss")), "Apply")
    preview = await edit(fake, "dogs", FILES["dogs.yaml"].replace("bark", "growl softly"))
    await edit(fake, "ships", FILES["ships.yaml"].replace("sea", "ocean"), Where(**ADMIN, user=SOMEBODY))
    assert str(fake.user.id).encode() in json.dumps(rows(bot, "drafts")).encode()
    assert await forgotten(fake) == "Done: 0 lookups are deleted for good, and nothing else names you any more."
    assert b"growl softly" not in raw(bot)
    assert {row["user_id"] for row in rows(bot, "versions")} == {None}
    assert [row["user_id"] for row in rows(bot, "drafts")] == [SOMEBODY.id]
    assert (await fake.slash("privacy show")).text == NOTHING
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
