"""Reads a file as entries: rows of a table, parts of JSON or TOML, or a Markdown file with its front matter.

Every value becomes a text, a list or a mapping, so that no number is too large and no date is lost. A file that cannot
be read gives one line that says where and why.
"""

import csv
import io
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from bot.authoring.importing.keys import is_text, known, meant
from bot.briefs import strict_yaml
from bot.errors import printable
from bot.language.texts import shortened

MOST_ENTRIES = 5000
"""Entries of one file that are read."""

Value = Any
"""A text, a list of values, or a mapping of texts to values."""

TAG = "tag"
"""Ends the name of a file that has its keys above the first ---, without a --- before them."""

_SEPARATORS = ",;\t|"
_DEEPEST = 2
"""Keys within each other below which entries are looked for."""

_MOST_DOTS = 5_000_000
"""Sum of the squares of the dots of TOML's lines. The parser takes memory for the square of the parts of a key."""

_FRONT = re.compile(r"---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_TOML_FRONT = re.compile(r"\+\+\+[ \t]*\n(.*?)^\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_HEADER = re.compile(r"((?:\w[\w-]*:[^\n]*\n|[ \t]+\S[^\n]*\n|#[^\n]*\n|[ \t]*\n)+)---[ \t]*(?:\n|\Z)")
_KEYS_ALONE = re.compile(r"\s*(?:\w[\w-]*:[^\n]*\n?)+\s*")
_LINE = re.compile(r"[ \t]*(\w[\w-]*):[ \t]*+((?![&*!]).*)")
_HEADING = re.compile(r"\s*#\s+(.+?)(?:\s#+)?\s*(?:\n|\Z)")


class UnreadableError(Exception):
    """A file that cannot be read. The message says why, and where if that is known."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: where it stands, the name by which it was found there, and its values by key."""

    place: str
    name: str
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Entries:
    """The entries of a file, and lines about what of it was not taken, or was taken in a way that is to be said."""

    found: Sequence[Entry]
    said: Sequence[str] = ()


class Pairs(list[tuple[str, Value]]):
    """The keys and values of a JSON object, in order, also those of a key that comes twice."""


def entries_of(name: str, content: bytes) -> Entries:
    """Return the entries of a file. Raises UnreadableError."""
    text, ending = _decoded(content), PurePosixPath(name).suffix.lower()
    try:
        match ending:
            case ".csv" | ".tsv":
                found = _of_table(name, text)
            case ".json":
                found = _of_tree(name, _json(text))
            case ".toml":
                found = _of_tree(name, _toml(text))
            case _:
                found = _of_markdown(name, text)
    except RecursionError:
        raise UnreadableError("is nested too deeply") from None
    if len(found.found) > MOST_ENTRIES:
        raise UnreadableError(f"has more than {MOST_ENTRIES:,} entries; import it in parts")
    return found


def _decoded(content: bytes) -> str:
    """Return the text of a file that is UTF-8, or says by its first bytes that it is UTF-16."""
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnreadableError(f"line {line} is not UTF-8; save the file with the encoding UTF-8") from None
    if "\0" in text:
        raise UnreadableError("holds the character U+0000; save it as text with the encoding UTF-8")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _of_table(name: str, text: str) -> Entries:
    first = text.partition("\n")[0]
    rows = [next(csv.reader([first], delimiter=each), []) for each in _SEPARATORS]
    separator = max(zip(rows, _SEPARATORS, strict=True), key=lambda it: (sum(map(known, it[0])), len(it[0])))[1]
    lines = [(line, row) for line, row in _rows(text, separator) if any(cell.strip() for cell in row)]
    if not lines:
        raise UnreadableError("is empty")
    header, said = [cell.strip() for cell in lines[0][1]], []
    if any(map(known, header)):
        lines = lines[1:]
        if twice := sorted({key for key in header if key and header.count(key) > 1}):
            raise UnreadableError(f"has the column {printable(twice[0])!r} twice; rename one of them")
    elif len(header) == 2:
        if not any(len(cell) > _LONGEST_HEADING or cell.endswith("?") for cell in header):
            lines = lines[1:]
        said.append("the first column was taken for the question and the second for the answer")
        header = ["question", "answer"]
    else:
        raise UnreadableError("has no row of headings that is known; name the columns question and answer")
    return Entries([_row(name, line, header, row) for line, row in lines], said)


def _rows(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row of a table with the line in which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    line = 1
    try:
        for row in reader:
            yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableError(f"line {line} begins a row that cannot be read ({error})") from None


_LONGEST_HEADING = 30
"""Characters of the first row of two columns above which it is taken for an entry, not for headings."""


def _row(name: str, line: int, header: Sequence[str], row: Sequence[str]) -> Entry:
    values = {key: cell for key, cell in zip(header, row, strict=False) if key and cell.strip()}
    if more := [cell for cell in row[len(header) :] if cell.strip()]:
        values["columns without a heading"] = ", ".join(more)
    return Entry(f"{name}:{line}", "", values)


def _json(text: str) -> Value:
    try:
        return json.loads(text, object_pairs_hook=Pairs, parse_int=str, parse_float=str, parse_constant=str)
    except json.JSONDecodeError as error:
        message = f"line {error.lineno}, column {error.colno} is not valid JSON: {error.msg}"
        raise UnreadableError(message) from None


def _toml(text: str) -> Value:
    if sum(line.count(".") ** 2 for line in text.split("\n")) > _MOST_DOTS:
        raise UnreadableError("has lines with too many dots to be read as TOML")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UnreadableError(f"is not valid TOML: {error}") from None
    except ValueError:  # a number of thousands of digits, or a day that does not exist
        raise UnreadableError("is not valid TOML: it holds a number or a date that cannot be") from None


def _of_tree(name: str, root: Value) -> Entries:
    """Return the entries of JSON or TOML: a list of them, named ones, or lists below keys."""
    said: list[str] = []
    found = list(_entries_in(name, "", root, said))
    if not found:
        raise UnreadableError("has no entries: an entry has a text, such as an answer or a content")
    return Entries(found, said)


def _entries_in(name: str, path: str, value: Value, said: list[str]) -> Iterator[Entry]:
    if _is_list(value):
        for number, each in enumerate(value, 1):
            if _is_mapping(each):
                yield Entry(f"{name} [{path}{number}]", "", _values(each))
            else:
                said.append(f"[{path}{number}] is no entry: it has no keys")
        return
    pairs = _pairs(value)
    if any(is_text(key) for key, each in pairs if isinstance(each, str)):
        yield Entry(f"{name} [{path.rstrip('.')}]" if path else name, path.rstrip("."), _values(value))
        return
    for key, each in pairs:
        place = f"{name} [{path}{shortened(printable(key), 80)}]"
        if isinstance(each, str) and not path:
            yield Entry(place, key, {"text": each})
        elif _is_mapping(each) and _has_text(each):
            yield Entry(place, key, _values(each))
        elif path.count(".") < _DEEPEST and (_is_mapping(each) or (_is_list(each) and any(map(_is_mapping, each)))):
            yield from _entries_in(name, f"{path}{key}.", each, said)
        else:
            said.append(f"[{path}{shortened(printable(key), 80)}] is no entry: it has no text")


def _has_text(value: Value) -> bool:
    keys = dict(_pairs(value))
    return any(is_text(key) and isinstance(each, str) for key, each in keys.items()) or any(
        meant(key) in ("embed", "target") for key in keys
    )


def _is_list(value: Value) -> bool:
    return isinstance(value, list) and not isinstance(value, Pairs)


def _is_mapping(value: Value) -> bool:
    return isinstance(value, Mapping | Pairs)


def _pairs(value: Value) -> Iterable[tuple[str, Value]]:
    return value if isinstance(value, Pairs) else value.items() if isinstance(value, Mapping) else ()


def _values(value: Value) -> dict[str, Value]:
    """Return a mapping as plain values; of a key that comes twice, each value but the first has a mark in its key."""
    found: dict[str, Value] = {}
    for key, each in _pairs(value):
        found[key if key not in found else f"{key} (again)"] = _plain(each)
    return found


def _plain(value: Value) -> Value:
    if _is_mapping(value):
        return _values(value)
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _of_markdown(name: str, text: str) -> Entries:
    """Return a Markdown file as an entry: front matter between --- or +++, or keys above the first ---."""
    if front := _TOML_FRONT.match(text):
        values, body = _values(_toml(front[1])), text[front.end() :]
    elif front := (_FRONT.match(text) or (_HEADER.match(text) if name.endswith(TAG) else None)):
        values, body = _yaml(front[1]), text[front.end() :]
    elif name.endswith(TAG) and _KEYS_ALONE.fullmatch(text):
        values, body = _yaml(text), ""
    else:
        values, body = {}, text
    if not any(meant(key) == "title" for key in values) and (heading := _HEADING.match(body)):
        values["title"], body = heading[1], body[heading.end() :]
    if body.strip():
        values["body of the file"] = body
    return Entries([Entry(name, PurePosixPath(name).stem, values)])


def _yaml(text: str) -> dict[str, Value]:
    """Return front matter: as YAML, or line by line where it is none, as a value with a colon or a bracket is not."""
    root, faults = strict_yaml.parse(text)
    if isinstance(root, strict_yaml.Mapping) and not faults:
        return {key: _node(value) for key, (_, value) in root.entries.items()}
    lines = [_LINE.fullmatch(line) for line in text.split("\n") if line.strip() and not line.startswith("#")]
    if None in lines or not lines:
        where = f"line {faults[0].line + 1} " if faults else ""
        raise UnreadableError(f"{where}of its front matter {faults[0].message if faults else 'holds no keys'}")
    found: dict[str, Value] = {}
    for line in filter(None, lines):
        found[line[1] if line[1] not in found else f"{line[1]} (again)"] = line[2].strip()
    return found


def _node(node: strict_yaml.Node) -> Value:
    match node:
        case strict_yaml.Scalar(text=text, kind=kind):
            return "" if kind == "empty value" else text
        case strict_yaml.Sequence(items=items):
            return [_node(item) for item in items]
        case strict_yaml.Mapping(entries=entries):
            return {key: _node(value) for key, (_, value) in entries.items()}
