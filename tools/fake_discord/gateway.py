"""Discord's websocket side: identification, heartbeats, shards, and sessions that a client resumes."""

import asyncio
import importlib
import json
import math
import time
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tools.fake_discord.actors import Guild, User, guild_json, member_json, user_json
from tools.fake_discord.rules import EPHEMERAL, Json
from tools.fake_discord.state import State

KNOWN_INTENTS = 0x1FFFF | 3 << 20 | 3 << 24
PRIVILEGED_INTENTS = 1 << 1 | 1 << 8 | 1 << 15
GUILD_MESSAGES, DIRECT_MESSAGES, MESSAGE_CONTENT = 1 << 9, 1 << 12, 1 << 15
WITHHELD: Json = {"content": "", "embeds": [], "attachments": [], "components": []}
"""What stands in place of a message's words for a bot that may not read them. A poll would be left out."""


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
        # discord.py asks for it only where one of these modules is: the first comes with Python 3.14.
        with suppress(ModuleNotFoundError):
            stream = importlib.import_module("compression.zstd").ZstdCompressor()
            return lambda data: bytes(stream.compress(data, stream.FLUSH_BLOCK))
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
    intents: int = 0
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


def as_event(message: Json, guild: Guild | None) -> Json:
    """A message as the gateway sends it: in a server with the server, and with whoever wrote it as a member of it."""
    data = deepcopy(message)
    if guild is None:
        return data
    data["guild_id"] = str(guild.id)
    if "webhook_id" not in message:
        data["member"] = member_json(User(int(message["author"]["id"]), message["author"]["username"]))
    for user in data["mentions"]:
        user["member"] = member_json(User(int(user["id"]), user["username"]))
    return data


class Gateway:
    """Discord's websocket side: identification, heartbeats, sessions."""

    def __init__(self, state: State) -> None:
        self.state = state
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

    async def announce(self, event: str, message: Json, guild: Guild | None) -> None:
        """Tell each session with the intent for it of a message, without its words if they are not for the bot."""
        if message["flags"] & EPHEMERAL:
            return  # it shows to one member, and nobody is told
        wanted = GUILD_MESSAGES if guild else DIRECT_MESSAGES
        data = as_event(message, guild)
        for session in [each for each in self.sessions.values() if each.serves(guild.id if guild else None)]:
            if session.intents & wanted:
                readable = not guild or session.intents & MESSAGE_CONTENT or self._is_for_bot(message)
                await session.emit(event, data if readable else data | WITHHELD)

    def _is_for_bot(self, message: Json) -> bool:
        """Whether a message's words come without the intent for them: the bot wrote it, or it mentions the bot."""
        own = str(self.state.bot.id)
        return message["author"]["id"] == own or any(each["id"] == own for each in message["mentions"])

    async def serve(self, request: web.Request) -> web.StreamResponse:
        ws = web.WebSocketResponse(autoclose=False)
        await ws.prepare(request)
        connection = Connection(ws, request)
        self.connections.append(connection)
        await connection.send(10, {"heartbeat_interval": self.state.heartbeat_interval, "_trace": []})
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
            if self.state.acknowledge_heartbeats:
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
        self.state.identifies.append(data)
        if data.get("token") != self.state.token:
            raise GatewayError(4004, "Authentication failed.")
        intents = data.get("intents")
        if not isinstance(intents, int) or intents & ~KNOWN_INTENTS:
            raise GatewayError(4013, "Invalid intent(s).")
        if intents & PRIVILEGED_INTENTS & ~self.state.privileged_intents:
            raise GatewayError(4014, "Disallowed intent(s).")
        number, count = self._shard(data.get("shard", [0, 1]))
        if not self._in_turn(number):
            await connection.send(9, False)
            return
        session = Session(f"session-{self.state.snowflake()}", (number, count), connection, intents)
        connection.session = self.sessions[session.id] = session
        await self._welcome(session, intents, sharded="shard" in data)

    def _shard(self, shard: Any) -> tuple[int, int]:
        """The shard that a client asks for, if there can be one and it would not be in too many servers."""
        numbers = isinstance(shard, list) and len(shard) == 2 and all(type(each) is int for each in shard)
        if not numbers or not 0 <= shard[0] < shard[1]:
            raise GatewayError(4010, "Invalid shard.")
        if sum(of_shard(guild.id, shard) for guild in self.state.guilds) > self.state.most_guilds_of_a_shard:
            raise GatewayError(4011, "Sharding required.")
        return shard[0], shard[1]

    def _in_turn(self, number: int) -> bool:
        """Whether no other shard of the bucket has identified too lately."""
        now, bucket = time.monotonic(), number % self.state.max_concurrency
        if now - self.identified.get(bucket, -math.inf) < self.state.identify_window:
            self.state.refused_identifies += 1
            return False
        self.identified[bucket] = now
        return True

    async def _welcome(self, session: Session, intents: int, *, sharded: bool) -> None:
        guilds = [guild for guild in self.state.guilds if session.serves(guild.id)]
        ready: Json = {
            "v": 10,
            "user": user_json(self.state.bot),
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "resume_gateway_url": self.state.gateway_url,
            "application": {"id": str(self.state.application_id), "flags": 0},
        }
        await session.emit("READY", ready | ({"shard": list(session.shard)} if sharded else {}))
        for guild in guilds if intents & 1 else []:
            await session.emit("GUILD_CREATE", guild_json(guild, self.state.bot))

    async def _resume(self, connection: Connection, data: Json) -> None:
        self.state.resumes.append(data)
        if data.get("token") != self.state.token:
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
