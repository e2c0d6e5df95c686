"""Which messages ask the bot something: a direct message to it, or a message in a server that mentions it.

Pure: a message is read as Discord sent it. One that does not concern the bot is told from it by a few keys.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

_WRITTEN = (0, 19)
"""The types of messages that somebody wrote: ordinary ones and replies. All others are notices of Discord's own."""

_QUOTE = re.compile(r"^>>> [\s\S]*|^> .*$", re.MULTILINE)
_CODE = re.compile(r"`[^`]*`")
_MENTION = re.compile(r"<@[!&]?\d{1,20}>")
"""A mention of a user or a role. It says nothing about a topic, and the id of somebody else need not be stored."""


@dataclass(frozen=True, slots=True)
class Question:
    """A message to the bot. ``text`` is blank if a direct message has no words, ``guild_id`` None if it is direct."""

    id: int
    channel_id: int
    guild_id: int | None
    user_id: int
    text: str

    @property
    def via(self) -> Literal["dm", "mention"]:
        return "dm" if self.guild_id is None else "mention"


def question_of(message: Mapping[str, Any], bot: str) -> Question | None:
    """Return what a message asks the bot, whose id is ``bot``; None if it does not address the bot.

    In a server the bot is addressed by a mention in words of the author's own: not in a quote or in code, not by a
    role or by everyone, and not because the message is a reply to one of the bot's.
    """
    guild = message.get("guild_id")
    if guild is not None and all(user["id"] != bot for user in message["mentions"]):
        return None
    if not _by_a_member(message):
        return None
    text = message["content"]
    if guild is not None:
        text = _QUOTE.sub("", text)
        if message["mention_everyone"] or not re.search(f"<@!?{bot}>", _CODE.sub("", text)):
            return None
    text = _MENTION.sub("", text).strip()
    if guild is not None and not text:
        return None
    author, channel = message["author"]["id"], message["channel_id"]
    return Question(int(message["id"]), int(channel), None if guild is None else int(guild), int(author), text)


def _by_a_member(message: Mapping[str, Any]) -> bool:
    author = message["author"]
    of_a_machine = author.get("bot") or author.get("system") or message.get("webhook_id")
    return not of_a_machine and message["type"] in _WRITTEN
