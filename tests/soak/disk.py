"""A disk that loses its power: it holds then what was synced, and any part of what was not."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

SECTORS = (512, 4096)
"""Bytes that a disk may write as one; what is written beyond them may be torn."""


class Event(NamedTuple):
    """What a process asked of the disk, or told the world (``said``, the text in ``data``)."""

    kind: Literal["create", "unlink", "write", "truncate", "sync", "sync folder", "said"]
    name: str = ""
    offset: int = 0
    data: bytes = b""


@dataclass
class _File:
    """A file's content as of its last sync, and what was done to it since."""

    synced: bytes
    since: list[Event]

    def after_cut(self, kept: float, sector: int, chance: random.Random) -> bytes:
        """Return a content that a power cut may leave, with the share ``kept`` of what was not synced."""
        content = bytearray(self.synced)
        for event in self.since:
            for start, data in _pieces(event, sector):
                if chance.random() >= kept:
                    continue
                if event.kind == "truncate":
                    _resize(content, start)
                else:
                    _resize(content, max(len(content), start + len(data)))
                    content[start : start + len(data)] = data
        return bytes(content)

    def sync(self) -> None:
        self.synced = self.after_cut(1.1, SECTORS[0], random.Random(0))
        self.since = []


class Disk:
    """The files of a folder. Names come and go durably when the folder is synced, which SQLite takes care of too."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._names = {name: _File(content, []) for name, content in files.items()}
        self._synced_names = dict(self._names)

    def apply(self, event: Event) -> None:
        match event.kind:
            case "create":
                self._names.setdefault(event.name, _File(b"", []))
            case "unlink":
                del self._names[event.name]
            case "write" | "truncate":
                self._names[event.name].since.append(event)
            case "sync":
                self._names[event.name].sync()
            case "sync folder":
                self._synced_names = dict(self._names)
            case "said":
                pass

    def after_cut(self, chance: random.Random) -> dict[str, bytes]:
        """Return files that a power cut now may leave."""
        kept, sector = chance.choice((0.0, 0.1, 0.5, 0.9, 1.1)), chance.choice(SECTORS)
        files: dict[str, bytes] = {}
        for name in sorted(self._names.keys() | self._synced_names.keys()):
            # A name that has come, gone or changed since the folder was synced may be either way.
            if file := chance.choice((self._names, self._synced_names)).get(name):
                files[name] = file.after_cut(kept, sector, chance)
        return files


def _pieces(event: Event, sector: int) -> list[tuple[int, bytes]]:
    """Return what may or may not reach the disk, each piece by itself."""
    if event.kind == "truncate":
        return [(event.offset, b"")]
    end = event.offset + len(event.data)
    edges = [event.offset, *range(event.offset // sector * sector + sector, end, sector), end]
    return [(start, event.data[start - event.offset : stop - event.offset]) for start, stop in pairwise(edges)]


def _resize(content: bytearray, size: int) -> None:
    del content[size:]
    content.extend(bytes(size - len(content)))
