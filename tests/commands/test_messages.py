"""Direct messages and mentions: what is answered, to whom, and what is not, over loopback with the real discord.py."""

import logging
from typing import Any

import pytest

from bot.answering.wording import DID_YOU_MEAN, HOW_TO_ASK, MISS_NOTED, OR_ONE_OF_THESE
from bot.briefs.brief import BriefBase
from bot.commands.feedback_desk import NOT_THEIRS, NOTED
from bot.commands.layout import BE_TOLD
from bot.commands.message_desk import NO_BRIEF, NO_WORDS
from bot.gateway import message_replies
from bot.gateway.admission import NOT_STARTED, TOO_FAST
from bot.gateway.fairness import Rate
from tests.brief_files import judging
from tests.conftest import Start
from tests.databases import records
from tools.fake_discord import FakeDiscord, User, until
from tools.fake_discord.components import components_of
from tools.fake_discord.rules import EPHEMERAL, Json, displayed_text
from tools.running import Running

pytestmark = pytest.mark.usefixtures("engine")

SOMEBODY = User(1_000_000_000_000_000_077, "somebody")
GUILDS, DIRECT, SERVERS = 1, 1 << 12, 1 << 9


@pytest.fixture
async def bot(engine: str, start: Start) -> Running:
    return await start(answer_mentions=True)


def rows(bot: Running) -> list[dict[str, Any]]:
    return records(bot.folder.parent, "SELECT * FROM lookups ORDER BY id")


def mention(fake: FakeDiscord, text: str) -> str:
    return f"<@{fake.bot.id}> {text}"


def labels(message: Json) -> list[str]:
    return [each["label"] for each in components_of(message) if each.get("label")]


def payloads(fake: FakeDiscord) -> list[Json]:
    return [each.payload for each in fake.requests if each.path.endswith("/messages") and each.method == "POST"]


async def settled(fake: FakeDiscord, bot: Running) -> None:
    """Wait until all that was said has been dealt with: a question of somebody else is answered after it."""
    last = await fake.say("zelensky", user=SOMEBODY, dm=True)
    await fake.answer_to(last)
    await until(lambda: not bot.client.in_flight.number)


@pytest.mark.both
async def test_a_direct_message_is_answered_with_the_card_and_logged(
    fake: FakeDiscord, bot: Running, shipped: BriefBase
) -> None:
    asked = await fake.say("nk troops", dm=True)
    shown = await fake.answer_to(asked)
    assert shipped.briefs["troops"].title in displayed_text(shown)
    assert labels(shown) == ["Still true?", "Not what I asked"]
    assert not shown["flags"] & EPHEMERAL
    (row,) = rows(bot)
    assert (row["query"], row["outcome"], row["brief"], row["via"]) == (asked["content"], "answer", "troops", "dm")
    assert (row["interaction_id"], row["guild_id"]) == (int(asked["id"]), None)
    assert row["channel_id"] == int(asked["channel_id"])
    assert str(fake.user.id) not in str(row | {"channel_id": 0})


async def test_a_mention_is_answered_in_reply_and_notifies_nobody(
    fake: FakeDiscord, bot: Running, shipped: BriefBase
) -> None:
    asked = await fake.say(mention(fake, "nk troops"))
    shown = await fake.answer_to(asked)
    assert shipped.briefs["troops"].title in displayed_text(shown)
    assert labels(shown) == ["Still true?", "Not what I asked"]
    assert (shown["type"], shown["message_reference"]["message_id"]) == (19, int(asked["id"]))
    assert shown["mentions"] == []
    (sent,) = payloads(fake)
    assert (sent["nonce"], sent["enforce_nonce"]) == (asked["id"], True)
    assert sent["message_reference"]["fail_if_not_exists"] is False
    (row,) = rows(bot)
    assert (row["query"], row["via"], row["guild_id"]) == ("nk troops", "mention", fake.guilds[0].id)


@pytest.mark.both
async def test_the_lookup_is_in_the_log_before_the_answer_is_sent(fake: FakeDiscord, bot: Running) -> None:
    fake.fail_next("POST", "/channels/", 0.3)
    asked = await fake.say("troops", dm=True)
    await until(lambda: rows(bot))
    assert fake.written_after(asked) == []
    await fake.answer_to(asked)


