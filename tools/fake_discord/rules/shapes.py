"""The building blocks of rules. A rule is a function from a value to its violations."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

Json = dict[str, Any]
Path = tuple[str | int, ...]


class Violation(NamedTuple):
    """One broken rule, and where in the payload."""

    path: Path
    code: str
    message: str

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.path)) or 'payload'}: {self.message}"


Rule = Callable[[Any], Iterable[Violation]]
Shape = Mapping[str, Rule]


def bad(message: str, *path: str | int, code: str = "BASE_TYPE_BAD_VALUE") -> Violation:
    return Violation(path, code, message)


def below(key: str | int, violations: Iterable[Violation]) -> Iterator[Violation]:
    """The same violations, seen from one level further up."""
    return (Violation((key, *found.path), found.code, found.message) for found in violations)


def text(low: int, high: int) -> Rule:
    """A string whose length without surrounding space, which Discord cuts off, is within bounds."""

    def check(value: Any) -> Iterator[Violation]:
        if not isinstance(value, str):
            yield bad("must be a string")
        elif any("\ud800" <= char <= "\udfff" for char in value):
            yield bad("holds a lone surrogate")
        elif len(value) > high or len(value.strip()) < low:
            message = f"must be {low} to {high} characters, has {len(value.strip())}"
            yield bad(message, code="BASE_TYPE_BAD_LENGTH" if value.strip() else "BASE_TYPE_REQUIRED")

    return check


def matching(pattern: str, what: str, rule: Rule) -> Rule:
    """A string that keeps a rule and looks like a pattern."""

    def check(value: Any) -> Iterator[Violation]:
        found = list(rule(value))
        yield from found
        if not found and not re.fullmatch(pattern, value):
            yield bad(f"must be {what}")

    return check


def whole(low: int, high: int) -> Rule:
    def check(value: Any) -> Iterator[Violation]:
        if not isinstance(value, int) or isinstance(value, bool):
            yield bad("must be a whole number")
        elif not low <= value <= high:
            yield bad(f"must be {low} to {high}, is {value}")

    return check


def number(value: Any) -> Iterator[Violation]:
    if not isinstance(value, int | float) or isinstance(value, bool) or abs(value) > 2**53:
        yield bad("must be a number")


def boolean(value: Any) -> Iterator[Violation]:
    if not isinstance(value, bool):
        yield bad("must be true or false")


def one_of(*allowed: object) -> Rule:
    def check(value: Any) -> Iterator[Violation]:
        # Type and value: to Python True is 1, to Discord it is not.
        if not any(value == each and type(value) is type(each) for each in allowed):
            yield bad(f"must be one of {allowed}", code="BASE_TYPE_CHOICES")

    return check


def snowflake(value: Any) -> Iterator[Violation]:
    # In a string by the book; discord.py sends numbers here and there, and Discord takes them.
    digits = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(digits, str) or not re.fullmatch("0|[1-9][0-9]{0,19}", digits, re.ASCII):
        yield bad("must be a snowflake", code="NUMBER_TYPE_COERCE")


def array(item: Rule, low: int, high: int, *, unique: bool = False) -> Rule:
    def check(value: Any) -> Iterator[Violation]:
        if not isinstance(value, list):
            yield bad("must be a list")
            return
        if not low <= len(value) <= high:
            yield bad(f"must have {low} to {high} items, has {len(value)}", code="BASE_TYPE_BAD_LENGTH")
        if unique and len({repr(each) for each in value}) < len(value):
            yield bad("must not repeat an item", code="SET_TYPE_ALREADY_CONTAINS_VALUE")
        for index, each in enumerate(value):
            yield from below(index, item(each))

    return check


def shape(required: Shape, optional: Shape, *also: Rule) -> Rule:
    """An object with these keys alone. What is optional may be null; `also` sees only sound objects."""

    def check(value: Any) -> Iterator[Violation]:
        if not isinstance(value, dict):
            yield bad("must be an object", code="MODEL_TYPE_CONVERT")
            return
        found = list(_fields(value, required, optional))
        yield from found
        if not found:
            for rule in also:
                yield from rule(value)

    return check


def _fields(value: Json, required: Shape, optional: Shape) -> Iterator[Violation]:
    for key in sorted(value.keys() - required.keys() - optional.keys(), key=str):
        yield bad("no such key here", key, code="UNKNOWN_KEY")
    for key in required:
        if value.get(key) is None:
            yield bad("is required", key, code="BASE_TYPE_REQUIRED")
    for key, rule in {**optional, **required}.items():
        if value.get(key) is not None:
            yield from below(key, rule(value[key]))


def by_type(table: Mapping[int, Rule]) -> Rule:
    """Whichever rule goes with the object's `type`."""

    def check(value: Any) -> Iterable[Violation]:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, int) or isinstance(kind, bool) or kind not in table:
            return [bad(f"must be one of {tuple(table)}", "type", code="UNION_TYPE_CHOICES")]
        return table[kind](value)

    return check


def order(low: str, high: str) -> Rule:
    def check(value: Json) -> Iterator[Violation]:
        if value.get(low) is not None and value.get(high) is not None and value[low] > value[high]:
            yield bad(f"must not be above {high}", low)

    return check


LINK = matching(r"(https?://[^\s/?#]+|discord://)\S*", "an http, https or discord link", text(1, 2048))
MEDIA_URL = matching(r"(https?://[^\s/?#]+|attachment://[^\s/]+)\S*", "a link or an attachment", text(1, 2048))
CUSTOM_ID = text(1, 100)
CHANNEL_TYPE = one_of(0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15, 16)


def duplicates(values: Iterable[Any]) -> list[Any]:
    return [value for value, times in Counter(values).items() if times > 1]


_LOCALES = (
    "ar bg cs da de el en-GB en-US es-419 es-ES fi fr he hi hr hu id it ja ko lt nl no pl pt-BR ro ru sv-SE th tr uk "
    "vi zh-CN zh-TW"
).split()


def localized(rule: Rule) -> Rule:
    def check(value: Any) -> Iterator[Violation]:
        if not isinstance(value, dict):
            yield bad("must be an object", code="MODEL_TYPE_CONVERT")
            return
        for locale, translation in value.items():
            yield from below(locale, rule(translation) if locale in _LOCALES else [bad("is no locale of Discord's")])

    return check
