"""Reads one YAML file: returns a brief or a translation, or all its problems with their lines and columns."""

import codecs
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from bot.briefs import strict_yaml
from bot.briefs.brief import Brief
from bot.briefs.card_text import MAX_CARD, card_length
from bot.briefs.faults import BRIEF, TRANSLATION, Location, follow, worded
from bot.briefs.strict_yaml import Mapping, Node, Scalar, Sequence, shortened
from bot.briefs.translation import Translation, is_file_name, parted
from bot.errors import Problem, Said

MOST_PROBLEMS = 100
"""Most problems of one file that are reported. More would not help."""

NO_ID = "the file's name is the brief's id: use at most 64 lower-case letters, digits and hyphens"

_DATE_KEYS = ("as_of", "expires", "on", "published")
_TEXT_KEYS = ("title", "aliases", "questions", "summary", "text", "by", "quote", "name", "alt", "credit")
_PHRASES = ("aliases", "questions")
_QUOTE_IT = "put the whole text in quotes, or two spaces before a # that begins a comment"

_WORTH_READING = {"summary": 2000}
_ELSE_WORTH_READING = 600
"""Characters above which a text is too long for any key. Longer ones are not read, because to normalise half a million
accents takes minutes, and no other thread runs meanwhile.
"""
_TOO_LONG = "x" * 2001
_NUMBER = re.compile("[0-9]{1,4}")


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """One file of the base: the text that could be decoded, the tree that could be parsed, the brief or the translation
    if it is valid, and the problems. ``id`` is its name without .yaml, such as "troops" or "troops.uk".
    """

    path: str
    id: str
    text: str
    root: Mapping | None
    brief: Brief | None
    problems: tuple[Problem, ...]
    translation: Translation | None = None

    @property
    def content(self) -> Brief | Translation | None:
        """What the file says: a brief or a translation; None if it is not valid."""
        return self.brief or self.translation

    @property
    def language(self) -> str | None:
        """The language in the file's name; None if it is not that of a translation."""
        return parted(self.id)[1]

    def problem(self, location: Location, message: str) -> Problem:
        """Return ``message`` as a problem at the value, or at the unknown key, of ``location``."""
        node = follow(self.root, location)
        return Problem(self.path, node.line, node.column, message) if node else Problem(self.path, 1, 1, message)

    def phrases(self) -> Iterator[tuple[Location, str]]:
        """Yield title, aliases and questions that are texts of a valid length, even if the brief is not valid."""
        entries = self.root.entries if self.root else {}
        for key in ("title", "aliases", "questions"):
            match entries.get(key):
                case (_, Scalar(text=text)) if _worth_reading(text):
                    yield (key,), text
                case (_, Sequence(items=items)):
                    for n, item in enumerate(items):
                        if isinstance(item, Scalar) and _worth_reading(item.text):
                            yield (key, n), item.text

    def misread(self) -> Iterator[Problem]:
        """Yield a problem for each text that YAML does not read as it looks: cut by a comment, or joined over lines."""
        for key, (_, node) in self.root.entries.items() if self.root else ():
            for name, scalar in _scalars(node, key):
                if scalar.cut and name in _TEXT_KEYS:
                    lost = shortened(scalar.cut)
                    message = f"{name}: {lost!r} is a comment to YAML and not shown; {_QUOTE_IT}"
                    yield Problem(self.path, scalar.line, scalar.column, message)
                if (place := scalar.continued) and name in _TEXT_KEYS and (place.item or name in _PHRASES):
                    yield Problem(self.path, place.line, place.column, f"{name}: {_joined(scalar.text)}")


def _joined(text: str) -> str:
    return f"to YAML this continues the text above, as {shortened(text)!r}; if it is another entry, put '- ' before it"


def _scalars(node: Node, key: str) -> Iterator[tuple[str, Scalar]]:
    """Yield each single value in ``node`` with its key."""
    match node:
        case Scalar():
            yield key, node
        case Sequence(items=items):
            for item in items:
                yield from _scalars(item, key)
        case Mapping(entries=entries):
            for name, (_, value) in entries.items():
                yield from _scalars(value, name)


