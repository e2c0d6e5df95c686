"""What admins read of the log. Each takes a Reader, so that a report works beside the running bot."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta

from bot.answer import Outcome
from bot.misses import Miss
from bot.report import Day, Stats
from bot.storage.database import Database, Reader, Row, Statement, stamp

EVERYWHERE = None
"""In place of a guild: the lookups of all servers, of direct messages and of the console."""

TOP = 10
MOST_MISSES = 5000
"""Most misses that a report looks at, the newest ones."""

_IGNORE = Statement("INSERT INTO ignored (scope, query) VALUES (?, ?) ON CONFLICT DO NOTHING")
_IGNORED = "SELECT query FROM ignored WHERE scope = ?"
_DAYS = """
    SELECT substr(asked_at, 1, 10) AS day, outcome, count(*) AS count FROM lookups
    WHERE asked_at >= :since AND asked_at < :until AND (guild_id = :guild OR :guild IS NULL) GROUP BY day, outcome
"""
_TOP = """
    SELECT brief, count(*) AS count FROM lookups
    WHERE asked_at >= :since AND asked_at < :until AND (guild_id = :guild OR :guild IS NULL) AND brief IS NOT NULL
    GROUP BY brief ORDER BY count DESC, brief LIMIT :most
"""
_MISSES = """
    SELECT id, asked_at, query, brief, user_hash FROM lookups
    WHERE asked_at >= :since AND (guild_id = :guild OR :guild IS NULL) AND query <> ''
      AND (outcome = 'miss' OR feedback = 'wrong')
    ORDER BY id DESC LIMIT :most
"""
_MISS = """
    SELECT id, asked_at, query, brief, user_hash FROM lookups
    WHERE id = :id AND (guild_id = :guild OR :guild IS NULL) AND query <> ''
      AND (outcome = 'miss' OR feedback = 'wrong')
"""


async def stats(reader: Reader, today: date, days: int, guild: int | None) -> Stats:
    """Return the lookups of the ``days`` days that end with ``today``. Raises LogError."""
    first = today - timedelta(days=days - 1)
    of_these = {"since": first.isoformat(), "until": (today + timedelta(days=1)).isoformat(), "guild": guild}
    counts: dict[date, dict[Outcome, int]] = defaultdict(dict)
    for row in await reader.read(_DAYS, of_these):
        counts[date.fromisoformat(row["day"])][row["outcome"]] = row["count"]
    top = await reader.read(_TOP, of_these | {"most": TOP})
    each = (first + timedelta(days=n) for n in range(days))
    return Stats([Day(day, counts[day]) for day in each], [(row["brief"], row["count"]) for row in top])


async def misses(reader: Reader, days: int, guild: int | None) -> list[Miss]:
    """Return what was asked in vain in the last ``days`` days. Raises LogError."""
    values = {"since": stamp(datetime.now(UTC) - timedelta(days=days)), "guild": guild, "most": MOST_MISSES}
    return [_miss(row) for row in await reader.read(_MISSES, values)]


async def miss(reader: Reader, lookup: int, guild: int | None) -> Miss | None:
    """Return the miss with this lookup's id, if it is kept and was made in this guild. Raises LogError."""
    rows = await reader.read(_MISS, {"id": lookup, "guild": guild})
    return _miss(rows[0]) if rows else None


async def ignored(reader: Reader, guild: int | None) -> frozenset[str]:
    """Return the normalised queries that whoever reads the misses of ``guild`` chose to ignore. Raises LogError."""
    return frozenset(row["query"] for row in await reader.read(_IGNORED, (guild or 0,)))


async def ignore(database: Database, query: str, guild: int | None) -> None:
    """Report a normalised query no longer to those who read the misses of ``guild``."""
    await database.write(_IGNORE, (guild or 0, query))


def _miss(row: Row) -> Miss:
    return Miss(row["id"], datetime.fromisoformat(row["asked_at"]), row["query"], row["brief"], row["user_hash"])
