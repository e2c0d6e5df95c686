"""The list of drafts: all admins share it, nothing that was typed is lost, and nobody overwrites anybody unseen."""

import re

import pytest

from bot.errors import LogError
from bot.storage.unfinished import Origin, UnfinishedBriefs
from tests.admins import ADMIN, FILES, OTHER, files, form, press, rows, settled, with_button
from tests.conftest import Start
from tools.fake_discord import Exchange, FakeDiscord, Where
from tools.fake_discord.components import components_of
from tools.running import Running

TYPED = {"title": "Ferries", "summary": "They leave every hour.", "facts": "? 1,500 a year", "sources": "A timetable"}


pytestmark = pytest.mark.briefs(FILES)


async def listed(fake: FakeDiscord, who: Where = ADMIN) -> Exchange:
    """`/briefs drafts`."""
    shown = await fake.slash("briefs drafts", **who)
    await settled(shown)
    return shown


async def kept(fake: FakeDiscord, typed: dict[str, str], who: Where = ADMIN) -> str:
    """Type a new brief and keep it as a draft; return what is said."""
    shown = await fake.submit(await fake.slash("briefs add", **who), typed)
    await settled(shown)
    return await press(fake, shown, "Keep as draft")


async def opened(fake: FakeDiscord, shown: Exchange, number: int = 0) -> Exchange:
    """Open the form of a draft of the list."""
    return await fake.press(shown, buttons(shown, "open")[number])


async def sent(fake: FakeDiscord, form: Exchange, typed: dict[str, str]) -> Exchange:
    shown = await fake.submit(form, typed)
    await settled(shown)
    return shown


def buttons(shown: Exchange, kind: str) -> list[str]:
    """Return the custom_ids of the buttons of one kind."""
    found = (str(each.get("custom_id", "")) for each in components_of(shown.message))
    return [custom_id for custom_id in found if custom_id.startswith(f"briefs {kind}:")]


async def drafts(bot: Running, number: int, origin: Origin = "import") -> None:
    """Have drafts wait, as an import does."""
    found = [(f"topic {n}", {"title": f"Title {n}"}) for n in range(number)]
    assert await UnfinishedBriefs(bot.database).add(found, origin, 42)


async def test_what_is_kept_as_a_draft_is_there_for_every_admin_after_a_restart_with_who_made_it(
    fake: FakeDiscord, start: Start
) -> None:
    bot = await start()
    before = files(bot.folder)
    assert "Kept as a draft: “Ferries”. `/briefs drafts` lists it" in await kept(fake, TYPED)
    bot = await start()
    shown = await listed(fake, OTHER)
    made_by = rows(bot, "unfinished")[0]["made_by"]
    assert "### 1 draft\n" in shown.text
    assert f"**Ferries**\n-# from the form by <@{made_by}> <t:" in shown.text
    assert shown.ephemeral
    assert form(await opened(fake, shown)) == TYPED | {"phrases": ""}
    assert files(bot.folder) == before
    assert rows(bot, "drafts") == []


async def test_a_draft_that_becomes_a_brief_leaves_the_list_and_undo_puts_it_back(
    fake: FakeDiscord, bot: Running
) -> None:
    await kept(fake, TYPED)
    shown = await sent(fake, await opened(fake, await listed(fake)), TYPED)
    assert "Done: `ferries` was added." in await press(fake, shown, "Apply")
    assert "Nothing." in (await listed(fake)).text
    await press(fake, shown, "Undo")
    assert "ferries.yaml" not in files(bot.folder)
    assert "**Ferries**" in (await listed(fake)).text


async def test_an_unfinished_form_of_a_draft_can_be_sent_and_is_kept_in_place_of_the_draft(
    fake: FakeDiscord, bot: Running
) -> None:
    await drafts(bot, 1)
    shown = await sent(fake, await opened(fake, await listed(fake)), {"title": "", "facts": "NIS: 1,500 came."})
    assert "- Title: is empty; write it" in shown.text
    assert "- Summary: is empty; write it" in shown.text
    assert "- Source: is empty; write it" in shown.text
    assert shown.labels == ["Edit again", "As YAML", "Keep as draft"]
    again = await fake.press(shown, "Edit again")
    assert form(again)["facts"] == "NIS: 1,500 came."
    assert "Kept as a draft: “topic 0”" in await press(fake, shown, "Keep as draft")
    listing = await listed(fake)
    assert "### 1 draft\n" in listing.text
    assert "imported by <@42> <t:" in listing.text
    assert ", changed by <@" in listing.text
    assert form(await opened(fake, listing))["facts"] == "NIS: 1,500 came."


