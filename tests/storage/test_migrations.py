"""The schema over time: old databases become new ones and keep what they hold."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.errors import LogError
from bot.storage import migrations
from tests.databases import USER, lookup, opened, rows

# The schema over time

FIRST_SCHEMA = """
    CREATE TABLE lookups (
        id             INTEGER PRIMARY KEY,
        asked_at       TEXT    NOT NULL,
        query          TEXT    NOT NULL,
        outcome        TEXT    NOT NULL CHECK (outcome IN ('answer', 'suggest', 'miss')),
        brief          TEXT,
        confidence     REAL    NOT NULL,
        elapsed_ms     REAL    NOT NULL,
        via            TEXT    NOT NULL CHECK (via IN ('slash', 'menu', 'button', 'console')),
        guild_id       INTEGER,
        channel_id     INTEGER,
        user_hash      TEXT,
        interaction_id INTEGER UNIQUE,
        feedback       TEXT    CHECK (feedback IN ('wrong'))
    );
    CREATE INDEX lookups_by_guild ON lookups (guild_id, brief);
    CREATE TABLE registrations (
        application_id INTEGER NOT NULL,
        scope          INTEGER NOT NULL,
        digest         TEXT    NOT NULL,
        PRIMARY KEY (application_id, scope)
    ) WITHOUT ROWID;
    INSERT INTO lookups (asked_at, query, outcome, brief, confidence, elapsed_ms, via)
        VALUES ('2024-10-20T12:00:00Z', 'asked long ago', 'answer', 'troops', 1.0, 2.0, 'slash');
    PRAGMA user_version = 1;
"""


def schema(database: Path) -> tuple[list[tuple[str, str]], int]:
    with closing(sqlite3.connect(database)) as connection:
        statements = connection.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall()
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return [(name, " ".join((sql or "").split())) for name, sql in statements], version


async def test_a_database_of_the_first_schema_becomes_the_newest_and_keeps_its_rows(tmp_path: Path) -> None:
    """A change of the schema is a new step at the end: whoever rewrites an old one breaks every log that exists."""
    (tmp_path / "old").mkdir()
    with closing(sqlite3.connect(tmp_path / "old" / "lookups.db")) as connection:
        connection.executescript(FIRST_SCHEMA)
    for name in ("old", "new"):
        async with opened(tmp_path / name) as log:
            await log.record(lookup("asked now", user_id=USER, interaction_id=1))
            assert await log.mark_wrong(1, USER) is True
            assert await log.most_asked(None, 5) == ["troops"]
    assert schema(tmp_path / "old" / "lookups.db") == schema(tmp_path / "new" / "lookups.db")
    assert schema(tmp_path / "new" / "lookups.db")[1] == len(migrations.STEPS)
    assert rows(tmp_path / "old", "query, feedback") == [("asked long ago", None), ("asked now", "wrong")]


async def test_a_database_of_a_newer_briefbot_is_refused_and_left_alone(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup())
    with closing(sqlite3.connect(tmp_path / "lookups.db")) as connection:
        connection.execute(f"PRAGMA user_version = {len(migrations.STEPS) + 1}")
    before = schema(tmp_path / "lookups.db")
    with pytest.raises(LogError, match="newer"):
        async with opened(tmp_path):
            pass
    assert schema(tmp_path / "lookups.db") == before
    assert rows(tmp_path) == ["troops"]


def test_only_the_steps_that_are_missing_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(tmp_path / "lookups.db", isolation_level=None)) as connection:
        for steps in (1, 1, 3):
            names = ["one", "two", "three"][:steps]
            monkeypatch.setattr(migrations, "STEPS", tuple(f"CREATE TABLE {name} (a);" for name in names))
            migrations.migrate(connection)
            assert connection.execute("PRAGMA user_version").fetchone() == (steps,)
            assert connection.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (steps,)


def test_a_step_that_fails_leaves_the_step_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = ("CREATE TABLE one (a);", "CREATE TABLE two (a); CREATE TABLE one (a);")
    monkeypatch.setattr(migrations, "STEPS", steps)
    connection = sqlite3.connect(tmp_path / "lookups.db", isolation_level=None)
    with closing(connection), pytest.raises(sqlite3.OperationalError):
        migrations.migrate(connection)
    assert schema(tmp_path / "lookups.db") == ([("one", "CREATE TABLE one (a)")], 1)
