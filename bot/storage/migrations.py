"""The schema of the database on SQLite, as the steps that made it. Steps are only ever added at the end."""

import sqlite3

from bot.errors import LogError

STEPS = (
    """
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
    """,
    """
    CREATE INDEX lookups_by_time ON lookups (asked_at);
    CREATE INDEX lookups_to_purge ON lookups (asked_at)
        WHERE coalesce(user_hash, guild_id, channel_id, interaction_id) IS NOT NULL;
    CREATE TABLE versions (
        id       INTEGER PRIMARY KEY,
        brief    TEXT NOT NULL,
        saved_at TEXT NOT NULL,
        action   TEXT NOT NULL,
        user_id  INTEGER,
        text     TEXT
    );
    CREATE INDEX versions_by_brief ON versions (brief, id);
    CREATE TABLE drafts (
        id       TEXT PRIMARY KEY,
        saved_at TEXT NOT NULL,
        user_id  INTEGER NOT NULL,
        change   TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE ignored (
        scope INTEGER NOT NULL,
        query TEXT NOT NULL,
        PRIMARY KEY (scope, query)
    ) WITHOUT ROWID;
    CREATE TABLE announcements (
        guild_id   INTEGER PRIMARY KEY,
        channel_id INTEGER NOT NULL,
        version    INTEGER NOT NULL
    );
    """,
    """
    DROP INDEX lookups_to_purge;
    CREATE INDEX lookups_to_purge ON lookups (asked_at)
        WHERE user_hash IS NOT NULL OR guild_id IS NOT NULL OR channel_id IS NOT NULL OR interaction_id IS NOT NULL;
    """,
    """
    CREATE TABLE home (
        id       INTEGER PRIMARY KEY CHECK (id = 1),
        guild_id INTEGER
    );
    -- Who ran the bot before may have had its only server taken for home: no server, until an owner confirms one.
    INSERT INTO home (id, guild_id) SELECT 1, NULL WHERE EXISTS (SELECT 1 FROM registrations);
    """,
    """
    DROP TABLE ignored; -- members' words, for ever
    CREATE TABLE ignored (
        scope      INTEGER NOT NULL,
        digest     TEXT    NOT NULL,
        ignored_at TEXT    NOT NULL,
        PRIMARY KEY (scope, digest)
    ) WITHOUT ROWID;
    CREATE TABLE clock (
        id          INTEGER PRIMARY KEY CHECK (id = 1),
        believed_at TEXT,
        doubted     REAL    NOT NULL -- seconds
    );
    """,
    """
    CREATE TABLE announced (
        guild_id   INTEGER NOT NULL,
        channel_id INTEGER NOT NULL,
        brief      TEXT    NOT NULL,
        told       INTEGER,
        sending    INTEGER,
        PRIMARY KEY (guild_id, channel_id, brief)
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE hash_keys (
        fingerprint TEXT PRIMARY KEY,
        since       TEXT NOT NULL
    );
    """,
    """
    CREATE INDEX lookups_by_user ON lookups (user_hash) WHERE user_hash IS NOT NULL;
    CREATE TABLE unerased (id INTEGER PRIMARY KEY CHECK (id = 1)); -- a row while deleted rows may be in the files
    INSERT INTO unerased (id) SELECT 1 WHERE EXISTS (SELECT 1 FROM lookups);
    """,
    """
    CREATE TABLE corrections (
        id             INTEGER PRIMARY KEY,
        said_at        TEXT    NOT NULL,
        brief          TEXT    NOT NULL,
        kind           TEXT    NOT NULL CHECK (kind IN ('wrong', 'outdated', 'mistake')),
        text           TEXT    NOT NULL,
        link           TEXT    NOT NULL,
        guild_id       INTEGER,
        user_hash      TEXT    NOT NULL,
        interaction_id INTEGER NOT NULL UNIQUE,
        closed_at      TEXT
    );
    CREATE INDEX corrections_by_user ON corrections (user_hash);
    """,
    """
    CREATE TABLE unfinished (
        id       TEXT PRIMARY KEY,
        batch    TEXT    NOT NULL,
        content  TEXT    NOT NULL,
        origin   TEXT    NOT NULL CHECK (origin IN ('message', 'file', 'form', 'import')),
        state    TEXT    NOT NULL CHECK (state IN ('offered', 'waiting', 'thrown', 'finished')),
        revision INTEGER NOT NULL,
        made_at  TEXT    NOT NULL,
        made_by  INTEGER,
        saved_at TEXT    NOT NULL,
        saved_by INTEGER
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE awaited (
        interaction_id INTEGER PRIMARY KEY,
        asked_at       TEXT    NOT NULL,
        user_id        INTEGER NOT NULL,
        locale         TEXT    NOT NULL,
        query          TEXT    NOT NULL,
        rejected       TEXT,
        brief          TEXT,
        state          TEXT    NOT NULL CHECK (state IN ('waiting', 'sending', 'unreachable', 'saying')),
        since          TEXT
    );
    CREATE INDEX awaited_by_user ON awaited (user_id);
    """,
    """
    CREATE TABLE copied ( -- SQLite cannot change a CHECK
        id             INTEGER PRIMARY KEY,
        asked_at       TEXT    NOT NULL,
        query          TEXT    NOT NULL,
        outcome        TEXT    NOT NULL CHECK (outcome IN ('answer', 'suggest', 'miss')),
        brief          TEXT,
        confidence     REAL    NOT NULL,
        elapsed_ms     REAL    NOT NULL,
        via            TEXT    NOT NULL CHECK (via IN ('slash', 'menu', 'button', 'console', 'dm', 'mention')),
        guild_id       INTEGER,
        channel_id     INTEGER,
        user_hash      TEXT,
        interaction_id INTEGER UNIQUE, -- or the id of the message, if a message asked
        feedback       TEXT    CHECK (feedback IN ('wrong'))
    );
    INSERT INTO copied SELECT id, asked_at, query, outcome, brief, confidence, elapsed_ms, via,
                              guild_id, channel_id, user_hash, interaction_id, feedback FROM lookups ORDER BY id;
    DROP TABLE lookups;
    ALTER TABLE copied RENAME TO lookups;
    CREATE INDEX lookups_by_guild ON lookups (guild_id, brief);
    CREATE INDEX lookups_by_time ON lookups (asked_at);
    CREATE INDEX lookups_to_purge ON lookups (asked_at)
        WHERE user_hash IS NOT NULL OR guild_id IS NOT NULL OR channel_id IS NOT NULL OR interaction_id IS NOT NULL;
    CREATE INDEX lookups_by_user ON lookups (user_hash) WHERE user_hash IS NOT NULL;
    """,
    """
    ALTER TABLE lookups ADD COLUMN language TEXT; -- of whoever asked, as a tag
    CREATE TABLE server_languages (
        guild_id INTEGER PRIMARY KEY,
        language TEXT    NOT NULL
    );
    """,
)


def migrate(connection: sqlite3.Connection) -> int:
    """Bring the database to the newest schema, a transaction a step, and return which one it had.

    Raises LogError if that is newer.
    """
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(STEPS):
        raise LogError(f"the database has schema {version}, made by a newer briefbot; this one knows {len(STEPS)}")
    for number, step in enumerate(STEPS[version:], version + 1):
        connection.executescript(f"BEGIN IMMEDIATE; {step} PRAGMA user_version = {number}; COMMIT;")
    return version
