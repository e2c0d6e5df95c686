"""The queries behind the reports. Each takes a Reader, so that a report can run beside the bot."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta

from bot.answering.answer import Outcome
from bot.reports.misses import Miss, Misses
from bot.reports.report import Day, Spoken, Stats
from bot.storage.database import stamp
from bot.storage.engine import Reader, Row

EVERYWHERE = None
"""Use in place of a guild for the lookups of all servers, of direct messages and of the console."""

TOP = 10
MOST_WORDINGS = 1000
"""Most different wordings of misses in a report: to group more would take seconds. Servers take turns, and so do the
members of a server, each with the most frequent question first."""

LONGEST = 201
"""Characters of a miss that are read: one more than an alias may have, so that no cut question becomes an alias."""

_DAYS = """
    SELECT substr(asked_at, 1, 10) AS day, outcome, count(*) AS count FROM lookups
    WHERE asked_at >= :since AND asked_at < :until AND (guild_id = :guild OR :guild IS NULL) GROUP BY day, outcome
"""
_TOP = """
    SELECT brief, count(*) AS count FROM lookups
    WHERE asked_at >= :since AND asked_at < :until AND (guild_id = :guild OR :guild IS NULL) AND brief IS NOT NULL
    GROUP BY brief ORDER BY count DESC, brief LIMIT :most
"""
_LANGUAGES = """
    SELECT language, count(*) AS count, sum(CASE outcome WHEN 'miss' THEN 1 ELSE 0 END) AS missed FROM lookups
    WHERE asked_at >= :since AND asked_at < :until AND (guild_id = :guild OR :guild IS NULL) AND language IS NOT NULL
    GROUP BY language ORDER BY count DESC, language LIMIT :most
"""
_MISSES = """
    WITH asked AS (
        SELECT substr(query, 1, :longest) AS query, brief, guild_id, user_hash, language,
               count(*) AS times, max(id) AS id, max(asked_at) AS asked_at
        FROM lookups
        WHERE asked_at >= :since AND (guild_id = :guild OR :guild IS NULL) AND query <> ''
          AND (outcome = 'miss' OR feedback = 'wrong' AND NOT EXISTS (
               SELECT 1 FROM corrections  -- it was the right brief, and is to be mended
               WHERE corrections.interaction_id = lookups.interaction_id AND kind <> 'wrong'))
        GROUP BY 1, 2, 3, 4, 5
    ), by_member AS (
        SELECT *, row_number() OVER (PARTITION BY guild_id, user_hash ORDER BY times DESC, id DESC) AS turn FROM asked
    ), by_server AS (
        SELECT query, id, row_number() OVER (PARTITION BY guild_id ORDER BY turn, id DESC) AS turn FROM by_member
    ), chosen AS (
        SELECT query, count(*) OVER () AS wordings FROM by_server
        GROUP BY query ORDER BY min(turn), max(id) DESC LIMIT :most
    )
    SELECT asked.*, wordings FROM chosen JOIN asked ON asked.query = chosen.query ORDER BY id DESC
"""
_UNSAID = """
    SELECT count(*) AS count FROM lookups
    WHERE asked_at >= :since AND (guild_id = :guild OR :guild IS NULL) AND query = '' AND via = 'menu'
      AND (outcome = 'miss' OR feedback = 'wrong')
"""
_MISS = """
    SELECT query, brief, guild_id, user_hash, language, 1 AS times, id, asked_at FROM lookups
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
    spoken = await reader.read(_LANGUAGES, of_these | {"most": TOP})
    each = (first + timedelta(days=n) for n in range(days))
    return Stats(
        [Day(day, counts[day]) for day in each],
        [(row["brief"], row["count"]) for row in top],
        [Spoken(row["language"], row["count"], row["missed"]) for row in spoken],
    )


async def misses(reader: Reader, days: int, guild: int | None) -> Misses:
    """Return the unanswered questions of the last ``days`` days. Raises LogError."""
    since = stamp(datetime.now(UTC) - timedelta(days=days))
    values = {"since": since, "guild": guild, "most": MOST_WORDINGS, "longest": LONGEST}
    rows = await reader.read(_MISSES, values)
    unsaid = await reader.read(_UNSAID, {"since": since, "guild": guild})
    left_out = max(0, rows[0]["wordings"] - MOST_WORDINGS) if rows else 0
    return Misses([_miss(row) for row in rows], left_out, unsaid[0]["count"])


async def miss(reader: Reader, lookup: int, guild: int | None) -> Miss | None:
    """Return the miss of this lookup, or None if it is not kept or was made in another guild. Raises LogError."""
    rows = await reader.read(_MISS, {"id": lookup, "guild": guild})
    return _miss(rows[0]) if rows else None


def _miss(row: Row) -> Miss:
    asked_at = datetime.fromisoformat(row["asked_at"])
    return Miss(
        row["id"],
        asked_at,
        row["query"],
        row["brief"],
        row["guild_id"],
        row["user_hash"],
        row["times"],
        row["language"],
    )
