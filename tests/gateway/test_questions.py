"""Which messages ask the bot something, and what they ask: read as Discord sends them."""

import re
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.gateway.questions import Question, question_of

BOT, MEMBER, OTHER, ROLE = "1222", "77", "88", "99"
Message = dict[str, Any]


def message(content: str = "", **more: Any) -> Message:
    """Return a member's message in a server; the bot is mentioned if its mention stands in the words."""
    mentioned = [{"id": each} for each in re.findall(r"<@!?(\d+)>", content)]
    return {
        "id": "5",
        "channel_id": "6",
        "guild_id": "7",
        "author": {"id": MEMBER, "username": "member", "bot": False},
        "content": content,
        "mentions": mentioned,
        "mention_roles": [],
        "mention_everyone": False,
        "type": 0,
        "flags": 0,
    } | more


def direct(content: str, **more: Any) -> Message:
    sent = message(content, **more)
    del sent["guild_id"]
    return sent


def asked(sent: Message) -> str | None:
    question = question_of(sent, BOT)
    return question.text if question else None


def test_a_question_has_the_ids_of_discord_and_how_it_was_asked() -> None:
    assert question_of(message(f"<@{BOT}> troops?"), BOT) == Question(5, 6, 7, 77, "troops?")
    assert question_of(direct("troops?"), BOT) == Question(5, 6, None, 77, "troops?")
    assert [Question(5, 6, guild, 77, "").via for guild in (None, 7)] == ["dm", "mention"]


ADDRESSED = {
    "a mention before the question": (f"<@{BOT}> how many troops?", "how many troops?"),
    "an old mention": (f"<@!{BOT}> how many troops?", "how many troops?"),
    "a mention behind the question": (f"how many troops, <@{BOT}>", "how many troops,"),
    "a mention within it": (f"so <@{BOT}> how many troops?", "so  how many troops?"),
    "others are mentioned as well": (f"<@{BOT}> <@{OTHER}> <@&{ROLE}> troops?", "troops?"),
    "a quote above a question of one's own": (f"> they sent 1,500\n<@{BOT}> troops?", "troops?"),
    "a long quote below it": (f"<@{BOT}> troops?\n>>> they sent\n<@{OTHER}> 1,500", "troops?"),
    "code in the question": (f"<@{BOT}> what does `async def` do?", "what does `async def` do?"),
    "several lines": (f"<@{BOT}>\ntroops\nin Russia", "troops\nin Russia"),
}


@pytest.mark.parametrize("case", ADDRESSED)
def test_a_mention_in_words_of_ones_own_asks_what_stands_beside_it(case: str) -> None:
    content, text = ADDRESSED[case]
    assert asked(message(content)) == text


REPLY = {"type": 19, "mentions": [{"id": BOT}], "referenced_message": {"author": {"id": BOT}}}
HERE = f"<@{BOT}> troops?"
NOT_ADDRESSED: dict[str, Message] = {
    "no mention": message("how many troops?"),
    "a mention of somebody else": message(f"<@{OTHER}> how many troops?"),
    "a mention alone": message(f"<@{BOT}>"),
    "a mention and blanks": message(f" <@{BOT}> \n"),
    "a mention of the bot's role": message("<@&99> troops?", mention_roles=[ROLE]),
    "everybody": message("@everyone troops?", mention_everyone=True),
    "everybody, with the bot among them": message(f"@here, <@{BOT}> is new", mention_everyone=True),
    "a reply to the bot": message("lol, troops", **REPLY),
    "a reply that the bot is not mentioned by": message("lol, troops", type=19, mentions=[]),
    "a reply with a mention in a quote": message(f"> <@{BOT}> troops?\nlol", **REPLY),
    "a quote of a question": message(f"> <@{BOT}> troops?"),
    "a long quote of a question": message(f"look\n>>> he asked\n<@{BOT}> troops?"),
    "a reply with a mention in code": message(f"write `<@{BOT}> troops`", **REPLY),
    "a reply with a mention in a block": message(f"```\n<@{BOT}> troops\n```", **REPLY),
    "another bot": message(HERE, author={"id": OTHER, "bot": True}),
    "the bot itself": message(HERE, author={"id": BOT, "bot": True}),
    "a webhook": message(HERE, webhook_id="42", author={"id": "42", "username": "news"}),
    "a notice of somebody who joined": message(HERE, type=7),
    "a pin": message(HERE, type=6),
    "the start of a thread": message(HERE, type=21),
    "a text of Discord's rules": message(HERE, type=24),
    "a direct message of the bot itself": direct("troops?", author={"id": BOT, "bot": True}),
    "a direct message of Discord": direct("troops?", author={"id": OTHER, "system": True}),
    "a call": direct("", type=3),
}


@pytest.mark.parametrize("case", NOT_ADDRESSED)
def test_what_does_not_address_the_bot_asks_nothing(case: str) -> None:
    assert asked(NOT_ADDRESSED[case]) is None


DIRECT = {
    "plain words": ("how many troops?", "how many troops?"),
    "with a mention of the bot": (f"<@{BOT}> troops", "troops"),
    "with a mention of somebody": (f"troops <@{OTHER}>", "troops"),
    "a quote": ("> 1,500 troops", "> 1,500 troops"),
    "no words at all": ("", ""),
}


@pytest.mark.parametrize("case", DIRECT)
def test_a_direct_message_is_a_question_whatever_it_says(case: str) -> None:
    content, text = DIRECT[case]
    assert asked(direct(content)) == text
    assert asked(direct(content, type=19)) == text


PARTS = [f"<@{BOT}>", f"<@!{BOT}>", "<@88>", "<@&9>", "`", "```", "> ", ">>> ", "\n", "a ", "<@"]
pieces = st.lists(st.sampled_from(PARTS))


@given(pieces)
def test_no_mention_of_a_member_or_a_role_is_left_in_a_question(parts: list[str]) -> None:
    text = asked(message("".join(parts)))
    assert text is None or (text == text.strip() != "" and not re.search(r"<@[!&]?\d+>", text))


@pytest.mark.parametrize("part", ["`", "> ", ">>> ", "<@", "\n> `", f"<@{BOT}> ", "```\n"])
def test_the_longest_message_is_read_in_no_time_whatever_it_is_made_of(part: str) -> None:
    """Processor time, of which a busy machine takes none: a pattern that looks back would take seconds."""
    started = time.process_time()
    asked(message((part * 4000)[:4000] + f"<@{BOT}>"))
    assert time.process_time() - started < 0.1
