"""Edits one entry of a brief's file (adds an alias, removes a related brief) and leaves all other text as it is."""

import json
import re
from typing import Any

import yaml

from bot.briefs.brief_file import read_brief
from bot.errors import RequestError

MOST_ALIASES = 25
"""Most aliases that are added at once: each is checked against the whole file."""

_LISTED = re.compile(r"""\s*(?:["“„«]([^"”“»]*)["”“»]\s*(?=[,;、，；\n]|$)|([^,;、，；\n]*))(?:[,;、，；\n]|$)""")
_PLAIN = re.compile(r"[^\W\d_](?:[\w '’-]*\w)?")
_DASH = re.compile(r" *- +")
_LINE_ENDS = re.compile(r"[ \t]*(?:#.*)?\r?$", re.MULTILINE)
_LINE_AFTER = re.compile(r"[ \t]*,?[ \t]*(?:#.*)?(?:\r?\n|$)")


def listed(words: str) -> list[str]:
    """Return the aliases that an admin typed with commas between them, each once.

    Quotes keep a comma: "Paris, Texas" is one. Raises RequestError if there is none, or if they are too many.
    """
    found = (" ".join((quoted or plain).split()) for quoted, plain in _LISTED.findall(words))
    aliases = list(dict.fromkeys(filter(None, found)))
    if not aliases:
        raise RequestError("Write at least one other name; put a comma between two.")
    if len(aliases) > MOST_ALIASES:
        raise RequestError("Those are {n} names; add at most {most} at once.", n=f"{len(aliases):,}", most=MOST_ALIASES)
    return aliases


LOST = "\ufffd"
"""What is put in place of a character that cannot be read, or be stored."""


def with_alias(brief: str, text: str, alias: str) -> str:
    """Return the ``text`` of a brief, or of a translation, with ``alias`` added. Comments and layout stay.

    Raises RequestError if the text is not valid, if the brief has that phrase already or may not have it, or if the
    layout of the file is such that nothing can be added safely.
    """
    alias = " ".join(alias.split())
    path = f"{brief}.yaml"
    before = read_brief(path, text.encode(errors="surrogatepass")).content
    if before is None:
        raise RequestError("{file} has problems; mend them with /briefs edit first", file=path)
    if LOST in alias:
        raise RequestError(
            "that can be no alias of {brief}: it holds {sign}, which stands for a character that was lost",
            brief=brief,
            sign=LOST,
        )
    if alias in (before.title, *before.aliases, *before.questions, brief.replace("-", " ")):
        raise RequestError("{brief} has that among its phrases already", brief=brief)
    content = before.model_dump(exclude={"id", "language"}, exclude_none=True) | {"aliases": [*before.aliases, alias]}
    wanted = read_brief(path, json.dumps(content, ensure_ascii=False).encode(errors="surrogatepass"))
    if wanted.problems:
        raise RequestError(
            "that can be no alias of {brief}: {problem}", brief=brief, problem=wanted.problems[0].message
        )
    changed = _added(text, alias)
    if changed is None or read_brief(path, changed.encode()).content != wanted.content:
        raise RequestError("the aliases of {brief} cannot be added to by a button; use /briefs edit", brief=brief)
    return changed