async def test_a_text_that_is_too_long_for_a_brief_is_shown_whole_and_named(fake: FakeDiscord, bot: Running) -> None:
    long = {"title": "T" * 120, "summary": "s" * 1500}
    assert await UnfinishedBriefs(bot.database).add([("ferries", long)], "import", 42)
    written_on = await opened(fake, await listed(fake))
    assert {name: form(written_on)[name] for name in long} == long
    shown = await sent(fake, written_on, {"sources": "A timetable"})
    assert "- Title: is longer than 100 characters; shorten it" in shown.text
    assert "- Summary: is longer than 1000 characters; shorten it" in shown.text


async def test_a_draft_becomes_a_brief_by_yaml_too(fake: FakeDiscord, bot: Running) -> None:
    await kept(fake, TYPED)
    shown = await sent(fake, await opened(fake, await listed(fake)), TYPED)
    yaml = await sent(fake, await fake.press(shown, "As YAML"), {})
    assert "Done" in await press(fake, yaml, "Apply")
    assert "Nothing." in (await listed(fake)).text


async def test_two_admins_on_one_draft_lose_nothing_and_are_told_of_each_other(fake: FakeDiscord, bot: Running) -> None:
    await drafts(bot, 1, "message")
    mine, theirs = [await opened(fake, await listed(fake, who), 0) for who in (ADMIN, OTHER)]
    first = await sent(fake, theirs, TYPED | {"title": "Their ferries"})
    assert "⚠️" not in first.text
    await press(fake, first, "Keep as draft")
    second = await sent(fake, mine, TYPED | {"title": "My ferries"})
    assert "⚠️ Somebody else has changed this draft since you opened it." in second.text
    said = await press(fake, second, "Keep as draft")
    assert "yours is kept as a draft of its own: “My ferries”" in said
    assert second.labels == ["All drafts", "Throw away"]
    listing = (await listed(fake)).text
    assert "**Their ferries**" in listing
    assert "**My ferries**" in listing
    assert {row["origin"] for row in rows(bot, "unfinished")} == {"message"}  # which is deleted with age


async def test_who_applies_a_draft_that_somebody_else_has_changed_leaves_theirs_in_the_list(
    fake: FakeDiscord, bot: Running
) -> None:
    await kept(fake, TYPED)
    mine = await sent(fake, await opened(fake, await listed(fake)), {"title": "My ferries"})
    theirs = await sent(fake, await opened(fake, await listed(fake, OTHER)), {"title": "Their ferries"})
    await press(fake, theirs, "Keep as draft")
    await press(fake, mine, "Apply")
    assert "my-ferries.yaml" in files(bot.folder)
    assert "**Their ferries**" in (await listed(fake)).text


async def test_a_draft_that_somebody_else_has_finished_is_said_to_be_so(fake: FakeDiscord, bot: Running) -> None:
    await kept(fake, TYPED)
    mine, theirs = await listed(fake), await opened(fake, await listed(fake, OTHER))
    early = await opened(fake, mine)
    await press(fake, await sent(fake, theirs, {}), "Apply")
    assert (await opened(fake, mine)).text == "That draft has been finished or thrown away."
    late = await sent(fake, early, {"title": "More ferries"})
    assert "⚠️ A brief has been made of this draft already." in late.text


async def test_a_thrown_away_draft_comes_back_with_one_press_and_the_list_keeps_its_page(
    fake: FakeDiscord, bot: Running
) -> None:
    await drafts(bot, 13)
    shown = await listed(fake)
    assert "### 13 drafts" in shown.text
    assert len(buttons(shown, "open")) == 6
    await press(fake, shown, "Next ▶")
    assert "**Title 7**" in shown.text
    assert "Thrown away: “Title 7”." in await press(fake, shown, buttons(shown, "throw")[1])
    assert "**Title 7**" not in shown.text
    assert "**Title 12**" in shown.text
    assert "### 12 drafts" in shown.text
    assert "It is a draft again." in await press(fake, shown, "Undo")
    assert "**Title 7**" in shown.text
    assert "2 of 3" in shown.labels
    await press(fake, shown, "Next ▶")
    assert "Thrown away" in await press(fake, shown, buttons(shown, "throw")[0])
    assert "2 of 2" in shown.labels


