"""What a brief is: the schema of its YAML file, and the immutable base of all briefs."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Annotated, Literal, NamedTuple, TypeVar

from pydantic import AfterValidator, Field

from bot.briefs.fields import (
    MOST_CORRECTIONS,
    MOST_FACTS,
    MOST_PHRASES,
    MOST_SOURCES,
    Day,
    FactText,
    Id,
    Name,
    Part,
    Phrase,
    SecureUrl,
    Sentence,
    Speaker,
    Summary,
    Title,
    Url,
    first_day,
)
from bot.briefs.translation import TranslatedFact, Translation
from bot.language.tags import fallbacks, same_language

P = TypeVar("P", bound=Part)
V = TypeVar("V")

SUFFIXES = (".yaml", ".yml")
"""Endings of the files that are looked at. The second one is a mistake, which is reported."""

Status = Literal["reported", "confirmed", "disputed", "opinion", "reference"]
"""How sure a brief is; a reference makes no claim, as a rule or a how-to does not."""


def _without_repeats(value: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value))


class Fact(Part):
    """One statement: who says so, on which day, which of the sources has it (from 1), and verbatim words of it."""

    text: FactText
    by: Speaker | None = None
    on: Day | None = None
    source: int | None = None
    quote: Sentence | None = None


class UntranslatedQuote(Fact):
    """A fact of a translation that still quotes the words of the original."""


class Source(Part):
    """A source of the brief."""

    name: Name
    url: Url | None = None
    published: Day | None = None
    archived: Url | None = None


class Image(Part):
    """A picture, in words for whoever does not see it, and who made it."""

    url: SecureUrl
    alt: Sentence
    credit: Name


class Correction(Part):
    """What was wrong in the brief, and when it was put right."""

    on: Day
    text: Sentence


class BriefContent(Part):
    """The content of a brief's YAML file. README.md shows one and explains every key."""

    title: Title
    aliases: Annotated[tuple[Phrase, ...], Field(max_length=MOST_PHRASES)] = ()
    questions: Annotated[tuple[Phrase, ...], Field(max_length=MOST_PHRASES)] = ()
    summary: Summary
    facts: Annotated[tuple[Fact, ...], Field(max_length=MOST_FACTS)] = ()
    image: Image | None = None
    status: Status = "reported"
    as_of: Day
    expires: Day | None = None
    corrections: Annotated[tuple[Correction, ...], Field(max_length=MOST_CORRECTIONS)] = ()
    sources: Annotated[tuple[Source, ...], Field(min_length=1, max_length=MOST_SOURCES)]
    related: Annotated[tuple[Id, ...], Field(max_length=5), AfterValidator(_without_repeats)] = ()
    replaced_by: Id | None = None


class Translated(NamedTuple):
    """In which language the texts of a brief are, if not in the base's own.

    ``stale``: what was translated is not, or may not be, what the brief says now.
    """

    language: str
    stale: bool


class Brief(BriefContent):
    """A brief: the content of its file, and its id, which is the name of the file without .yaml.

    ``translated`` is set if its texts are those of a translation.
    """

    id: str
    translated: Translated | None = None

    @property
    def phrases(self) -> tuple[str, ...]:
        """All phrases that find this brief, as written: first the title, last the words of the id."""
        return (self.title, *self.aliases, *self.questions, self.id.replace("-", " "))

    @property
    def digest(self) -> str:
        """A digest, in 16 hexadecimal digits, of the texts that a translation translates. Phrases do not count."""
        texts = [
            [self.title, self.summary.written],
            [[fact.text.written, fact.by, *([fact.quote] if fact.quote else [])] for fact in self.facts],
            [source.name for source in self.sources],
            [correction.text for correction in self.corrections],
            self.image.alt if self.image else None,
        ]
        return hashlib.blake2b(json.dumps(texts).encode(), digest_size=8).hexdigest()

    def expired(self, today: date) -> bool:
        """Return whether the brief may be out of date on ``today``."""
        return self.expires is not None and first_day(self.expires) <= today

    def translated_by(self, translation: Translation) -> "Brief":
        """Return this brief with the texts of ``translation``, or itself if the numbers of their facts differ.

        Of other lists that differ in number, and of what the translation leaves out, the original's texts stay. Nobody
        says a fact in a translation whom the original does not name, and nothing is quoted that it does not quote.
        """
        if len(translation.facts) != len(self.facts):
            return self
        changes = {
            "title": translation.title,
            "aliases": translation.aliases,
            "questions": translation.questions,
            "summary": translation.summary,
            "facts": tuple(map(_fact_translated, self.facts, translation.facts)),
            "sources": _replaced(self.sources, "name", [each.name for each in translation.sources]),
            "corrections": _replaced(self.corrections, "text", [each.text for each in translation.corrections]),
            "translated": Translated(translation.language, translation.of != self.digest),
        }
        if self.image and translation.image:
            changes["image"] = self.image.model_copy(update={"alt": translation.image.alt})
        return self.model_copy(update=changes)