def _added(text: str, alias: str) -> str | None:
    """Return a valid brief's ``text`` with one more alias, or None if no place for it was found."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""  # the parser does not count it
    text = text.removeprefix(mark)
    root: Any = yaml.compose(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    values = {key.value: value for key, value in root.value}
    aliases = values.get("aliases")
    if aliases is None:
        if root.flow_style:
            return None
        added = " " * root.start_mark.column + f"aliases: [{_entry(alias)}]"
        return mark + _with_line(text, _end(text, values["title"]), added)
    if not aliases.value:
        start, end = aliases.start_mark.index + 1, aliases.end_mark.index - 1
        return mark + text[:start] + _entry(alias) + (text[end:] if text[start:end].isspace() else text[start:])
    last = aliases.value[-1]
    entry = json.dumps(alias, ensure_ascii=False) if last.style == '"' else _entry(alias)
    line = text[text.rfind("\n", 0, last.start_mark.index) + 1 : last.start_mark.index]
    end = _end(text, last)
    if not aliases.flow_style:
        dash = line if _DASH.fullmatch(line) else " " * aliases.start_mark.column + "- "
        return mark + _with_line(text, end, dash + entry)
    comma = re.compile(r"\s*,").match(text, end)
    after = comma.end() if comma else end
    if line.strip() or not _LINE_ENDS.match(text, after):
        return mark + text[:end] + f", {entry}" + text[end:]
    # One alias on each line: the last one needs a comma, and so does the new one if the list ends in a comma.
    text = text[:end] + ("" if comma else ",") + text[end:]
    return mark + _with_line(text, after, line + entry + ("," if comma else ""))


def _entry(alias: str) -> str:
    """Return the alias as YAML. It has no quotes if YAML can read it as nothing but this text."""
    resolver = yaml.resolver.Resolver()
    tag: str = resolver.resolve(yaml.ScalarNode, alias, (True, False))  # type: ignore[no-untyped-call]
    plain = _PLAIN.fullmatch(alias) and tag.endswith(":str")
    return alias if plain else json.dumps(alias, ensure_ascii=False)


def _end(text: str, node: Any) -> int:
    """Return the position after the last character of a value, without empty lines at the end of a block."""
    return len(text[: node.end_mark.index].rstrip())


def _with_line(text: str, place: int, added: str) -> str:
    """Return ``text`` with a new line below the line of ``place``, with the same kind of line ending."""
    newline = "\r\n" if "\r\n" in text else "\n"
    end = text.find("\n", place)
    if end < 0:
        return text + newline + added + newline
    return text[: end + 1] + added + newline + text[end + 1 :]


def without_related(brief: str, text: str, other: str) -> str:
    """Return a brief's ``text`` without ``other`` in its related briefs. Comments and layout stay.

    Raises RequestError if the text is not valid, or if its layout is such that nothing can be removed safely.
    """
    path = f"{brief}.yaml"
    before = read_brief(path, text.encode(errors="surrogatepass")).brief
    if before is None:
        raise RequestError("{file} has problems; mend them with /briefs edit first", file=path)
    wanted = before.model_copy(update={"related": tuple(each for each in before.related if each != other)})
    changed: str | None = text
    while changed and other in (node.value for node in _related(changed)):
        changed = _taken_out(changed, other)
    if changed is None or read_brief(path, changed.encode()).brief != wanted:
        raise RequestError(
            "{other} cannot be taken out of {file} by a button; use /briefs edit", other=other, file=path
        )
    return changed


def _related(text: str) -> list[Any]:
    root: Any = yaml.compose(text.removeprefix("\ufeff"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return [node for key, value in root.value if key.value == "related" for node in value.value]


def _taken_out(text: str, other: str) -> str | None:
    """Return a valid brief's ``text`` without the first entry for ``other``, or None if that is not safe."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    text = text.removeprefix(mark)
    nodes = _related(text)
    number = next(number for number, node in enumerate(nodes) if node.value == other)
    start, end = nodes[number].start_mark.index, _end(text, nodes[number])
    first, after = text.rfind("\n", 0, start) + 1, _LINE_AFTER.match(text, end)
    if after and (_DASH.fullmatch(text, first, start) or text[first:start].isspace()):
        if len(nodes) == 1 and _DASH.fullmatch(text, first, start):
            colon = re.compile(r"^related *:", re.MULTILINE).search(text)
            return colon and mark + text[: colon.end()] + " []" + text[colon.end() : first] + text[after.end() :]
        return mark + text[:first] + text[after.end() :]
    if number:
        start = _end(text, nodes[number - 1])
        between = text[start : nodes[number].start_mark.index]
    else:
        end = nodes[1].start_mark.index if len(nodes) > 1 else end
        between = text[_end(text, nodes[0]) : end]
    return None if between.strip(" \t\r\n,") else mark + text[:start] + text[end:]
