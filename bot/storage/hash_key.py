"""The key of the hashes that stand for members and ignored questions in the database."""

import contextlib
import hmac
import logging
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from bot.catalogues.catalogue import ENGLISH, Catalogue
from bot.durable import unfinished, write_durably
from bot.errors import LogError
from bot.storage.database import Database, stamp
from bot.storage.engine import Statement

_log = logging.getLogger(__name__)

_REMEMBER = Statement(
    """
    INSERT INTO hash_keys (fingerprint, since) VALUES (?, ?)
    ON CONFLICT (fingerprint) DO UPDATE SET since = excluded.since
    """
)
_LAST = "SELECT fingerprint, since FROM hash_keys ORDER BY since DESC LIMIT 1"
_BEFORE = "SELECT count(*) AS number FROM lookups WHERE user_hash IS NOT NULL AND asked_at < ?"


def keyed(key: bytes, text: str) -> str:
    """Return the keyed digest of a text. Without the key nobody can find out which text it is."""
    return hmac.digest(key, text.encode(errors="replace"), "sha256").hex()


def hash_key(path: Path) -> bytes | None:
    """Return the key in a file, None if there is no file yet. Raises LogError."""
    try:
        key = path.read_bytes().strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LogError(f"{path}: the key of the user hashes cannot be read: {error}") from error
    if len(key) < 32:
        raise LogError(f"{path}: is no key of at least 32 characters; put the right one there from a backup")
    return key


def user_hash_key(path: Path) -> bytes:
    """Return the key. It is created on first use, readable only by this user of the system. Raises LogError."""
    if not path.exists():
        keep_key(path, secrets.token_hex(32).encode())
    return hash_key(path) or user_hash_key(path)


def keep_key(path: Path, key: bytes) -> None:
    """Write the key in one piece, unless the file exists. Of several processes the first one wins. Raises LogError."""
    if path.exists():
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished(path) as made:
            write_durably(made, key, 0o600)
            with contextlib.suppress(FileExistsError):
                os.link(made, path)
    except OSError as error:
        raise LogError(f"{path}: the key of the user hashes cannot be made: {error}") from error


class KeyHistory:
    """Knows since when the hashes in a database are made with the present key."""

    def __init__(self, database: Database, since: str) -> None:
        self._database = database
        self._since = since

    @classmethod
    async def opened(cls, database: Database, key: bytes, *, new: bool) -> Self:
        """Compare the key with the last one that was used with this database. ``new``: it has just been created.

        Raises LogError.
        """
        fingerprint = keyed(key, "fingerprint")
        last = await database.read(_LAST)
        if last and last[0]["fingerprint"] == fingerprint:
            since = last[0]["since"]
        else:
            since = stamp(datetime.now(UTC)) if last or new else ""  # an earlier version recorded no key
            await database.write(_REMEMBER, (fingerprint, since))
        history = cls(database, since)
        if doubt := await history.doubt():
            _log.error("%s", doubt)
        return history

    async def doubt(self, catalogue: Catalogue = ENGLISH) -> str | None:
        """Return a warning about lookups under another key, None if there are none. Raises LogError."""
        number = (await self._database.read(_BEFORE, (self._since,)))[0]["number"]
        if not number:
            return None
        return catalogue.ngettext(
            "The key of the user hashes was replaced on {date}, and {n} lookup of all members from before may be "
            "under another one. Nobody can tell whose these are, until that key is put back or they are old enough to "
            "lose their hash",
            "The key of the user hashes was replaced on {date}, and {n} lookups of all members from before may be "
            "under another one. Nobody can tell whose these are, until that key is put back or they are old enough to "
            "lose their hash",
            number,
            date=self._since[:10],
        )
