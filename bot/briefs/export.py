"""Exports the base as one zip file."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from bot.briefs.brief import may_be_brief
from bot.briefs.journal import contents_before
from bot.briefs.loader import MAX_BYTES
from bot.errors import BotError, printable

NAMES = "names.txt"
BESIDE = ("schema.json", "translation.schema.json", NAMES)
"""Files beside the briefs that belong to them: the schemas for editors, and how names are written in each language."""

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time in a zip. A fixed time gives the same bytes for the same briefs


def zipped(folder: Path) -> bytes:
    """Return a zip of all files of briefs in ``folder``, unchanged, and of what belongs to them.

    Files of an unfinished change are in it as they were before the change. Links to files outside the folder are left
    out. Raises BotError if the folder or a file cannot be read, or if a file is too large to be a brief.
    """
    try:
        inside = folder.resolve()
        paths = [path for path in folder.iterdir() if may_be_brief(path.name) or path.name in BESIDE]
        own = (path for path in paths if path.is_file() and path.resolve().is_relative_to(inside))
        contents: dict[str, bytes | None] = {path.name: _content(path) for path in own}
        contents |= {f"{brief}.yaml": content for brief, content in contents_before(folder).items()}
        return packed({name: content for name, content in contents.items() if content is not None})
    except UnicodeEncodeError as error:
        raise BotError(f"{printable(error.object)}: a zip cannot hold this name; rename the file") from error
    except OSError as error:
        why = f"cannot be read ({error.strerror}); mend its permissions, or name another folder"
        raise BotError(f"{printable(str(error.filename))}: {why}") from error


def packed(contents: Mapping[str, bytes]) -> bytes:
    """Return a zip of these contents by name: the same bytes for the same contents."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(contents.items()):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = 0o644 << 16  # without permissions, nobody could read the unpacked files
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise BotError(f"{path}: is larger than {MAX_BYTES // 1024} KiB, which no brief is; move it out of the folder")
    return content
