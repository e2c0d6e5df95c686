"""Checks between the files of a base, and chooses the files that make a valid base together."""

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import NamedTuple, TypeVar

from bot.briefs.brief import Brief, BriefBase
from bot.briefs.brief_file import MOST_PROBLEMS, LoadedFile
from bot.briefs.faults import Location, did_you_mean
from bot.briefs.fields import ID_PATTERN
from bot.briefs.strict_yaml import Scalar, shortened
from bot.briefs.strict_yaml import Sequence as Items
from bot.briefs.translation import Translation
from bot.errors import Problem, Said
from bot.language.normalise import normalise_phrase

T = TypeVar("T", Brief, Translation)

COPY = "move it out of the folder"
_LONG_CIRCLE = 10
RENAME = "give it a name of at most 64 lower-case letters, digits and hyphens"


class _Shared(NamedTuple):
    """A phrase that another file has too, and that file."""

    location: Location
    phrase: str
    owner: LoadedFile
    where: Problem


def in_order(files: Iterable[LoadedFile], touched: Container[str], good: BriefBase) -> list[LoadedFile]:
    """Return the files in the order in which they may claim a phrase.

    Files in use come first, then those of a change, then other new ones. Of the new ones, a file that looks like a copy
    comes last: same title, and a name that begins with the name of the other file.
    """
    files = list(files)
    originals = _by_title(files)

    def rank(file: LoadedFile) -> tuple[int, bool, str]:
        unchanged = not good.briefs or (file.content is not None and file.content == good.content(file.id))
        return 1 if file.id in touched else 0 if unchanged else 2, _is_copy(file, originals), file.id

    return sorted(files, key=rank)


def disagreements(files: Sequence[LoadedFile]) -> Iterator[Problem]:
    """Yield the problems between files. ``files`` are in the order in which they may claim a phrase."""
    named = [file for file in files if ID_PATTERN.fullmatch(file.id)]
    yield from shared_phrases(named)
    yield from _unknown_ids(named, {file.id: None for file in files})
    yield from _circles(named)


def own_problems(files: Sequence[LoadedFile]) -> Iterator[Problem]:
    """Yield the problems within each file. For a file that looks like a copy, report only that."""
    originals = _by_title(files)
    for file in files:
        if not ID_PATTERN.fullmatch(file.id) and (original := _original(file, files, originals)):
            yield Problem(file.path, 1, 1, f"looks like a copy of {original}.yaml; {COPY}, or {RENAME}")
        else:
            yield from file.problems


def usable(
    files: Iterable[LoadedFile], problems: Sequence[Problem], good: Mapping[str, T], gone: Iterable[str]
) -> tuple[dict[str, LoadedFile], dict[str, T], list[Problem]]:
    """Return the files to use, what was ``good`` in place of the others, and further problems.

    A file is not used if it has a problem, or if it claims a phrase of another that stays as it was. ``gone`` holds ids
    of ``good`` that have no file and stay in use all the same. The files are briefs, or translations into one language.
    """
    wrong: set[str] = {problem.path for problem in problems}
    used = {file.id: file for file in files if file.content and file.path not in wrong}
    stay = {*gone, *(PurePath(path).stem for path in wrong)} - used.keys()
    kept = {name: good[name] for name in stay if name in good}
    more: list[Problem] = []
    while clashes := list(_clashes(used.values(), kept)):
        more += clashes
        for name in [file.id for file in used.values() if file.path in {clash.path for clash in clashes}]:
            del used[name]
            kept |= {name: good[name]} if name in good else {}
    return used, kept, more


def _clashes(files: Iterable[LoadedFile], kept: Mapping[str, Brief] | Mapping[str, Translation]) -> Iterator[Problem]:
    owners = {
        normalise_phrase(phrase): name
        for name, each in kept.items()
        for phrase in (each.title, *each.aliases, *each.questions)
    }
    for file in files if owners else ():
        for location, phrase in file.phrases():
            if owner := owners.get(normalise_phrase(phrase)):
                message = Said(
                    "{phrase} belongs to {owner} for as long as {file} is wrong; mend that",
                    phrase=repr(shortened(phrase)),
                    owner=repr(owner),
                    file=f"{owner}.yaml",
                )
                yield file.problem(location, message)


