"""Edits of the text of a brief's file: a value or a list is replaced where the parser says that it stands.

Comments and layout of everything else stay. What cannot be done so raises UnfitError.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import yaml

from bot.authoring.form import written
from bot.authoring.form.fields import UnfitError
from bot.errors import Said

UNSAFE = Said("This file can only be changed as YAML, because of how it is laid out.")

_DASH = re.compile(r" *- +")
_HEADER = re.compile(r"[|>][-+0-9]*[ \t]+(#[^\n]*)")


class Entry(NamedTuple):
    """An entry of a list: the place of the old one that it is, None if it is new, and what it holds now.

    ``shown`` are the values by key of a fact or a source that may have changed; None if the entry stays as it stands.
    """

    old: int | None
    value: Any
    shown: Mapping[str, str | None] | None = None


class _Edit(NamedTuple):
    """What stands from ``start`` to ``end`` of a text is replaced."""

    start: int
    end: int
    text: str


def edited(text: str, changes: Mapping[str, str | Sequence[Entry]]) -> str:
    """Return the ``text`` of a valid brief, with line feeds alone, after changes of its keys. Raises UnfitError."""
    root = _composed(text)
    if root.flow_style:
        raise UnfitError(UNSAFE)
    if text and not text.endswith("\n"):
        text += "\n"
    nodes = {key.value: (key, value) for key, value in root.value}
    edits: list[_Edit] = []
    for key in (key for key in written.KEYS if key in changes):
        change = changes[key]
        if key not in nodes:
            edits += _inserted(text, nodes, key, change)
        elif isinstance(change, str):
            edits += _value(text, key, *nodes[key], change)
        else:
            edits += _list(text, key, *nodes[key], change)
    return _carried_out(text, edits)


def _composed(text: str) -> Any:
    return yaml.compose(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _carried_out(text: str, edits: Iterable[_Edit]) -> str:
    """Return the text after edits, which are made in the order of their places."""
    parts: list[str] = []
    place = 0
    for edit in sorted(edits, key=lambda edit: edit[:2]):
        if edit.start < place:
            raise UnfitError(UNSAFE)
        parts += [text[place : edit.start], edit.text]
        place = edit.end
    return "".join([*parts, text[place:]])


def _inserted(text: str, nodes: Mapping[str, Any], key: str, change: str | Sequence[Entry]) -> Iterator[_Edit]:
    """Yield a key that was not there, below the last one that stands before it in the order of a brief's keys."""
    value = change if isinstance(change, str) else [entry.value for entry in change]
    before = [nodes[known][1] for known in written.KEYS[: written.KEYS.index(key)] if known in nodes]
    if value:
        place = max((_line_end(text, _end(text, node)) for node in before), default=0)
        yield _Edit(place, place, written.entry(key, value))


def _value(text: str, key: str, name: Any, node: Any, value: str) -> Iterator[_Edit]:
    """Yield the edit of a single value; a comment that no longer fits beside it moves above its key."""
    start, end = node.start_mark.index, _end(text, node)
    new = written.value_of(key, value, name.start_mark.column)
    yield _Edit(start, end, new)
    comment = _HEADER.match(text, start) if node.style in ("|", ">") else None
    beside = text[end : _line_end(text, end)].strip()
    if comment or (beside.startswith("#") and new[0] in "|>"):
        line = _line_start(text, name.start_mark.index)
        yield _Edit(line, line, f"{comment[1] if comment else beside}\n")
        if not comment:
            yield _Edit(end, _line_end(text, end) - 1, "")


def _list(text: str, key: str, name: Any, node: Any, entries: Sequence[Entry]) -> Iterator[_Edit]:
    """Yield the edits of a list."""
    values = [entry.value for entry in entries]
    if not node.value:
        yield _Edit(name.start_mark.index, node.end_mark.index, written.entry(key, values).removesuffix("\n"))
    elif not node.flow_style:
        yield from _block(text, name, node, entries)
    elif "#" in "".join(_gaps(text, node)):
        raise UnfitError(UNSAFE)
    elif all(isinstance(value, str) for value in values):
        parts = [
            text[slice(*_span(text, node.value[entry.old]))]
            if entry.old is not None
            else written.flow([entry.value])[1:-1]
            for entry in entries
        ]
        yield _Edit(node.start_mark.index, node.end_mark.index, _wrapped(parts, node.start_mark.column))
    else:
        yield _Edit(name.start_mark.index, node.end_mark.index, written.entry(key, values).removesuffix("\n"))


