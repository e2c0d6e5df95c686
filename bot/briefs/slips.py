"""Finds what somebody did who is new to YAML, where its parser gave up: a space that is missing, a line that is out of
line, a list sign of another kind. It looks for the keys of a brief, which the parser does not know.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import yaml
from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.briefs import brief, translation
from bot.briefs.unquoted import Unquoted, find_unquoted, in_quotes

TOP = frozenset(brief.BriefContent.model_fields) | frozenset(translation.TranslationContent.model_fields)
"""The keys of a brief and of a translation."""

INNER = frozenset(
    key for part in (brief.Fact, brief.Source, brief.Image, brief.Correction) for key in part.model_fields
)
"""The keys within their facts, sources, image and corrections."""

_KEY = rf"(?P<key>{'|'.join(sorted(TOP | INNER, key=len, reverse=True))})"
_LEAD = r"(?P<lead> *(?P<dash>- +)?)"
_KEYED = re.compile(rf"{_LEAD}{_KEY} *:(?: +(?P<value>.*)|)$")
_NO_SPACE = re.compile(rf"{_LEAD}{_KEY}:(?P<value>[^\s:].*)$")
_NO_COLON = re.compile(rf"{_LEAD}{_KEY}(?P<sign> *[=：﹕;]+ *|:?[\u00a0\u2007\u202f\u3000]+| +)(?P<value>.*)$")
_NO_DASH_SPACE = re.compile(r"(?P<lead> *)-(?P<value>[^\W\d]\w*:(?: .*|))$")
_ITEM = re.compile(r"(?P<lead> *)- ")
_FENCE = re.compile(r" *```")
_BULLET = re.compile(r"(?P<lead> *)(?P<sign>[*•‣▪·–—−]) +\S")
_LINK = re.compile(r"(?P<lead> *)https?://")
_PLAIN = re.compile(r"(?P<lead> *)(?![-#\s'\"|>&*!%@`\[{])(?P<value>.*)$")
_LONGEST = 100_000
"""Characters of a text above which it is no brief that somebody typed, and would only take time."""

_LIKE_A_KEY = re.compile(r"(?P<lead> *)(?P<key>[\w-]{3,30}) *:(?: |$)")
_ALIKE = 0.7
"""How alike a word is to a key that is meant, as a share of the letters: "titel" and "title" are 0.8."""

_ANY_KEY = re.compile(r"[\w-]+ *:(?: |$)")
_COLON = re.compile(r":(?: |$)")
_CURLY = "“”„«»"

Look = Callable[[Sequence[str], int], Unquoted | None]
"""Looks at a line by its number, from 0."""


def find_slip(text: str, error: yaml.MarkedYAMLError) -> Unquoted | None:
    """Return what is wrong, and how to mend it, where the parser stopped; None if that is nothing known."""
    if len(text) > _LONGEST:
        return find_unquoted(text, error)
    lines = text.split("\n")
    places = [*_places(lines, error)]
    return _first(_SIGNS, lines, places[:1]) or find_unquoted(text, error) or _first(_LOOKS, lines, places)


def _first(looks: Sequence[Look], lines: Sequence[str], places: Sequence[int]) -> Unquoted | None:
    return next((found for number in places for look in looks if (found := look(lines, number))), None)


def _places(lines: Sequence[str], error: yaml.MarkedYAMLError) -> Iterator[int]:
    """Yield the numbers, from 0, of the lines that may be what the parser stopped at, the likeliest first."""
    begun = error.context_mark if "simple key" in (error.context or "") else None
    stopped = error.problem_mark
    marks = [mark.line for mark in (begun, stopped) if mark and mark.line < len(lines)]
    before = [number for line in marks for number in range(line - 1, -1, -1) if lines[number].strip()][:1]
    yield from dict.fromkeys([*marks, *before])


def _fence(lines: Sequence[str], number: int) -> Unquoted | None:
    if not _FENCE.match(lines[number]):
        return None
    return Unquoted(number + 1, 1, "is a mark of a code block on Discord, and no part of a brief; delete this line")


def _no_space(lines: Sequence[str], number: int) -> Unquoted | None:
    if not (found := _NO_SPACE.match(lines[number])):
        return None
    written = f"{found['key']}: {found['value']}"
    message = f"a space is missing after the ':' of {found['key']!r}; write '{found['key']}: …'"
    return Unquoted(number + 1, found.end("key") + 1, message, _replaced(lines, number, found["lead"] + written))


def _no_colon(lines: Sequence[str], number: int) -> Unquoted | None:
    if not (found := _NO_COLON.match(lines[number])) or _KEYED.match(lines[number]):
        return None
    key, sign = found["key"], found["sign"].strip()
    what = f"has {sign} after {key!r}" if sign and sign != ":" else f"has no ': ' after {key!r}"
    written = f"{found['lead']}{key}: {found['value']}"
    message = f"{what}; write '{key}: …', with a colon and a plain space"
    return Unquoted(number + 1, found.start("key") + 1, message, _replaced(lines, number, written))


def _no_dash_space(lines: Sequence[str], number: int) -> Unquoted | None:
    if not (found := _NO_DASH_SPACE.match(lines[number])):
        return None
    written = f"{found['lead']}- {found['value']}"
    message = "a space is missing after the '-' that begins an entry; write '- …'"
    return Unquoted(number + 1, len(found["lead"]) + 1, message, _replaced(lines, number, written))


def _bullet(lines: Sequence[str], number: int) -> Unquoted | None:
    if not (found := _BULLET.match(lines[number])):
        return None
    written = lines[number].replace(found["sign"], "-", 1)
    message = f"{found['sign']} begins no entry of a list; write '- …', with a hyphen and a space"
    return Unquoted(number + 1, len(found["lead"]) + 1, message, _replaced(lines, number, written))


def _column_of_key(lines: Sequence[str], number: int) -> Unquoted | None:
    """A key of the brief that does not stand below the others, or a key of an entry that does not."""
    found = _KEYED.match(lines[number])
    if not found or found["dash"]:
        return None
    wanted = _column_of_top(lines) if found["key"] in TOP else _column_in_entry(lines, number)
    column = len(found["lead"])
    if wanted is None or wanted[0] == column:
        return None
    there = f"below {wanted[1]!r}, in column {wanted[0] + 1}"
    message = f"{found['key']!r} stands in column {column + 1}, and belongs {there}; {_moved(column, wanted[0])}"
    written = " " * wanted[0] + lines[number].lstrip(" ")
    return Unquoted(number + 1, column + 1, message, _replaced(lines, number, written))


def _misspelt_key(lines: Sequence[str], number: int) -> Unquoted | None:
    """A line that is not below the keys of the brief, and begins with what is nearly one of them."""
    found, wanted = _LIKE_A_KEY.match(lines[number]), _column_of_top(lines)
    if not found or wanted is None or wanted[0] == (column := len(found["lead"])):
        return None
    nearest = process.extractOne(found["key"], TOP, scorer=OSA.normalized_similarity, score_cutoff=_ALIKE)
    if not nearest:
        return None
    message = (
        f"{found['key']!r} stands in column {column + 1} and is no key; if {nearest[0]!r} is meant, it belongs below "
        f"{wanted[1]!r}, in column {wanted[0] + 1}; if it is text, put the whole text in quotes"
    )
    there = any((other := _KEYED.match(line)) and other["key"] == nearest[0] for line in lines)
    written = "" if there else " " * wanted[0] + nearest[0] + lines[number][found.end("key") :]
    return Unquoted(number + 1, column + 1, message, _replaced(lines, number, written))


def _column_of_top(lines: Sequence[str]) -> tuple[int, str] | None:
    """Return the column, from 0, in which most keys of the brief stand, and the first of them."""
    found = [match for line in lines if (match := _KEYED.match(line)) and not match["dash"] and match["key"] in TOP]
    if not found:
        return None
    ((column, _),) = Counter(len(match["lead"]) for match in found).most_common(1)
    return column, next(match["key"] for match in found if len(match["lead"]) == column)


def _column_in_entry(lines: Sequence[str], number: int) -> tuple[int, str] | None:
    """Return the column, from 0, and the name of the key that stands beside the dash of the entry above."""
    for line in reversed(lines[:number]):
        match = _KEYED.match(line)
        if match and match["dash"]:
            return len(match["lead"]), match["key"]
        if match and match["key"] in TOP:
            return None
    return None


def _column_of_dash(lines: Sequence[str], number: int) -> Unquoted | None:
    """An entry whose dash does not stand below the one above."""
    if not (found := _ITEM.match(lines[number])):
        return None
    column = len(found["lead"])
    wanted = _dash_above(lines, number)
    if wanted is None or wanted == column:
        return None
    message = f"this '- ' stands in column {column + 1}, and the one above in column {wanted + 1}"
    written = " " * wanted + lines[number].lstrip(" ")
    mended = _replaced(lines, number, written) if not _KEYED.match(lines[number]) else None
    return Unquoted(number + 1, column + 1, f"{message}; {_moved(column, wanted)}", mended)


def _dash_above(lines: Sequence[str], number: int) -> int | None:
    for line in reversed(lines[:number]):
        if match := _ITEM.match(line):
            return len(match["lead"])
        if (key := _KEYED.match(line)) and key["key"] in TOP:
            return None
    return None


def _moved(column: int, wanted: int) -> str:
    many = abs(column - wanted)
    spaces = f"{many} space" + ("s" if many > 1 else "")
    return f"take {spaces} out before it" if column > wanted else f"put {spaces} before it"


def _colon_in_text(lines: Sequence[str], number: int) -> Unquoted | None:
    """A text with a colon in it, which YAML takes for a key; the text may have begun on a line above."""
    first = next((n for n in range(number, -1, -1) if _KEYED.match(lines[n])), None)
    found = _KEYED.match(lines[first]) if first is not None else None
    if first is None or not found or not (value := found["value"]) or value[0] in "'\"|>[{":
        return None
    if not _COLON.search(value if first == number else lines[number]):
        return None
    curly = " (“ and ” are no quotes to YAML)" if value[0] in _CURLY else ""
    message = f'the text of {found["key"]!r} holds a colon; put it in straight quotes: "…"{curly}'
    return Unquoted(first + 1, found.start("value") + 1, message, in_quotes(lines, first))


def _link(lines: Sequence[str], number: int) -> Unquoted | None:
    if not (found := _LINK.match(lines[number])):
        return None
    return Unquoted(number + 1, len(found["lead"]) + 1, "a link needs its key before it; write 'url: https://…'")


def _no_key(lines: Sequence[str], number: int) -> Unquoted | None:
    """A line of text that goes on with what stands above, and is not indented."""
    found = _PLAIN.match(lines[number])
    if not found or not found["value"] or _ANY_KEY.match(found["value"]) or not number:
        return None
    column = len(found["lead"])
    if _dash_above(lines, number) == column:
        message = "this line needs '- ' before it to be an entry, or more spaces to go on with the text above"
    elif not column:
        message = "this line needs a key before it, such as 'summary: ', or two spaces to go on with the text above"
    else:
        return None
    return Unquoted(number + 1, column + 1, message)


_SIGNS: tuple[Look, ...] = (_fence, _bullet)
"""What is looked for before a text that begins with such a sign, since quotes would not mend it."""

_LOOKS: tuple[Look, ...] = (
    _no_space, _no_dash_space, _column_of_key, _column_of_dash, _misspelt_key, _colon_in_text, _no_colon, _link,
    _no_key,
)  # fmt: skip


def _replaced(lines: Sequence[str], number: int, line: str) -> str:
    return "\n".join([*lines[:number], line, *lines[number + 1 :]])
