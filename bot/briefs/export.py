"""The base as one file: a zip of the folder's briefs and what belongs to them."""

import io
import zipfile
from pathlib import Path

from bot.briefs.brief import may_be_brief
from bot.briefs.loader import MAX_BYTES
from bot.errors import BotError, printable

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment a zip knows: the same briefs give the same bytes


def zipped(folder: Path) -> bytes:
    """Return a zip of every brief's file in ``folder``, as it stands, and of the schema beside them.

    What a link leads to outside the folder is no part of it. Raises BotError if the folder or a file cannot be read, or
    a file is too large to be a brief.
    """
    made = io.BytesIO()
    try:
        inside = folder.resolve()
        paths = sorted(path for path in folder.iterdir() if may_be_brief(path.name) or path.name == "schema.json")
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in paths:
                if path.is_file() and path.resolve().is_relative_to(inside):
                    entry = zipfile.ZipInfo(path.name, _EPOCH)
                    entry.external_attr = 0o644 << 16  # without it, nobody may read what is unpacked
                    archive.writestr(entry, _content(path), zipfile.ZIP_DEFLATED)
    except UnicodeEncodeError as error:
        raise BotError(f"{printable(error.object)}: a zip cannot hold this name; rename the file") from error
    except OSError as error:
        raise BotError(f"{error.filename}: cannot be read ({error.strerror})") from error
    return made.getvalue()


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise BotError(f"{path}: is larger than {MAX_BYTES // 1024} KiB, which no brief is; move it out of the folder")
    return content
