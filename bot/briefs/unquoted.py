"""Finds the text without quotes that the parser of YAML took for something else, such as `**1,500** came`.

The parser stops there. The text is then put in quotes, so that the rest of the file can be read too.
"""

import json
import re
from collections.abc import Sequence
from typing import NamedTuple

import yaml

_SIGNS = "*&!%@`>|[{?,]}"
"""Signs that mean something to YAML at the beginning of a value."""

_TAB = re.compile(r" *(?=\t)")
_LEAD = re.compile(r"(?P<above> *(?:- +)*)(?P<key>[\w-]+ *:[ \t]+)?")
_TOKENS = ("scanning an a", "scanning for the next token", "scanning a block scalar", "parsing a tag")
_AFTER_QUOTES = ("did not find expected key", "did not find expected '-' indicator")
_NEVER_CLOSED = re.compile("expected ','|end of stream")


class Unquoted(NamedTuple):
    """What is wrong, at a line and column counted from 1. ``mended`` is the whole text with quotes, or None."""

    line: int
    column: int
    message: str
    mended: str | None = None


def needs_quotes(sign: str) -> str:
    """Return what to do about a text that begins with ``sign``."""
    return (
        f'a text that begins with {sign} needs quotes: write "…" around it (or | here, and the text on the next line)'
    )


def find_unquoted(text: str, error: yaml.MarkedYAMLError) -> Unquoted | None:
    """Return the text without quotes, or the tab, at which the parser stopped; None if it stopped at something else."""
    lines, mark, problem = text.split("\n"), error.problem_mark, error.problem or ""
    if not mark or mark.line >= len(lines):
        return None
    if tab := _TAB.match(lines[mark.line]):
        return Unquoted(mark.line + 1, tab.end() + 1, "is a tab; indent with spaces, not tabs")
    token = error.context_mark if any(each in (error.context or "") for each in _TOKENS) else None
    number = (token or mark).line
    if number >= len(lines) or not (lead := _LEAD.match(lines[number])):
        return None
    start = token.column if token else lead.end()
    sign = lines[number][start : start + 1]
    mended = _mended(lines, number, lead) if start == lead.end() else None
    if sign in ("'", '"') and problem.startswith(_AFTER_QUOTES):
        if lines[number][mark.column :].strip() == ",":
            message = "is a comma after the closing quote; delete it"
            return Unquoted(number + 1, mark.column + 1, message, _without_comma(lines, number))
        message = 'goes on after its closing quote; put quotes around the whole text: "…", with \\" for each " in it'
        return Unquoted(number + 1, mark.column + 1, message, mended)
    # At the beginning of a line, % begins a directive, and a bracket may begin the whole file.
    is_text = sign and sign in _SIGNS and (start or sign not in "%[{") and not _NEVER_CLOSED.search(problem)
    return Unquoted(number + 1, start + 1, needs_quotes(sign), mended) if is_text and start <= mark.column else None


def _without_comma(lines: Sequence[str], number: int) -> str:
    return "\n".join([*lines[:number], lines[number].rstrip()[:-1], *lines[number + 1 :]])


def in_quotes(lines: Sequence[str], number: int) -> str | None:
    """Return all lines, with the text after the key of line ``number``, from 0, in quotes; None if it has no key."""
    lead = _LEAD.match(lines[number])
    return _mended(lines, number, lead) if lead and lead["key"] else None


def _mended(lines: Sequence[str], number: int, lead: re.Match[str]) -> str | None:
    """Return all lines, with the text after ``lead`` and the lines that continue it in quotes on one line."""
    above = len(lead["above"]) if lead["key"] else lead["above"].rfind("-")
    if above < 0:  # a text below its key
        above = len(lead["above"]) - 1
    if above < 0:
        return None
    end = number + 1
    while end < len(lines) and len(lines[end]) - len(lines[end].lstrip(" ")) > above and lines[end].strip():
        end += 1
    value = " ".join([lines[number][lead.end() :], *map(str.strip, lines[number + 1 : end])])
    quoted = lines[number][: lead.end()] + json.dumps(value, ensure_ascii=False)
    return "\n".join([*lines[:number], quoted, *[""] * (end - number - 1), *lines[end:]])
