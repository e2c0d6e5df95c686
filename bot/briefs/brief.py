"""What a brief is: the schema of its YAML file, and the immutable base of all briefs."""

import calendar
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, GetPydanticSchema
from pydantic_core import core_schema

from bot.briefs.markup import LONGEST_ADDRESS, Text, is_web_address, read
from bot.language.normalise import has_word, normalise

MOST_FACTS = 12
MOST_SOURCES = 5

ID_PATTERN = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")

SUFFIXES = (".yaml", ".yml")
"""Endings of the files that are looked at. The second one is a mistake, which is reported."""

Status = Literal["reported", "confirmed", "disputed", "opinion", "reference"]
"""How sure a brief is; a reference makes no claim, as a rule or a how-to does not."""

_DAY = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?", re.ASCII)
_BLOCK = re.compile(r"^ *```", re.MULTILINE)
# Control characters, surrogates, and marks that reverse the reading order. Nobody can see them, and they can mislead.
_UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def _check_readable(text: str) -> None:
    if found := _UNREADABLE.search(text):
        raise ValueError(f"holds the invisible character U+{ord(found[0]):04X}; delete it")
    _check_written(text)


def _check_written(text: str, how: str = "") -> None:
    if re.match(r"\W*TODO\b", text):
        raise ValueError(f"is still TODO; write it{how}")


def _check_has_word(text: str) -> None:
    if not has_word(text):
        raise ValueError("holds no letter or digit; write some text")


def _phrase(value: object) -> object:
    """Fold a text onto one line. Values of other types are left for the schema to refuse."""
    if not isinstance(value, str):
        return value
    _check_readable(value)
    if not normalise(value):
        raise ValueError("holds no letter or digit, sign or emoji that a member could ask for; write some text")
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
    _check_written(value, " as YYYY-MM or YYYY-MM-DD")
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
        raise ValueError("must be a web address that starts with http:// or https://, without spaces")
    return value


def _check_secure_url(value: str) -> str:
    _check_written(value)
    if not is_web_address(value, "https"):
        raise ValueError("must be a web address that starts with https://, without spaces")
    return value


def _without_repeats(value: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value))


_Title = Annotated[str, Field(max_length=100), BeforeValidator(_phrase)]
_Phrase = Annotated[str, Field(max_length=200), BeforeValidator(_phrase)]
_Summary = Annotated[Text, _marked_up(_paragraph, 1000)]
_FactText = Annotated[Text, _marked_up(_statement, 300)]
_Sentence = Annotated[str, Field(max_length=300), BeforeValidator(_line)]
_Speaker = Annotated[str, Field(max_length=80), BeforeValidator(_line)]
_Name = Annotated[str, Field(max_length=100), BeforeValidator(_line)]
_Day = Annotated[str, AfterValidator(_check_day)]
_Url = Annotated[str, Field(max_length=LONGEST_ADDRESS), AfterValidator(_check_url)]
_SecureUrl = Annotated[str, Field(max_length=LONGEST_ADDRESS), AfterValidator(_check_secure_url)]
_Id = Annotated[str, Field(pattern=f"^{ID_PATTERN.pattern}$")]


class _Part(BaseModel):
    """Strict and frozen: no value is converted, unknown keys are refused, and the object never changes."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Fact(_Part):
    """One statement: who says so, on which day, which of the sources has it (from 1), and verbatim words of it."""

    text: _FactText
    by: _Speaker | None = None
    on: _Day | None = None
    source: int | None = None
    quote: _Sentence | None = None


class Source(_Part):
    """A source of the brief."""

    name: _Name
    url: _Url | None = None
    published: _Day | None = None
    archived: _Url | None = None


class Image(_Part):
    """A picture, in words for whoever does not see it, and who made it."""

    url: _SecureUrl
    alt: _Sentence
    credit: _Name


class Correction(_Part):
    """What was wrong in the brief, and when it was put right."""

    on: _Day
    text: _Sentence


class BriefContent(_Part):
    """The content of a brief's YAML file. README.md shows one and explains every key."""

    title: _Title
    aliases: Annotated[tuple[_Phrase, ...], Field(max_length=500)] = ()
    questions: Annotated[tuple[_Phrase, ...], Field(max_length=500)] = ()
    summary: _Summary
    facts: Annotated[tuple[Fact, ...], Field(max_length=MOST_FACTS)] = ()
    image: Image | None = None
    status: Status = "reported"
    as_of: _Day
    expires: _Day | None = None
    corrections: Annotated[tuple[Correction, ...], Field(max_length=5)] = ()
    sources: Annotated[tuple[Source, ...], Field(min_length=1, max_length=MOST_SOURCES)]
    related: Annotated[tuple[_Id, ...], Field(max_length=5), AfterValidator(_without_repeats)] = ()
    replaced_by: _Id | None = None


class Brief(BriefContent):
    """A brief: the content of its file, and its id, which is the name of the file without .yaml."""

    id: str

    @property
    def phrases(self) -> tuple[str, ...]:
        """All phrases that find this brief, as written: first the title, last the words of the id."""
        return (self.title, *self.aliases, *self.questions, self.id.replace("-", " "))

    def expired(self, today: date) -> bool:
        """Return whether the brief may be out of date on ``today``."""
        return self.expires is not None and first_day(self.expires) <= today


@dataclass(frozen=True, slots=True)
class BriefBase:
    """All briefs at one moment, by id and sorted by id. A reload makes a new base."""

    briefs: Mapping[str, Brief] = field(default_factory=dict)

    def __post_init__(self) -> None:
        ordered = dict(sorted(self.briefs.items()))
        object.__setattr__(self, "briefs", MappingProxyType(ordered))

    def related(self, brief: Brief) -> tuple[Brief, ...]:
        """Return the briefs that ``brief`` names as related, or what replaced them, in its order."""
        others = {current.id: current for other in brief.related if (current := self.current(other))}
        return tuple(other for other in others.values() if other.id != brief.id)

    def current(self, brief_id: str) -> Brief | None:
        """Return what members get who ask for a brief: the one that replaced it, if there is one; None if neither is.

        It is the brief itself where files that are wrong have closed a circle.
        """
        first = brief = self.briefs.get(brief_id)
        passed: set[str] = set()
        while brief and brief.replaced_by and (following := self.briefs.get(brief.replaced_by)):
            if brief.id in passed:
                return first
            passed.add(brief.id)
            brief = following
        return brief


def may_be_brief(name: str) -> bool:
    """Return whether a file with this name may be a brief. All other files are ignored."""
    return name.endswith(SUFFIXES) and not name.startswith(".")


def first_day(written: str) -> date:
    """Return the day of ``YYYY-MM-DD``, or the first day of ``YYYY-MM``.

    Raises ValueError with a message for the admin if the date has another form or does not exist.
    """
    if not (found := _DAY.fullmatch(written)):
        raise ValueError(f"is no date: write YYYY-MM or YYYY-MM-DD, not {written[:20]!r}")
    year, month, day = int(found[1]), int(found[2]), int(found[3] or 1)
    if not (year >= 1 and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]):
        raise ValueError(f"is a day that does not exist: {written}")
    return date(year, month, day)
