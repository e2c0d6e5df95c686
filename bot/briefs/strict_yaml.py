"""Parses the part of YAML that a brief may use into a tree in which every value knows its line and column.

Anchors, aliases, tags, merge keys, second documents and duplicate keys are refused while the events of the parser
arrive, before anything could expand. Scalars keep the text as written, and the type that YAML would give it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import yaml

from bot.briefs.slips import find_slip
from bot.briefs.unquoted import needs_quotes
from bot.language import texts

MAX_DEPTH = 8
_IN_LIST = 3
"""The depth of the keys of an entry in a list, as facts have them."""

MAX_VALUES = 5000
"""Most values that are read. The largest brief has fewer; to read more would only take time."""

MOST_MENDED, LONGEST_MENDED = 20, 100_000
"""How many texts without quotes are named at once, and in how many characters at most. After each all is read again."""

LONGEST_RESOLVED = 2000
"""Characters above which a value is text in any case. To try the patterns of other types on 1 MiB takes 60 MiB."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_RESOLVER = yaml.resolver.Resolver()
# Characters that YAML does not allow (its production [1]), and line separators that editors do not count as lines.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_COMMENT = re.compile(r"[ \t]+(#[^\n]*)")
_MEANT_AS_COMMENT = re.compile(r"(?: {2,}| *\t[ \t]*)#(?:[ \t#]|$)", re.MULTILINE)
_CONFLICT = re.compile(r"^(<{7}|>{7}) ", re.MULTILINE)
_TAG_DIRECTIVE = re.compile(r"^%TAG\b", re.MULTILINE)  # the parser compares each of them with all earlier ones

_FURTHER = re.compile(r"\n\s*")
_FURTHER_ITEM = re.compile(r"\n\s*(?=-(?:\s|$))")

Kind = Literal["text", "number", "truth value", "date", "empty value", "special value"]
_KINDS: dict[str, Kind] = {
    "str": "text",
    "int": "number",
    "float": "number",
    "bool": "truth value",
    "timestamp": "date",
    "null": "empty value",
}


@dataclass(frozen=True, slots=True)
class Continuation:
    """Where an unquoted value goes on in a further line. ``item``: it looks like an item of a list there."""

    line: int
    column: int
    item: bool


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value as written. ``kind`` is the type that YAML gives it; quoted values are always text.

    ``cut`` is a comment after an unquoted value, if it may be meant as part of the value. "  # …", with two spaces
    before the sign and one after it, is meant as a comment. ``continued`` is set for a value of several lines.
    """

    line: int
    column: int
    text: str
    kind: Kind
    cut: str = ""
    continued: Continuation | None = None


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    line: int
    column: int
    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and values. Each key has its own place."""

    line: int
    column: int
    entries: dict[str, tuple[Scalar, "Node"]]


Node = Scalar | Sequence | Mapping


@dataclass(frozen=True, slots=True)
class Fault:
    """A mistake at a line and column, both counted from 1."""

    line: int
    column: int
    message: str


class _StopError(Exception):
    """Stops the parsing at a mistake after which nothing can be understood."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


def parse(text: str) -> tuple[Node | None, list[Fault]]:
    """Return the tree of a YAML text, and all its mistakes.

    The tree is None if the text has only comments, or if after a mistake nothing can be understood.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    mended: list[Fault] = []
    while True:
        builder = _Builder(text)
        try:
            _check_characters(text)
            root = builder.document(yaml.parse(text, Loader=_LOADER))
        except _StopError as stop:
            return None, [*mended, *builder.faults, stop.fault]
        except yaml.MarkedYAMLError as error:
            found = find_slip(text, error)
            fault = Fault(*found[:3]) if found else _explained(text, error)
            if found and found.mended and len(mended) < MOST_MENDED and len(text) < LONGEST_MENDED:
                mended.append(fault)
                text = found.mended
                continue
            said = any(each.line == fault.line for each in builder.faults)
            return None, [*mended, *builder.faults, *([] if said else [fault])]
        except yaml.YAMLError as error:
            return None, [*mended, *builder.faults, Fault(1, 1, f"is not valid YAML: {error}")]
        return root, [*mended, *builder.faults]


def _explained(text: str, error: yaml.MarkedYAMLError) -> Fault:
    never_closed = any(sign in str(error.problem) for sign in ("end of stream", "expected ','"))
    mark = (never_closed and error.context_mark) or error.problem_mark
    return Fault(*_within(text, mark), _explain(error))


def _within(text: str, mark: yaml.Mark | None) -> tuple[int, int]:
    """Return the place of a mark, or the end of the text if the mark is beyond it."""
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    last = text.count("\n") + 1
    return (line, column) if line <= last else (last, len(text) - text.rfind("\n"))


def _check_characters(text: str) -> None:
    if found := _CONFLICT.search(text):
        message = "is a leftover mark of a merge conflict; choose one side and delete the marks"
    elif found := _TAG_DIRECTIVE.search(text):
        message = "declares a YAML tag (%TAG), which briefs may not use; delete the line"
    elif found := _FORBIDDEN.search(text):
        cure = "delete it" if found[0] != "\0" else "save the file with the encoding UTF-8"
        message = f"holds the character U+{ord(found[0]):04X}, which a brief may not hold; {cure}"
    else:
        return
    line_start = text.rfind("\n", 0, found.start()) + 1
    raise _StopError(Fault(text.count("\n", 0, line_start) + 1, found.start() - line_start + 1, message))