def _block(text: str, name: Any, node: Any, entries: Sequence[Entry]) -> Iterator[_Edit]:
    """Yield the edits of a list with a dash for each entry, whose comments stay above it."""
    starts = [_line_start(text, item.start_mark.index) for item in node.value]
    ends = [_line_end(text, _end(text, item)) for item in node.value]
    dashes = (
        _DASH.fullmatch(text, start, item.start_mark.index) for start, item in zip(starts, node.value, strict=True)
    )
    if not all(dashes):
        raise UnfitError(UNSAFE)
    first = _line_end(text, name.end_mark.index)
    leads = [text[end:start] for end, start in zip([first, *ends], starts, strict=False)]
    parts: list[str] = []
    for entry in entries:
        if entry.old is None:
            parts.append(written.item(entry.value, node.start_mark.column))
            continue
        body = text[starts[entry.old] : ends[entry.old]]
        changed = body if entry.shown is None else _item(body, entry)
        parts.append(leads[entry.old] + changed)
    kept = {entry.old for entry in entries}
    parts += [lead for n, lead in enumerate(leads) if n not in kept and "#" in lead]
    if not entries:
        colon = text.index(":", name.end_mark.index) + 1
        yield _Edit(colon, colon, " []")
    yield _Edit(first, ends[-1], "".join(parts))


def _item(body: str, entry: Entry) -> str:
    """Return the lines of a fact or a source with the values that have changed."""
    (node,) = _composed(body).value
    column = node.start_mark.column
    edits: list[_Edit] = []
    nodes = {key.value: (key, value) for key, value in node.value}
    known = {key: value.value for key, (_, value) in nodes.items()}
    changes = {key: value for key, value in (entry.shown or {}).items() if known.get(key) != value}
    first = node.value[0][0].value
    if node.flow_style or any(key == first and value is None for key, value in changes.items()):
        if "#" in body:
            raise UnfitError(UNSAFE)
        return written.item(entry.value, body.index("-"))
    for key, value in changes.items():
        if key not in nodes:
            place = _line_end(body, _end(body, node.value[0][1]))
            edits.append(_Edit(place, place, " " * column + f"{key}: {written.value_of(key, value or '', column)}\n"))
        elif value is None:
            start = _line_start(body, nodes[key][0].start_mark.index)
            edits.append(_Edit(start, _line_end(body, _end(body, nodes[key][1])), ""))
        else:
            edits.append(_Edit(*_span(body, nodes[key][1]), written.value_of(key, value, column)))
    return _carried_out(body, edits)


def _wrapped(parts: Sequence[str], column: int) -> str:
    """Return a list within brackets that begins in ``column``, broken where its lines would become too long."""
    lines = [""]
    for n, part in enumerate(parts):
        piece = part + ("," if n < len(parts) - 1 else "")
        if lines[-1] and column + len(lines[-1]) + len(piece) + 2 > written.WIDTH:
            lines.append("")
        lines[-1] += f" {piece}" if lines[-1] else piece
    newline = "\n"
    return f"[{newline.join([lines[0], *(' ' * (column + 1) + line for line in lines[1:])])}]"


def _gaps(text: str, node: Any) -> Iterator[str]:
    """Yield what stands between the entries of a list within brackets."""
    place = node.start_mark.index
    for item in node.value:
        start, end = _span(text, item)
        yield text[place:start]
        place = end
    yield text[place : node.end_mark.index]


def _span(text: str, node: Any) -> tuple[int, int]:
    return node.start_mark.index, _end(text, node)


def _end(text: str, node: Any) -> int:
    """Return where the last character of a value stands; the parser counts comments and empty lines after a block."""
    if isinstance(node, yaml.ScalarNode) or node.flow_style or not node.value:
        return len(text[: node.end_mark.index].rstrip())
    last = node.value[-1]
    return _end(text, last[1] if isinstance(last, tuple) else last)


def _line_start(text: str, place: int) -> int:
    return text.rfind("\n", 0, place) + 1


def _line_end(text: str, place: int) -> int:
    """Return where the next line begins."""
    end = text.find("\n", place)
    return len(text) if end < 0 else end + 1
