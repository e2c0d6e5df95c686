"""A stand-in for Discord on the loopback interface, strict enough to test a bot against.

The real discord.py talks to it over HTTP and a websocket. What the bot sends is held to Discord's published
limits (`discord_rules`); each offence is answered as Discord answers it and written down in `faults`, so that a
fixture can end every test with `assert fake.faults == []`.

    async with FakeDiscord() as fake:
        with fake.redirected():
            ...  # start the client with fake.token
            shown = await fake.slash("brief", {"query": "troops"})
            assert "1,500" in shown.text
            again = await fake.press(shown, "Show sources")

Checked: payloads; who may answer what, once, within 3 seconds and 15 minutes; tokens, intents and resumption; which
shard exists, holds how many servers, and may identify when.
Not covered: rate limits unless `fail_next` asks for them, the bot's permissions, polls, stickers, threads, voice,
user commands, role and channel menus, and every event but READY, RESUMED, GUILD_CREATE, GUILD_DELETE and
INTERACTION_CREATE.
"""

import asyncio
import importlib
import itertools
import json
import math
import re
import socket
import struct
import time
import zlib
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, Self, TypedDict, Unpack

import discord
import yarl
from aiohttp import WSMsgType, web

from tests import discord_rules as rules
from tests.discord_rules import Json, Violation
from tests.processes import HANGS

API = "/api/v10"
DISCORD_EPOCH_MS = 1_420_070_400_000
ATTACHMENT_LIMIT = 10 * 2**20
PAYLOAD: web.RequestKey[Any] = web.RequestKey("payload")
KNOWN_INTENTS = 0x1FFFF | 3 << 20 | 3 << 24
PRIVILEGED_INTENTS = 1 << 1 | 1 << 8 | 1 << 15
MEMBER = discord.Permissions(
    view_channel=True, send_messages=True, read_message_history=True, use_application_commands=True
)
MANAGER = MEMBER | discord.Permissions(manage_guild=True)
OF_THE_APP = MEMBER | discord.Permissions(embed_links=True, attach_files=True, mention_everyone=True)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class User:
    id: int
    name: str
    roles: tuple[int, ...] = ()
    bot: bool = False


@dataclass(frozen=True)
class Guild:
    """A server with one text channel."""

    id: int
    name: str = "Test server"
    owner: int = 1
    roles: Mapping[int, str] = field(default_factory=dict)

    @property
    def channel(self) -> int:
        return self.id + 1


PIECE = 1 << 16
"""Bytes of a file that are sent at a time."""


@dataclass(frozen=True)
class Upload:
    filename: str
    data: bytes
    content_type: str = "application/octet-stream"
    claimed: int | None = None
    """The size that the attachment is said to have; None for the true one."""


class Where(TypedDict, total=False):
    """Who acts and where (a member in the first server if nothing is said), and how long the bot may take."""

    user: User
    guild: Guild
    dm: bool
    permissions: discord.Permissions
    locale: str
    within: float
    expect_answer: bool


class NoAnswerError(AssertionError):
    """The bot did not respond to an interaction in time."""


class ApiError(Exception):
    """What Discord says no with."""

    def __init__(
        self,
        status: int,
        code: int,
        message: str,
        violations: Iterable[Violation] = (),
        *,
        fault: bool = True,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.violations = list(violations)
        self.fault = fault

    def body(self) -> Json:
        body: Json = {"message": str(self), "code": self.code}
        if self.violations:
            body["errors"] = {}
        for violation in self.violations:
            node = body["errors"]
            for key in violation.path:
                node = node.setdefault(str(key), {})
            node.setdefault("_errors", []).append({"code": violation.code, "message": violation.message})
        return body

    def lines(self) -> list[str]:
        return [str(each) for each in self.violations] or [f"{self.code} {self}"]


def unknown_message() -> ApiError:
    return ApiError(404, 10008, "Unknown Message")


def unknown_interaction() -> ApiError:
    return ApiError(404, 10062, "Unknown interaction")


def refuse(violations: Sequence[Violation]) -> None:
    if violations:
        raise ApiError(400, 50035, "Invalid Form Body", violations)


def redirect(api_base: str, gateway_url: str) -> None:
    """Point discord.py in this process at a stand-in, for good."""
    discord.http.Route.BASE = api_base
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)


def reply(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    # discord.py takes for JSON only what has this very type, without a charset.
    headers = {"Content-Type": "application/json", **(headers or {})}
    return web.Response(body=json.dumps(body).encode(), status=status, headers=headers)


def reset(transport: asyncio.BaseTransport | None) -> None:
    """Cut a connection so that the other side reads "connection reset by peer"."""
    if not isinstance(transport, asyncio.WriteTransport):
        return
    with suppress(OSError):
        # To linger for no time at all is to send RST in place of FIN.
        plug = transport.get_extra_info("socket")
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


# The gateway


class GatewayError(Exception):
    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def stream_compressor(name: str | None) -> Callable[[bytes], bytes] | None:
    """One compression context for a whole connection, flushed after every message."""
    if name == "zlib-stream":
        deflate = zlib.compressobj()
        return lambda data: deflate.compress(data) + deflate.flush(zlib.Z_SYNC_FLUSH)
    if name == "zstd-stream":
        # discord.py asks for it only where this module is installed.
        zstandard = importlib.import_module("zstandard")
        frame = zstandard.ZstdCompressor().compressobj()
        return lambda data: bytes(frame.compress(data) + frame.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK))
    return None


class Connection:
    """One websocket to a client."""

    def __init__(self, ws: web.WebSocketResponse, request: web.Request) -> None:
        self.ws = ws
        self.transport = request.transport
        self.compress = stream_compressor(request.query.get("compress"))
        self.session: Session | None = None
        self.frozen = False
        self.closes = True

    async def send(self, op: int, data: Any = None, event: str | None = None, seq: int | None = None) -> None:
        if self.frozen:
            return
        text = json.dumps({"op": op, "d": data, "s": seq, "t": event})
        with suppress(ConnectionError):
            if self.compress:
                await self.ws.send_bytes(self.compress(text.encode()))
            else:
                await self.ws.send_str(text)


def of_shard(guild_id: int, shard: Sequence[int]) -> bool:
    """Whether a guild belongs to a shard (its number, and how many there are)."""
    return (guild_id >> 22) % shard[1] == shard[0]


@dataclass
class Session:
    """What outlives a connection: the events so far, which a client that resumes gets again."""

    id: str
    shard: tuple[int, int]
    connection: Connection | None
    events: list[tuple[str, Json]] = field(default_factory=list)

    def serves(self, guild_id: int | None) -> bool:
        """Whether what happens in a guild, or in direct messages, is told to this session."""
        return of_shard(guild_id or 0, self.shard)

    async def emit(self, event: str, data: Json) -> None:
        self.events.append((event, data))
        if self.connection:
            await self.connection.send(0, data, event, len(self.events))

    async def replay(self, connection: Connection, seen: int) -> None:
        while seen < len(self.events):
            event, data = self.events[seen]
            seen += 1
            await connection.send(0, data, event, seen)
        self.connection = connection
        await self.emit("RESUMED", {"_trace": []})