async def test_a_draft_that_has_changed_since_the_list_was_shown_is_not_thrown_away_unseen(
    fake: FakeDiscord, bot: Running
) -> None:
    await kept(fake, TYPED)
    old = await listed(fake)
    await press(
        fake, await sent(fake, await opened(fake, await listed(fake, OTHER)), {"title": "Boats"}), "Keep as draft"
    )
    assert "Somebody else has changed that draft since this list was shown" in await press(fake, old, "Throw away")
    assert "**Boats**" in old.text
    thrown = await press(fake, old, "Throw away")
    assert "Thrown away: “Boats”." in thrown


async def test_what_the_log_may_lose_is_not_called_kept_and_can_be_kept_again(
    fake: FakeDiscord, bot: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = await sent(fake, await fake.slash("briefs add", **ADMIN), TYPED)
    with monkeypatch.context() as patched:
        patched.setattr(bot.database, "_closing", True)
        assert "it is not certain that this will be noted" in await settled(await fake.press(shown, "Keep as draft"))
    assert "Keep as draft" in shown.labels
    assert "Kept as a draft" in await press(fake, shown, "Keep as draft")


async def test_a_log_that_cannot_be_read_costs_nobody_what_they_typed(
    fake: FakeDiscord, bot: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    await kept(fake, TYPED)
    form = await opened(fake, await listed(fake))

    async def unread(*_: object) -> None:
        raise LogError("no log")

    with monkeypatch.context() as patched:
        patched.setattr(UnfinishedBriefs, "find", unread)
        shown = await sent(fake, form, {"title": "Ferries and boats"})
    assert "### Add `ferries-and-boats`?" in shown.text


async def test_what_was_just_kept_is_taken_back_with_one_press(fake: FakeDiscord, bot: Running) -> None:
    shown = await sent(fake, await fake.slash("briefs add", **ADMIN), TYPED)
    await press(fake, shown, "Keep as draft")
    assert "Thrown away: “Ferries”." in await press(fake, shown, "Throw away")
    assert "It is a draft again." in await press(fake, shown, "Undo")


async def test_only_the_notes_of_a_new_brief_can_be_kept(fake: FakeDiscord, bot: Running) -> None:
    changed = await sent(fake, await fake.slash("briefs edit", {"brief": "cats"}, **ADMIN), {"summary": "Cats hiss."})
    assert "Keep as draft" not in changed.labels
    yaml = await sent(fake, await fake.press(changed, "As YAML"), {})
    assert "Keep as draft" not in yaml.labels


HOSTILE = {
    "title": "**bold** @everyone <@1> [a](https://evil.example)",
    "summary": "```\n# big\n||x||",
    "facts": "? ```\n@here: `code`\n> quote: # y",
    "sources": "[x](y) <b>, https://example.org/)(",
    "phrases": "? @everyone\n{a: b}\n- [x]: y",
}


async def test_nothing_of_a_draft_has_an_effect_in_the_list_and_all_of_it_is_kept(
    fake: FakeDiscord, bot: Running
) -> None:
    said = await kept(fake, HOSTILE)
    shown = await listed(fake)
    assert form(await opened(fake, shown)) == HOSTILE
    said += shown.text + await press(fake, shown, "Throw away")
    assert not re.search(r"(?<!\\)(@everyone|<@1>|\*\*bold|\[a)|```|\|\|", said), said


@pytest.mark.parametrize("state", ["", "x", "x.1:1", ":", "..:²", "x" * 60])
async def test_a_button_of_no_draft_says_so_and_changes_nothing(fake: FakeDiscord, bot: Running, state: str) -> None:
    await drafts(bot, 1)
    before = rows(bot, "unfinished")
    for kind in ("open", "throw", "unthrow", "keepdraft", "keepdrafts", "undraft"):
        custom_id = f"briefs {kind}:{state}"
        said = await settled(await fake.press(await with_button(fake, custom_id), custom_id, **ADMIN))
        assert re.search("finished or thrown away|no longer kept|drafts already|Taken off the list", said), kind
    assert rows(bot, "unfinished") == before
