"""From a folder of YAML files to a brief base, or to every problem of every file at once."""

import os
import stat
from collections.abc import Container, Iterable, Iterator, Mapping
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from bot.brief import ID_PATTERN, BriefBase, may_be_brief
from bot.brief_file import MOST_PROBLEMS, NO_ID, LoadedFile, did_you_mean, read_brief
from bot.errors import BriefsError, Problem
from bot.strict_yaml import Scalar, Sequence, shortened
from bot.text import normalise

MAX_BYTES = 1 << 20
"""Largest file that is read: 1 MiB holds every phrase that a brief may have, in any script."""


class Loaded(NamedTuple):
    """A valid brief base, and its files for whoever has more to say about them."""

    base: BriefBase
    files: tuple[LoadedFile, ...]


def load(folder: Path, texts: Mapping[str, str | None] = MappingProxyType({})) -> Loaded:
    """Read every ``*.yaml`` directly in ``folder``. Raises BriefsError with all problems; nothing is half loaded.

    ``texts`` stand in for the files of the briefs with these ids, None for a file that is not there: what the folder
    would be after a change.
    """
    files, problems = _read_folder(folder, without={f"{brief}.yaml" for brief in texts})
    for brief, text in texts.items():
        path = os.path.join(folder, f"{brief}.yaml")
        if not ID_PATTERN.fullmatch(brief):  # it could lead out of the folder
            problems.append(Problem(path, 1, 1, NO_ID))
        elif text is not None:
            files.append(read_brief(path, text.encode(errors="surrogatepass")))
    files.sort(key=attrgetter("path"))
    problems += [problem for file in files for problem in file.problems]
    problems += _shared_phrases(sorted(files, key=lambda file: file.id in texts))  # what came later has to give way
    problems += _unknown_related(files)
    if not files and not problems:
        problems.append(Problem(str(folder), 1, 1, "holds no briefs; a brief is a file whose name ends in .yaml"))
    if problems:
        raise BriefsError(problems)
    return Loaded(BriefBase({file.id: file.brief for file in files if file.brief}), tuple(files))


def _read_folder(folder: Path, without: Container[str]) -> tuple[list[LoadedFile], list[Problem]]:
    try:
        names = sorted(os.listdir(folder))
        inside = os.path.realpath(folder)
    except OSError as error:
        message = f"cannot be read as a folder ({error.strerror}); name the folder that holds the briefs"
        return [], [Problem(str(folder), 1, 1, message)]
    files: list[LoadedFile] = []
    problems: list[Problem] = []
    for name in names:
        path = os.path.join(folder, name)
        if not may_be_brief(name) or name in without:
            continue
        if name.endswith(".yml"):
            problems.append(Problem(path, 1, 1, f"rename it to {name.removesuffix('.yml')}.yaml to have it read"))
            continue
        content = read_file(path, inside)
        if isinstance(content, str):
            problems.append(Problem(path, 1, 1, content))
        else:
            files.append(read_brief(path, content))
    return files, problems


def read_file(path: str, inside: str) -> bytes | str:
    """Return the content of a regular file within the folder ``inside``, or the message that says why not.

    Type and size are looked at first and the file is opened without waiting: a FIFO or a device must hang nobody.
    """
    try:
        if not os.path.realpath(path).startswith(os.path.join(inside, "")):
            return "is a link that leaves the folder; put the file itself here"
        if not stat.S_ISREG(os.stat(path).st_mode):
            return "is not a regular file; a brief is a text file"
        with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return "is not a regular file; a brief is a text file"
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        return f"cannot be read ({error.strerror}); mend its link or its permissions"
    if len(content) > MAX_BYTES:
        return f"is larger than {MAX_BYTES // 1024} KiB; a brief is short, so split it"
    return content


def _shared_phrases(files: Iterable[LoadedFile]) -> Iterator[Problem]:
    """Yield a problem for each title, alias or question that an earlier file has too."""
    owners: dict[str, tuple[LoadedFile, Problem]] = {}
    for file in files:
        for location, phrase in file.phrases():
            text = normalise(phrase)
            place = file.problem(location, "")
            owner, first = owners.setdefault(text, (file, place))
            if text and owner is not file:
                where = f"{first.path}:{first.line}"
                message = f"{shortened(phrase)!r} also belongs to {owner.id!r} ({where}); keep it in one brief"
                yield file.problem(location, message)


def _unknown_related(files: Iterable[LoadedFile]) -> Iterator[Problem]:
    """Yield a problem for each related id that no file has, or that is the brief's own."""
    ids = {file.id: None for file in files}
    for file in files:
        related = file.root.entries.get("related") if file.root else None
        if not related or not isinstance(related[1], Sequence):
            continue
        for n, item in enumerate(related[1].items[:MOST_PROBLEMS]):
            if isinstance(item, Scalar) and item.text == file.id:
                yield file.problem(("related", n), "related: names the brief itself; remove it")
            elif isinstance(item, Scalar) and ID_PATTERN.fullmatch(item.text) and item.text not in ids:
                hint = did_you_mean(item.text, ids)
                yield file.problem(("related", n), f"related: there is no brief {item.text!r}{hint}")
