"""Which channel of a server changes are announced in, and up to which version of the base it has been told."""

from typing import NamedTuple

from bot.storage.database import Database, Statement

_SET = Statement(
    """
    INSERT INTO announcements (guild_id, channel_id, version) VALUES (?, ?, ?)
    ON CONFLICT (guild_id) DO UPDATE SET channel_id = excluded.channel_id, version = excluded.version
    """
)
_REMOVE = Statement("DELETE FROM announcements WHERE guild_id = ?")
_TOLD = Statement("UPDATE announcements SET version = ? WHERE guild_id = ? AND channel_id = ? AND version < ?")
_ALL = "SELECT * FROM announcements ORDER BY guild_id"


class AnnouncementChannel(NamedTuple):
    """``version`` is the last version of the base that this channel was told of."""

    guild: int
    channel: int
    version: int


class AnnouncementChannels:
    """The announcement channels in a database, at most one a server."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def set(self, chosen: AnnouncementChannel) -> None:
        await self._database.write(_SET, chosen)

    async def remove(self, guild: int) -> None:
        await self._database.write(_REMOVE, (guild,))

    async def told(self, channel: AnnouncementChannel, version: int) -> None:
        """Remember that a channel, unless it was changed meanwhile, was told of all changes up to ``version``."""
        await self._database.write(_TOLD, (version, channel.guild, channel.channel, version))

    async def all(self) -> list[AnnouncementChannel]:
        """Return every server's channel. Raises LogError."""
        return [AnnouncementChannel(*row) for row in await self._database.read(_ALL)]
