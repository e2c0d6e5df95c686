"""The state of the stand-in: servers, the application, messages, what the bot sent, and the failures to come."""

import time
from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import UTC, datetime

from tools.fake_discord import rules
from tools.fake_discord.actors import Guild, Upload, User, Where, user_json
from tools.fake_discord.components import number, resolve_media
from tools.fake_discord.exchange import Exchange
from tools.fake_discord.replies import ApiError, Failure, Request, unknown_message
from tools.fake_discord.rules import Json

API = "/api/v10"
DISCORD_EPOCH_MS = 1_420_070_400_000
OWNER = User(1_000_000_000_000_000_001, "owner")


class State:
    """The state of a Discord with one application."""

    def __init__(
        self,
        *,
        guilds: Sequence[Guild] = (Guild(1_111_000_000_000_000_000),),
        owner: User = OWNER,
        heartbeat_interval: int = 41_250,
        privileged_intents: int = 0,
    ) -> None:
        self.token = "MTIz.fake.token"
        self.application_id = 1_222_000_000_000_000_000
        self.bot = User(self.application_id, "briefbot", bot=True)
        self.user = User(1_000_000_000_000_000_002, "member")
        self.owner = owner
        self.guilds = list(guilds)

        self.heartbeat_interval = heartbeat_interval  # milliseconds; read when a client connects
        self.acknowledge_heartbeats = True
        self.recommended_shards = 1
        self.max_concurrency = 1
        self.identify_window = 0.0  # seconds from one new session of a bucket to the next; Discord has 5
        self.most_guilds_of_a_shard = 2500
        self.session_starts_left = 1000
        self.refused_identifies = 0
        self.privileged_intents = privileged_intents
        self.answer_within = 3.0
        self.token_lifetime = 900.0
        self.unreachable_channels: set[int] = set()
        self.refusals: dict[int, int] = {}
        """Channels in which the bot may not write, or may not reply, by the code that Discord says so with."""

        self.faults: list[str] = []
        self.pings: list[str] = []
        self.requests: list[Request] = []
        self.identifies: list[Json] = []
        self.resumes: list[Json] = []
        self.commands: dict[int | None, list[Json]] = {}
        self.messages: dict[str, Json] = {}
        self.sent_by_nonce: dict[str, Json] = {}
        """What the bot sent to channels, by its nonce. Discord remembers one for some minutes: clear it for later."""

        self.exchanges: dict[str, Exchange] = {}  # by token
        self.news: list[tuple[str, Json]] = []  # events about messages that are still to be told
        self.origins: dict[str, Exchange] = {}  # by the message that was sent in response
        self.direct_channels: dict[int, Json] = {}  # by the user whom the bot talks to there
        self.closed_to_the_bot: set[int] = set()
        """Users who take no direct messages from the bot."""

        self.files: dict[str, Upload] = {}
        self.served = 0  # bytes of files that were asked for, and taken
        self.failures: list[Failure] = []
        self.origin = ""  # host and port, once it runs
        self._last_snowflake = 0

    @property
    def api_base(self) -> str:
        return f"http://{self.origin}{API}"

    @property
    def gateway_url(self) -> str:
        return f"ws://{self.origin}/"

    def snowflake(self) -> int:
        """An id that says when it was made and is above every earlier one."""
        now = time.time_ns() // 1_000_000 - DISCORD_EPOCH_MS << 22
        self._last_snowflake = max(self._last_snowflake + 1, now)
        return self._last_snowflake

    def actor(self, where: Where) -> User:
        return where.get("user", self.user)

    def guild_of(self, where: Where) -> Guild:
        return where["guild"] if "guild" in where else self.guilds[0]

    def channel_of(self, where: Where) -> int:
        if where.get("among"):
            return self.actor(where).id + 2_000
        return self.actor(where).id + 1_000 if where.get("dm") else self.guild_of(where).channel

    def sent(self, message: Json) -> Json:
        """Keep a new message, and have it told."""
        self.messages[message["id"]] = message
        self.news.append(("MESSAGE_CREATE", message))
        return message

    def conversation(self, user: User) -> Json:
        """The channel of direct messages with a user."""
        channel_id = str(self.channel_of({"user": user, "dm": True}))
        new = {"id": channel_id, "type": 1, "recipients": [user_json(user)], "last_message_id": None, "flags": 0}
        return self.direct_channels.setdefault(user.id, new)

    def application_json(self) -> Json:
        return {
            "id": str(self.application_id),
            "name": self.bot.name,
            "icon": None,
            "description": "",
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "0" * 64,
            "flags": 0,
            "owner": user_json(self.owner),
            "team": None,
        }

    # Commands and messages as Discord keeps them

    def registered(self, payload: Json, ids: Mapping[tuple[int, str], str], scope: int | None) -> Json:
        command = {"type": 1, "description": "", "options": [], "nsfw": False, **payload}
        bits = command.get("default_member_permissions")
        return {
            **command,
            "id": ids.get((command["type"], command["name"])) or str(self.snowflake()),
            "application_id": str(self.application_id),
            "version": str(self.snowflake()),
            "integration_types": command.get("integration_types") or [0],
            "default_member_permissions": None if bits is None else str(bits),
        } | ({} if scope is None else {"guild_id": str(scope)})

    def blank_message(self, channel_id: int, author: User) -> Json:
        return {
            "id": str(self.snowflake()),
            "channel_id": str(channel_id),
            "author": user_json(author),
            "content": "",
            "timestamp": datetime.now(UTC).isoformat(),
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "attachments": [],
            "embeds": [],
            "components": [],
            "pinned": False,
            "type": 0,
            "flags": 0,
        }

    def blank_response(self, exchange: Exchange) -> Json:
        payload, user = exchange.payload, self.actor(exchange.where)
        metadata: Json = {
            "id": payload["id"],
            "type": payload["type"],
            "user": user_json(user),
            "authorizing_integration_owners": payload["authorizing_integration_owners"],
        }
        if exchange.original:
            metadata["original_response_message_id"] = exchange.original
        if payload["type"] == rules.PRESS:
            metadata["interacted_message_id"] = payload["message"]["id"]
        return self.blank_message(int(payload["channel_id"]), self.bot) | {
            "webhook_id": str(self.application_id),
            "application_id": str(self.application_id),
            "interaction_metadata": metadata,
            "type": 20 if payload["type"] == rules.COMMAND else 19,
        }

    def keep(self, exchange: Exchange, message: Json) -> None:
        self.sent(message)
        self.origins[message["id"]] = exchange

    def note_pings(self, payload: Json, *parsed_by_default: str) -> None:
        # An ephemeral message notifies nobody, yet it counts: what is safe must not hang on who sees it.
        self.pings += rules.pings(payload, parsed_by_default)

    def edit(self, message_id: str, payload: Json, uploads: list[Upload]) -> Json:
        before = self.messages.get(message_id)
        if before is None:
            raise unknown_message()
        edited_at = None if before["flags"] & rules.LOADING else datetime.now(UTC).isoformat()
        message = self.applied(before, payload, uploads) | {"edited_timestamp": edited_at}
        self.messages[message_id] = message
        self.news.append(("MESSAGE_UPDATE", message))
        return message

    def applied(self, before: Json, payload: Json, uploads: list[Upload]) -> Json:
        """A message with what a payload says about it; keys that it does not mention stay."""
        message, payload = deepcopy(before), deepcopy(payload)
        message |= {key: payload[key] or [] for key in ("embeds", "components") if key in payload}
        if "content" in payload:
            message["content"] = payload["content"] or ""
        settled = rules.EPHEMERAL if before["flags"] & rules.LOADING else 0
        kept = before["flags"] & ~rules.LOADING
        if payload.get("flags") is not None:
            kept = kept & ~rules.SUPPRESS_EMBEDS | payload["flags"] & ~settled
        message["flags"] = kept
        message["attachments"] = self._attached(before["attachments"], payload.get("attachments"), uploads)
        if rules.is_empty(message):
            raise ApiError(400, 50006, "Cannot send an empty message")
        number(message["components"])
        resolve_media(message)
        return message

    def _attached(self, before: list[Json], listed: list[Json] | None, uploads: list[Upload]) -> list[Json]:
        if listed is None:
            return before + [self.attach(upload) for upload in uploads]
        earlier = {attachment["id"]: attachment for attachment in before}
        new = {str(index): upload for index, upload in enumerate(uploads)}
        attached = [earlier.get(str(each["id"])) or self.attach(new.pop(str(each["id"]))) for each in listed]
        return attached + [self.attach(upload) for upload in new.values()]

    def attach(self, upload: Upload) -> Json:
        attachment_id = str(self.snowflake())
        self.files[attachment_id] = upload
        url = f"http://{self.origin}/attachments/{attachment_id}/{upload.filename}"
        return {
            "id": attachment_id,
            "filename": upload.filename,
            "size": len(upload.data) if upload.claimed is None else upload.claimed,
            "url": url,
            "proxy_url": url,
            "content_type": upload.content_type,
        }