class Gateway:
    """Discord's websocket side: identification, heartbeats, sessions."""

    def __init__(self, fake: "FakeDiscord") -> None:
        self.fake = fake
        self.connections: list[Connection] = []
        self.sessions: dict[str, Session] = {}
        self.identified: dict[int, float] = {}  # when, by bucket
        self.stopping = asyncio.Event()

    def of(self, shard: int | None) -> list[Connection]:
        """The connections of a shard, of all if none is named."""
        return [each for each in self.connections if shard is None or (each.session and each.session.shard[0] == shard)]

    async def dispatch(self, event: str, data: Json, guild_id: int | None) -> None:
        for session in [each for each in self.sessions.values() if each.serves(guild_id)]:
            await session.emit(event, data)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        ws = web.WebSocketResponse(autoclose=False)
        await ws.prepare(request)
        connection = Connection(ws, request)
        self.connections.append(connection)
        await connection.send(10, {"heartbeat_interval": self.fake.heartbeat_interval, "_trace": []})
        try:
            await self._listen(connection)
        except GatewayError as closing:
            await ws.close(code=closing.code, message=str(closing).encode())
        finally:
            await self._part(connection)
        return ws

    async def _listen(self, connection: Connection) -> None:
        async for message in connection.ws:
            if connection.frozen:
                continue
            try:
                frame = json.loads(message.data) if message.type is WSMsgType.TEXT else None
            except ValueError:
                frame = None
            if not isinstance(frame, dict):
                raise GatewayError(4002, "Error while decoding payload.")
            await self._take(connection, frame.get("op"), frame.get("d"))

    async def _part(self, connection: Connection) -> None:
        if connection.frozen and not connection.closes:
            await self.stopping.wait()
        await connection.ws.close()
        self.connections.remove(connection)
        if (session := connection.session) and session.connection is connection:
            session.connection = None
            # A client that closes with 1000 or 1001 gives its session up.
            if connection.ws.close_code in (1000, 1001):
                self.sessions.pop(session.id, None)

    async def _take(self, connection: Connection, op: Any, data: Any) -> None:
        if op == 1:
            if self.fake.acknowledge_heartbeats:
                await connection.send(11)
        elif op == 2:
            await self._identify(connection, data)
        elif op == 6:
            await self._resume(connection, data)
        elif connection.session is None:
            raise GatewayError(4003, "Not authenticated.")
        elif op not in (3, 4, 8):
            raise GatewayError(4001, "Unknown opcode.")

    async def _identify(self, connection: Connection, data: Json) -> None:
        if connection.session:
            raise GatewayError(4005, "Already authenticated.")
        self.fake.identifies.append(data)
        if data.get("token") != self.fake.token:
            raise GatewayError(4004, "Authentication failed.")
        intents = data.get("intents")
        if not isinstance(intents, int) or intents & ~KNOWN_INTENTS:
            raise GatewayError(4013, "Invalid intent(s).")
        if intents & PRIVILEGED_INTENTS & ~self.fake.privileged_intents:
            raise GatewayError(4014, "Disallowed intent(s).")
        number, count = self._shard(data.get("shard", [0, 1]))
        if not self._in_turn(number):
            await connection.send(9, False)
            return
        session = Session(f"session-{self.fake.snowflake()}", (number, count), connection)
        connection.session = self.sessions[session.id] = session
        await self._welcome(session, intents, sharded="shard" in data)

    def _shard(self, shard: Any) -> tuple[int, int]:
        """The shard that a client asks for, if there can be one and it would not be in too many servers."""
        numbers = isinstance(shard, list) and len(shard) == 2 and all(type(each) is int for each in shard)
        if not numbers or not 0 <= shard[0] < shard[1]:
            raise GatewayError(4010, "Invalid shard.")
        if sum(of_shard(guild.id, shard) for guild in self.fake.guilds) > self.fake.most_guilds_of_a_shard:
            raise GatewayError(4011, "Sharding required.")
        return shard[0], shard[1]

    def _in_turn(self, number: int) -> bool:
        """Whether no other shard of the bucket has identified too lately."""
        now, bucket = time.monotonic(), number % self.fake.max_concurrency
        if now - self.identified.get(bucket, -math.inf) < self.fake.identify_window:
            self.fake.refused_identifies += 1
            return False
        self.identified[bucket] = now
        return True

    async def _welcome(self, session: Session, intents: int, *, sharded: bool) -> None:
        guilds = [guild for guild in self.fake.guilds if session.serves(guild.id)]
        ready: Json = {
            "v": 10,
            "user": self.fake.user_json(self.fake.bot),
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "resume_gateway_url": self.fake.gateway_url,
            "application": {"id": str(self.fake.application_id), "flags": 0},
        }
        await session.emit("READY", ready | ({"shard": list(session.shard)} if sharded else {}))
        for guild in guilds if intents & 1 else []:
            await session.emit("GUILD_CREATE", self.fake.guild_json(guild))

    async def _resume(self, connection: Connection, data: Json) -> None:
        self.fake.resumes.append(data)
        if data.get("token") != self.fake.token:
            raise GatewayError(4004, "Authentication failed.")
        session = self.sessions.get(str(data.get("session_id")))
        if session is None:
            await connection.send(9, False)
            return
        seen = data.get("seq")
        if not isinstance(seen, int) or seen > len(session.events):
            raise GatewayError(4007, "Invalid seq.")
        connection.session = session
        await session.replay(connection, seen)


# Interactions


class Exchange:
    """One interaction: what the bot was sent, and what it did about it."""

    def __init__(self, fake: "FakeDiscord", payload: Json, where: Where) -> None:
        self.payload = payload
        self.where = where
        self.id: str = payload["id"]
        self.token: str = payload["token"]
        self.callback: Json | None = None
        self.responses: list[Json] = []  # each payload that was accepted: callback, follow-ups, edits
        self.elapsed: float | None = None
        self.modal: Json | None = None
        self.redelivered = False
        self.connection: asyncio.BaseTransport | None = None  # that says that its first response was taken
        self.original: str | None = None
        self.follow_up_ids: list[str] = []
        self.sent = time.monotonic()
        self._fake = fake
        self._answered = asyncio.Event()

    @property
    def message(self) -> Json | None:
        """The response (or the message whose button was pressed) as it stands; None if there is none."""
        return self._fake.messages.get(self.original or "")

    @property
    def followups(self) -> list[Json]:
        return [self._fake.messages[each] for each in self.follow_up_ids if each in self._fake.messages]

    @property
    def text(self) -> str:
        """All that the response says, without its buttons."""
        return rules.displayed_text(self.message or {})

    @property
    def labels(self) -> list[str]:
        """What the response's buttons say."""
        return [each["label"] for each in components_of(self.message) if each.get("label")]

    @property
    def ephemeral(self) -> bool:
        return bool((self.message or {}).get("flags", 0) & rules.EPHEMERAL)

    @property
    def choices(self) -> list[Json]:
        return list((self.callback or {}).get("data", {}).get("choices", []))

    def answer(self, payload: Json) -> None:
        self.callback = payload
        self.elapsed = time.monotonic() - self.sent
        self.responses.append(payload)
        self._answered.set()

    def heard(self) -> bool:
        """Whether the bot can know that its first response was taken: it was told so, and did not hang up before."""
        return self.connection is not None and not self.connection.is_closing()

    async def answered(self, within: float) -> bool:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._answered.wait(), within)
        return self._answered.is_set()

    async def until(self, condition: Callable[["Exchange"], object], within: float = HANGS) -> Self:
        """Wait for what the bot does after its first response, such as an edit or a follow-up."""
        await until(lambda: condition(self), within)
        return self

    async def filled(self, within: float = HANGS) -> Self:
        """Wait until a deferred response has its text."""
        return await self.until(lambda it: it.message and not it.message["flags"] & rules.LOADING, within)


