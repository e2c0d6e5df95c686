"""A brief's file as it is written from the form: valid YAML with the right quotes, lines of at most 120 characters, and
the keys in the order of README.md.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from bot.authoring.form.fields import FactLine, SourceLine, Typed, is_question
from bot.briefs.brief import BriefContent
from bot.briefs.schema import MODELINE

WIDTH = 120
_PROSE = 105
"""Characters after which a long text goes on in the next line: a line ends with the word that passes them."""

KEYS = tuple(BriefContent.model_fields)
"""The keys of a brief, in the order in which they are written."""

_DAYS = ("as_of", "expires", "published", "on")


class _Day(str):
    """A date, which is written without quotes."""

    __slots__ = ()


class _Folded(str):
    """A long text, which is folded below its key."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, _data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Represent a text: as a block if it has several lines."""
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style="|" if "\n" in text else None)


def _folded(dumper: yaml.SafeDumper, text: _Folded) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style=">")


def _day(dumper: yaml.SafeDumper, day: _Day) -> yaml.ScalarNode:
    """Represent a date by the tag that YAML gives it without quotes."""
    tag = dumper.resolve(yaml.ScalarNode, str(day), (True, False))  # type: ignore[no-untyped-call]
    return dumper.represent_scalar(tag, str(day))


_Dumper.add_representer(str, _text)
_Dumper.add_representer(_Day, _day)
_Dumper.add_representer(_Folded, _folded)


def new_file(content: Mapping[str, Any]) -> str:
    """Return the file of a new brief; keys without a value are left out."""
    return f"{MODELINE}\n" + "".join(entry(key, content[key]) for key in KEYS if content.get(key))


def content_of(typed: Typed, as_of: str) -> dict[str, Any]:
    """Return a new brief as plain data."""
    return {
        "title": typed.title,
        "aliases": [phrase for phrase in typed.phrases if not is_question(phrase)],
        "questions": [phrase for phrase in typed.phrases if is_question(phrase)],
        "summary": typed.summary,
        "facts": [data_of(line.meant) for line in typed.facts],
        "as_of": as_of,
        "sources": [data_of(line.meant) for line in typed.sources],
    }


def data_of(line: FactLine | SourceLine) -> dict[str, str]:
    """Return a fact or a source as plain data."""
    if isinstance(line, FactLine):
        return {"text": line.text} | ({"by": line.by} if line.by else {})
    parts = {"name": line.name, "url": line.url, "published": line.published}
    return {key: part for key, part in parts.items() if part}


def entry(key: str, value: Any) -> str:
    """Return the lines of a key and its value."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        on_one_line = f"{key}: {flow(value)}\n" if key in ("aliases", "related") else ""
        if not value or (0 < len(on_one_line) <= WIDTH and "\n" not in on_one_line[:-1]):
            return on_one_line or f"{key}: []\n"
        return f"{key}:\n" + "".join(item(each, 2) for each in value)
    return _dumped({key: _marked(key, value)}, 0)


def item(value: Any, column: int) -> str:
    """Return the lines of an entry of a list whose dash stands ``column`` characters from the left."""
    return _dumped([_marked("", value)], column)


def value_of(key: str, value: str, column: int) -> str:
    """Return a value that stands behind ``key``, which begins in ``column``, without the last line end."""
    return _dumped({key: _marked(key, value)}, column).strip(" ").removeprefix(f"{key}:").strip(" ").removesuffix("\n")


def flow(values: Sequence[str]) -> str:
    """Return a list within brackets, on one line."""
    parts = (
        yaml.dump([each], Dumper=_Dumper, allow_unicode=True, default_flow_style=True, width=10**6) for each in values
    )
    return f"[{', '.join(part.strip()[1:-1] for part in parts)}]"


def _marked(key: str, value: Any) -> Any:
    """Return a value with the dates and long texts in it marked as such."""
    if isinstance(value, Mapping):
        return {name: _marked(name, part) for name, part in value.items()}
    if key == "summary" and len(value) > WIDTH - len("summary: ") and "\n" not in value and "  " not in value:
        return _Folded(value)
    if key == "source" and isinstance(value, str):
        return int(value)
    return _Day(value) if key in _DAYS and isinstance(value, str) else value


def _dumped(value: Any, column: int) -> str:
    """Return YAML of which every line is indented by ``column`` spaces."""
    text = yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=_PROSE - column)
    return "".join(" " * column + line if line.strip() else line for line in text.splitlines(keepends=True))
