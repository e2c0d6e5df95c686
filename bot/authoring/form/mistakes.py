"""What is wrong with a brief that was typed into the form: the field is named, and never a file or a line."""

import re
from collections.abc import Iterable
from pathlib import PurePath

from bot.briefs.brief_file import read_brief
from bot.briefs.strict_yaml import Mapping, Scalar, Sequence
from bot.catalogues.catalogue import ENGLISH, N_, Catalogue
from bot.errors import Problem, Said
from bot.language.texts import shortened

_NAMES = N_("Other names and questions")
FIELDS = {
    "title": N_("Title"),
    "summary": N_("Summary"),
    "facts": N_("Facts"),
    "sources": N_("Source"),
    "as_of": N_("Source"),
    "aliases": _NAMES,
    "questions": _NAMES,
}
"""The field in which each key of a brief is typed."""

_PLACE = re.compile(r" \((?:\S*/)?\S+\.yaml:\d+\)")
_MISSING = re.compile(r"the key '(\w+)' is missing; add it")
_QUOTED = 60


def in_fields(problems: Iterable[Problem], brief: str, text: str, catalogue: Catalogue = ENGLISH) -> list[str]:
    """Return each problem of a form whose brief has this ``text`` as a line that names the field."""
    root = read_brief(f"{brief}.yaml", text.encode(errors="surrogatepass")).root
    return list(dict.fromkeys(_line(problem, brief, root, catalogue) for problem in problems))


def _line(problem: Problem, brief: str, root: Mapping | None, catalogue: Catalogue) -> str:
    say, message = catalogue.gettext, _message(problem, catalogue)
    if (other := PurePath(problem.path).stem) != brief:
        return say("The brief {other}: {message}", other=repr(other), message=message)
    if missing := _MISSING.fullmatch(problem.message):
        return say("{field}: is empty; write it", field=_field(missing[1], catalogue))
    key, entry = _where(problem, root)
    if not key:
        return say("The whole brief: {message}", message=message)
    message = re.sub(rf"^(?:{key}|text|by|name|url|published): ", "", message)
    if key == "as_of":
        message = say("the date {message}", message=message)
    return f"{_field(key, catalogue)}{entry}: {message}"


def _message(problem: Problem, catalogue: Catalogue) -> str:
    """Return what is wrong, without its key, and without the place in a file at which another brief has the same."""
    message = problem.message
    what = message.values.get("what") if isinstance(message, Said) else None
    return _PLACE.sub("", catalogue.say(what if isinstance(what, str) else message))


def _field(key: str, catalogue: Catalogue) -> str:
    if key in FIELDS:
        return catalogue.gettext(FIELDS[key])
    return catalogue.gettext("{key}, which the form does not show,", key=key)


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