async def until(condition: Callable[[], object], within: float = HANGS) -> None:
    """Wait for something to come true that announces itself nowhere."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            raise NoAnswerError(f"waited {within} s in vain")
        await asyncio.sleep(0.005)


def components_of(message: Json | None) -> list[Json]:
    return [each for _, each in rules.walk((message or {}).get("components") or [])]


@dataclass
class Failure:
    method: str
    path: re.Pattern[str]
    how: int | float | Literal["reset"]
    times: int
    after_effect: bool
    retry_after: float

    def response(self) -> web.Response:
        if self.how != 429:
            return reply({"message": f"{self.how}: made to fail", "code": 0}, status=int(self.how))
        headers = {
            "Retry-After": str(max(1, round(self.retry_after))),
            "X-RateLimit-Limit": "5",
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": str(time.time() + self.retry_after),
            "X-RateLimit-Reset-After": str(self.retry_after),
            "X-RateLimit-Bucket": "stand-in",
            "X-RateLimit-Scope": "user",
            # discord.py takes a 429 without it for a ban by the proxy in front of Discord.
            "Via": "1.1 stand-in",
        }
        body = {"message": "You are being rate limited.", "retry_after": self.retry_after, "global": False}
        return reply(body, status=429, headers=headers)


@dataclass(frozen=True)
class Request:
    """What was asked over HTTP, and the status it was answered with (0: the connection was reset)."""

    method: str
    path: str
    payload: Any
    status: int


class FakeDiscord:
    """Discord with one application. See the top of this file."""

    def __init__(
        self,
        *,
        guilds: Sequence[Guild] = (Guild(1_111_000_000_000_000_000),),
        owner: User = User(1_000_000_000_000_000_001, "owner"),
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

        self.faults: list[str] = []
        self.pings: list[str] = []
        self.requests: list[Request] = []
        self.identifies: list[Json] = []
        self.resumes: list[Json] = []
        self.commands: dict[int | None, list[Json]] = {}
        self.messages: dict[str, Json] = {}
        self.sent_by_nonce: dict[str, Json] = {}
        """What the bot sent to channels, by its nonce. Discord remembers one for some minutes: clear it for later."""

        self.gateway = Gateway(self)
        self._exchanges: dict[str, Exchange] = {}  # by token
        self._origins: dict[str, Exchange] = {}  # by the message that was sent in response
        self._direct_channels: dict[int, Json] = {}  # by the user whom the bot talks to there
        self._files: dict[str, Upload] = {}
        self.served = 0  # bytes of files that were asked for, and taken
        self._failures: list[Failure] = []
        self._last_snowflake = 0
        self._runner = web.AppRunner(self._application(), shutdown_timeout=0.1, access_log=None)
        self._origin = ""

    # Running

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._origin = f"127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self.gateway.stopping.set()
        self.drop()
        await self._runner.cleanup()

    @property
    def api_base(self) -> str:
        return f"http://{self._origin}{API}"

    @property
    def gateway_url(self) -> str:
        return f"ws://{self._origin}/"

    @contextmanager
    def redirected(self) -> Iterator[None]:
        """Point discord.py in this process here, and back."""
        before = discord.http.Route.BASE, discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY
        redirect(self.api_base, self.gateway_url)
        try:
            yield
        finally:
            redirect(before[0], str(before[1]))

    def snowflake(self) -> int:
        """An id that says when it was made and is above every earlier one."""
        now = time.time_ns() // 1_000_000 - DISCORD_EPOCH_MS << 22
        self._last_snowflake = max(self._last_snowflake + 1, now)
        return self._last_snowflake

    # Trouble to order

    def fail_next(
        self,
        method: str,
        path: str,
        how: int | float | Literal["reset"],
        times: int = 1,
        *,
        after_effect: bool = False,
        retry_after: float = 0.1,
    ) -> None:
        """Let the next requests whose path (below /api/v10) matches fail.

        `how`: a status (an int), "reset", or seconds to take over it (a float). `after_effect`: only after the
        request has done what it asked for, so that the bot cannot know that it has.
        """
        self._failures.append(Failure(method, re.compile(path), how, times, after_effect, retry_after))

    def drop(self, shard: int | None = None) -> None:
        """Cut every websocket, or that of one shard, without a goodbye."""
        for connection in self.gateway.of(shard):
            reset(connection.transport)

    def freeze(self, shard: int | None = None, *, closes: bool = True) -> None:
        """Say nothing more on the present websockets and heed nothing, as if the network had gone.

        `closes`: a client that gives up still gets its goodbye back; without it discord.py waits for 30 seconds.
        """
        for connection in self.gateway.of(shard):
            connection.frozen, connection.closes = True, closes

    async def ask_to_reconnect(self) -> None:
        for connection in list(self.gateway.connections):
            await connection.send(7)

    async def invalidate(self, *, resumable: bool, shard: int | None = None) -> None:
        """End the sessions of all shards, or of one."""
        for connection in self.gateway.of(shard):
            if not resumable and connection.session:
                self.gateway.sessions.pop(connection.session.id, None)
            await connection.send(9, resumable)

    async def connected(self, within: float = HANGS, guild_id: int | None = None) -> None:
        """Wait until a client is there to be sent the events of a guild, or of direct messages."""
        await until(lambda: self.hears(guild_id), within)

    def hears(self, guild_id: int | None) -> bool:
        """Whether any client would be sent the events of a guild, or of direct messages, at this moment."""
        return any(each.connection and each.serves(guild_id) for each in self.gateway.sessions.values())

    async def join(self, guild: Guild) -> None:
        self.guilds.append(guild)
        await self.gateway.dispatch("GUILD_CREATE", self.guild_json(guild), guild.id)

    async def leave(self, guild: Guild) -> None:
        self.guilds.remove(guild)
        await self.gateway.dispatch("GUILD_DELETE", {"id": str(guild.id)}, guild.id)

    # What members do

    async def slash(
        self,
        name: str,
        options: Mapping[str, Any] | None = None,
        *,
        subcommand: str = "",
        **where: Unpack[Where],
    ) -> Exchange:
        """`/name`; a subcommand may also follow the name after a space."""
        path = f"{name} {subcommand}".split()
        spec = self._command(path[0], 1, where)
        given = dict(options or {})
        leaf = leaf_of(spec, path[1:])
        check_options(leaf, given)
        resolved: Json = {}
        values = [self._option(leaf, key, value, resolved) for key, value in given.items()]
        data = self._command_data(spec, nested(spec, path[1:], values))
        return await self._interact(rules.COMMAND, data | ({"resolved": resolved} if resolved else {}), where)

    async def autocomplete(
        self,
        name: str,
        option: str,
        text: str,
        others: Mapping[str, Any] | None = None,
        *,
        subcommand: str = "",
        **where: Unpack[Where],
    ) -> Exchange:
        """A member has typed `text` into an option so far; `others`: what the other options hold."""
        path = f"{name} {subcommand}".split()
        spec = self._command(path[0], 1, where)
        leaf = leaf_of(spec, path[1:])
        values = [self._option(leaf, key, value, {}) for key, value in (others or {}).items()]
        kind = option_type(leaf, option, text)
        values.append({"name": option, "type": kind, "value": text, "focused": True})
        data = self._command_data(spec, nested(spec, path[1:], values))
        return await self._interact(rules.AUTOCOMPLETE, data, where)

    async def message_command(
        self,
        name: str,
        message_text: str,
        *,
        author: User | None = None,
        carrying: Json | None = None,
        **where: Unpack[Where],
    ) -> Exchange:
        """A command from the menu of somebody's message, which may carry more than its text (tests/messages.py)."""
        spec = self._command(name, 3, where)
        author = author or User(1_000_000_000_000_000_003, "author")
        target = self._blank_message(self._channel_of(where), author) | {"content": message_text} | (carrying or {})
        data = self._command_data(spec, []) | {"target_id": target["id"]}
        data["resolved"] = {"messages": {target["id"]: target}}
        return await self._interact(rules.COMMAND, data, where)

    async def press(
        self,
        message: Exchange | Json,
        which: str | re.Pattern[str],
        values: Sequence[str | User] = (),
        **where: Unpack[Where],
    ) -> Exchange:
        """Press the button, or choose from the menu, with this custom_id, label or placeholder.

        Who and where are those of the message's own interaction, unless told otherwise.
        """
        shown = message.message if isinstance(message, Exchange) else message
        assert shown is not None, "there is no message to press anything on"
        pressed = find_component(shown, which)
        origin = self._origins.get(shown["id"])
        where = inherit(origin, where)
        if origin and shown["flags"] & rules.EPHEMERAL:
            assert self._actor(where) == self._actor(origin.where), "an ephemeral message shows to its addressee alone"
        data: Json = {
            "custom_id": pressed["custom_id"],
            "component_type": pressed["type"],
            "id": pressed["id"],
        }
        if pressed["type"] != 2:
            data |= self._chosen(pressed, values)
        return await self._interact(rules.PRESS, data, where, shown)

    async def submit(
        self, modal: Exchange, values: Mapping[str, Any] | None = None, **where: Unpack[Where]
    ) -> Exchange:
        """Fill in and send a modal; values by custom_id or label: text, a list, a truth value or Uploads."""
        assert modal.modal is not None, f"no modal was opened: {modal.callback}"
        given = dict(values or {})
        resolved: Json = {}
        components = [self._filled_in(each, given, resolved) for each in modal.modal["components"]]
        assert not given, f"the modal does not ask for {sorted(given)}"
        data = {"custom_id": modal.modal["custom_id"], "components": components}
        data |= {"resolved": resolved} if resolved else {}
        return await self._interact(rules.SUBMIT, data, inherit(modal, where), modal.payload.get("message"))

    async def redeliver(self, exchange: Exchange, *, wait: float = 0.2) -> None:
        """Send the same interaction once more, and give the bot a moment to do nothing about it."""
        exchange.redelivered = True
        await self._dispatch(exchange)
        await asyncio.sleep(wait)

    # How that reaches the bot

    async def _interact(self, kind: int, data: Json, where: Where, message: Json | None = None) -> Exchange:
        within = where.get("within", self.answer_within)
        payload = self._interaction(kind, data, where)
        await self.connected(guild_id=int(payload["guild_id"]) if "guild_id" in payload else None)
        if message is not None:
            payload["message"] = deepcopy(self.messages.get(message["id"], message))
        exchange = Exchange(self, payload, where)
        self._exchanges[exchange.token] = exchange
        await self._dispatch(exchange)
        if not await exchange.answered(within) and where.get("expect_answer", True):
            raise NoAnswerError(f"no response within {within} s to {data}; faults: {self.faults}")
        return exchange

    async def _dispatch(self, exchange: Exchange) -> None:
        guild_id = exchange.payload.get("guild_id")
        await self.gateway.dispatch("INTERACTION_CREATE", exchange.payload, int(guild_id) if guild_id else None)

    def _interaction(self, kind: int, data: Json, where: Where) -> Json:
        user, locale = self._actor(where), where.get("locale", "en-US")
        payload: Json = {
            "id": str(self.snowflake()),
            "application_id": str(self.application_id),
            "type": kind,
            "token": f"aW50ZXJhY3Rpb246{self.snowflake()}",
            "version": 1,
            "data": data,
            "locale": locale,
            "channel_id": str(self._channel_of(where)),
            "app_permissions": str(OF_THE_APP.value),
            "entitlements": [],
            "attachment_size_limit": ATTACHMENT_LIMIT,
        }
        if where.get("dm"):
            channel = {"id": payload["channel_id"], "type": 1, "recipients": [self.user_json(user)], "flags": 0}
            self._direct_channels[user.id] = channel
            installed = {"context": 1, "authorizing_integration_owners": {"0": "0"}}
            return payload | installed | {"user": self.user_json(user), "channel": channel}
        guild = self._guild_of(where)
        permissions = str(where.get("permissions", MEMBER).value)
        return payload | {
            "guild_id": str(guild.id),
            "guild": {"id": str(guild.id), "locale": "en-US", "features": []},
            "guild_locale": "en-US",
            "member": self.member_json(user) | {"user": self.user_json(user), "permissions": permissions},
            "channel": self.channel_json(guild) | {"permissions": permissions},
            "context": 0,
            # Where the bot itself is not a member, it was the user who installed the application.
            "authorizing_integration_owners": {"0": str(guild.id)} if guild in self.guilds else {"1": str(user.id)},
        }

    def _actor(self, where: Where) -> User:
        return where.get("user", self.user)

    def _guild_of(self, where: Where) -> Guild:
        return where["guild"] if "guild" in where else self.guilds[0]

    def _channel_of(self, where: Where) -> int:
        return self._actor(where).id + 1_000 if where.get("dm") else self._guild_of(where).channel

    def _command(self, name: str, kind: int, where: Where) -> Json:
        """The command as registered; one made up if the bot has registered none at all."""
        if not self.commands:
            return {"id": "1", "name": name, "type": kind}
        guild_id = None if where.get("dm") else self._guild_of(where).id
        known = self.commands.get(guild_id, []) + self.commands.get(None, [])
        found = [each for each in known if each["name"] == name and each["type"] == kind]
        assert found, f"no command {name!r} of type {kind} among {[each['name'] for each in known]}"
        return found[0]

    def _command_data(self, spec: Json, options: list[Json]) -> Json:
        data: Json = {"id": spec["id"], "name": spec["name"], "type": spec["type"], "options": options}
        if "guild_id" in spec:
            data["guild_id"] = spec["guild_id"]
        return data

    def _option(self, leaf: Json, name: str, value: Any, resolved: Json) -> Json:
        if isinstance(value, Upload):
            value = self._resolve_upload(value, resolved)
        elif isinstance(value, User):
            value = self._resolve_user(value, resolved)
        return {"name": name, "type": option_type(leaf, name, value), "value": value}

    def _resolve_upload(self, upload: Upload, resolved: Json) -> str:
        attachment = self._attach(upload) | {"ephemeral": True}
        resolved.setdefault("attachments", {})[attachment["id"]] = attachment
        return str(attachment["id"])

    def _resolve_user(self, user: User, resolved: Json) -> str:
        resolved.setdefault("users", {})[str(user.id)] = self.user_json(user)
        permissions = {"permissions": str(MEMBER.value)}
        resolved.setdefault("members", {})[str(user.id)] = self.member_json(user) | permissions
        return str(user.id)

    def _chosen(self, menu: Json, values: Sequence[str | User]) -> Json:
        low, high = menu.get("min_values"), menu.get("max_values") or 1
        assert (1 if low is None else low) <= len(values) <= high, f"{len(values)} chosen of {low} to {high}"
        if menu["type"] == 3:
            offered = [option["value"] for option in menu["options"]]
            assert set(values) <= set(offered), f"{values} chosen from {offered}"
        resolved: Json = {}
        ids = [self._resolve_user(each, resolved) if isinstance(each, User) else each for each in values]
        return {"values": ids} | ({"resolved": resolved} if resolved else {})

    def _filled_in(self, part: Json, given: dict[str, Any], resolved: Json) -> Json:
        """A part of a modal as it comes back, taking its values out of `given`."""
        answer: Json = {"type": part["type"], "id": part["id"]}
        if part["type"] == 18:
            inner = part["component"] | {"label": part["label"]}
            return answer | {"component": self._filled_in(inner, given, resolved)}
        if part["type"] == 1:
            return answer | {"components": [self._filled_in(each, given, resolved) for each in part["components"]]}
        if part["type"] == 10:
            return answer
        answer["custom_id"] = part["custom_id"]
        key = part["custom_id"] if part["custom_id"] in given else part["label"]
        value = given.pop(key, None)
        if part["type"] == 4:
            return answer | {"value": typed_in(part, value)}
        if part["type"] in (21, 23):
            return answer | {"value": part.get("default", False) if value is None else value}
        if part["type"] == 19:
            value = [self._resolve_upload(each, resolved) for each in value or []]
        elif value is not None:
            value = self._chosen(part, value)["values"]
        assert value or part.get("required") is False, f"the modal requires {key!r}"
        return answer | {"values": value or []}

    # HTTP

    def _application(self) -> web.Application:
        app = web.Application(middlewares=[self._middleware], client_max_size=26 * 2**20)
        hook, channel = f"{API}/webhooks/{{app}}/{{token}}", f"{API}/channels/{{channel}}"
        commands = f"{API}/applications/{{app}}"
        routes: list[tuple[str, str, Handler]] = [
            ("GET", f"{API}/users/@me", self._me),
            ("GET", f"{API}/oauth2/applications/@me", self._about_application),
            ("GET", f"{API}/gateway", self._gateway_address),
            ("GET", f"{API}/gateway/bot", self._gateway_address),
            ("GET", f"{commands}/commands", self._get_commands),
            ("PUT", f"{commands}/commands", self._put_commands),
            ("GET", f"{commands}/guilds/{{guild}}/commands", self._get_commands),
            ("PUT", f"{commands}/guilds/{{guild}}/commands", self._put_commands),
            ("POST", f"{API}/interactions/{{id}}/{{token}}/callback", self._callback),
            ("POST", hook, self._follow_up),
            ("GET", f"{hook}/messages/{{message}}", self._get_response),
            ("PATCH", f"{hook}/messages/{{message}}", self._edit_response),
            ("DELETE", f"{hook}/messages/{{message}}", self._delete_response),
            ("GET", channel, self._get_channel),
            ("POST", f"{channel}/messages", self._send_to_channel),
            ("GET", f"{channel}/messages/{{message}}", self._get_in_channel),
            ("PATCH", f"{channel}/messages/{{message}}", self._edit_in_channel),
            ("DELETE", f"{channel}/messages/{{message}}", self._delete_in_channel),
            ("GET", "/attachments/{id}/{name}", self._file),
            ("GET", "/", self.gateway.serve),
            ("*", "/{rest:.+}", self._nothing_here),
        ]
        for method, path, handler in routes:
            app.router.add_route(method, path, handler)
        return app

    @web.middleware
    async def _middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path == "/":
            return await handler(request)
        failure = self._next_failure(request)
        if failure is None:
            return await self._respond(request, handler)
        response = await self._respond(request, handler) if failure.after_effect else None
        if isinstance(failure.how, float):
            await asyncio.sleep(failure.how)
            return response or await self._respond(request, handler)
        status = 0 if failure.how == "reset" else int(failure.how)
        if exchange := self._exchanges.get(request.match_info.get("token", "")):
            exchange.connection = None
        self.requests.append(Request(request.method, self._below_api(request), None, status))
        if failure.how != "reset":
            return failure.response()
        await request.read()
        reset(request.transport)
        return web.Response()

    def _next_failure(self, request: web.Request) -> Failure | None:
        for failure in self._failures:
            if failure.method == request.method and failure.path.search(self._below_api(request)):
                failure.times -= 1
                if not failure.times:
                    self._failures.remove(failure)
                return failure
        return None

    def _below_api(self, request: web.Request) -> str:
        return request.path.removeprefix(API)

    async def _respond(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        response: web.StreamResponse
        try:
            self._check_token(request)
            response = await handler(request)
        except ApiError as error:
            path = re.sub(r"(/(webhooks|interactions)/\d+/)[^/]+", r"\1…", self._below_api(request))
            if error.fault:
                self.faults += [f"{request.method} {path}: {line}" for line in error.lines()]
            response = reply(error.body(), status=error.status)
        payload = request.get(PAYLOAD)
        self.requests.append(Request(request.method, self._below_api(request), payload, response.status))
        return response

    def _check_token(self, request: web.Request) -> None:
        # Interactions and files need none: whoever knows their address may.
        open_to_all = ("/interactions/", "/webhooks/", "/attachments/")
        if self._below_api(request).startswith(open_to_all):
            return
        if request.headers.get("Authorization") != f"Bot {self.token}":
            raise ApiError(401, 0, "401: Unauthorized", fault=False)

    async def _nothing_here(self, _: web.Request) -> web.StreamResponse:
        raise ApiError(404, 0, "404: Not Found")

    async def _read(self, request: web.Request) -> tuple[Any, list[Upload]]:
        """The payload and the files of a request, in either of its two forms."""
        uploads = []
        if request.content_type == "multipart/form-data":
            form = await request.post()
            text = str(form.get("payload_json", "{}"))
            for index in itertools.count():
                part = form.get(f"files[{index}]")
                if not isinstance(part, web.FileField):
                    break
                uploads.append(Upload(part.filename, part.file.read(), part.content_type))
        else:
            text = await request.text()
        try:
            request[PAYLOAD] = json.loads(text)
        except ValueError:
            raise ApiError(400, 50109, "The request body contains invalid JSON.") from None
        if any(len(upload.data) > ATTACHMENT_LIMIT for upload in uploads):
            raise ApiError(413, 40005, "Request entity too large")
        return request[PAYLOAD], uploads

    async def _me(self, _: web.Request) -> web.StreamResponse:
        return reply(self.user_json(self.bot))

    async def _about_application(self, _: web.Request) -> web.StreamResponse:
        about = {
            "id": str(self.application_id),
            "name": self.bot.name,
            "icon": None,
            "description": "",
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "0" * 64,
            "flags": 0,
            "owner": self.user_json(self.owner),
            "team": None,
        }
        return reply(about)

    async def _gateway_address(self, request: web.Request) -> web.StreamResponse:
        limit = {
            "total": 1000,
            "remaining": self.session_starts_left,
            "reset_after": 14_400_000,
            "max_concurrency": self.max_concurrency,
        }
        about = {"shards": self.recommended_shards, "session_start_limit": limit}
        more = about if request.path.endswith("/bot") else {}
        return reply({"url": self.gateway_url, **more})

    async def _file(self, request: web.Request) -> web.StreamResponse:
        upload = self._files.get(request.match_info["id"])
        if upload is None:
            raise ApiError(404, 0, "404: Not Found", fault=False)
        response = web.StreamResponse(headers={"Content-Type": upload.content_type})
        await response.prepare(request)
        with suppress(ConnectionError):  # whoever has read enough leaves
            for start in range(0, len(upload.data), PIECE):
                await response.write(upload.data[start : start + PIECE])
                self.served += PIECE
            await response.write_eof()
        return response

    # Commands

    def _scope(self, request: web.Request) -> int | None:
        if request.match_info["app"] != str(self.application_id):
            raise ApiError(403, 20012, "You are not authorized to perform this action on this application")
        if "guild" not in request.match_info:
            return None
        guild_id = int(request.match_info["guild"])
        if guild_id not in {guild.id for guild in self.guilds}:
            raise ApiError(403, 50001, "Missing Access")
        return guild_id

    async def _get_commands(self, request: web.Request) -> web.StreamResponse:
        commands = self.commands.get(self._scope(request), [])
        whole = request.query.get("with_localizations", "false").lower() == "true"
        return reply(commands if whole else [without_localizations(each) for each in commands])

    async def _put_commands(self, request: web.Request) -> web.StreamResponse:
        scope = self._scope(request)
        payload, _ = await self._read(request)
        refuse(rules.command_violations(payload))
        before = self.commands.get(scope, [])
        if any(each["type"] == 4 for each in before) and all(each.get("type") != 4 for each in payload):
            raise ApiError(400, 50240, "You cannot remove this app's Entry Point command in a bulk update operation.")
        ids = {(each["type"], each["name"]): each["id"] for each in before}
        self.commands[scope] = [self._registered(each, ids, scope) for each in payload]
        return reply(self.commands[scope])

    def _registered(self, payload: Json, ids: Mapping[tuple[int, str], str], scope: int | None) -> Json:
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

    # Responses to interactions

    async def _callback(self, request: web.Request) -> web.StreamResponse:
        payload, uploads = await self._read(request)
        exchange = self._exchanges.get(request.match_info["token"])
        if exchange is None or exchange.id != request.match_info["id"]:
            raise unknown_interaction()
        if exchange.callback:
            # Who was handed one interaction twice cannot know that the other copy was answered.
            known = exchange.heard() and not exchange.redelivered
            raise ApiError(400, 40060, "Interaction has already been acknowledged.", fault=known)
        if time.monotonic() - exchange.sent > self.answer_within:
            raise unknown_interaction()
        source = exchange.payload.get("message")
        refuse(
            rules.callback_violations(
                payload,
                exchange.payload["type"],
                message=source and self.messages.get(source["id"], source),
                option=focused_type(exchange.payload.get("data") or {}),
                uploads=[upload.filename for upload in uploads],
            )
        )
        self._carry_out(exchange, payload, uploads)
        exchange.connection = request.transport
        exchange.answer(payload)
        if request.query.get("with_response", "0").lower() not in ("1", "true"):
            return web.Response(status=204)
        return reply(self._outcome(exchange, payload["type"]))

    def _carry_out(self, exchange: Exchange, payload: Json, uploads: list[Upload]) -> None:
        kind, data = payload["type"], payload.get("data") or {}
        if kind in (4, 5):
            message = self._blank_response(exchange)
            message["flags"] = rules.LOADING | (data.get("flags") or 0) if kind == 5 else 0
            if kind == 4:
                message = self._applied(message, data, uploads)
                self._note_pings(data, "users")
            self._keep(exchange, message)
            exchange.original = message["id"]
        elif kind in (6, 7):
            exchange.original = exchange.payload["message"]["id"]
            if kind == 7:
                self._edit(exchange.original, data, uploads)
        elif kind == 9:
            exchange.modal = deepcopy(data)
            number(exchange.modal["components"])

    def _outcome(self, exchange: Exchange, kind: int) -> Json:
        interaction: Json = {"id": exchange.id, "type": exchange.payload["type"]}
        resource: Json = {"type": kind}
        if exchange.message and kind in (4, 5, 6, 7):
            interaction["response_message_id"] = exchange.original
            interaction["response_message_loading"] = kind == 5
            interaction["response_message_ephemeral"] = exchange.ephemeral
            resource["message"] = exchange.message
        return {"interaction": interaction, "resource": resource}

    def _exchange_of(self, request: web.Request) -> Exchange:
        """The answered interaction that a webhook's address belongs to."""
        exchange = self._exchanges.get(request.match_info["token"])
        if not exchange or not exchange.callback or request.match_info["app"] != str(self.application_id):
            raise ApiError(404, 10015, "Unknown Webhook")
        if time.monotonic() - exchange.sent > self.token_lifetime:
            raise ApiError(401, 50027, "Invalid Webhook Token")
        return exchange

    async def _follow_up(self, request: web.Request) -> web.StreamResponse:
        payload, uploads = await self._read(request)
        exchange = self._exchange_of(request)
        refuse(rules.message_violations(payload, "followup", uploads=[each.filename for each in uploads]))
        owners = exchange.payload["authorizing_integration_owners"]
        if "0" not in owners and len(exchange.follow_up_ids) >= 5:
            raise ApiError(400, 40094, "This interaction has reached the maximum number of follow-up messages")
        self._note_pings(payload, "users")
        waiting = exchange.message and exchange.message["flags"] & rules.LOADING
        if waiting and exchange.original:
            # The first follow-up to a deferred response fills it, and who sees it was settled when deferring.
            if (payload.get("flags") or 0) & rules.EPHEMERAL and not exchange.ephemeral:
                self.faults.append("follow-up: meant to be ephemeral, but the response was deferred in public")
            message = self._edit(exchange.original, payload, uploads)
        else:
            message = self._applied(self._blank_response(exchange), payload, uploads)
            self._keep(exchange, message)
            exchange.follow_up_ids.append(message["id"])
        exchange.responses.append(payload)
        return reply(message)

    def _response_of(self, request: web.Request) -> tuple[Exchange, str]:
        exchange, which = self._exchange_of(request), request.match_info["message"]
        message_id = exchange.original if which == "@original" else which
        if message_id not in (exchange.original, *exchange.follow_up_ids) or message_id not in self.messages:
            raise unknown_message()
        return exchange, message_id

    async def _get_response(self, request: web.Request) -> web.StreamResponse:
        return reply(self.messages[self._response_of(request)[1]])

    async def _edit_response(self, request: web.Request) -> web.StreamResponse:
        payload, uploads = await self._read(request)
        exchange, message_id = self._response_of(request)
        before = self.messages[message_id]
        names = [each.filename for each in uploads]
        refuse(rules.message_violations(payload, "edit", before=before, uploads=names))
        if before["flags"] & rules.LOADING:
            self._note_pings(payload, "users")
        message = self._edit(message_id, payload, uploads)
        exchange.responses.append(payload)
        return reply(message)

    async def _delete_response(self, request: web.Request) -> web.StreamResponse:
        del self.messages[self._response_of(request)[1]]
        return web.Response(status=204)

    # Messages in channels

    def _channel(self, request: web.Request) -> Json:
        channel_id = request.match_info["channel"]
        if int(channel_id) in self.unreachable_channels:
            raise ApiError(403, 50001, "Missing Access", fault=False)
        known = [self.channel_json(guild) for guild in self.guilds] + list(self._direct_channels.values())
        for channel in known:
            if channel["id"] == channel_id:
                return channel
        raise ApiError(404, 10003, "Unknown Channel")

    def _message_in(self, request: web.Request) -> Json:
        message = self.messages.get(request.match_info["message"])
        channel_id = self._channel(request)["id"]
        # An ephemeral message is in no channel; its interaction alone leads to it.
        if message is None or message["channel_id"] != channel_id or message["flags"] & rules.EPHEMERAL:
            raise unknown_message()
        return message

    async def _get_channel(self, request: web.Request) -> web.StreamResponse:
        return reply(self._channel(request))

    async def _send_to_channel(self, request: web.Request) -> web.StreamResponse:
        channel_id = int(self._channel(request)["id"])
        payload, uploads = await self._read(request)
        refuse(rules.message_violations(payload, "channel", uploads=[each.filename for each in uploads]))
        if payload.get("enforce_nonce") and (sent := self.sent_by_nonce.get(payload.get("nonce"))):
            return reply(sent)
        message = self._applied(self._blank_message(channel_id, self.bot), payload, uploads)
        if payload.get("nonce"):
            message["nonce"] = payload["nonce"]
            self.sent_by_nonce[payload["nonce"]] = message
        self._note_pings(payload, "users", "roles", "everyone")
        self.messages[message["id"]] = message
        return reply(message)

    async def _get_in_channel(self, request: web.Request) -> web.StreamResponse:
        return reply(self._message_in(request))

    async def _edit_in_channel(self, request: web.Request) -> web.StreamResponse:
        payload, uploads = await self._read(request)
        before = self._message_in(request)
        names = [each.filename for each in uploads]
        refuse(rules.message_violations(payload, "channel edit", before=before, uploads=names))
        return reply(self._edit(before["id"], payload, uploads))

    async def _delete_in_channel(self, request: web.Request) -> web.StreamResponse:
        del self.messages[self._message_in(request)["id"]]
        return web.Response(status=204)

    # Messages as Discord keeps them

    def _blank_message(self, channel_id: int, author: User) -> Json:
        return {
            "id": str(self.snowflake()),
            "channel_id": str(channel_id),
            "author": self.user_json(author),
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

    def _blank_response(self, exchange: Exchange) -> Json:
        payload, user = exchange.payload, self._actor(exchange.where)
        metadata: Json = {
            "id": payload["id"],
            "type": payload["type"],
            "user": self.user_json(user),
            "authorizing_integration_owners": payload["authorizing_integration_owners"],
        }
        if exchange.original:
            metadata["original_response_message_id"] = exchange.original
        if payload["type"] == rules.PRESS:
            metadata["interacted_message_id"] = payload["message"]["id"]
        return self._blank_message(int(payload["channel_id"]), self.bot) | {
            "webhook_id": str(self.application_id),
            "application_id": str(self.application_id),
            "interaction_metadata": metadata,
            "type": 20 if payload["type"] == rules.COMMAND else 19,
        }

    def _keep(self, exchange: Exchange, message: Json) -> None:
        self.messages[message["id"]] = message
        self._origins[message["id"]] = exchange

    def _note_pings(self, payload: Json, *parsed_by_default: str) -> None:
        # An ephemeral message notifies nobody, yet it counts: what is safe must not hang on who sees it.
        self.pings += rules.pings(payload, parsed_by_default)

    def _edit(self, message_id: str, payload: Json, uploads: list[Upload]) -> Json:
        before = self.messages.get(message_id)
        if before is None:
            raise unknown_message()
        edited_at = None if before["flags"] & rules.LOADING else datetime.now(UTC).isoformat()
        message = self._applied(before, payload, uploads) | {"edited_timestamp": edited_at}
        self.messages[message_id] = message
        return message

    def _applied(self, before: Json, payload: Json, uploads: list[Upload]) -> Json:
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
            return before + [self._attach(upload) for upload in uploads]
        earlier = {attachment["id"]: attachment for attachment in before}
        new = {str(index): upload for index, upload in enumerate(uploads)}
        attached = [earlier.get(str(each["id"])) or self._attach(new.pop(str(each["id"]))) for each in listed]
        return attached + [self._attach(upload) for upload in new.values()]

    def _attach(self, upload: Upload) -> Json:
        attachment_id = str(self.snowflake())
        self._files[attachment_id] = upload
        url = f"http://{self._origin}/attachments/{attachment_id}/{upload.filename}"
        return {
            "id": attachment_id,
            "filename": upload.filename,
            "size": len(upload.data) if upload.claimed is None else upload.claimed,
            "url": url,
            "proxy_url": url,
            "content_type": upload.content_type,
        }

    # Users, members, servers and channels as Discord describes them

    def user_json(self, user: User) -> Json:
        return {
            "id": str(user.id),
            "username": user.name,
            "global_name": None,
            "discriminator": "0",
            "avatar": None,
            "bot": user.bot,
            "flags": 0,
            "public_flags": 0,
            "primary_guild": None,
        }

    def member_json(self, user: User) -> Json:
        return {
            "nick": None,
            "avatar": None,
            "banner": None,
            "roles": [str(role) for role in user.roles],
            "joined_at": "2024-01-01T00:00:00+00:00",
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "pending": False,
            "flags": 0,
            "communication_disabled_until": None,
        }

    def channel_json(self, guild: Guild) -> Json:
        return {
            "id": str(guild.channel),
            "type": 0,
            "guild_id": str(guild.id),
            "name": "general",
            "position": 0,
            "permission_overwrites": [],
            "parent_id": None,
            "topic": None,
            "nsfw": False,
            "rate_limit_per_user": 0,
            "last_message_id": None,
            "flags": 0,
        }

    def guild_json(self, guild: Guild) -> Json:
        roles = {guild.id: "@everyone", **guild.roles}
        return {
            "id": str(guild.id),
            "name": guild.name,
            "owner_id": str(guild.owner),
            "icon": None,
            "unavailable": False,
            "large": False,
            "member_count": 2,
            "joined_at": "2024-01-01T00:00:00+00:00",
            "preferred_locale": "en-US",
            "features": [],
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "roles": [role_json(role, name) for role, name in roles.items()],
            "members": [self.member_json(self.bot) | {"user": self.user_json(self.bot)}],
            "channels": [self.channel_json(guild)],
            "threads": [],
            "emojis": [],
            "stickers": [],
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }


def without_localizations(part: Json) -> Json:
    """A command, or an option of one, as Discord returns it unless it is asked for the translations."""
    kept = {key: value for key, value in part.items() if not key.endswith("_localizations")}
    return kept | ({"options": [without_localizations(each) for each in part["options"]]} if "options" in part else {})


def role_json(role: int, name: str) -> Json:
    return {
        "id": str(role),
        "name": name,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "icon": None,
        "unicode_emoji": None,
        "hoist": False,
        "position": 0,
        "permissions": str(MEMBER.value),
        "managed": False,
        "mentionable": False,
        "flags": 0,
    }


# Components and options


def number(components: list[Json]) -> None:
    """Give an id to each component that came without, around those that came with one."""
    everything = [each for _, each in rules.walk(components)]
    taken = {each.get("id") for each in everything}
    free = (each for each in itertools.count(1) if each not in taken)
    for each in everything:
        each["id"] = each.get("id") or next(free)


def resolve_media(message: Json) -> None:
    """Let components show where a file is in place of attachment://name."""
    urls = {attachment["filename"]: attachment for attachment in message["attachments"]}
    for media in (media for each in components_of(message) for media in rules.media_of(each)):
        file = urls.get(media["url"].removeprefix("attachment://"))
        if file and media["url"].startswith("attachment://"):
            media |= {"url": file["url"], "attachment_id": file["id"], "content_type": file["content_type"]}
        media.setdefault("proxy_url", media["url"])


def find_component(message: Json, which: str | re.Pattern[str]) -> Json:
    """The one component that can be pressed and goes by this custom_id, label or placeholder."""
    usable = [each for each in components_of(message) if each.get("custom_id")]

    def fits(each: Json) -> bool:
        names = [each[key] for key in ("custom_id", "label", "placeholder") if each.get(key)]
        return any(name == which if isinstance(which, str) else which.search(name) for name in names)

    found = [each for each in usable if fits(each)]
    names = [each.get("label") or each["custom_id"] for each in usable]
    assert len(found) == 1, f"{len(found)} components match {which!r} among {names}"
    assert not found[0].get("disabled"), f"{which!r} is disabled"
    return found[0]


def inherit(origin: Exchange | None, where: Where) -> Where:
    """Where, with the place and person of an earlier interaction for what is not said."""
    kept: Where = {**origin.where} if origin else {}
    kept.pop("within", None)
    kept.pop("expect_answer", None)
    return {**kept, **where}


def typed_in(text_input: Json, value: str | None) -> str:
    """What Discord's client would let a member type into a modal's text field."""
    value = text_input.get("value") or "" if value is None else value
    name, low, high = text_input["label"], text_input.get("min_length"), text_input.get("max_length")
    assert value or text_input.get("required") is False, f"the modal requires {name!r}"
    assert not value or (low or 0) <= len(value) <= (high or 4000), f"{name!r} takes {low} to {high} characters"
    return value


def leaf_of(spec: Json, path: Sequence[str]) -> Json:
    """The command, or the subcommand at the end of a path, that options belong to."""
    for name in path:
        found = [each for each in spec.get("options", []) if each["name"] == name]
        assert found or "options" not in spec, f"no subcommand {name!r} in {spec['name']!r}"
        spec = found[0] if found else {"name": name}
    return spec


def nested(spec: Json, path: Sequence[str], values: list[Json]) -> list[Json]:
    """Option values inside the subcommands that lead to them."""
    for depth in range(len(path), 0, -1):
        # The last name is a subcommand, one before it a group.
        values = [{"name": path[depth - 1], "type": 1 if depth == len(path) else 2, "options": values}]
    return values


OPTION_TYPES = {bool: 5, int: 4, float: 10, Upload: 11, User: 6}


def option_type(leaf: Json, name: str, value: Any) -> int:
    """As registered, else as the value suggests."""
    for option in leaf.get("options", []):
        if option["name"] == name:
            return int(option["type"])
    assert "options" not in leaf, f"{leaf['name']!r} has no option {name!r}"
    return OPTION_TYPES.get(type(value), 3)


def check_options(leaf: Json, given: Mapping[str, Any]) -> None:
    """Discord's client sends a command only with what it requires, and texts only within their bounds."""
    for option in leaf.get("options", []):
        name, value = option["name"], given.get(option["name"])
        assert value is not None or not option.get("required"), f"option {name!r} is required"
        if isinstance(value, str):
            low, high = option.get("min_length", 0), option.get("max_length", 6000)
            assert low <= len(value) <= high, f"option {name!r} takes {low} to {high} characters"
        if value is not None and option.get("choices"):
            assert value in [each["value"] for each in option["choices"]], f"{value!r} is not among the choices"


def focused_type(data: Json) -> int:
    """The type of the option that is being completed; a text if there is none."""
    for option in data.get("options") or []:
        if option.get("focused"):
            return int(option["type"])
        if option.get("options"):
            return focused_type(option)
    return 3
