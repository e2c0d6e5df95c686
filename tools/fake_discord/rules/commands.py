"""What commands an application may register."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from tools.fake_discord.rules.modals import FILE_TYPES
from tools.fake_discord.rules.responses import OPTION_VALUES, choice
from tools.fake_discord.rules.shapes import (
    CHANNEL_TYPE,
    Json,
    Rule,
    Shape,
    Violation,
    array,
    bad,
    boolean,
    by_type,
    duplicates,
    localized,
    number,
    one_of,
    order,
    shape,
    snowflake,
    text,
    whole,
)


def _slash_name(value: Any) -> Iterator[Violation]:
    found = list(text(1, 32)(value))
    yield from found
    if not found and (value != value.lower() or not all(map(_names_a_command, value))):
        yield bad("may hold lower-case letters, digits, - _ and ' only", code="APPLICATION_COMMAND_INVALID_NAME")


def _names_a_command(char: str) -> bool:
    # Devanagari and Thai are allowed whole, with marks that are no letters.
    scripts = "\u0900" <= char <= "\u097f" or "\ua8e0" <= char <= "\ua8ff" or "\u0e00" <= char <= "\u0e7f"
    return char in "-_'" or unicodedata.category(char)[0] in "LN" or scripts


def _option_names(value: Json) -> Iterator[Violation]:
    options = value.get("options") or []
    for repeated in duplicates(each["name"] for each in options):
        yield bad(f"{repeated!r} is there twice", "options", code="APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS")
    needed = [bool(each.get("required")) for each in options]
    if needed != sorted(needed, reverse=True):
        yield bad("what is required comes first", "options", code="APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID")
    if len({each["type"] in (1, 2) for each in options}) > 1:
        yield bad("subcommands and options do not mix", "options", code="APPLICATION_COMMAND_OPTIONS_TYPE_INVALID")


def _choose_or_complete(value: Json) -> Iterator[Violation]:
    if value.get("autocomplete") and value.get("choices"):
        yield bad("choices and autocomplete exclude each other", "choices")
    for repeated in duplicates(each["name"] for each in value.get("choices") or []):
        yield bad(
            f"{repeated!r} is there twice",
            "choices",
            code="APPLICATION_COMMAND_OPTIONS_CHOICE_NAMES_NOT_UNIQUE",
        )


_NAMES: Shape = {"name": _slash_name, "description": text(1, 100)}
_LOCALIZED: Shape = {
    "name_localizations": localized(_slash_name),
    "description_localizations": localized(text(1, 100)),
}


def _option(kind: int, keys: Shape, *also: Rule) -> Rule:
    return shape({"type": one_of(kind), **_NAMES}, {**_LOCALIZED, **keys}, *also)


def _parameters() -> dict[int, Rule]:
    needed: Shape = {"required": boolean}

    def valued(kind: int, low: str, high: str, bound: Rule) -> Rule:
        choices = array(choice(OPTION_VALUES[kind]), 0, 25)
        keys = {**needed, "autocomplete": boolean, "choices": choices, low: bound, high: bound}
        return _option(kind, keys, order(low, high), _choose_or_complete)

    return {
        3: valued(3, "min_length", "max_length", whole(0, 6000)),
        4: valued(4, "min_value", "max_value", OPTION_VALUES[4]),
        10: valued(10, "min_value", "max_value", number),
        7: _option(7, {**needed, "channel_types": array(CHANNEL_TYPE, 0, 14, unique=True)}),
        11: _option(11, {**needed, **FILE_TYPES}),
        **{kind: _option(kind, needed) for kind in (5, 6, 8, 9)},
    }


_PARAMETERS = _parameters()
_SUBCOMMAND = _option(1, {"options": array(by_type(_PARAMETERS), 0, 25)}, _option_names)
# discord.py gives groups and subcommands no `required`, so none is allowed.
_GROUP = _option(2, {"options": array(by_type({1: _SUBCOMMAND}), 1, 25)}, _option_names)
_OPTIONS = array(by_type({1: _SUBCOMMAND, 2: _GROUP, **_PARAMETERS}), 0, 25)


def _permission_bits(value: Any) -> Iterator[Violation]:
    # The documentation asks for a string, the published schema for a number; Discord takes both.
    if not re.fullmatch("[0-9]{1,19}", str(value)) or isinstance(value, bool):
        yield bad("must be permission bits")


_EVERY_COMMAND: Shape = {
    "id": snowflake,
    "default_member_permissions": _permission_bits,
    "dm_permission": boolean,
    "default_permission": boolean,
    "nsfw": boolean,
    "contexts": array(one_of(0, 1, 2), 1, 3, unique=True),
    "integration_types": array(one_of(0, 1), 1, 2, unique=True),
}


def _command_size(value: Json) -> Iterator[Violation]:
    size = _size(value)
    if size > 8000:
        yield bad(f"8000 characters at most in names, descriptions and choices, there are {size}")


def _size(value: Json) -> int:
    """Names, descriptions and values, each by its longest localization."""
    size = len(str(value.get("value", "")))
    for key in ("name", "description"):
        texts = [value.get(key) or "", *(value.get(f"{key}_localizations") or {}).values()]
        size += max(map(len, texts))
    return size + sum(_size(each) for key in ("options", "choices") for each in value.get(key) or [])


_SLASH = shape(
    _NAMES,
    {"type": one_of(1), **_LOCALIZED, **_EVERY_COMMAND, "options": _OPTIONS},
    _option_names,
    _command_size,
)


def _menu(kind: int) -> Rule:
    names = {"name_localizations": localized(text(1, 32))}
    return shape({"type": one_of(kind), "name": text(1, 32)}, {**names, **_EVERY_COMMAND, "description": one_of("")})


# The command that Discord adds for an Activity.
_ENTRY_POINT = shape(
    {"type": one_of(4), "name": text(1, 32), "handler": one_of(1, 2)},
    {**_LOCALIZED, **_EVERY_COMMAND, "description": text(0, 100)},
)

_COMMAND = by_type({1: _SLASH, 2: _menu(2), 3: _menu(3), 4: _ENTRY_POINT})
_MOST_COMMANDS = {1: 100, 2: 15, 3: 15, 4: 1}


def command_violations(payload: Any) -> list[Violation]:
    """What is wrong with a list of commands that is to replace all commands of a scope."""

    def command(value: Any) -> Iterable[Violation]:
        return _COMMAND({"type": 1, **value} if isinstance(value, dict) else value)

    found = list(array(command, 0, 130)(payload))
    if found:
        return found
    kinds = Counter(each.get("type", 1) for each in payload)
    found += [bad(f"{most} of type {kind} at most") for kind, most in _MOST_COMMANDS.items() if kinds[kind] > most]
    repeated = duplicates((each.get("type", 1), each["name"]) for each in payload)
    return found + [bad(f"{name!r} is there twice") for _, name in repeated]
