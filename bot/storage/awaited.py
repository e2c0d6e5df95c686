"""The questions about which members asked to be told once the base answers them.

A member can only be told by their Discord id, so it is kept here as it is, while everywhere else only a hash of it is
kept. It is deleted with its row as soon as the member was told, asks to be forgotten, or has waited for KEPT.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.storage.database import Database, stamp
from bot.storage.engine import Row, Statement
from bot.storage.hash_key import keyed

KEPT = timedelta(days=30)

MOST_AWAITED = 10
"""How many questions one member may wait for at a time."""

MOST_READ = 10_000
"""Most questions that are read at once, those that have waited longest."""

SAYING = timedelta(minutes=1)
"""How long a line may take until it counts as not said."""

_ASK = Statement(
    # The types are for PostgreSQL.
    """
    INSERT INTO awaited (interaction_id, asked_at, user_id, locale, query, rejected, state)
    SELECT interaction_id, CAST(:now AS TEXT), CAST(:user AS BIGINT), CAST(:locale AS TEXT), query,
           coalesce(CAST(:rejected AS TEXT), brief), 'waiting'
    FROM lookups
    WHERE interaction_id = :lookup AND user_hash = :hash AND query <> '' AND via <> 'menu'
      AND (outcome = 'miss' OR feedback = 'wrong') AND (SELECT count(*) FROM awaited WHERE user_id = :user) < :most
    ON CONFLICT (interaction_id) DO NOTHING
    """,
    exclusive=True,
)
_SENDING = Statement(
    """
    UPDATE awaited SET state = 'sending', brief = ?, since = coalesce(since, ?)
    WHERE interaction_id = ? AND state IN ('waiting', 'sending')
    """
)
_WAITING = Statement("UPDATE awaited SET state = 'waiting', brief = NULL, since = NULL WHERE interaction_id = ?")
_UNREACHABLE = Statement("UPDATE awaited SET state = 'unreachable', brief = ?, since = NULL WHERE interaction_id = ?")
_SAYING = Statement(
    """
    UPDATE awaited SET state = 'saying', since = :now
    WHERE interaction_id = :lookup AND (state = 'unreachable' OR state = 'saying' AND since < :before)
    """,
    exclusive=True,
)
_TOLD = Statement("DELETE FROM awaited WHERE interaction_id = ?", erase=True)
_CANCEL = Statement("DELETE FROM awaited WHERE interaction_id = ? AND user_id = ?", erase=True)
_FORGET = Statement("DELETE FROM awaited WHERE user_id = ?", erase=True)
_PURGE = Statement("DELETE FROM awaited WHERE asked_at < ?", erase=True)

_DUE = """
    SELECT * FROM awaited WHERE state IN ('waiting', 'sending') AND asked_at >= ? ORDER BY asked_at, interaction_id
    LIMIT ?
"""
_UNREACHED = "SELECT DISTINCT user_id FROM awaited WHERE state IN ('unreachable', 'saying') AND asked_at >= ?"
_UNREACHED_OF = """
    SELECT * FROM awaited WHERE user_id = ? AND state IN ('unreachable', 'saying') AND asked_at >= ?
    ORDER BY asked_at, interaction_id
