"""The commands that were registered with Discord, so that they are registered again only when they change."""

import json
from collections.abc import Mapping

from bot.storage.database import Database
from bot.storage.engine import Statement

_REGISTER = Statement(
    """
    INSERT INTO registrations (application_id, scope, digest) VALUES (?, ?, ?)
    ON CONFLICT (application_id, scope) DO UPDATE SET digest = excluded.digest
    """
)
_REMOVE = Statement("DELETE FROM registrations WHERE application_id = ? AND scope = ?")
_REGISTERED = "SELECT scope, digest FROM registrations WHERE application_id = ?"


class Registrations:
    """The digests of the registered commands in a database, by application and scope (a server's id, or 0)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def registrations(self, application_id: int) -> dict[int, dict[str, str]]:
        """Return the digest of each command that was last registered for an application, by scope. Raises LogError."""
        rows = await self._database.read(_REGISTERED, (application_id,))
        return {row["scope"]: _digests(row["digest"]) for row in rows}

    async def remember_registration(self, application_id: int, scope: int, digests: Mapping[str, str]) -> None:
        """Remember what was registered in a scope. An empty mapping removes the scope."""
        if digests:
            text = json.dumps(digests, sort_keys=True)
            await self._database.write(_REGISTER, (application_id, scope, text))
        else:
            await self._database.write(_REMOVE, (application_id, scope))


def _digests(text: str) -> dict[str, str]:
    """Return the digest of each command by its name. An earlier version kept one digest of all, which is ignored."""
    try:
        return dict(json.loads(text))
    except ValueError:
        return {}
