"""Reads one YAML file: returns a brief, or all its problems with their lines and columns."""

import codecs
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.briefs import strict_yaml
from bot.briefs.brief import ID_PATTERN, Brief, BriefContent, Correction, Fact, Image, Source, Status
from bot.briefs.card import MAX_CARD, card_length
from bot.briefs.strict_yaml import Mapping, Node, Scalar, Sequence, shortened
from bot.errors import Problem

MOST_PROBLEMS = 100
"""Most problems of one file that are reported. More would not help."""

NO_ID = "the file's name is the brief's id: use at most 64 lower-case letters, digits and hyphens"

_DATE_KEYS = ("as_of", "expires", "on", "published")
_TEXT_KEYS = ("title", "aliases", "questions", "summary", "text", "by", "quote", "name", "alt", "credit")
_PARTS: dict[str, type[BaseModel]] = {"facts": Fact, "sources": Source, "image": Image, "corrections": Correction}
_PART_KEYS = {
    "facts": "a fact has 'text: …' and 'by: …'",
    "sources": "a source has 'name: …' and 'url: …'",
    "image": "an image has 'url: …', 'alt: …' and 'credit: …'",
    "corrections": "a correction has 'on: …' and 'text: …'",
}
_PHRASES = ("aliases", "questions")
_QUOTE_IT = "put the whole text in quotes, or two spaces before a # that begins a comment"

_WORTH_READING = {"summary": 2000}
_ELSE_WORTH_READING = 600
"""Characters above which a text is too long for any key. Longer ones are not read, because to normalise half a million
accents takes minutes, and no other thread runs meanwhile.
"""
_TOO_LONG = "x" * 2001
_NUMBER = re.compile("[0-9]{1,4}")
_COMPARED = 100
"""Characters of an unknown word that are compared with known words, which are all shorter."""

Location = tuple[str | int, ...]
"""The place of a value in a brief: keys and list positions from the root on, as pydantic gives them."""


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """One file of the base: the text that could be decoded, the tree that could be parsed, the brief if it is valid,
    and the problems.
    """

    path: str
    id: str
    text: str
    root: Mapping | None
    brief: Brief | None
    problems: tuple[Problem, ...]

    def problem(self, location: Location, message: str) -> Problem:
        """Return ``message`` as a problem at the value, or at the unknown key, of ``location``."""
        node = _follow(self.root, location)
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
    """Return the brief in a file's ``content``, or its problems. The id comes from ``path``."""
    name = os.path.basename(path).removesuffix(".yaml")
    problems: list[Problem] = []
    if not ID_PATTERN.fullmatch(name):
        problems.append(Problem(path, 1, 1, NO_ID))
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
    brief, wrong = _validate(path, name, root)
    problems = (problems + list(_out_of_line(path, root)) + wrong)[:MOST_PROBLEMS]
    return LoadedFile(path, name, text, root, None if problems else brief, tuple(problems))


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
        content = BriefContent.model_validate(_plain(root))
    except ValidationError as error:
        # A list whose entries are all wrong is also reported as too short. One problem is enough.
        faults = [fault for fault in error.errors() if fault["type"] != "too_short" or not fault["input"]]
        return None, [_worded(path, root, dict(fault)) for fault in faults] + list(_sources_not_there(path, root))
    brief = Brief.model_construct(id=name, **dict(content))
    problems = list(_sources_not_there(path, root))
    length = card_length(brief)
    if length > MAX_CARD:
        message = f"makes a card of {length} characters, and Discord shows {MAX_CARD}; shorten the facts or the summary"
        problems.append(Problem(path, root.line, root.column, message))
    return None if problems else brief, problems


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


def _follow(root: Node | None, location: Location) -> Node | None:
    """Return the node at ``location``, or the last one on the way to it. For an unknown key, return the key."""
    node = root
    for step in location:
        if isinstance(node, Mapping) and step in node.entries:
            node = node.entries[str(step)][1]
        elif isinstance(node, Sequence) and isinstance(step, int):
            node = node.items[step]
    return node


def _worded(path: str, root: Mapping, fault: dict[str, Any]) -> Problem:
    """Return an error of pydantic as a problem that says where it is and what to do."""
    location: Location = fault["loc"]
    node = _follow(root, location) or root
    key = next((step for step in reversed(location) if isinstance(step, str)), "")
    context = fault.get("ctx", {})
    match fault["type"]:
        case "int_type":
            message = f"{key}: must be the number of a source, counted from 1, without quotes"
        case "missing":
            message = f"the key {key!r} is missing; add it"
        case "extra_forbidden":
            parent = _follow(root, location[:-1])
            node = parent.entries[key][0] if isinstance(parent, Mapping) else node
            message = f"unknown key {shortened(key)!r}{did_you_mean(key, _known_keys(location))}"
        case "string_type" | "tuple_type" | "model_type":
            message = f"{key}: {_wrong_type(node, fault['type'], str(location[0]))}"
        case "literal_error":
            choices = context["expected"].replace("'", "")
            message = f"{key}: must be {choices}{did_you_mean(_text(node), get_args(Status), list_all=False)}"
        case "string_too_long":
            message = f"{key}: is longer than {context['max_length']} characters; shorten it"
        case "too_long":
            message = f"{key}: has more than {context['max_length']} entries; remove some"
        case "too_short":
            message = f"{key}: needs at least one entry"
        case "string_pattern_mismatch":
            message = f"{key}: {shortened(_text(node))!r} is no id; an id is the name of a brief's file without .yaml"
        case _:
            message = f"{key}: {context.get('error', fault['msg'])}"
    return Problem(path, node.line, node.column, message)


def _wrong_type(node: Node, wanted: str, part: str) -> str:
    match node, wanted:
        case Scalar(kind="empty value", cut=comment), _ if comment:
            return f"has no value, for {shortened(comment)!r} is a comment to YAML; put it in quotes"
        case Scalar(kind="empty value"), _:
            return "has no value; write one or remove the key"
        case Scalar(), "tuple_type":
            return "must be a list; put each entry on a line of its own that starts with '- '"
        case Scalar(text=text), "model_type":
            return f"{shortened(text)!r} needs a key before it: {_PART_KEYS[part]}"
        case Scalar(kind=kind, text=text), _:
            written = shortened(text)
            return f"{written} is a {kind} to YAML; put it in quotes to have it as text: {_quoted(written)}"
        case Mapping(), "string_type":
            return "must be text; put quotes around a text that holds ': '"
        case Mapping(), _:
            return "must be a list; put '- ' before each entry"
    return "must be a single text; remove the '- ' or the brackets" if wanted == "string_type" else "must have keys"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _text(node: Node) -> str:
    return node.text if isinstance(node, Scalar) else ""


def _known_keys(location: Location) -> Iterable[str]:
    model: type[BaseModel] = BriefContent if len(location) == 1 else _PARTS[str(location[0])]
    return model.model_fields


def did_you_mean(word: str, known: Iterable[str], *, list_all: bool = True) -> str:
    """Return the end of a message about an unknown ``word``: the most similar known word, or all if they are few."""
    known = list(known)
    nearest = process.extractOne(word[:_COMPARED], known, scorer=OSA.normalized_similarity, score_cutoff=0.6)
    if nearest:
        return f"; did you mean {nearest[0]!r}?"
    return f"; known are {', '.join(known)}" if list_all and len(known) < 16 else ""