def _fact_translated(fact: Fact, other: TranslatedFact) -> Fact:
    kind = UntranslatedQuote if fact.quote and not other.quote else Fact
    texts = {
        "text": other.text,
        "by": fact.by and (other.by or fact.by),
        "quote": fact.quote and (other.quote or fact.quote),
    }
    return kind.model_construct(**dict(fact) | texts)


def _replaced(parts: tuple[P, ...], key: str, texts: Sequence[str]) -> tuple[P, ...]:
    """Return parts with the value of ``key`` replaced by the texts, or as they are if the texts are not as many."""
    if len(texts) != len(parts):
        return parts
    return tuple(part.model_copy(update={key: text}) for part, text in zip(parts, texts, strict=True))


@dataclass(frozen=True, slots=True)
class BriefBase:
    """All briefs at one moment, by id and sorted by id. A reload makes a new base.

    ``translations`` are by the name of their file without .yaml, such as "troops.uk". ``language`` is that of the
    briefs themselves.
    """

    briefs: Mapping[str, Brief] = field(default_factory=dict)
    translations: Mapping[str, Translation] = field(default_factory=dict)
    language: str = "en"
    editions: Mapping[str, "BriefBase"] = field(init=False, compare=False, repr=False)
    """For each language of a translation: the same briefs, with the texts of that language where there are some."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "briefs", _sorted(self.briefs))
        object.__setattr__(self, "translations", _sorted(self.translations))
        object.__setattr__(self, "editions", MappingProxyType(dict(self._editions())))

    def _editions(self) -> Iterator[tuple[str, "BriefBase"]]:
        by_language: dict[str, dict[str, Brief]] = {}
        for translation in self.translations.values():
            brief = self.briefs.get(translation.id)
            own = translation.language == self.language
            if brief and not own and (translated := brief.translated_by(translation)) is not brief:
                by_language.setdefault(translation.language, {})[brief.id] = translated
        for language in sorted(by_language):
            # A language of a region has the texts of the language without it where it has none of its own.
            wider = [by_language.get(other, {}) for other in reversed(fallbacks(language))]
            briefs = dict(self.briefs)
            for each in wider:
                briefs |= each
            yield language, BriefBase(briefs, language=self.language)

    def content(self, name: str) -> Brief | Translation | None:
        """Return what the file of this name without .yaml says, None if none of that name is in use."""
        return self.briefs.get(name) or self.translations.get(name)

    def shown(self, name: str) -> Brief | None:
        """Return the brief in a file of this name without .yaml; for a translation's name, in that language."""
        if brief := self.briefs.get(name):
            return brief
        translation = self.translations.get(name)
        edition = self.editions.get(translation.language) if translation else None
        return edition.briefs.get(translation.id) if translation and edition else None

    def in_language(self, language: str) -> "BriefBase":
        """Return the briefs in a language, given as a BCP 47 tag. Those without a translation are in the base's own."""
        return next((self.editions[each] for each in fallbacks(language) if each in self.editions), self)

    def languages_of(self, brief_id: str) -> tuple[str, ...]:
        """Return the languages in which a brief can be read, the base's own first."""
        translated = (
            edition.briefs[brief_id].translated for edition in self.editions.values() if brief_id in self.briefs
        )
        return (self.language, *dict.fromkeys(each.language for each in translated if each))

    def speaks(self, brief: Brief, language: str) -> bool:
        """Return whether the texts of a brief are in a language, that of another region included."""
        own = brief.translated.language if brief.translated else self.language
        return same_language(own, language)

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


def _sorted(values: Mapping[str, V]) -> Mapping[str, V]:
    return MappingProxyType(dict(sorted(values.items())))


def may_be_brief(name: str) -> bool:
    """Return whether a file with this name may be a brief. All other files are ignored."""
    return name.endswith(SUFFIXES) and not name.startswith(".")
