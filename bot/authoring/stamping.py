"""Notes in a translation's file which texts of the brief it translates: the digest behind ``of``."""

import os
from pathlib import Path
from typing import Any

import yaml

from bot.authoring.folder_lock import FolderLock
from bot.briefs.brief import BriefBase
from bot.briefs.brief_file import LoadedFile, read_brief
from bot.briefs.loader import survey
from bot.durable import unfinished, write_durably
from bot.errors import BotError, printable


def stamped(text: str, digest: str) -> str:
    """Return the ``text`` of a valid translation with this digest. Comments and layout stay.

    A file whose layout is such that nothing can be changed safely is returned as it is.
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""  # the parser does not count it
    body = text.removeprefix(mark)
    root: Any = yaml.compose(body, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    if root is None or root.flow_style:
        return text
    known = next((value for key, value in root.value if key.value == "of"), None)
    if known:
        changed = f'{body[: known.start_mark.index]}"{digest}"{body[known.end_mark.index :]}'
    else:
        newline = "\r\n" if "\r\n" in body else "\n"
        place = root.start_mark.index
        changed = f'{body[:place]}of: "{digest}"{newline}{" " * root.start_mark.column}{body[place:]}'
    return mark + changed if _of(changed) == digest else text


def _of(text: str) -> str | None:
    translation = read_brief("brief.uk.yaml", text.encode(errors="surrogatepass")).translation
    return translation.of if translation else None


async def stamp(folder: Path, own: BriefBase) -> list[str]:
    """Stamp every translation of a folder that is valid and has as many facts as its brief. Return the changed files.

    ``own`` says which language the briefs are in. Raises BotError if a file cannot be written.
    """
    changed: list[str] = []
    async with FolderLock(folder).held(to_write=True) as held:
        if not held:
            raise BotError("another process of the bot is changing the briefs; try again in a minute")
        loaded = survey(folder, good=own)
        for file in loaded.files:
            if (text := _up_to_date(file, loaded.base)) != file.text:
                _write(file.path, text)
                changed.append(file.path)
    return changed


def _up_to_date(file: LoadedFile, base: BriefBase) -> str:
    brief = file.translation and base.briefs.get(file.translation.id)
    if not (file.translation and brief) or len(file.translation.facts) != len(brief.facts):
        return file.text
    return stamped(file.text, brief.digest)


def _write(path: str, text: str) -> None:
    file = Path(os.path.realpath(path))
    try:
        with unfinished(file) as new:
            write_durably(new, text.encode(errors="surrogatepass"), file.stat().st_mode & 0o777)
            new.replace(file)
    except OSError as error:
        raise BotError(f"{printable(path)}: cannot be written ({error.strerror})") from None
