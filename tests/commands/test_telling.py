"""Tell me: who asks for it on a miss is told once when there is an answer, and nobody else; their id goes with that."""

import asyncio
import json
import re
from typing import Any

import pytest

from bot.commands import telling
from bot.commands.layout import BE_TOLD
from bot.commands.telling import CALLED_OFF, CANNOT_TELL, ENOUGH, WILL_TELL
from bot.gateway.replies import NOT_CERTAIN
from bot.storage import database
from bot.storage.awaited import MOST_AWAITED
from tests.admins import FILES, literal, press, rows, settled, with_button
from tests.brief_files import judging, write
from tests.conftest import Start
from tests.databases import erased, execute, in_files
from tools.fake_discord import Exchange, FakeDiscord, Json, User, components_of, until
from tools.fake_discord.rules import displayed_text
from tools.running import Running

pytestmark = [pytest.mark.usefixtures("engine", "at_once"), pytest.mark.briefs(FILES)]

SOMEBODY = User(1_000_000_000_000_000_077, "somebody")
MESSAGES = r"/channels/\d+/messages$"


@pytest.fixture
def at_once(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no test wait for the next look or the next message."""
    monkeypatch.setattr(telling, "BETWEEN", 0)
    monkeypatch.setattr(telling, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(telling, "LOOK_EVERY", 0.3)


async def started(start: Start, **settings: Any) -> Running:
    """Start a bot that finds a brief by one of its phrases in full alone."""
    bot = await start(**settings)
    bot.keeper.build = literal
    bot.keeper.matcher = literal(bot.keeper.matcher.base)
    bot.desk.use(bot.keeper.matcher, {})
    return bot


@pytest.fixture
async def bot(start: Start) -> Running:
    return await started(start)


async def missed(fake: FakeDiscord, query: str = "zebras", **who: Any) -> Exchange:
    """Ask in vain, and ask to be told."""
    shown = await fake.slash("brief", {"query": query}, **who)
    assert "No brief on" in shown.text
    return await fake.press(shown, "Tell me")


async def answer(bot: Running, query: str = "zebras") -> None:
    """Have a brief answer a question from now on, as who edits its file does."""
    text = (bot.folder / "cats.yaml").read_text(encoding="utf-8")
    write(bot.folder, {"cats.yaml": text.replace("kitties", f"kitties, {json.dumps(query)}", 1)})
    await bot.keeper.reload()


async def see_that_others_are_told(fake: FakeDiscord, bot: Running) -> None:
    """Return when whoever has asked before would have been told."""
    number = len(told(fake, SOMEBODY))
    await missed(fake, f"yaks {number}", user=SOMEBODY)
    await answer(bot, f"yaks {number}")
    await until(lambda: len(told(fake, SOMEBODY)) == number + 1)


def told(fake: FakeDiscord, user: User | None = None) -> list[Json]:
    """Return the direct messages of the bot to a user, the one that usually asks if none is named."""
    channel = str((user or fake.user).id + 1000)
    return [
        each
        for each in fake.messages.values()
        if each["channel_id"] == channel and not each["flags"] & 64 and "interaction_metadata" not in each
    ]


async def test_a_miss_offers_to_tell_and_says_what_is_kept_for_that(fake: FakeDiscord, bot: Running) -> None:
    shown = await fake.slash("brief", {"query": "zebras"})
    assert BE_TOLD in shown.text
    assert "your Discord id" in BE_TOLD
    assert shown.labels[-1] == "Tell me"
    asked = await fake.press(shown, "Tell me")
    assert (asked.text, asked.labels, asked.ephemeral) == (WILL_TELL, ["Never mind"], True)
    ((row),) = rows(bot, "awaited")
    assert (row["user_id"], row["query"], row["state"]) == (fake.user.id, "zebras", "waiting")


async def test_nothing_is_offered_for_what_says_nothing_nor_for_a_message_of_somebody_else(
    fake: FakeDiscord, bot: Running
) -> None:
    assert "Tell me" not in (await fake.slash("brief", {"query": "hello"})).labels
    assert "Tell me" not in (await fake.message_command("Brief this", "qwxz")).labels


@pytest.mark.both
async def test_who_asked_to_be_told_gets_one_message_with_the_card_and_their_id_is_gone(
    fake: FakeDiscord, bot: Running
) -> None:
    await missed(fake)
    await answer(bot)
    await until(lambda: rows(bot, "awaited") == [])
    await bot.keeper.reload(force=True)
    await see_that_others_are_told(fake, bot)
    (message,) = told(fake)
    text = displayed_text(message)
    assert text.startswith("You asked to be told about “zebras”. There is an answer now.\n### Cats")
    assert [each["label"] for each in components_of(message) if each.get("label")] == ["Still true?"]
    assert fake.pings == []


async def test_nobody_is_told_who_did_not_ask_for_it(fake: FakeDiscord, bot: Running) -> None:
    await fake.slash("brief", {"query": "zebras"})
    await missed(fake, user=SOMEBODY)
    await answer(bot)
    await until(lambda: told(fake, SOMEBODY))
    assert told(fake) == []


async def test_a_suggestion_is_no_answer_and_nobody_is_told_of_it(fake: FakeDiscord, bot: Running) -> None:
    await missed(fake)
    await missed(fake, "llamas", user=SOMEBODY)
    bot.keeper.build = lambda base: judging(base, answer=2, show=0, offer=0, suggest=0)
    await answer(bot, "llamas")
    await until(lambda: [row["query"] for row in rows(bot, "awaited")] == ["zebras"])
    assert told(fake) == []


@pytest.mark.parametrize(
    ("how", "after_effect"), [("reset", True), ("reset", False), (502, True), (502, False)], ids=str
)
async def test_a_message_of_which_nobody_knows_whether_it_arrived_comes_once(
    fake: FakeDiscord, bot: Running, how: Any, after_effect: bool
) -> None:
    await missed(fake)
    fake.fail_next("POST", MESSAGES, how, after_effect=after_effect)
    await answer(bot)
    await until(lambda: rows(bot, "awaited") == [])
    assert len(told(fake)) == 1


@pytest.mark.parametrize("after_effect", [True, False])
@pytest.mark.parametrize("remembered", [True, False])
@pytest.mark.both
async def test_who_was_being_told_when_the_bot_was_killed_is_told_once(
    fake: FakeDiscord, start: Start, after_effect: bool, remembered: bool
) -> None:
    """The bot may have been away for so long that Discord no longer knows the nonce."""
    bot = await started(start)
    await missed(fake)
    fake.fail_next("POST", MESSAGES, "reset", 99, after_effect=after_effect)
    await answer(bot)
    await until(lambda: [row["state"] for row in rows(bot, "awaited")] == ["sending"])
    await until(lambda: not after_effect or told(fake))
    await bot.client.background.stop()
    fake.failures.clear()
    if not remembered:
        fake.sent_by_nonce.clear()
    bot = await started(start)
    await until(lambda: rows(bot, "awaited") == [])
    assert len(told(fake)) == 1


async def test_a_failure_that_passes_is_no_reason_to_wait_for_the_next_question_of_a_member(
    fake: FakeDiscord, bot: Running
) -> None:
    await missed(fake)
    fake.fail_next("POST", "/users/@me/channels", 503, 2)
    await answer(bot)
    await until(lambda: told(fake))
    await until(lambda: rows(bot, "awaited") == [])


@pytest.mark.both
async def test_who_takes_no_direct_messages_is_told_in_a_line_below_their_next_answer_once(
    fake: FakeDiscord, bot: Running
) -> None:
    fake.closed_to_the_bot.add(fake.user.id)
    await missed(fake)
    await answer(bot)
    await until(lambda: [row["state"] for row in rows(bot, "awaited")] == ["unreachable"])
    assert not (await fake.slash("brief", {"query": "dogs"}, user=SOMEBODY)).followups
    await see_that_others_are_told(fake, bot)
    shown = await fake.slash("brief", {"query": "dogs"})
    await shown.until(lambda it: it.followups)
    (line,) = shown.followups
    assert displayed_text(line) == "You asked to be told about “zebras”. There is an answer now."
    assert line["flags"] & 64
    assert "Cats" in (await fake.press(line, "Read it")).text
    await until(lambda: rows(bot, "awaited") == [])
    again = await fake.slash("brief", {"query": "dogs"})
    await see_that_others_are_told(fake, bot)
    assert again.followups == []
    assert told(fake) == []


@pytest.mark.both
async def test_of_an_answer_that_is_gone_again_nobody_is_told(fake: FakeDiscord, bot: Running) -> None:
    fake.closed_to_the_bot.add(fake.user.id)
    await missed(fake)
    await answer(bot)
    await until(lambda: [row["state"] for row in rows(bot, "awaited")] == ["unreachable"])
    write(bot.folder, {"cats.yaml": FILES["cats.yaml"]})
    await bot.keeper.reload()
    shown = await fake.slash("brief", {"query": "dogs"})
    await until(lambda: [row["state"] for row in rows(bot, "awaited")] == ["waiting"])
    assert shown.followups == []


async def test_nobody_is_told_of_the_brief_that_they_did_not_mean(fake: FakeDiscord, bot: Running) -> None:
    card = await fake.slash("brief", {"query": "cats"})
    thanked = await fake.submit(await fake.press(card, "Not what I asked"), {"kind": "wrong"})
    assert (await fake.press(thanked, "Tell me")).text == WILL_TELL
    await see_that_others_are_told(fake, bot)
    assert told(fake) == []
    write(bot.folder, {"dogs.yaml": FILES["dogs.yaml"].replace("hounds", "cats").replace("related: [cats]\n", "")})
    (bot.folder / "cats.yaml").unlink()
    await bot.keeper.reload()
    await until(lambda: told(fake))
    assert "### Dogs" in displayed_text(told(fake)[0])


@pytest.mark.both
async def test_it_can_be_called_off_by_who_asked_and_nobody_else(fake: FakeDiscord, bot: Running) -> None:
    asked = await missed(fake)
    (button,) = [each["custom_id"] for each in components_of(asked.message) if each.get("custom_id")]
    pressed = await fake.press(await with_button(fake, button), button, user=SOMEBODY)
    assert pressed.text == CALLED_OFF
    assert len(rows(bot, "awaited")) == 1
    assert (await fake.press(asked, "Never mind")).text == CALLED_OFF
    assert rows(bot, "awaited") == []
    await answer(bot)
    await see_that_others_are_told(fake, bot)
    assert told(fake) == []


@pytest.mark.both
async def test_who_is_forgotten_is_not_told_and_their_id_is_in_no_file(
    fake: FakeDiscord, bot: Running, hasty: None, engine: str
) -> None:
    await missed(fake)
    await press(fake, await fake.slash("privacy forget"), "Delete everything")
    assert rows(bot, "awaited") == []
    await answer(bot)
    await see_that_others_are_told(fake, bot)
    assert told(fake) == []
    if engine == "sqlite":
        await erased(bot.database)
        assert in_files(bot.folder.parent, fake.user.id.to_bytes(8, "big")) == [False]


@pytest.mark.both
async def test_who_has_waited_for_thirty_days_is_not_told_and_their_id_is_deleted(
    fake: FakeDiscord, start: Start
) -> None:
    bot = await started(start)
    await missed(fake)
    await missed(fake, "yaks")
    execute(bot.folder.parent, "UPDATE awaited SET asked_at = '2026-01-01T00:00:00.000Z' WHERE query = 'zebras'")
    await answer(bot)
    await see_that_others_are_told(fake, bot)
    assert told(fake) == []
    bot = await started(start)
    await until(lambda: [row["query"] for row in rows(bot, "awaited")] == ["yaks"])


@pytest.mark.parametrize("state", ["", "1", "1:cats", "9" * 40, "²", "1:../cats", ":"])
async def test_a_forged_button_asks_for_nothing(fake: FakeDiscord, bot: Running, state: str) -> None:
    pressed = await fake.press(await with_button(fake, f"tell:{state}"), f"tell:{state}")
    assert pressed.text == CANNOT_TELL
    pressed = await fake.press(await with_button(fake, f"untell:{state}"), f"untell:{state}")
    assert pressed.text == CALLED_OFF
    assert rows(bot, "awaited") == []


async def test_nobody_can_ask_to_be_told_of_the_question_of_somebody_else_or_of_an_answered_one(
    fake: FakeDiscord, bot: Running
) -> None:
    shown = await fake.slash("brief", {"query": "zebras"})
    card = await fake.slash("brief", {"query": "cats"})
    message = await fake.message_command("Brief this", "qwxz")
    await fake.press(message, "Ask the admins about this")
    for lookup, who in ((shown, SOMEBODY), (card, fake.user), (message, fake.user)):
        forged = await with_button(fake, f"tell:{lookup.id}")
        assert (await fake.press(forged, f"tell:{lookup.id}", user=who)).text == CANNOT_TELL
    assert rows(bot, "awaited") == []


@pytest.mark.both
async def test_asking_twice_is_asking_once_and_nobody_waits_for_more_than_ten(fake: FakeDiscord, bot: Running) -> None:
    shown = await fake.slash("brief", {"query": "zebras"})
    for _ in range(2):
        assert (await fake.press(shown, "Tell me")).text == WILL_TELL
    for n in range(MOST_AWAITED - 1):
        assert (await missed(fake, f"zebras {n}")).text == WILL_TELL
    assert (await missed(fake, "zebras of more")).text == ENOUGH.format(n=MOST_AWAITED)
    assert len(rows(bot, "awaited")) == MOST_AWAITED


async def test_what_the_log_may_lose_is_not_promised(
    fake: FakeDiscord, bot: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = await fake.slash("brief", {"query": "zebras"})
    with monkeypatch.context() as full:
        full.setattr(database, "MOST_WAITING", 0)
        assert (await fake.press(shown, "Tell me")).text == NOT_CERTAIN


@pytest.mark.both
async def test_of_several_processes_the_one_with_the_first_shard_tells(
    fake: FakeDiscord, bot: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as another:
        another.setattr(bot.client, "serves", lambda _: False)
        await missed(fake)
        await answer(bot)
        await asyncio.sleep(3 * telling.LOOK_EVERY)
        assert told(fake) == []
    await until(lambda: told(fake))


async def test_a_member_whose_message_fails_keeps_no_other_from_being_told(
    fake: FakeDiscord, bot: Running, caplog: pytest.LogCaptureFixture
) -> None:
    await missed(fake)
    await missed(fake, user=SOMEBODY)
    fake.fail_next("POST", rf"/channels/{fake.user.id + 1000}/messages", 403)
    await answer(bot)
    await until(lambda: told(fake, SOMEBODY))
    await until(lambda: [row["state"] for row in rows(bot, "awaited")] == ["unreachable"])
    assert str(fake.user.id) not in caplog.text
    assert "zebras" not in caplog.text


async def test_hostile_words_have_no_effect_in_the_message(fake: FakeDiscord, bot: Running) -> None:
    query = "zebras @everyone **a** [x](https://evil.example)"
    await missed(fake, query)
    await answer(bot, query)
    await until(lambda: told(fake))
    line = displayed_text(told(fake)[0]).splitlines()[0]
    assert re.findall(r"(?<!\\)[*_~|`<\[#@]|://|[\u202a-\u202e]", line) == []


@pytest.mark.both
async def test_privacy_show_has_what_a_member_waits_for(fake: FakeDiscord, bot: Running) -> None:
    await missed(fake)
    shown = await fake.slash("privacy show")
    assert "1 awaited answers" in await settled(shown)


async def test_who_is_told_reads_the_brief_in_their_own_language(fake: FakeDiscord, bot: Running) -> None:
    facts = [{"text": "Факт."} for _ in bot.keeper.matcher.base.briefs["cats"].facts]
    content = json.dumps({"title": "Коти", "summary": "Коти муркочуть.", "facts": facts}, ensure_ascii=False)
    write(bot.folder, {"cats.uk.yaml": content})
    shown = await fake.slash("brief", {"query": "zebras"}, locale="uk")
    await fake.press(shown, shown.labels[-1])
    await answer(bot)
    await until(lambda: told(fake))
    assert "### Коти" in displayed_text(told(fake)[0])
