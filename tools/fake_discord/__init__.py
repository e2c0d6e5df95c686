"""A stand-in for Discord on the loopback interface, strict enough to test a bot against.

The real discord.py talks to it over HTTP and a websocket. What the bot sends is held to Discord's published
limits (`rules`); each offence is answered as Discord answers it and written down in `faults`, so that a
fixture can end every test with `assert fake.faults == []`.

    async with FakeDiscord() as fake:
        with fake.redirected():
            ...  # start the client with fake.token
            shown = await fake.slash("brief", {"query": "troops"})
            assert "1,500" in shown.text
            again = await fake.press(shown, "Show sources")

Checked: payloads; who may answer what, once, within 3 seconds and 15 minutes; tokens, intents and resumption; which
shard exists, holds how many servers, and may identify when.
A message of a server comes without its words, unless it is the bot's or mentions it, as Discord withholds them.
Not covered: rate limits unless `fail_next` asks for them, the bot's permissions but for `refusals`, polls, stickers,
threads, voice, user commands, role and channel menus, and every event but READY, RESUMED, GUILD_CREATE, GUILD_DELETE,
INTERACTION_CREATE, MESSAGE_CREATE and MESSAGE_UPDATE.

`rules` says what may be sent, `state` what this Discord knows, `server` and `rest` serve HTTP, `gateway` the
websocket, `members` act on it, and `fake` is the whole.
"""

from tools.fake_discord.actors import MANAGER, MEMBER, Guild, Upload, User, Where, channel_json, user_json
from tools.fake_discord.components import components_of
from tools.fake_discord.exchange import Exchange, NoAnswerError, until
from tools.fake_discord.fake import FakeDiscord
from tools.fake_discord.gateway import Session
from tools.fake_discord.options import nested
from tools.fake_discord.replies import reply
from tools.fake_discord.rules import Json

__all__ = [
    "MANAGER",
    "MEMBER",
    "Exchange",
    "FakeDiscord",
    "Guild",
    "Json",
    "NoAnswerError",
    "Session",
    "Upload",
    "User",
    "Where",
    "channel_json",
    "components_of",
    "nested",
    "reply",
    "until",
    "user_json",
]
