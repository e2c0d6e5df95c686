"""The files of an import: one file, a folder, or a zip, of which nothing is unpacked to the disk."""

import io
import os
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from bot.briefs.loader import MAX_BYTES, read_file
from bot.errors import BotError, Said, printable
from bot.language.texts import shortened

ENDINGS = (".csv", ".tsv", ".json", ".toml", ".md", ".markdown", ".tag", ".ytag", ".yaml")
"""Ends of the names of files that are read. A ".tag" is Markdown below keys, as some support bots have it."""

MOST_FILES = 5000
"""Files of a folder or a zip that are read."""

MOST_BYTES = 8 << 20
"""Bytes of all files together that are read."""

LARGEST_ZIP = 8 << 20
"""Bytes of the largest zip that is opened. Members without Nitro can send 10 MB."""

LONGEST_NAME = 200
"""Characters of a file's name that are repeated."""

_KIB = f"{MAX_BYTES // 1024} KiB"
_TOO_MANY = Said("holds more than {n} files; import it in parts", n=f"{MOST_FILES:,}")
_TOO_MUCH = Said("holds more than {n} MiB; import it in parts", n=MOST_BYTES >> 20)
_NO_ZIP = Said("is no zip that can be read; make it anew")
_OF_FILE = "{file}: {why}"
_UNREAD = f"is not read: an import takes {', '.join(ENDINGS[:-1])} and {ENDINGS[-1]}"
_ENCRYPTED = 1


@dataclass(slots=True)
class Packed:
    """The content of each file by its name, and a line about each that is not read."""

    files: dict[str, bytes] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    size: int = 0

    def refuse(self, name: str, why: str) -> None:
        """Note why a file is not read."""
        self.refused.append(f"{shortened(printable(name), LONGEST_NAME)}: {why}")

    def add(self, name: str, content: bytes) -> None:
        """Take the content of a file, unless one of this name is there."""
        self.size += len(content)
        if name in self.files:
            self.refuse(name, "comes twice; only the first one is read")
        else:
            self.files[name] = content


def from_path(path: Path) -> Packed:
    """Read a file, a folder with all folders in it, or a zip. Raises BotError if it cannot be read."""
    if not os.path.lexists(path):
        raise BotError(f"{printable(str(path))}: is not there; name a file, a folder or a zip")
    try:
        if path.is_dir():
            return _from_folder(path)
        if path.suffix.lower() == ".zip":
            return from_zip(path.name, _whole(path))
    except OSError as error:
        raise BotError(f"{printable(str(error.filename or path))}: cannot be read ({error.strerror})") from None
    content = read_file(str(path), os.path.realpath(path.parent))
    if isinstance(content, str):
        raise BotError(f"{printable(str(path))}: {_sized(content)}")
    if path.suffix.lower() not in ENDINGS:
        raise BotError(f"{printable(str(path))}: {_UNREAD}, folders and .zip")
    return Packed({path.name: content})


def from_zip(name: str, content: bytes) -> Packed:
    """Read the files in a zip. Raises BotError if it is none, or too large.

    Sizes that the zip claims are not believed: no more is unpacked than is read.
    """
    found = Packed()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir() and not _hidden(info.filename)]
            if len(infos) > MOST_FILES:
                raise BotError(Said(_OF_FILE, file=printable(name), why=_TOO_MANY))
            for info in infos:
                if why := _unfit(info):
                    found.refuse(info.filename, why)
                else:
                    _unpack(archive, info, found)
                if found.size > MOST_BYTES:
                    raise BotError(Said(_OF_FILE, file=printable(name), why=_TOO_MUCH))
    except (zipfile.BadZipFile, ValueError, OverflowError, OSError, EOFError):
        raise BotError(Said(_OF_FILE, file=printable(name), why=_NO_ZIP)) from None
    return found


def _unfit(info: zipfile.ZipInfo) -> str | None:
    """Return why a file of a zip is not read, None if it is."""
    parts = PurePosixPath(info.filename.replace("\\", "/")).parts
    if ".." in parts or info.filename[:1] in ("/", "\\") or ":" in parts[0]:
        return "is not read: its name leads out of the zip"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "is not read: it is a link"
    if info.flag_bits & _ENCRYPTED:
        return "is not read: it is encrypted"
    return _by_name(info.filename)


def _by_name(name: str) -> str | None:
    return None if PurePosixPath(name).suffix.lower() in ENDINGS else _UNREAD


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, found: Packed) -> None:
    try:
        with archive.open(info) as file:
            content = file.read(MAX_BYTES + 1)
    except (NotImplementedError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError):
        found.refuse(info.filename, "cannot be unpacked; make the zip anew")
        return
    if len(content) > MAX_BYTES:
        found.size += len(content)
        found.refuse(info.filename, f"is larger than {_KIB}; split it")
    else:
        found.add(info.filename, content)


def _from_folder(folder: Path) -> Packed:
    found, inside = Packed(), os.path.realpath(folder)
    for path in _within(folder):
        name = path.relative_to(folder).as_posix()
        if len(found.files) + len(found.refused) >= MOST_FILES:
            raise BotError(f"{printable(str(folder))}: {_TOO_MANY}")
        if why := _by_name(name):
            found.refuse(name, why)
        elif isinstance(content := read_file(str(path), inside), str):
            found.refuse(name, _sized(content))
        else:
            found.add(name, content)
        if found.size > MOST_BYTES:
            raise BotError(f"{printable(str(folder))}: {_TOO_MUCH}")
    return found


def _within(folder: Path) -> Iterator[Path]:
    """Yield all files below a folder that are not hidden, sorted; links to folders are not followed."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(place, name) for name in sorted(names) if not name.startswith("."))


def _hidden(name: str) -> bool:
    """Whether nobody put a file into the zip on purpose, such as what macOS adds."""
    parts = name.replace("\\", "/").split("/")
    return parts[0] == "__MACOSX" or any(part.startswith(".") and part != ".." for part in parts)


def _whole(path: Path) -> bytes:
    if not path.is_file():
        raise BotError(f"{printable(str(path))}: is no file")
    with path.open("rb") as file:
        content = file.read(LARGEST_ZIP + 1)
    if len(content) > LARGEST_ZIP:
        raise BotError(f"{printable(str(path))}: is larger than {LARGEST_ZIP >> 20} MiB; import it in parts")
    return content


def _sized(why: str) -> str:
    """Return why a file is not read, in words that fit other files than briefs."""
    return f"is larger than {_KIB}; split it" if why.startswith("is larger") else why


def joined(packs: Iterable[Packed]) -> Packed:
    """Return the files of several as one."""
    whole = Packed()
    for pack in packs:
        whole.refused += pack.refused
        for name, content in pack.files.items():
            whole.add(name, content)
    return whole