"""
_OF_USER = "SELECT asked_at, query, rejected, brief, locale FROM awaited WHERE user_id = ? ORDER BY asked_at"
_IS_AWAITED = "SELECT 1 FROM awaited WHERE interaction_id = ? AND user_id = ?"
_NUMBER_OF_USER = "SELECT count(*) AS number FROM awaited WHERE user_id = ?"


@dataclass(frozen=True, slots=True)
class Awaited:
    """A question of a member who is to be told of its answer, by the interaction of its lookup.

    They are not told of the brief ``rejected``. ``brief`` is the one that they are told of since the time ``since``:
    while that is set, nobody knows whether the message has arrived.
    """

    lookup: int
    user: int
    locale: str
    query: str
    rejected: str | None
    brief: str | None
    since: datetime | None


class AwaitedAnswers:
    """The awaited questions in a database."""

    def __init__(self, database: Database, key: bytes) -> None:
        self._database = database
        self._key = key

    async def ask(self, lookup: int, user: int, locale: str, rejected: str | None) -> bool | None:
        """Keep that a user wants to be told of an answer to their question, but not of the brief ``rejected``.

        False if the lookup is not theirs, was answered, or has no words of theirs, if they wait for it already, or for
        MOST_AWAITED others. None if that is not known.
        """
        asked = await self._database.write(
            _ASK,
            {
                "now": stamp(datetime.now(UTC)),
                "user": user,
                "locale": locale,
                "rejected": rejected,
                "lookup": lookup,
                "hash": keyed(self._key, str(user)),
                "most": MOST_AWAITED,
            },
        )
        return None if asked is None else asked > 0

    async def awaits(self, lookup: int, user: int) -> bool:
        """Return whether a user waits for the answer to this lookup. Raises LogError."""
        return bool(await self._database.read(_IS_AWAITED, (lookup, user)))

    async def number_of(self, user: int) -> int:
        """Return how many answers a user waits for. Raises LogError."""
        number: int = (await self._database.read(_NUMBER_OF_USER, (user,)))[0]["number"]
        return number

    async def cancel(self, lookup: int, user: int) -> bool | None:
        """Delete that a user waits for this. Return whether they did, None if that is not known."""
        cancelled = await self._database.write(_CANCEL, (lookup, user))
        return None if cancelled is None else cancelled > 0

    async def due(self) -> list[Awaited]:
        """Return whatever is to be told by direct message, as soon as there is an answer. Raises LogError."""
        return [_awaited(row) for row in await self._database.read(_DUE, (_oldest(), MOST_READ))]

    async def sending(self, lookup: int, brief: str) -> bool:
        """Note that a message about this is about to be sent. Return whether it durably is, and still is to be sent."""
        return bool(await self._database.write(_SENDING, (brief, stamp(datetime.now(UTC)), lookup)))

    async def unanswered(self, lookup: int) -> None:
        """Note that no message has arrived, and that none is to be sent, for the answer is gone."""
        await self._database.write(_WAITING, (lookup,))

    async def unreachable(self, lookup: int, brief: str) -> None:
        """Note that this user takes no direct messages from us, so that they are told when they next ask something."""
        await self._database.write(_UNREACHABLE, (brief, lookup))

    async def told(self, lookup: int) -> bool:
        """Delete what a user has been told, and with it their id. Return whether that is durable."""
        return await self._database.write(_TOLD, (lookup,)) is not None

    async def unreached(self) -> frozenset[int]:
        """Return the ids of the users who are to be told when they next ask something. Raises LogError."""
        return frozenset(row["user_id"] for row in await self._database.read(_UNREACHED, (_oldest(),)))

    async def unreached_of(self, user: int) -> list[Awaited]:
        """Return what a user is to be told when they next ask something. Raises LogError."""
        return [_awaited(row) for row in await self._database.read(_UNREACHED_OF, (user, _oldest()))]

    async def saying(self, lookup: int) -> bool:
        """Note that this is being said in a line, and return True for the first who does, of all processes."""
        now = datetime.now(UTC)
        values = {"lookup": lookup, "now": stamp(now), "before": stamp(now - SAYING)}
        return bool(await self._database.write(_SAYING, values))

    async def of(self, user: int) -> list[dict[str, Any]]:
        """Return what a user waits for. Raises LogError."""
        return [dict(row) for row in await self._database.read(_OF_USER, (user,))]

    async def forget(self, user: int) -> None:
        """Delete whatever a user waits for."""
        await self._database.write(_FORGET, (user,))

    async def purge(self, now: datetime) -> None:
        """Delete what was waited for too long."""
        await self._database.write(_PURGE, (stamp(now - KEPT),))


def _oldest() -> str:
    return stamp(datetime.now(UTC) - KEPT)


def _awaited(row: Row) -> Awaited:
    since = datetime.fromisoformat(row["since"]) if row["since"] else None
    return Awaited(
        row["interaction_id"], row["user_id"], row["locale"], row["query"], row["rejected"], row["brief"], since
    )
