"""What a brief is: the schema of its YAML file, and the immutable base of all briefs."""

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from bot.language.normalise import has_word, normalise

ID_PATTERN = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")

SUFFIXES = (".yaml", ".yml")
"""Endings of the files that are looked at. The second one is a mistake, which is reported."""

Status = Literal["reported", "confirmed", "disputed", "opinion"]

_DAY = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?", re.ASCII)
# Controls, surrogates, and the marks that reverse the order of what follows: none can be read, all can mislead.
_UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def _check_readable(text: str) -> None:
    if found := _UNREADABLE.search(text):
        raise ValueError(f"holds the invisible character U+{ord(found[0]):04X}; delete it")
    if re.match(r"\W*TODO\b", text):
        raise ValueError("is still TODO; write it")


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
    first_day(value)
    return value


def _check_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or not value.isprintable() or re.search(r"[\s<>]", value):
        raise ValueError("must be a web address that starts with http:// or https://, without spaces")
    return value


def _without_repeats(value: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value))


_Title = Annotated[str, Field(max_length=100), BeforeValidator(_phrase)]
_Phrase = Annotated[str, Field(max_length=200), BeforeValidator(_phrase)]
_Summary = Annotated[str, Field(max_length=1000), BeforeValidator(_paragraph)]
_FactText = Annotated[str, Field(max_length=300), BeforeValidator(_line)]
_Speaker = Annotated[str, Field(max_length=80), BeforeValidator(_line)]
_SourceName = Annotated[str, Field(max_length=100), BeforeValidator(_line)]
_Day = Annotated[str, AfterValidator(_check_day)]
_Url = Annotated[str, Field(max_length=500), AfterValidator(_check_url)]
_Id = Annotated[str, Field(pattern=f"^{ID_PATTERN.pattern}$")]


class _Part(BaseModel):
    """Strict and frozen: no value is converted, unknown keys are refused, and the object never changes."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Fact(_Part):
    """One statement and who says so."""

    text: _FactText
    by: _Speaker | None = None


class Source(_Part):
    """A source of the brief."""

    name: _SourceName
    url: _Url | None = None


class BriefContent(_Part):
    """The content of a brief's YAML file. README.md shows one and explains every key."""

    title: _Title
    aliases: Annotated[tuple[_Phrase, ...], Field(max_length=500)] = ()
    questions: Annotated[tuple[_Phrase, ...], Field(max_length=500)] = ()
    summary: _Summary
    facts: Annotated[tuple[Fact, ...], Field(max_length=12)] = ()
    status: Status = "reported"
    as_of: _Day
    expires: _Day | None = None
    sources: Annotated[tuple[Source, ...], Field(min_length=1, max_length=5)]
    related: Annotated[tuple[_Id, ...], Field(max_length=5), AfterValidator(_without_repeats)] = ()


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
        """Return the briefs that ``brief`` names as related, in its order."""
        return tuple(self.briefs[other] for other in brief.related if other in self.briefs)


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
