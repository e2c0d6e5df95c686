"""The texts of a brief's file: how each kind is read, what is refused in it, and how long it may be.

`bot.briefs.brief` makes a brief of them, and `bot.briefs.translation` the translation of one.
"""

import calendar
import re
from collections.abc import Callable
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, GetPydanticSchema
from pydantic_core import core_schema

from bot.briefs.markup import LONGEST_ADDRESS, Text, is_web_address, read
from bot.errors import Said
from bot.language.normalise import has_word, normalise_phrase

MOST_FACTS = 12
MOST_SOURCES = 5
MOST_CORRECTIONS = 5
MOST_PHRASES = 500

LONGEST_TITLE = 100
LONGEST_PHRASE = 200
LONGEST_SUMMARY = 1000

TODO = Said("is still TODO; write it")
_DAY_TODO = Said("is still TODO; write it as YYYY-MM or YYYY-MM-DD")

ID_PATTERN = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")

_DAY = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?", re.ASCII)
_BLOCK = re.compile(r"^ *```", re.MULTILINE)
# Control characters, surrogates, and marks that reverse the reading order. Nobody can see them, and they can mislead.
_UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def _check_readable(text: str) -> None:
    if found := _UNREADABLE.search(text):
        raise ValueError(Said("holds the invisible character {sign}; delete it", sign=f"U+{ord(found[0]):04X}"))
    _check_written(text)


def _check_written(text: str, todo: Said = TODO) -> None:
    if re.match(r"\W*TODO\b", text):
        raise ValueError(todo)


def _check_has_word(text: str) -> None:
    if not has_word(text):
        raise ValueError(Said("holds no letter or digit; write some text"))


def _phrase(value: object) -> object:
    """Fold a text onto one line. Values of other types are left for the schema to refuse."""
    if not isinstance(value, str):
        return value
    _check_readable(value)
    if not normalise_phrase(value):
        raise ValueError(Said("holds no letter or digit, sign or emoji that a member could ask for; write some text"))
    return " ".join(value.split())


def _line(value: object) -> object:
    """Fold a text that is no phrase onto one line. Values of other types are left for the schema to refuse."""
    if not isinstance(value, str):
        return value
    _check_readable(value)
    _check_has_word(value)
    return " ".join(value.split())


def _paragraph(value: object) -> object:
    """Trim a text of several lines. Values of other types are left for the schema to refuse."""
    if not isinstance(value, str):
        return value
    _check_readable(value)
    _check_has_word(value)
    return value.strip()


def _check_day(value: str) -> str:
    _check_written(value, _DAY_TODO)
    first_day(value)
    return value


def _statement(value: object) -> object:
    """Fold text onto one line unless it holds a block of code."""
    return _paragraph(value) if isinstance(value, str) and _BLOCK.search(value) else _line(value)


def _marked_up(read_plain: Callable[[object], object], longest: int) -> GetPydanticSchema:
    """Return how a text with marks is validated: as other texts are, then read once for all answers."""
    text = Annotated[str, Field(max_length=longest), BeforeValidator(read_plain)]
    return GetPydanticSchema(
        lambda _, handler: core_schema.no_info_after_validator_function(
            _readable,
            handler.generate_schema(text),
            serialization=core_schema.plain_serializer_function_ser_schema(lambda text: text.written),
        )
    )


def _readable(written: str) -> Text:
    text = read(written)
    _check_has_word(text.plain)
    return text


def _check_url(value: str) -> str:
    _check_written(value)
    if not is_web_address(value, "http", "https"):
        raise ValueError(Said("must be a web address that starts with http:// or https://, without spaces"))
    return value


def _check_secure_url(value: str) -> str:
    _check_written(value)
    if not is_web_address(value, "https"):
        raise ValueError("must be a web address that starts with https://, without spaces")
    return value


Title = Annotated[str, Field(max_length=LONGEST_TITLE), BeforeValidator(_phrase)]
Phrase = Annotated[str, Field(max_length=LONGEST_PHRASE), BeforeValidator(_phrase)]
Summary = Annotated[Text, _marked_up(_paragraph, LONGEST_SUMMARY)]
FactText = Annotated[Text, _marked_up(_statement, 300)]
Sentence = Annotated[str, Field(max_length=300), BeforeValidator(_line)]
Speaker = Annotated[str, Field(max_length=80), BeforeValidator(_line)]
Name = Annotated[str, Field(max_length=100), BeforeValidator(_line)]
Day = Annotated[str, AfterValidator(_check_day)]
Url = Annotated[str, Field(max_length=LONGEST_ADDRESS), AfterValidator(_check_url)]
SecureUrl = Annotated[str, Field(max_length=LONGEST_ADDRESS), AfterValidator(_check_secure_url)]
Id = Annotated[str, Field(pattern=f"^{ID_PATTERN.pattern}$")]


class Part(BaseModel):
    """Strict and frozen: no value is converted, unknown keys are refused, and the object never changes.

    A validator is built when it is first needed, by the thread that reads the briefs, and connecting does not wait.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", defer_build=True)


def first_day(written: str) -> date:
    """Return the day of ``YYYY-MM-DD``, or the first day of ``YYYY-MM``.

    Raises ValueError with a message for the admin if the date has another form or does not exist.
    """
    if not (found := _DAY.fullmatch(written)):
        raise ValueError(Said("is no date: write YYYY-MM or YYYY-MM-DD, not {written}", written=repr(written[:20])))
    year, month, day = int(found[1]), int(found[2]), int(found[3] or 1)
    if not (year >= 1 and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]):
        raise ValueError(Said("is a day that does not exist: {written}", written=written))
    return date(year, month, day)
