"""What the bot uses of discord.py without its promise is all there in the installed version.

A test that fails after an upgrade names what is missing and where it is used; the docstring there says what to do.
"""

import json
import re

import pytest

from bot.gateway.internals import read_json, written_json
from tests.internals import Internal, missing, told, unlisted

SOCKET = "discord.gateway.DiscordWebSocket"
HEART = "discord.gateway.KeepAliveHandler"

INTERNALS = [
    Internal("discord.state.ConnectionState.parsers", "gateway.internals:parsers"),
    Internal("discord.client.Client._connection", "gateway.internals:parsers"),
    Internal("discord.state.AutoShardedConnectionState.shard_ids", "gateway.internals:shard_ids"),
    Internal("discord.state.ConnectionState.shard_count", "gateway.internals:assign_shards"),
    Internal("discord.member.Member._roles", "gateway.internals:role_ids"),
    Internal("discord.webhook.async_.async_context", "gateway.internals:deliver_by"),
    Internal("discord.http.DiscordClientWebSocketResponse", "gateway.internals:patch_library"),
    Internal(
        "discord.gateway.DiscordClientWebSocketResponse.close", "gateway.internals:patch_library", ("code", "message")
    ),
    Internal("discord.VoiceClient.warn_nacl", "gateway.internals:patch_library"),
    Internal("discord.VoiceClient.warn_dave", "gateway.internals:patch_library"),
    Internal("discord.utils._from_json", "gateway.internals:patch_json"),
    Internal("discord.utils._to_json", "gateway.internals:patch_json"),
    Internal(f"{SOCKET}._keep_alive", "gateway.internals:unacknowledged"),
    Internal(f"{HEART}._last_ack", "gateway.internals:unacknowledged"),
    Internal(f"{HEART}.interval", "gateway.internals:unacknowledged"),
    Internal(
        f"{SOCKET}.from_client",
        "gateway.shards:ShardedClient",
        ("client", "initial", "shard_id", "gateway", "session", "sequence", "resume"),
    ),
    Internal(f"{SOCKET}.poll_event", "gateway.shards:ShardedClient"),
    Internal(f"{SOCKET}.open", "gateway.shards:ShardedClient"),
    Internal(f"{SOCKET}.latency", "gateway.shards:ShardedClient"),
    Internal(f"{SOCKET}.close", "gateway.shards:ShardedClient", ("code",)),
    Internal(f"{SOCKET}.sequence", "gateway.shards:ShardedClient"),
    Internal(f"{SOCKET}.session_id", "gateway.shards:ShardedClient"),
    Internal(f"{SOCKET}.gateway", "gateway.shards:ShardedClient"),
    Internal("discord.gateway.ReconnectWebSocket", "gateway.shards:ShardedClient"),
    Internal("discord.client.Client.http", "gateway.shards:ShardedClient"),
    Internal("discord.http.HTTPClient.get_bot_gateway", "gateway.shards:ShardedClient"),
    Internal("discord.http.HTTPClient.request", "gateway.registering:Registrar", ("route",)),
    Internal("discord.http.Route", "gateway.registering:Registrar", ("method", "path")),
    Internal("discord.app_commands.Command.to_dict", "gateway.registering:Registrar", ("tree",)),
    Internal(
        "discord.webhook.async_.AsyncWebhookAdapter.request",
        "gateway.delivery:RetryingAdapter",
        ("route", "session", "payload", "multipart", "files", "params"),
    ),
    Internal("discord.http.Route.webhook_id", "gateway.delivery:RetryingAdapter"),
    Internal("discord.http.Route.BASE", "gateway.internals:api_host"),
    Internal("discord.app_commands.CommandTree._call", "gateway.client:_Tree", ("interaction",)),
]


@pytest.mark.parametrize("internal", INTERNALS, ids=lambda internal: internal.path)
def test_what_we_use_of_discord_py_is_there(internal: Internal) -> None:
    assert missing(internal) is None


def test_what_is_missing_is_named_with_the_place_that_uses_it() -> None:
    gone = missing(Internal(f"{SOCKET}.nonsense", "gateway.shards:ShardedClient")) or ""
    assert gone.startswith(f"{SOCKET}.nonsense, which bot.gateway.shards:ShardedClient uses, is not in discord.py 2")
    lost = missing(Internal(f"{SOCKET}.close", "gateway.shards:ShardedClient", ("code", "reason"))) or ""
    assert " takes no reason in discord.py 2" in lost
    assert missing(Internal("discord.nonsense.Client", "gateway.client:BriefClient"))


@pytest.mark.parametrize("place", sorted({each.told_in for each in INTERNALS}))
def test_each_place_says_since_when_and_what_to_do_when_it_goes(place: str) -> None:
    assert re.search(
        r"since\s[12]\.\d.*When\s(it|they|the\sfirst)\sgoe?s?", told(Internal("", place)), re.DOTALL | re.IGNORECASE
    )


def test_no_other_internal_of_discord_py_is_used() -> None:
    assert unlisted("gateway", INTERNALS) == set()


@pytest.mark.parametrize("text", ["troops", "half \ud800 of one", "\udc00\ud800", "\0 \u2028 é 😀"])
def test_any_text_is_read_from_json_and_written_to_it(text: str) -> None:
    """orjson alone refuses lone surrogates, and a session ended with each."""
    assert read_json(json.dumps({"value": text})) == {"value": text}
    assert json.loads(written_json({"value": text})) == {"value": text}


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(ValueError, match="Expecting"):
        read_json("{")