@pytest.mark.parametrize(
    ("settings", "intents"),
    [
        ({}, GUILDS | DIRECT),
        ({"answer_direct_messages": False}, GUILDS),
        ({"answer_mentions": True}, GUILDS | DIRECT | SERVERS),
        ({"answer_direct_messages": False, "answer_mentions": True}, GUILDS | SERVERS),
    ],
)
async def test_no_privileged_intent_is_asked_for_and_none_that_is_switched_off(
    engine: str, fake: FakeDiscord, start: Start, settings: dict[str, bool], intents: int
) -> None:
    await start(**settings)
    assert [identify["intents"] for identify in fake.identifies] == [intents]
    direct, public = await fake.say("troops", dm=True), await fake.say(mention(fake, "troops"))
    await fake.slash("brief", {"query": "troops"}, user=SOMEBODY)
    answered = {"direct": direct, "public": public}
    wanted = [name for name, bit in (("direct", DIRECT), ("public", SERVERS)) if intents & bit]
    for name in wanted:
        assert fake.bot.name == (await fake.answer_to(answered[name]))["author"]["username"]
    assert len(payloads(fake)) == len(wanted)


ANOTHER = User(5, "another", bot=True)
UNADDRESSED: list[tuple[str, dict[str, Any]]] = [
    ("how many troops?", {}),
    ("<@BOT> troops", {"user": ANOTHER}),
    ("<@BOT> troops", {"carrying": {"webhook_id": "42"}}),
    ("@everyone <@BOT> troops", {"carrying": {"mention_everyone": True}}),
    ("<@&99> troops", {}),
    ("<@BOT> troops", {"carrying": {"type": 7}}),
    ("troops", {"user": ANOTHER, "dm": True}),
]


async def test_what_did_not_address_the_bot_is_neither_answered_nor_logged(fake: FakeDiscord, bot: Running) -> None:
    for words, how in UNADDRESSED:
        await fake.say(words.replace("BOT", str(fake.bot.id)), **how)
    await settled(fake, bot)
    assert [row["query"] for row in rows(bot)] == ["zelensky"]
    assert len(payloads(fake)) == 1


async def test_a_reply_to_a_card_asks_only_if_it_mentions_the_bot_in_words(fake: FakeDiscord, bot: Running) -> None:
    shown = await fake.answer_to(await fake.say(mention(fake, "troops")))
    await fake.say("lol, weapons", reply_to=shown)
    asked = await fake.say(mention(fake, "weapons"), reply_to=shown)
    await fake.answer_to(asked)
    await settled(fake, bot)
    assert [row["query"] for row in rows(bot)] == ["troops", "weapons", "zelensky"]


async def test_the_bots_own_messages_and_edits_are_not_answered(fake: FakeDiscord, bot: Running) -> None:
    asked = await fake.say("troops", dm=True)
    await fake.answer_to(asked)
    await fake.edit_message(asked, "weapons")
    public = await fake.say("nothing", user=SOMEBODY)
    await fake.edit_message(public, mention(fake, "weapons"))
    await settled(fake, bot)
    assert [row["query"] for row in rows(bot)] == ["troops", "zelensky"]


async def test_a_direct_message_without_words_is_told_how_to_ask_and_is_no_lookup(
    fake: FakeDiscord, bot: Running
) -> None:
    shown = await fake.answer_to(await fake.say("", dm=True, carrying={"sticker_items": [{"id": "1", "name": "hi"}]}))
    assert displayed_text(shown) == NO_WORDS
    assert rows(bot) == []


async def test_a_miss_in_direct_messages_is_honest_and_noted(fake: FakeDiscord, bot: Running) -> None:
    shown = await fake.answer_to(await fake.say("adele", dm=True))
    assert displayed_text(shown) == f"No brief on “adele”.\n{MISS_NOTED}\n{BE_TOLD}"
    assert (await fake.press(shown, "Tell me", dm=True)).ephemeral


async def test_a_miss_in_a_channel_is_one_line_that_repeats_nobodys_words(fake: FakeDiscord, bot: Running) -> None:
    shown = await fake.answer_to(await fake.say(mention(fake, "adele")))
    assert displayed_text(shown) == f"{NO_BRIEF} {MISS_NOTED}"
    assert labels(shown) == []
    assert [row["outcome"] for row in rows(bot)] == ["miss"]


async def test_a_mention_that_greets_the_bot_is_told_in_one_line_how_to_ask(fake: FakeDiscord, bot: Running) -> None:
    assert displayed_text(await fake.answer_to(await fake.say(mention(fake, "hello")))) == HOW_TO_ASK


@pytest.fixture
def likely(engine: str, bot: Running, shipped: BriefBase) -> None:
    """Let the bot find everything likely that is not typed in full, and be sure of nothing."""
    bot.desk.use(judging(shipped, answer=2, show=0, offer=0, suggest=0), {})


