"""Which server an owner has made the home server."""

from typing import NamedTuple

from bot.storage.database import Database
from bot.storage.engine import Statement

_SET = Statement(
    "INSERT INTO home (id, guild_id) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET guild_id = excluded.guild_id"
)
_REMOVE = Statement("DELETE FROM home")
_GET = "SELECT guild_id FROM home"


class ChosenHome(NamedTuple):
    """``guild`` is None if none is chosen. ``guessed``: an earlier version guessed it, unconfirmed since."""

    guild: int | None
    guessed: bool


class HomeChoice:
    """The chosen home server in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self) -> ChosenHome:
        """Return the server that was chosen last. Raises LogError."""
        rows = await self._database.read(_GET)
        guild = rows[0]["guild_id"] if rows else None
        return ChosenHome(guild, guessed=bool(rows) and guild is None)

    async def save(self, guild: int | None) -> bool:
        """Keep which server is home, None for none; return whether that is durable already."""
        write = self._database.write(_SET, (guild,)) if guild else self._database.write(_REMOVE, ())
        return await write is not None
