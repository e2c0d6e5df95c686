"""What a translation of a brief is: the schema of a file such as troops.uk.yaml, beside troops.yaml.

It holds texts alone. Dates, status and links are the original's, so that a translation cannot disagree with it.
"""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from bot.briefs.fields import (
    ID_PATTERN,
    MOST_CORRECTIONS,
    MOST_FACTS,
    MOST_PHRASES,
    MOST_SOURCES,
    FactText,
    Name,
    Part,
    Phrase,
    Sentence,
    Speaker,
    Summary,
    Title,
)
from bot.language.tags import canonical


def _check_digest(value: str) -> str:
    if not re.fullmatch("[0-9a-f]{16}", value):
        raise ValueError("is no digest; remove the key, and run check --stamp once the translation is right")
    return value


Digest = Annotated[str, AfterValidator(_check_digest)]


class TranslatedFact(Part):
    """The text of a fact, how the language writes who says so, and the words that the original quotes, translated.

    Without ``by`` that is written as in the original. Without ``quote`` the original's words are shown, as such.
    """

    text: FactText
    by: Speaker | None = None
    quote: Sentence | None = None


class TranslatedSource(Part):
    """What a source is called."""

    name: Name


class TranslatedImage(Part):
    """A picture in words."""

    alt: Sentence


class TranslatedCorrection(Part):
    """What was wrong in the brief."""

    text: Sentence


class TranslationContent(Part):
    """The content of a translation's file. ``of`` is the digest of what was translated, see Brief.digest."""

    of: Digest | None = None
    title: Title
    aliases: Annotated[tuple[Phrase, ...], Field(max_length=MOST_PHRASES)] = ()
    questions: Annotated[tuple[Phrase, ...], Field(max_length=MOST_PHRASES)] = ()
    summary: Summary
    facts: Annotated[tuple[TranslatedFact, ...], Field(max_length=MOST_FACTS)] = ()
    image: TranslatedImage | None = None
    corrections: Annotated[tuple[TranslatedCorrection, ...], Field(max_length=MOST_CORRECTIONS)] = ()
    sources: Annotated[tuple[TranslatedSource, ...], Field(max_length=MOST_SOURCES)] = ()


class Translation(TranslationContent):
    """A translation: the content of its file, the id of the brief, and the language."""

    id: str
    language: str

    @property
    def name(self) -> str:
        """The name of its file without .yaml."""
        return f"{self.id}.{self.language}"


def parted(name: str) -> tuple[str, str | None]:
    """Return the id and the language in the name of a file without .yaml. A brief's own name has no language.

    The tag of the language may be written with other capitals than it should be.
    """
    brief, _, tag = name.partition(".")
    language = canonical(tag) if ID_PATTERN.fullmatch(brief) else None
    return (brief, language) if language else (name, None)


def is_file_name(name: str) -> bool:
    """Return whether this is the name of a brief or of a translation, without .yaml."""
    brief, language = parted(name)
    return bool(ID_PATTERN.fullmatch(name)) or (language is not None and name == f"{brief}.{language}")
