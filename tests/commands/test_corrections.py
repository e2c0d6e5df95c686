"""What members say is wrong with a brief: a press is a rejection, a form says more, and admins see it in their list."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from bot.commands.admin.misses_list import PAGE
from bot.commands.feedback_desk import KINDS, NOT_THEIRS, NOTED_ALREADY, SAID, SAID_ENOUGH
from bot.gateway.replies import NOT_CERTAIN
from bot.storage import database
from bot.storage.corrections import MOST_A_DAY
from bot.storage.database import stamp
from tests.admins import FILES, SECOND, files, form, literally, press, rows, settled, with_button
from tests.commands.test_admin_misses import ELSEWHERE, first, misses, questions
from tests.commands.test_texts import assert_inert_page
from tests.conftest import Start
from tests.databases import execute
from tools.fake_discord import Exchange, FakeDiscord, User, until
from tools.running import Running

pytestmark = [pytest.mark.usefixtures("engine"), pytest.mark.briefs(FILES)]

SOMEBODY = User(1_000_000_000_000_000_077, "somebody")
WRONG = "Not what I asked"
SAID_WRONG = "### Members say that these are wrong"


@pytest.fixture
async def bot(start: Start, fake: FakeDiscord) -> Running:
    return await literally(start, fake)


async def say(
    fake: FakeDiscord, kind: str = "outdated", text: str = "", link: str = "", query: str = "cats", **who: object
) -> Exchange:
    """Ask for a brief, and send the form behind **Not what I asked**."""
    card = await fake.slash("brief", {"query": query}, **who)  # type: ignore[arg-type]
    opened = await fake.press(card, WRONG)
    return await fake.submit(opened, {"kind": kind, "text": text, "link": link})


async def test_a_press_counts_as_a_rejection_even_if_the_form_is_closed(fake: FakeDiscord, bot: Running) -> None:
    card = await fake.slash("brief", {"query": "cats"})
    opened = await fake.press(card, WRONG)
    assert opened.modal
    assert [row["feedback"] for row in rows(bot, "lookups")] == ["wrong"]
    assert rows(bot, "corrections") == []
    said, kinds, *_ = opened.modal["components"]
    assert said["content"] == NOTED_ALREADY
    assert [option["label"] for option in kinds["component"]["options"]] == list(KINDS.values())
    assert "answered with cats, rejected by 1 member" in (await misses(fake)).text


@pytest.mark.both
async def test_what_is_said_is_kept_with_the_brief_and_a_hash_in_place_of_the_member(
    fake: FakeDiscord, bot: Running
) -> None:
    sent = await say(fake, "mistake", " Cats do not purr. ", "https://example.org/cats")
    assert (sent.text, sent.ephemeral) == (SAID, True)
    ((row),) = rows(bot, "corrections")
    (lookup,) = rows(bot, "lookups")
    said = ("cats", "mistake", "Cats do not purr.", "https://example.org/cats")
    assert (row["brief"], row["kind"], row["text"], row["link"]) == said
    assert row["user_hash"] == lookup["user_hash"]
    assert (row["interaction_id"], row["guild_id"]) == (lookup["interaction_id"], lookup["guild_id"])
    assert str(fake.user.id) not in str(row)


async def test_it_can_be_said_of_a_brief_that_was_shown_in_private_too(fake: FakeDiscord, bot: Running) -> None:
    card = await fake.slash("brief", {"query": "dogs"})
    related = await fake.press(card, "Related …", ["cats"], user=SOMEBODY)
    opened = await fake.press(related, WRONG)
    assert (await fake.submit(opened, {"kind": "outdated"})).text == SAID
    assert [row["brief"] for row in rows(bot, "corrections")] == ["cats"]


@pytest.mark.both
async def test_saying_it_again_replaces_what_was_said(fake: FakeDiscord, bot: Running) -> None:
    card = await fake.slash("brief", {"query": "cats"})
    for text in ("old", "new"):
        await fake.submit(await fake.press(card, WRONG), {"kind": "outdated", "text": text})
    assert [row["text"] for row in rows(bot, "corrections")] == ["new"]


@pytest.mark.both
async def test_nobody_can_say_it_of_the_lookup_of_somebody_else(fake: FakeDiscord, bot: Running) -> None:
    opened = await fake.press(await fake.slash("brief", {"query": "cats"}), WRONG)
    sent = await fake.submit(opened, {"kind": "mistake", "text": "forged"}, user=SOMEBODY)
    assert (sent.text, sent.ephemeral) == (NOT_THEIRS, True)
    assert rows(bot, "corrections") == []


@pytest.mark.parametrize("state", ["", "1", "1:cats", f"{'9' * 40}:cats", "²:cats", "1:../cats", ":", "1:cats:1"])
async def test_a_forged_form_or_button_keeps_nothing_and_gets_a_plain_private_line(
    fake: FakeDiscord, bot: Running, state: str
) -> None:
    opened = await fake.press(await fake.slash("brief", {"query": "cats"}), WRONG)
    assert opened.modal
    opened.modal["custom_id"] = f"wrong:{state}"
    sent = await fake.submit(opened, {"text": "forged"})
    assert (sent.text, sent.ephemeral) == (NOT_THEIRS, True)
    pressed = await fake.press(await with_button(fake, f"wrong:{state}"), f"wrong:{state}")
    assert (pressed.text, pressed.ephemeral) == (NOT_THEIRS, True)
    assert rows(bot, "corrections") == []


@pytest.mark.both
async def test_a_member_can_say_so_much_in_a_day_and_others_still_can(fake: FakeDiscord, bot: Running) -> None:
    for _ in range(MOST_A_DAY):
        assert (await say(fake)).text == SAID
    assert (await say(fake)).text == SAID_ENOUGH
    assert (await say(fake, user=SOMEBODY)).text == SAID
    assert len(rows(bot, "corrections")) == MOST_A_DAY + 1
    yesterday = stamp(datetime.now(UTC) - timedelta(days=1))
    execute(bot.folder.parent, f"UPDATE corrections SET said_at = '{yesterday}'")
    assert (await say(fake)).text == SAID


async def test_what_the_log_may_lose_is_not_called_said(
    fake: FakeDiscord, bot: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = await fake.slash("brief", {"query": "cats"})
    opened = await fake.press(card, WRONG)
    with monkeypatch.context() as full:
        full.setattr(database, "MOST_WAITING", 0)
        assert (await fake.submit(opened, {"kind": "outdated"})).text == NOT_CERTAIN
        assert (await fake.press(card, WRONG)).text == NOT_CERTAIN


@pytest.mark.both
async def test_admins_see_it_above_the_questions_by_brief_and_it_is_no_rejected_answer(
    fake: FakeDiscord, bot: Running
) -> None:
    await say(fake, "outdated", "They bark by now.", "https://example.org/dogs", query="hounds")
    await say(fake, "mistake", "Not since May.", query="hounds", user=SOMEBODY)
    await say(fake, "outdated", query="ships")
    await fake.slash("brief", {"query": "tuna"})
    shown = await misses(fake)
    first_line, dogs, counts, *said = shown.text.replace("\\", "").splitlines()
    assert first_line == f"{SAID_WRONG}: 2"
    assert dogs == "**`dogs`**"
    assert re.fullmatch(r"-# 2 members: 1 × out of date, 1 × something is wrong; last <t:\d+:R>", counts)
    assert said[:2] == ["- “They bark by now.” · https://example.org/dogs", "- “Not since May.”"]
    assert questions(shown) == ["tuna"]
    assert "### Unanswered in the last 7 days: 1\n" in shown.text
    assert "rejected" not in shown.text
    assert shown.labels[:4] == ["Change the brief", "Keep as it is"] * 2


async def test_that_another_brief_was_meant_stands_beside_the_rejected_answer(fake: FakeDiscord, bot: Running) -> None:
    await say(fake, "wrong", "I meant the musical.")
    shown = await misses(fake)
    assert questions(shown) == ["cats"]
    assert "rejected by 1 member\n-# said: “I meant the musical\\.”".replace("\\", "") in shown.text.replace("\\", "")
    assert SAID_WRONG not in shown.text


async def test_accepting_opens_the_form_of_the_brief_and_nothing_changes_without_apply(
    fake: FakeDiscord, bot: Running
) -> None:
    await say(fake, "mistake", "They hiss.")
    shown, before = await misses(fake), files(bot.folder)
    opened = await fake.press(shown, "Change the brief")
    assert form(opened)["title"] == "Cats"
    proposed = await fake.submit(opened, {"summary": "Cats are animals that hiss."})
    assert "### Change `cats`?" in await settled(proposed)
    assert files(bot.folder) == before
    assert shown.text.startswith(SAID_WRONG), "the list stays, and what was said with it"
    await press(fake, proposed, "Apply")
    shown = await misses(fake)
    assert re.search(r"-# The brief was changed <t:\d+:R>, after that was said\.", shown.text)
    said = await press(fake, shown, "Done")
    assert "What members say of `cats` is off the list." in said
    assert SAID_WRONG not in said


@pytest.mark.both
async def test_keeping_a_brief_takes_what_was_said_off_the_list_in_one_line_with_undo(
    fake: FakeDiscord, bot: Running
) -> None:
    await say(fake, "mistake", "They hiss.")
    await say(fake, "outdated", "Long ago.", user=SOMEBODY)
    await say(fake, "outdated", query="ships")
    shown = await misses(fake)
    before = shown.text
    assert "What members say of `cats` is off the list." in await press(fake, shown, first(shown, "Keep as it is"))
    assert "`ships`" in shown.text
    assert "They hiss" not in shown.text
    assert {row["closed_at"] for row in rows(bot, "corrections") if row["brief"] == "ships"} == {None}
    assert "That is on the list again." in await press(fake, shown, "Undo")
    assert shown.text == before.replace(f"{SAID_WRONG}: 2", f"{SAID_WRONG}: 2\nThat is on the list again.")
    await press(fake, shown, first(shown, "Keep as it is"))
    assert (await say(fake, "outdated", "New.")).text == SAID
    assert "Long ago" not in (await misses(fake)).text


@pytest.mark.both
async def test_what_came_while_an_admin_read_the_list_is_not_taken_off_unseen(fake: FakeDiscord, bot: Running) -> None:
    await say(fake, "mistake", "They hiss.")
    shown = await misses(fake)
    await say(fake, "mistake", "They bark.", user=SOMEBODY)
    said = await press(fake, shown, "Keep as it is")
    assert "They bark" in said
    assert "They hiss" not in said


async def test_the_list_keeps_its_place_whatever_an_entry_is(fake: FakeDiscord, bot: Running) -> None:
    for query in ("cats", "dogs", "ships"):
        await say(fake, "outdated", f"About {query}.", query=query)
    for query in "tuna wool grass lemon piano brick".split():
        await fake.slash("brief", {"query": query})
    shown = await misses(fake)
    assert len(questions(shown)) == PAGE - 3
    await press(fake, shown, "Next ▶")
    there = questions(shown)
    await press(fake, shown, first(shown, "Ignore"))
    assert "2 of 2" in shown.labels
    await press(fake, shown, "Undo")
    assert questions(shown) == there


async def test_a_manager_of_another_server_sees_nothing_of_it_and_cannot_close_it(
    fake: FakeDiscord, bot: Running
) -> None:
    await say(fake, "mistake", "They hiss.", guild=SECOND)
    shown = await misses(fake, who=ELSEWHERE)
    assert "hiss" not in shown.text
    keep = f"briefs keep:7:{rows(bot, 'corrections')[0]['id']}:1"
    pressed = await fake.press(await with_button(fake, keep), keep, **ELSEWHERE)
    assert pressed.text.startswith("Only those who administer the briefs can do that.")
    assert "hiss" in (await misses(fake)).text


async def test_what_is_said_of_a_brief_that_is_no_more_is_not_listed(fake: FakeDiscord, bot: Running) -> None:
    await say(fake, "mistake", "They sink.", query="ships")
    (bot.folder / "ships.yaml").unlink()
    await bot.keeper.reload()
    assert "sink" not in (await misses(fake)).text


async def test_nothing_that_a_member_says_has_an_effect_on_whoever_reads_it(fake: FakeDiscord, bot: Running) -> None:
    """tests/commands/test_texts.py does the same with every hostile text that we know."""
    text = "\ud800 **a** @everyone <@1> [x](https://evil.example) discord.gg/abc \u202e"
    for kind in ("mistake", "wrong"):
        assert (await say(fake, kind, text, text)).text.startswith(SAID)
    shown = await misses(fake)
    assert "evil" in shown.text
    assert_inert_page(shown.message)


@pytest.mark.both
async def test_what_was_said_is_forgotten_with_its_member(fake: FakeDiscord, bot: Running) -> None:
    await say(fake, "mistake", "They hiss.")
    await say(fake, "mistake", "They bark.", user=SOMEBODY)
    assert "1 corrections" in await settled(await fake.slash("privacy show"))
    asked = await fake.slash("privacy forget")
    await press(fake, asked, "Delete everything")
    assert [row["text"] for row in rows(bot, "corrections")] == ["They bark."]


@pytest.mark.both
async def test_what_was_said_is_deleted_with_age(fake: FakeDiscord, start: Start) -> None:
    bot = await start()
    await say(fake, "mistake", "They hiss.")
    await say(fake, "mistake", "They bark.")
    execute(bot.folder.parent, "UPDATE corrections SET said_at = '2026-01-01T00:00:00.000Z' WHERE text = 'They hiss.'")
    bot = await start()
    await until(lambda: [row["text"] for row in rows(bot, "corrections")] == ["They bark."])


async def test_buttons_of_cards_from_before_the_form_still_note_a_rejection(fake: FakeDiscord, bot: Running) -> None:
    card = await fake.slash("brief", {"query": "cats"})
    assert card.message
    card.message["components"][-1]["components"][-1]["custom_id"] = f"wrong:{card.id}"
    assert "Thank you" in (await fake.press(card, WRONG)).text
    assert [row["feedback"] for row in rows(bot, "lookups")] == ["wrong"]
