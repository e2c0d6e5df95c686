"""What Discord lets an application send, as pure functions from a payload to its violations.

The published limits are kept (types, lengths, counts, which component may stand where). Three things are
held more strictly than Discord holds them, for each is a mistake all the same: a key that Discord does not
know, a lone surrogate in a text, and two autocomplete choices with one value. Not judged: polls and stickers
(any use is a violation), whether an id names something that exists, permissions, and rate limits.
"""

from tools.fake_discord.rules.commands import command_violations
from tools.fake_discord.rules.components import walk
from tools.fake_discord.rules.messages import (
    COMPONENTS_V2,
    EPHEMERAL,
    LOADING,
    SUPPRESS_EMBEDS,
    SUPPRESS_NOTIFICATIONS,
    conversation_violations,
    displayed_text,
    is_empty,
    media_of,
    message_violations,
    pings,
)
from tools.fake_discord.rules.responses import AUTOCOMPLETE, COMMAND, PRESS, SUBMIT, callback_violations
from tools.fake_discord.rules.shapes import Json, Violation

__all__ = [
    "AUTOCOMPLETE",
    "COMMAND",
    "COMPONENTS_V2",
    "EPHEMERAL",
    "LOADING",
    "PRESS",
    "SUBMIT",
    "SUPPRESS_EMBEDS",
    "SUPPRESS_NOTIFICATIONS",
    "Json",
    "Violation",
    "callback_violations",
    "command_violations",
    "conversation_violations",
    "displayed_text",
    "is_empty",
    "media_of",
    "message_violations",
    "pings",
    "walk",
]