@pytest.mark.usefixtures("likely")
async def test_what_is_likely_is_shown_in_direct_messages_and_a_choice_takes_its_place(
    fake: FakeDiscord, bot: Running, shipped: BriefBase
) -> None:
    asked = await fake.say("troops in russia", dm=True)
    shown = await fake.answer_to(asked)
    assert "**Closest match**" in displayed_text(shown)
    assert OR_ONE_OF_THESE in displayed_text(shown)
    assert "Share here" not in labels(shown)
    other = next(label for label in labels(shown) if label in {brief.title for brief in shipped.briefs.values()})
    pressed = await fake.press(shown, other, dm=True)
    assert pressed.original == shown["id"]
    assert other in pressed.text
    assert len(fake.written_after(asked)) == 1
    assert [row["via"] for row in rows(bot)] == ["dm", "button"]


@pytest.mark.usefixtures("likely")
async def test_in_a_channel_what_is_only_likely_is_a_line_with_buttons_that_show_it_to_one_alone(
    fake: FakeDiscord, bot: Running, shipped: BriefBase
) -> None:
    asked = await fake.say(mention(fake, "troops in russia"))
    shown = await fake.answer_to(asked)
    assert displayed_text(shown) == DID_YOU_MEAN
    assert [each["type"] for each in shown["components"]] == [10, 1, 1]
    pressed = await fake.press(shown, labels(shown)[0], user=SOMEBODY)
    assert pressed.ephemeral
    assert "Share here" in pressed.labels
    assert displayed_text(fake.messages[shown["id"]]) == DID_YOU_MEAN


@pytest.mark.usefixtures("likely")
async def test_only_who_asked_can_say_that_none_was_meant(fake: FakeDiscord, bot: Running) -> None:
    shown = await fake.answer_to(await fake.say(mention(fake, "troops in russia")))
    assert (await fake.press(shown, "None of these", user=SOMEBODY)).text == NOT_THEIRS
    assert (await fake.press(shown, "None of these")).text.startswith(NOTED)
    assert [row["feedback"] for row in rows(bot)] == ["wrong"]


@pytest.mark.parametrize("dm", [True, False])
@pytest.mark.both
async def test_who_asked_can_say_that_a_card_is_not_what_they_asked(fake: FakeDiscord, bot: Running, dm: bool) -> None:
    shown = await fake.answer_to(await fake.say(mention(fake, "troops"), dm=dm))
    assert (await fake.press(shown, "Not what I asked", user=SOMEBODY)).text == NOT_THEIRS
    form = await fake.press(shown, "Not what I asked", dm=dm)
    assert form.modal is not None
    assert [row["feedback"] for row in rows(bot)] == ["wrong"]


async def test_a_related_brief_of_a_card_in_direct_messages_leaves_the_card(fake: FakeDiscord, bot: Running) -> None:
    shown = await fake.answer_to(await fake.say("troops", dm=True))
    (menu,) = (each for each in components_of(shown) if each.get("placeholder") == "Related …")
    chosen = await fake.press(shown, menu["custom_id"], [menu["options"][0]["value"]], dm=True)
    assert menu["options"][0]["label"] in chosen.text
    assert fake.messages[shown["id"]] == shown


async def test_a_message_that_is_delivered_twice_is_answered_once(fake: FakeDiscord, bot: Running) -> None:
    asked = await fake.say("troops", dm=True)
    await fake.answer_to(asked)
    await fake.replay(asked)
    await settled(fake, bot)
    assert len(fake.written_after(asked)) == 1
    assert len(payloads(fake)) == 2
    assert [row["query"] for row in rows(bot)] == ["troops", "zelensky"]


@pytest.mark.both
async def test_a_message_that_is_delivered_after_a_restart_is_shown_and_logged_once(
    engine: str, fake: FakeDiscord, start: Start
) -> None:
    await start()
    asked = await fake.say("troops", dm=True)
    await fake.answer_to(asked)
    bot = await start()
    await fake.replay(asked)
    await settled(fake, bot)
    assert len(fake.written_after(asked)) == 1
    assert [row["query"] for row in rows(bot)] == ["troops", "zelensky"]


@pytest.mark.parametrize("how", [503, "reset", 429])
@pytest.mark.parametrize("after_effect", [False, True])
async def test_an_answer_that_discord_did_not_take_is_sent_again_and_shown_once(
    fake: FakeDiscord, bot: Running, how: Any, after_effect: bool
) -> None:
    fake.fail_next("POST", "/channels/", how, after_effect=after_effect, retry_after=0.01)
    asked = await fake.say(mention(fake, "troops"))
    await until(lambda: fake.written_after(asked) and not bot.client.in_flight.number)
    assert len(fake.written_after(asked)) == 1
    assert {sent["nonce"] for sent in payloads(fake) if sent} == {asked["id"]}
    assert bot.client.message_replies.undelivered == 0


async def test_where_the_bot_may_not_read_what_was_written_it_answers_without_a_reply(
    fake: FakeDiscord, bot: Running
) -> None:
    fake.refusals[fake.guilds[0].channel] = 160002
    shown = await fake.answer_to(await fake.say(mention(fake, "troops")))
    assert "message_reference" not in shown