def shared_phrases(files: Sequence[LoadedFile]) -> Iterator[Problem]:
    """Yield a problem for each title, alias or question that an earlier file has too. A copy gets one problem only."""
    owners: dict[str, tuple[LoadedFile, Location]] = {}
    originals = _by_title(files)
    for file in files:
        shared: list[_Shared] = []
        texts = set()
        for location, phrase in file.phrases():
            texts.add(text := normalise_phrase(phrase))
            owner, place = owners.setdefault(text, (file, location))
            if text and owner is not file:
                shared.append(_Shared(location, phrase, owner, owner.problem(place, "")))
        one = len({each.owner.id for each in shared}) == 1
        if one and len(shared) > 1 and (len(shared) >= len(texts) or _is_copy(file, originals)):
            yield _copied(file, shared)
        else:
            yield from (_owned_elsewhere(file, each) for each in shared)


def _owned_elsewhere(file: LoadedFile, shared: _Shared) -> Problem:
    where = f"{shared.where.path}:{shared.where.line}"
    message = Said(
        "{phrase} also belongs to {owner} ({where}); keep it in one brief",
        phrase=repr(shortened(shared.phrase)),
        owner=repr(shared.owner.id),
        where=where,
    )
    return file.problem(shared.location, message)


def _copied(file: LoadedFile, shared: Sequence[_Shared]) -> Problem:
    first, *more = shared
    rest = f"and {len(more)} more phrase{'s' if len(more) > 1 else ''} also belong to"
    where = f"{first.owner.id!r} ({first.where.path}:{first.where.line})"
    message = f"{shortened(first.phrase)!r} {rest} {where}; if it is a copy {COPY}, else keep each in one brief"
    return file.problem(first.location, message)


def _unknown_ids(files: Iterable[LoadedFile], ids: Mapping[str, None]) -> Iterator[Problem]:
    """Yield a problem for each id of another brief that no file has, or that is the brief's own."""
    for file in files:
        for location, other in _others(file):
            if other == file.id:
                yield file.problem(location, f"{location[0]}: names the brief itself; remove it")
            elif ID_PATTERN.fullmatch(other) and other not in ids:
                hint = did_you_mean(other, ids)
                yield file.problem(location, f"{location[0]}: there is no brief {other!r}{hint}")


def _others(file: LoadedFile) -> Iterator[tuple[Location, str]]:
    """Yield the ids of other briefs that a file names."""
    entries = file.root.entries if file.root else {}
    match entries.get("related"):
        case (_, Items(items=items)):
            for n, item in enumerate(items[:MOST_PROBLEMS]):
                if isinstance(item, Scalar):
                    yield ("related", n), item.text
    match entries.get("replaced_by"):
        case (_, Scalar(text=other)):
            yield ("replaced_by",), other


def _circles(files: Sequence[LoadedFile]) -> Iterator[Problem]:
    """Yield a problem for each brief that is replaced by others of which one is replaced by it."""
    replaced = {file.id: other for file in files for (key, *_), other in _others(file) if key == "replaced_by"}
    seen: set[str] = set()
    circles: dict[str, list[str]] = {}
    for start in replaced:
        passed: dict[str, None] = {}
        brief = start
        while brief in replaced and brief not in seen:
            seen.add(brief)
            passed[brief] = None
            brief = replaced[brief]
        if brief in passed and replaced[brief] != brief:
            circle = list(passed)[list(passed).index(brief) :]
            circles |= dict.fromkeys(circle, circle)
    for file in files:
        if circle := circles.get(file.id, []):
            shown = " → ".join([*circle, circle[0]]) if len(circle) < _LONG_CIRCLE else f"{len(circle)} briefs"
            yield file.problem(("replaced_by",), f"replaced_by: goes round in a circle ({shown}); remove one of them")


def _by_title(files: Iterable[LoadedFile]) -> dict[str, list[str]]:
    """Return each title that several files have, with their ids."""
    titles = [(_title(file), file.id) for file in files]
    often = Counter(title for title, _ in titles if title)
    found: dict[str, list[str]] = {}
    for title, brief in titles:
        if title and often[title] > 1:
            found.setdefault(title, []).append(brief)
    return found


def _title(file: LoadedFile) -> str:
    return next((normalise_phrase(phrase) for location, phrase in file.phrases() if location == ("title",)), "")


def _is_copy(file: LoadedFile, originals: Mapping[str, Iterable[str]]) -> bool:
    return any(other != file.id and other in file.id for other in originals.get(_title(file), ()))


def _original(file: LoadedFile, files: Iterable[LoadedFile], originals: Mapping[str, Iterable[str]]) -> str | None:
    """Return the brief from which a file with an invalid name was probably copied, by its title or name."""
    alike = [brief for brief in originals.get(_title(file), ()) if ID_PATTERN.fullmatch(brief)]
    begun = re.match("[a-z0-9][a-z0-9-]*", file.id)
    named = [other.id for other in files if begun and other.id == begun[0].rstrip("-") and other is not file]
    return next(iter((*alike, *named)), None)