def _explain(error: yaml.MarkedYAMLError) -> str:
    """Return the parser's message in words for somebody who does not know the grammar of YAML."""
    problem = error.problem or "cannot be read"
    hints = {
        "mapping values are not allowed": "a text with ': ' needs quotes, and a key a space after its ':'",
        "could not find expected ':'": "the line before is no 'key: value'; check its colon, quotes and indentation",
        "did not find expected key": "check the quotes and the indentation of this line and the one before",
        "cannot start any token": "indent with spaces, and put quotes around a text that starts with a sign",
        "found unexpected end of stream": "the quote that begins here is never closed; write it again behind the text",
        "did not find expected ',' or": "the bracket that begins here is never closed, or a comma is missing in it",
        "did not find expected '-' indicator": "the items of a list start with '- ', all in the same column",
        "found invalid Unicode character": "write the character itself in place of its escape",
        "found unknown escape": "a backslash in double quotes needs doubling; single quotes take it as it is",
        "block sequence entries are not allowed": (
            "start a list on a line of its own below its key; a text that begins with '- ' needs quotes"
        ),
    }
    hint = next((hint for start, hint in hints.items() if start in problem), "check the quotes and the indentation")
    context = f" {error.context}" if error.context else ""
    return f"is not valid YAML: {hint} (the parser says: {problem}{context})"


def shortened(text: str) -> str:
    """Return the beginning of a value, enough to recognise it."""
    return texts.shortened(text, 80)


class _Builder:
    """Builds the tree of one document from the parser's events, and collects the mistakes."""

    def __init__(self, text: str) -> None:
        self.faults: list[Fault] = []
        self._text = text
        self._values = 0

    def document(self, events: Iterator[yaml.Event]) -> Node | None:
        root: Node | None = None
        for event in events:
            if not isinstance(event, yaml.DocumentStartEvent):
                continue
            if root is not None:
                self._fault(event, "starts a second document; a file holds one brief, so give it a file of its own")
                break
            root = self._node(next(events), events, depth=1)
        return None if isinstance(root, Scalar) and root.kind == "empty value" and not root.text else root

    def _node(self, event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Node:
        self._check(event)
        line, column = _place(event)
        if depth > MAX_DEPTH:
            message = f"is nested more than {MAX_DEPTH} levels deep; no key of a brief needs that"
            raise _StopError(Fault(line, column, message))
        self._values += 1
        if self._values > MAX_VALUES:
            raise _StopError(Fault(line, column, f"is value {MAX_VALUES + 1:,} of this file; no brief has so many"))
        if isinstance(event, yaml.AliasEvent):
            return Scalar(line, column, str(event.anchor), "text")
        if isinstance(event, yaml.ScalarEvent):
            text = event.value or event.tag or event.anchor or ""
            return Scalar(line, column, text, _kind(event), self._cut(event), self._continued(event))
        if isinstance(event, yaml.SequenceStartEvent):
            return Sequence(line, column, tuple(self._items(events, depth)))
        return Mapping(line, column, self._entries(events, depth))

    def _cut(self, event: yaml.ScalarEvent) -> str:
        end = event.end_mark.index if event.end_mark and not event.style else len(self._text)
        comment = _COMMENT.match(self._text, end)
        return comment[1] if comment and not _MEANT_AS_COMMENT.match(self._text, end) else ""

    def _continued(self, event: yaml.ScalarEvent) -> Continuation | None:
        start, end = event.start_mark, event.end_mark
        if event.style or not start or not end or start.line == end.line:
            return None
        written = self._text[start.index : end.index]
        item = _FURTHER_ITEM.search(written)
        if not (found := item or _FURTHER.search(written)):
            return None
        line = start.line + 1 + written.count("\n", 0, found.end())
        return Continuation(line, found.end() - written.rfind("\n", 0, found.end()), item is not None)

    def _items(self, events: Iterator[yaml.Event], depth: int) -> Iterator[Node]:
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            yield self._node(event, events, depth + 1)

    def _entries(self, events: Iterator[yaml.Event], depth: int) -> dict[str, tuple[Scalar, Node]]:
        entries: dict[str, tuple[Scalar, Node]] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = self._node(event, events, depth + 1)
            value = self._node(next(events), events, depth + 1)
            if not isinstance(key, Scalar):
                self._fault(event, "is no key; a key is a single word before a colon")
            elif key.text == "<<" and key.kind != "text":
                self._fault(event, "is a merge key, which briefs may not use; write the keys out")
            elif key.text in entries:
                first, name = entries[key.text][0].line, shortened(key.text)
                other = "; or put '- ' before it, if another entry begins here" if depth >= _IN_LIST else ""
                self._fault(event, f"is the key {name!r} again (first on line {first}); keep one of them{other}")
            else:
                entries[key.text] = (key, value)
        return entries

    def _check(self, event: yaml.Event) -> None:
        name = shortened(getattr(event, "anchor", None) or "")
        if isinstance(event, yaml.AliasEvent):
            self._fault(event, f"{needs_quotes('*')}; to YAML it is the alias *{name}, which briefs may not use")
        elif name:
            self._fault(event, f"{needs_quotes('&')}; to YAML it is the anchor &{name}, which briefs may not use")
        if getattr(event, "tag", None):
            self._fault(event, f"{needs_quotes('!')}; to YAML it is a tag, which briefs may not use")

    def _fault(self, event: yaml.Event, message: str) -> None:
        self.faults.append(Fault(*_place(event), message))


def _place(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _kind(event: yaml.ScalarEvent) -> Kind:
    if event.style or event.tag or event.anchor or len(event.value) > LONGEST_RESOLVED:
        return "text"
    tag: str = _RESOLVER.resolve(yaml.ScalarNode, event.value, (True, False))  # type: ignore[no-untyped-call]
    return _KINDS.get(tag.rsplit(":", 1)[1], "special value")
