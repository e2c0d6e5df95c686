"""What is wrong with a brief that was typed into the form: the field is named, and never a file or a line."""

import re
from collections.abc import Iterable
from pathlib import PurePath

from bot.briefs.brief_file import read_brief
from bot.briefs.strict_yaml import Mapping, Scalar, Sequence
from bot.errors import Problem
from bot.language.texts import shortened

FIELDS = {
    "title": "Title",
    "summary": "Summary",
    "facts": "Facts",
    "sources": "Source",
    "as_of": "Source",
    "aliases": "Other names and questions",
    "questions": "Other names and questions",
}
"""The field in which each key of a brief is typed."""

_PLACE = re.compile(r" \((?:\S*/)?\S+\.yaml:\d+\)")
_MISSING = re.compile(r"the key '(\w+)' is missing; add it")
_QUOTED = 60


def in_fields(problems: Iterable[Problem], brief: str, text: str) -> list[str]:
    """Return each problem of a form whose brief has this ``text`` as a line that names the field."""
    root = read_brief(f"{brief}.yaml", text.encode(errors="surrogatepass")).root
    return list(dict.fromkeys(_line(problem, brief, root) for problem in problems))


def _line(problem: Problem, brief: str, root: Mapping | None) -> str:
    message = _PLACE.sub("", problem.message)
    if (other := PurePath(problem.path).stem) != brief:
        return f"The brief {other!r}: {message}"
    if missing := _MISSING.fullmatch(message):
        return f"{_field(missing[1])}: is empty; write it"
    key, entry = _where(problem, root)
    message = re.sub(rf"^(?:{key}|text|by|name|url|published): ", "", message) if key else message
    if key == "as_of":
        message = f"the date {message}"
    return f"{_field(key)}{entry}: {message}" if key else f"The whole brief: {message}"


def _field(key: str) -> str:
    return FIELDS.get(key, f"{key}, which the form does not show,")


def _where(problem: Problem, root: Mapping | None) -> tuple[str, str]:
    """Return the key that a problem is within, and which entry of its list; nothing if it is about all of the brief."""
    key, node = "", None
    for name, (place, value) in (root.entries if root else {}).items():
        if (place.line, place.column) <= (problem.line, problem.column):
            key, node = name, value
    if root and (problem.line, problem.column) == (root.line, root.column) and "card of" in problem.message:
        return "", ""
    if not isinstance(node, Sequence):
        return key, ""
    items = [item for item in node.items if (item.line, item.column) <= (problem.line, problem.column)]
    if not items:
        return key, ""
    words = _words(items[-1])
    return key, f", “{shortened(words, _QUOTED)}”" if words else ""


def _words(node: object) -> str:
    """Return the first words of an entry, by which somebody finds it again."""
    match node:
        case Scalar(text=text):
            return " ".join(text.split())
        case Mapping(entries=entries):
            return next((_words(value) for _, value in entries.values()), "")
    return ""