async def test_a_question_that_was_deleted_meanwhile_is_answered_all_the_same(fake: FakeDiscord, bot: Running) -> None:
    fake.fail_next("POST", "/channels/", 503)
    asked = await fake.say(mention(fake, "troops"))
    del fake.messages[asked["id"]]
    assert (await fake.answer_to(asked))["type"] == 0


@pytest.mark.parametrize(("closed_for", "tried"), [(message_replies.CLOSED_FOR, 1), (0.0, 3)])
async def test_a_channel_where_the_bot_may_not_write_is_left_alone_for_a_while(
    fake: FakeDiscord,
    bot: Running,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    closed_for: float,
    tried: int,
) -> None:
    monkeypatch.setattr(message_replies, "CLOSED_FOR", closed_for)
    fake.refusals[fake.guilds[0].channel] = 50013
    for _ in range(3):
        await fake.say(mention(fake, "troops"))
        await settled(fake, bot)
    assert [each.status for each in fake.requests].count(403) == tried
    assert "status 403, code 50013" in caplog.text
    assert bot.client.error_replies.failed == 0


async def test_more_than_discord_takes_in_time_is_not_answered(
    fake: FakeDiscord, bot: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_replies, "MOST_WAITING", 2)
    fake.fail_next("POST", "/channels/", 0.5, times=2)
    first = await fake.say(mention(fake, "troops"))
    for _ in range(5):
        await fake.say(mention(fake, "troops"))
    await until(lambda: len(fake.written_after(first)) == 2)
    await settled(fake, bot)
    assert len(rows(bot)) == 3


async def test_a_member_who_asks_too_fast_is_told_in_direct_messages_alone(
    fake: FakeDiscord, bot: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot.client.intake._fairness._members._rate = Rate(burst=1, per_second=0)
    public = await fake.say(mention(fake, "troops"))
    await fake.answer_to(public)
    direct = await fake.say("troops", dm=True)
    assert displayed_text(await fake.answer_to(direct)) == TOO_FAST
    another = User(1_000_000_000_000_000_078, "another")
    for words in ("weapons", "ships"):
        await fake.say(mention(fake, words), user=another)
    await settled(fake, bot)
    assert len(fake.written_after(public)) == 2
    assert {row["query"] for row in rows(bot)} == {"troops", "weapons", "zelensky"}
    assert bot.client.intake.limited == 2


async def test_a_question_before_the_briefs_are_read_waits_for_them(fake: FakeDiscord, bot: Running) -> None:
    bot.client.admission._decided.clear()
    asked = await fake.say("troops", dm=True)
    await fake.slash("privacy", subcommand="forget")
    assert fake.written_after(asked) == []
    bot.client.admission.open()
    assert "troops in Russia" in displayed_text(await fake.answer_to(asked))


async def test_a_question_to_a_bot_that_cannot_read_its_briefs_is_told_so(fake: FakeDiscord, bot: Running) -> None:
    bot.client.admission.fail()
    assert displayed_text(await fake.answer_to(await fake.say("troops", dm=True))) == NOT_STARTED


async def test_an_error_that_nobody_foresaw_becomes_a_line_with_a_reference(
    fake: FakeDiscord, bot: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(bot.desk, "find", lambda _: 1 / 0)
    shown = await fake.answer_to(await fake.say("secret words", dm=True))
    (reference,) = [line.split()[1][:-1] for line in caplog.messages if line.startswith("reference")]
    assert displayed_text(shown).endswith(f"this reference: {reference}")
    assert "secret words" not in caplog.text


async def test_nothing_that_a_member_wrote_or_who_they_are_is_in_the_diagnostic_log(
    fake: FakeDiscord, bot: Running, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "bot")
    asked = await fake.say(mention(fake, "secret words"))
    await fake.answer_to(asked)
    lines = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("bot"))
    assert "via mention" in lines
    assert "secret" not in lines
    assert str(fake.user.id) not in lines


async def test_answers_to_messages_are_timed_and_counted(fake: FakeDiscord, bot: Running) -> None:
    await fake.answer_to(await fake.say("troops", dm=True))
    await until(lambda: bot.client.recent.response_seconds["message"].cumulative()[-1] == ("+Inf", 1))
    assert bot.desk.lookup_counts["answer", "dm"] == 1


async def test_a_bot_that_is_stopped_finishes_its_answers_to_messages(fake: FakeDiscord, bot: Running) -> None:
    fake.fail_next("POST", "/channels/", 0.3)
    asked = await fake.say("troops", dm=True)
    await until(lambda: bot.client.in_flight.number)
    await bot.client.stop_receiving()
    assert len(fake.written_after(asked)) == 1
