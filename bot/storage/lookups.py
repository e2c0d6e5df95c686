"""The log of lookups, and what a member may see and delete of it. A failure of the log never costs an answer."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from bot.answering.answer import Outcome
from bot.errors import LogError
from bot.storage.database import Database, stamp
from bot.storage.engine import Statement
from bot.storage.hash_key import keyed

Via = Literal["slash", "menu", "button", "console", "dm", "mention"]

MOST_SHOWN = 10_000
"""Most lookups of one user that are read at once, because one member could have more than fit into memory."""

_INSERT = Statement(
    """
    INSERT INTO lookups (asked_at, query, outcome, brief, confidence, elapsed_ms, via,
                         guild_id, channel_id, user_hash, interaction_id, language)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (interaction_id) DO NOTHING
    """,
    append=True,
)
_MARK_WRONG = Statement("UPDATE lookups SET feedback = 'wrong' WHERE interaction_id = ? AND user_hash = ?")
_ASK_ADMINS = Statement(
    """
    UPDATE lookups SET query = ?, feedback = CASE outcome WHEN 'miss' THEN feedback ELSE 'wrong' END
    WHERE via = 'menu' AND interaction_id = ? AND user_hash = ?
    """
)
_FORGET = Statement("DELETE FROM lookups WHERE user_hash = ?", erase=True)
_PURGE = Statement(
    """
    UPDATE lookups SET user_hash = NULL, guild_id = NULL, channel_id = NULL, interaction_id = NULL,
                       query = CASE via WHEN 'menu' THEN '' ELSE query END
    WHERE asked_at < ? AND (user_hash IS NOT NULL OR guild_id IS NOT NULL
                            OR channel_id IS NOT NULL OR interaction_id IS NOT NULL)
    """,
    erase=True,
)
_MOST_ASKED = """
    SELECT brief FROM lookups WHERE guild_id {} AND brief IS NOT NULL
    GROUP BY brief ORDER BY count(*) DESC, brief LIMIT ?
"""
_MOST_ASKED_IN_GUILD, _MOST_ASKED_DIRECTLY = _MOST_ASKED.format("= ?"), _MOST_ASKED.format("IS NULL")
_OF_USER = """
    SELECT * FROM (SELECT * FROM lookups WHERE user_hash = ? ORDER BY id DESC LIMIT ?) AS newest ORDER BY id
"""
_NUMBER_OF_USER = "SELECT count(*) AS number FROM lookups WHERE user_hash = ?"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Lookup:
    """One question and what became of it: a row of the log. The asker is stored as a keyed hash alone.

    ``query`` is as asked, ``elapsed_ms`` the time of answering alone; ids are Discord's, None where there is none.
    ``interaction_id`` is the id of the message if a message asked.
    ``language`` is that of the asker, as a tag.
    """

    query: str
    outcome: Outcome
    brief: str | None
    confidence: float
    elapsed_ms: float
    via: Via
    guild_id: int | None = None
    channel_id: int | None = None
    user_id: int | None = None
    interaction_id: int | None = None
    language: str | None = None


class LookupLog:
    """The lookups in a database. Of a member it has only a keyed hash of their id."""

    def __init__(self, database: Database, key: bytes) -> None:
        self._database = database
        self._key = key

    async def record(self, lookup: Lookup) -> bool:
        """Make ``lookup`` durable. Return whether it certainly is: after COMMIT_TIMEOUT that is not known."""
        values = (
            storable(lookup.query),
            lookup.outcome,
            lookup.brief,
            lookup.confidence,
            round(lookup.elapsed_ms, 3),
            lookup.via,
        )
        asker = (lookup.guild_id, lookup.channel_id, self._user_hash(lookup.user_id), lookup.interaction_id)
        row = (stamp(datetime.now(UTC)), *values, *asker, lookup.language)
        return bool(await self._database.write(_INSERT, row))

    async def mark_wrong(self, interaction_id: int, user_id: int) -> bool | None:
        """Mark this user's lookup as wrong. True if the row exists, False if not, None if that is not known."""
        return await self._changed(_MARK_WRONG, (), interaction_id, user_id)

    async def ask_admins(self, interaction_id: int, user_id: int, text: str) -> bool | None:
        """Make ``text`` the question of this user's lookup of a message, and have it reported as unanswered.

        True if the row exists, False if not, None if that is not known: the write waits, or was dropped.
        """
        return await self._changed(_ASK_ADMINS, (storable(text),), interaction_id, user_id)

    async def _changed(self, update: Statement, values: tuple[str, ...], lookup: int, user_id: int) -> bool | None:
        if lookup >= 1 << 63:  # larger than an SQLite integer, so no id of Discord's
            return False
        changed = await self._database.write(update, (*values, lookup, self._user_hash(user_id)))
        return None if changed is None else changed > 0

    async def most_asked(self, guild_id: int | None, limit: int) -> list[str]:
        """Return the ids of the briefs shown most in a server (None: in direct messages), most often first.

        While the database cannot be read, return an empty list and log a warning.
        """
        query, values = (_MOST_ASKED_IN_GUILD, (guild_id, limit)) if guild_id else (_MOST_ASKED_DIRECTLY, (limit,))
        try:
            return [row["brief"] for row in await self._database.read(query, values)]
        except LogError as error:
            _log.warning("%s", error)
            return []

    async def lookups_of(self, user_id: int) -> list[dict[str, Any]]:
        """Return the rows that this user's hash is in, oldest first, the newest MOST_SHOWN of them. Raises LogError."""
        return [dict(row) for row in await self._database.read(_OF_USER, (self._user_hash(user_id), MOST_SHOWN))]

    async def number_of(self, user_id: int) -> int:
        """Return how many rows this user's hash is in. Raises LogError."""
        number: int = (await self._database.read(_NUMBER_OF_USER, (self._user_hash(user_id),)))[0]["number"]
        return number

    async def forget(self, user_id: int) -> int | None:
        """Delete this user's lookups, also from free pages. Return how many, None if that is not certain yet."""
        return await self._database.write(_FORGET, (self._user_hash(user_id),))

    async def purge(self, before: datetime) -> int | None:
        """Remove from older rows everything that identifies a person or a place, and the words of other members."""
        return await self._database.write(_PURGE, (stamp(before),))

    def _user_hash(self, user_id: int | None) -> str | None:
        return None if user_id is None else keyed(self._key, str(user_id))


def storable(text: str) -> str:
    """Return ``text`` with U+FFFD in place of each lone surrogate, because no database stores these."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
