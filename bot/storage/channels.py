"""The channels in which changes are announced, and what each has been told."""

import asyncio
from typing import NamedTuple

from bot.storage.database import Database
from bot.storage.engine import Statement

_SET = Statement(
    """
    INSERT INTO announcements (guild_id, channel_id, version) VALUES (?, ?, ?)
    ON CONFLICT (guild_id) DO UPDATE SET channel_id = excluded.channel_id, version = excluded.version
    """
)
_REMOVE = Statement("DELETE FROM announcements WHERE guild_id = ?")
_GONE = Statement("DELETE FROM announcements WHERE guild_id = ? AND channel_id = ?")
_CAUGHT_UP = Statement("UPDATE announcements SET version = ? WHERE guild_id = ? AND channel_id = ? AND version < ?")
_ALL = "SELECT * FROM announcements ORDER BY guild_id"
_ONE = "SELECT * FROM announcements WHERE guild_id = ?"

_SENDING = Statement(
    """
    INSERT INTO announced (guild_id, channel_id, brief, sending) VALUES (?, ?, ?, ?)
    ON CONFLICT (guild_id, channel_id, brief) DO UPDATE SET sending = excluded.sending
    """
)
_TOLD = Statement(
    """
    INSERT INTO announced (guild_id, channel_id, brief, told) VALUES (?, ?, ?, ?)
    ON CONFLICT (guild_id, channel_id, brief) DO UPDATE SET told = excluded.told, sending = NULL
    """
)
_REFUSED = Statement("UPDATE announced SET sending = NULL WHERE guild_id = ? AND channel_id = ? AND brief = ?")
_NOTES = "SELECT brief, told, sending FROM announced WHERE guild_id = ? AND channel_id = ?"
_FORGET_ALL = Statement("DELETE FROM announced WHERE guild_id = ?")
_FORGET = Statement(
    "DELETE FROM announced"
    " WHERE guild_id = ? AND channel_id = ? AND coalesce(told, 0) <= ? AND coalesce(sending, 0) <= ?"
)


class AnnouncementChannel(NamedTuple):
    """A channel that was told of all versions up to ``version``."""

    guild: int
    channel: int
    version: int


class Note(NamedTuple):
    """What a channel was told of one brief beyond its own version: up to which version, if any; ``sending`` is the one
    whose announcement is under way, or may have arrived although nobody knows that it has.
    """

    told: int | None
    sending: int | None


class AnnouncementChannels:
    """The announcement channels in a database, one for each server at most. Writing returns True once it is durable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def set(self, chosen: AnnouncementChannel) -> bool:
        return await self._write((_SET, tuple(chosen)), (_FORGET_ALL, (chosen.guild,)))

    async def remove(self, guild: int) -> bool:
        """Announce nothing in a server any more."""
        return await self._write((_REMOVE, (guild,)), (_FORGET_ALL, (guild,)))

    async def gone(self, channel: AnnouncementChannel) -> bool:
        """Announce nothing in a channel any more, unless another one was chosen meanwhile."""
        return await self._write((_GONE, channel[:2]))

    async def all(self) -> list[AnnouncementChannel]:
        """Return every server's channel. Raises LogError."""
        return [AnnouncementChannel(*row) for row in await self._database.read(_ALL)]

    async def of(self, guild: int) -> AnnouncementChannel | None:
        """Return the channel of a server, None if none is chosen. Raises LogError."""
        rows = await self._database.read(_ONE, (guild,))
        return AnnouncementChannel(*rows[0]) if rows else None

    async def notes(self, channel: AnnouncementChannel) -> dict[str, Note]:
        """Return what a channel was told, by the id of the brief. Raises LogError."""
        rows = await self._database.read(_NOTES, channel[:2])
        return {row["brief"]: Note(row["told"], row["sending"]) for row in rows}

    async def sending(self, channel: AnnouncementChannel, brief: str, version: int) -> bool:
        """Remember that a channel is about to be told of a version of a brief."""
        return await self._write((_SENDING, (*channel[:2], brief, version)))

    async def refused(self, channel: AnnouncementChannel, brief: str) -> bool:
        """Remember that what was sent has not arrived."""
        return await self._write((_REFUSED, (*channel[:2], brief)))

    async def told(self, channel: AnnouncementChannel, brief: str, version: int) -> bool:
        """Remember that a channel was told of a version of a brief."""
        return await self._write((_TOLD, (*channel[:2], brief, version)))

    async def caught_up(self, channel: AnnouncementChannel, version: int) -> bool:
        """Remember that a channel, unless it was changed meanwhile, was told of all changes up to ``version``."""
        return await self._write(
            (_CAUGHT_UP, (version, *channel[:2], version)), (_FORGET, (*channel[:2], version, version))
        )

    async def _write(self, *writes: tuple[Statement, tuple[object, ...]]) -> bool:
        return None not in await asyncio.gather(*(self._database.write(*each) for each in writes))
