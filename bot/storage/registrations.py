"""Which commands Discord was told of, so that they are registered again only when they change."""

from bot.storage.database import Database, Statement

_REGISTER = Statement(
    """
    INSERT INTO registrations (application_id, scope, digest) VALUES (?, ?, ?)
    ON CONFLICT (application_id, scope) DO UPDATE SET digest = excluded.digest
    """
)
_REGISTERED = "SELECT digest FROM registrations WHERE application_id = ? AND scope = ?"


class Registrations:
    """The digests of the registered commands in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def registration(self, application_id: int, scope: int) -> str | None:
        """Return the digest of the commands last registered for an application in a scope (a guild's id, or 0).

        Raises LogError.
        """
        rows = await self._database.read(_REGISTERED, (application_id, scope))
        return rows[0]["digest"] if rows else None

    async def remember_registration(self, application_id: int, scope: int, digest: str) -> None:
        """Remember the digest of the commands that were registered."""
        await self._database.write(_REGISTER, (application_id, scope, digest))