def read_brief(path: str, content: bytes) -> LoadedFile:
    """Return the brief or the translation in a file's ``content``, or its problems. The name comes from ``path``."""
    name = os.path.basename(path).removesuffix(".yaml")
    original, language = parted(name)
    problems: list[Problem] = []
    if not is_file_name(name):
        renamed = f"the name of a translation ends in its language; rename it to {original}.{language}.yaml"
        problems.append(Problem(path, 1, 1, renamed if language else NO_ID))
    text = _decode(path, content, problems)
    root, faults = strict_yaml.parse(text)
    problems += [Problem(path, fault.line, fault.column, fault.message) for fault in faults]
    if root is not None and not isinstance(root, Mapping):
        problems.append(Problem(path, root.line, root.column, "is no brief; write keys and values, 'title: …' first"))
        root = None
    elif root is None and not problems:
        problems.append(Problem(path, 1, 1, "is empty; a brief needs title, summary, as_of and sources"))
    if root is None:
        return LoadedFile(path, name, text, None, None, tuple(problems[:MOST_PROBLEMS]))
    problems += _out_of_line(path, root)
    brief, translation = None, None
    if language:
        translation, wrong = _validate_translation(path, original, language, root)
    else:
        brief, wrong = _validate(path, name, root)
    if problems := (problems + wrong)[:MOST_PROBLEMS]:
        return LoadedFile(path, name, text, root, None, tuple(problems))
    return LoadedFile(path, name, text, root, brief, (), translation)


def _decode(path: str, content: bytes, problems: list[Problem]) -> str:
    content = content.removeprefix(codecs.BOM_UTF8)
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        before = content[: error.start].decode().replace("\r\n", "\n").replace("\r", "\n")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        problems.append(Problem(path, line, column, "is not UTF-8 from here on; save the file with the encoding UTF-8"))
        return ""


def _out_of_line(path: str, root: Mapping) -> Iterator[Problem]:
    """Yield a problem for each item of a list of phrases that is indented so that YAML joins it to the one above."""
    for key in _PHRASES:
        for _, scalar in _scalars(root.entries[key][1], key) if key in root.entries else ():
            if (place := scalar.continued) and place.item:
                message = f"{key}: to YAML this continues the text above; put its '- ' below the other '- '"
                yield Problem(path, place.line, place.column, message)


def _validate(path: str, name: str, root: Mapping) -> tuple[Brief | None, list[Problem]]:
    try:
        content = BRIEF.whole.model_validate(_plain(root))
    except ValidationError as error:
        # A list whose entries are all wrong is also reported as too short. One problem is enough.
        faults = [fault for fault in error.errors() if fault["type"] != "too_short" or not fault["input"]]
        wrong = [worded(path, root, dict(fault), BRIEF) for fault in faults]
        return None, wrong + list(_sources_not_there(path, root))
    brief = Brief.model_construct(id=name, **dict(content))
    problems = list(_sources_not_there(path, root))
    length = card_length(brief)
    if length > MAX_CARD:
        message = Said(
            "makes a card of {length} characters, and Discord shows {most}; shorten the facts or the summary",
            length=length,
            most=MAX_CARD,
        )
        problems.append(Problem(path, root.line, root.column, message))
    return None if problems else brief, problems


def _validate_translation(
    path: str, brief: str, language: str, root: Mapping
) -> tuple[Translation | None, list[Problem]]:
    try:
        content = TRANSLATION.whole.model_validate(_plain(root))
    except ValidationError as error:
        return None, [worded(path, root, dict(fault), TRANSLATION) for fault in error.errors()]
    return Translation.model_construct(id=brief, language=language, **dict(content)), []


def _sources_not_there(path: str, root: Mapping) -> Iterator[Problem]:
    """Yield a problem for each number of a source that is not there, even if the rest of the brief is not valid."""
    if not (number := len(_items(root, "sources"))):
        return
    there = f"there {'is 1' if number == 1 else f'are {number}'}, counted from 1"
    for fact in _items(root, "facts")[:MOST_PROBLEMS]:
        match fact:
            case Mapping(entries={"source": (_, Scalar(kind="number", text=text) as node)}) if (
                _NUMBER.fullmatch(text) and not 1 <= int(text) <= number
            ):
                yield Problem(path, node.line, node.column, f"source: there is no source {int(text)}; {there}")


def _items(root: Mapping, key: str) -> tuple[Node, ...]:
    match root.entries.get(key):
        case (_, Sequence(items=items)):
            return items
    return ()


def _plain(node: Node, key: str = "") -> Any:
    """Return the tree as plain data. A scalar that YAML does not take for text becomes an object that no field accepts.

    Dates count as text, quoted or not. A text that is too long is replaced by a short one that is too long as well.
    """
    match node:
        case Mapping(entries=entries):
            return {key: _plain(value, key) for key, (_, value) in entries.items()}
        case Sequence(items=items):
            return tuple(_plain(item) for item in items)
        case Scalar(kind="text", text=text):
            return text if _worth_reading(text, key) or key in _DATE_KEYS else _TOO_LONG
        case Scalar(kind=kind, text=text) if key in _DATE_KEYS and kind != "empty value":
            return text
        case Scalar(kind="number", text=text) if key == "source" and _NUMBER.fullmatch(text):
            return int(text)
    return object()


def _worth_reading(text: str, key: str = "") -> bool:
    return len(text) <= _WORTH_READING.get(key, _ELSE_WORTH_READING)
