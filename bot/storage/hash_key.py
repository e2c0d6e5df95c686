"""The key under which the database knows members and ignored questions, without their names and words."""

import contextlib
import hmac
import os
import secrets
from pathlib import Path

from bot.errors import LogError


def keyed(key: bytes, text: str) -> str:
    """Return the digest of a text that nobody without the key can tell it by."""
    return hmac.digest(key, text.encode(errors="replace"), "sha256").hex()


def hash_key(path: Path) -> bytes | None:
    """Return the key, None if there is none yet. Raises LogError."""
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
    """Return the key, made on first use and readable by this user alone. Raises LogError."""
    try:
        if not path.exists():
            _make_key(path)
    except OSError as error:
        raise LogError(f"{path}: the key of the user hashes cannot be made: {error}") from error
    return hash_key(path) or user_hash_key(path)


def _make_key(path: Path) -> None:
    """Make the key in one piece, whichever of several processes comes first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with open(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(made, path)
    finally:
        made.unlink(missing_ok=True)
