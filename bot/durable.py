"""Files that outlive a power cut."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def sync_file(file: Path) -> None:
    """Make the content of a file durable. Raises OSError."""
    _sync(file, os.O_RDONLY)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, which fsync of a file does not do. Some file systems cannot."""
    with suppress(OSError):
        _sync(folder, os.O_RDONLY | os.O_DIRECTORY)


def write_durably(path: Path, content: bytes, mode: int | None = None) -> None:
    """Make a file with this content and these permissions, in place of what an earlier attempt has left.

    Raises OSError. The file's name is durable once ``sync_folder`` was called for its folder.
    """
    path.unlink(missing_ok=True)
    # Nobody else may open a file before it has its own permissions.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644 if mode is None else 0o600)
    try:
        if mode is not None:
            os.fchmod(descriptor, mode)
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def unfinished(path: Path) -> Iterator[Path]:
    """Yield a name beside ``path`` for a file that is to become ``path`` once it is whole.

    The block makes the file and renames or links it. After the block the names in the folder are made durable. A file
    that still has the unfinished name is removed.
    """
    made = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        yield made
    finally:
        with suppress(OSError):
            made.unlink()
    sync_folder(path.parent)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
