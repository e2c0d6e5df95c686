"""Which language a server's managers have chosen for what its channels read."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Self

from bot.storage.database import Database
from bot.storage.engine import Statement

_SET = Statement(
    "INSERT INTO server_languages (guild_id, language) VALUES (?, ?) "
    "ON CONFLICT (guild_id) DO UPDATE SET language = excluded.language"
)
_REMOVE = Statement("DELETE FROM server_languages WHERE guild_id = ?")
_ALL = "SELECT guild_id, language FROM server_languages"


class ServerLanguages:
    """The chosen languages in a database, as they were last read: ``chosen`` has tags by server."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._chosen: dict[int, str] = {}

    @classmethod
    async def opened(cls, database: Database) -> Self:
        """Return the languages that a database holds. Raises LogError."""
        languages = cls(database)
        await languages.reread()
        return languages

    @property
    def chosen(self) -> Mapping[int, str]:
        return MappingProxyType(self._chosen)

    async def reread(self) -> None:
        """Take up what the database says now: another process may have been told something. Raises LogError."""
        rows = await self._database.read(_ALL)
        self._chosen.clear()
        self._chosen.update((row["guild_id"], row["language"]) for row in rows)

    async def choose(self, guild: int, language: str | None) -> bool:
        """Keep a server's language, None for none of its own; return whether that is durable already."""
        if language:
            self._chosen[guild] = language
            return await self._database.write(_SET, (guild, language)) is not None
        self._chosen.pop(guild, None)
        return await self._database.write(_REMOVE, (guild,)) is not None
