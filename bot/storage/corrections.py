"""What members say is wrong with a brief that they were shown, until the admins have done something about it."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from bot.storage.database import Database, stamp
from bot.storage.engine import Reader, Row, Statement
from bot.storage.hash_key import keyed
from bot.storage.lookups import storable

Kind = Literal["wrong", "outdated", "mistake"]
"""Another brief was meant; it is out of date; something in it is wrong."""

LONGEST_TEXT, LONGEST_LINK = 250, 200
"""Characters of what a member writes, and of the link that they give."""

MOST_A_DAY = 5
"""How many corrections one member may send within a day. Each is about another lookup."""

MOST_READ = 500
"""Most corrections that are read at once. Members take turns, each with the oldest first."""

LONGEST_QUERY = 201
"""Characters of the question that are read with a correction: as many as the list of unanswered questions reads."""

_SAY = Statement(
    # The types are for PostgreSQL.
    """
    INSERT INTO corrections (said_at, brief, kind, text, link, guild_id, user_hash, interaction_id)
    SELECT CAST(:now AS TEXT), CAST(:brief AS TEXT), CAST(:kind AS TEXT), CAST(:text AS TEXT), CAST(:link AS TEXT),
           guild_id, user_hash, interaction_id
    FROM lookups
    WHERE interaction_id = :lookup AND user_hash = :user
      AND (SELECT count(*) FROM corrections
           WHERE user_hash = :user AND said_at > :since AND interaction_id <> :lookup) < :most
    ON CONFLICT (interaction_id) DO UPDATE
    SET said_at = excluded.said_at, kind = excluded.kind, text = excluded.text, link = excluded.link
    WHERE corrections.closed_at IS NULL
    """
)
_CLOSE = Statement("UPDATE corrections SET closed_at = ? WHERE id = ? AND closed_at IS NULL")
_REOPEN = Statement(
    """
    UPDATE corrections SET closed_at = NULL
    WHERE brief = (SELECT brief FROM corrections WHERE id = :id)
      AND closed_at = (SELECT closed_at FROM corrections WHERE id = :id)
    """
)
_FORGET = Statement("DELETE FROM corrections WHERE user_hash = ?", erase=True)
_PURGE = Statement("DELETE FROM corrections WHERE said_at < ?", erase=True)
_OPEN = """
    WITH said AS (
        SELECT *, row_number() OVER (PARTITION BY user_hash ORDER BY id) AS turn FROM corrections
        WHERE closed_at IS NULL AND said_at >= :since AND (guild_id = :guild OR :guild IS NULL)
    )
    SELECT said.*, coalesce(substr(lookups.query, 1, :longest), '') AS query
    FROM said LEFT JOIN lookups ON lookups.interaction_id = said.interaction_id ORDER BY turn, said.id LIMIT :most
"""
_THEIR_LOOKUP = "SELECT 1 FROM lookups WHERE interaction_id = ? AND user_hash = ?"
_OF_USER = "SELECT said_at, brief, kind, text, link, closed_at FROM corrections WHERE user_hash = ? ORDER BY id"


@dataclass(frozen=True, slots=True)
class Correction:
    """What one member said about a brief. ``query`` is what they had asked, "" if that is not kept."""

    id: int
    said_at: datetime
    brief: str
    kind: Kind
    text: str
    link: str
    query: str
    member: str


async def open_corrections(reader: Reader, days: int, guild: int | None) -> list[Correction]:
    """Return what was said in the last ``days`` days in a server (None: anywhere) and is not closed. Raises LogError.

    The oldest comes first, and nobody's second before everybody's first.
    """
    since = stamp(datetime.now(UTC) - timedelta(days=days))
    values = {"since": since, "guild": guild, "longest": LONGEST_QUERY, "most": MOST_READ}
    return [_correction(row) for row in await reader.read(_OPEN, values)]


def _correction(row: Row) -> Correction:
    said_at = datetime.fromisoformat(row["said_at"])
    return Correction(
        row["id"], said_at, row["brief"], row["kind"], row["text"], row["link"], row["query"], row["user_hash"]
    )


class Corrections:
    """The corrections in a database. Of a member it has only a keyed hash of their id."""

    def __init__(self, database: Database, key: bytes) -> None:
        self._database = database
        self._key = key

    async def say(self, lookup: int, user: int, brief: str, kind: Kind, text: str, link: str) -> bool | None:
        """Keep what a user says about the brief that their interaction ``lookup`` showed. Saying it again replaces it.

        True if it is kept, False if the lookup is not theirs, the admins are done with it, or they have sent MOST_A_DAY
        others within a day; None if that is not known.
        """
        now = datetime.now(UTC)
        said = {"brief": brief, "kind": kind, "text": storable(text), "link": storable(link)}
        limit = {"since": stamp(now - timedelta(days=1)), "most": MOST_A_DAY}
        who = {"lookup": lookup, "user": self._user_hash(user), "now": stamp(now)}
        changed = await self._database.write(_SAY, said | limit | who)
        return None if changed is None else changed > 0

    async def may_be_said(self, lookup: int, user: int) -> bool:
        """Return whether the lookup is this user's, and still kept. Raises LogError."""
        return bool(await self._database.read(_THEIR_LOOKUP, (lookup, self._user_hash(user))))

    async def close(self, corrections: Iterable[int]) -> bool:
        """Close these together, because something was done about them. Return whether that is durable."""
        now = stamp(datetime.now(UTC))
        closing = (self._database.write(_CLOSE, (now, correction)) for correction in corrections)
        return None not in await asyncio.gather(*closing)

    async def reopen(self, correction: int) -> bool:
        """Open those again that were closed together with this one. Return whether that is durable."""
        return await self._database.write(_REOPEN, {"id": correction}) is not None

    async def of(self, user: int) -> list[dict[str, Any]]:
        """Return what this user said. Raises LogError."""
        return [dict(row) for row in await self._database.read(_OF_USER, (self._user_hash(user),))]

    async def forget(self, user: int) -> None:
        """Delete what this user said."""
        await self._database.write(_FORGET, (self._user_hash(user),))

    async def purge(self, before: datetime) -> None:
        """Delete what was said before then, whether something was done about it or not."""
        await self._database.write(_PURGE, (stamp(before),))

    def _user_hash(self, user: int) -> str:
        return keyed(self._key, str(user))
