"""The five fields of the form: how they show a brief, and what somebody meant who typed into them.

What a phone's keyboard does to a text is taken as meant: its quotes, dashes, full-width colons and no-break spaces.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import NamedTuple
from urllib.parse import urlsplit

from bot.authoring.form.dates import DATE, read_date
from bot.briefs.brief import Brief
from bot.errors import Said
from bot.language.fillers import fillers
from bot.language.normalise import has_word, normalise

MOST_TYPED = 4000
"""Characters that Discord lets one field of a form have."""

NOTE = "? "
"""Begins a line that is a note to write from. It is no part of the brief until the mark is taken away."""

QUESTION_WORDS = 4
"""Words from which on an other name is taken for a question, also if it does not end in a question mark."""

_MOST_LINES = 50
"""Facts and sources that are read: more than a brief may have, so that it is still refused for them."""

_SPACES = re.compile("[\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_BREAKS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_UNSEEN = re.compile("[\u200b\u2060\ufeff\u00ad]")
_BULLET = re.compile(r"\A[-–—−•*·‣▪]\s+")
_COLONS = ":：﹕"
_SPEAKER = re.compile(f"([^{_COLONS}]{{1,80}})[{_COLONS}](?!//)(.*)", re.DOTALL)
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"“”„«»]+", re.IGNORECASE)
_AROUND_NAME = " ,;|<>()[]–—-，、；"
_DATED = re.compile(rf"(?:^|[,;|(，、；–—]\s*|\s-\s+)({DATE})[).]?$", re.IGNORECASE)
_QUESTION_MARKS = ("?", "？", "؟", "\u037e")
_APART = re.compile(r"\s*[,;、，；]\s*")
_IN_QUOTES = re.compile(r"[\"“„«]\s*([^\"“”„«»]*[^\"“”„«»\s])\s*[\"”“»]")
_GO_ON = frozenset(
    "about and are because but can could do does how if is or should so that was what when where who why will".split()
)
_AS_OF = re.compile(r"as of[:：]?\s+(.+)", re.IGNORECASE)


class UnfitError(Exception):
    """A brief that the form cannot show, or cannot change safely. ``why`` is a sentence that says the reason."""

    def __init__(self, why: Said) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Form:
    """What the fields hold, as typed."""

    title: str = ""
    summary: str = ""
    facts: str = ""
    sources: str = ""
    phrases: str = ""


@dataclass(frozen=True, slots=True)
class FactLine:
    """A line of the facts: what, and who says so."""

    text: str
    by: str | None = None

    def __str__(self) -> str:
        if self.by is not None:
            return f"{self.by}: {self.text}"
        return self.text if _fact(self.text).by is None else f": {self.text}"


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line of the sources: its name, its link, and the date that stands behind these."""

    name: str
    url: str | None = None
    published: str | None = None

    def __str__(self) -> str:
        return ", ".join(filter(None, (self.name, self.url, self.published)))


class Line(NamedTuple):
    """An entry of a list: the line as it was typed, and what is meant by it."""

    typed: str
    meant: FactLine | SourceLine


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody meant by what they typed. ``as_of`` is None if no date was said."""

    title: str
    summary: str
    facts: tuple[Line, ...]
    sources: tuple[Line, ...]
    phrases: tuple[str, ...]
    as_of: str | None

    @property
    def latest(self) -> str | None:
        """The last of the dates of the sources, None if none has one."""
        published = (line.meant.published for line in self.sources if isinstance(line.meant, SourceLine))
        return max(filter(None, published), default=None)

    def day(self, today: date) -> str:
        """Return the date of a new brief: the one that was typed, else that of its latest source, else today."""
        return self.as_of or self.latest or today.isoformat()


def shown(brief: Brief) -> Form:
    """Return the fields that show a brief. Raises UnfitError if they cannot.

    The date of the brief has a line of its own, unless it is that of the latest source: without a line that one counts.
    If there are more other names and questions than a field holds, only the first ones are shown.
    """
    facts = [str(FactLine(fact.text.written, fact.by)) for fact in brief.facts]
    sources = [str(SourceLine(each.name, each.url, each.published)) for each in brief.sources]
    latest = max(filter(None, (each.published for each in brief.sources)), default="")
    dated = [] if brief.as_of == latest else [f"as of {brief.as_of}"]
    form = Form(
        brief.title,
        brief.summary.written,
        "\n".join(facts),
        "\n".join([*sources, *dated]),
        "\n".join(fitting(map(phrase_line, (*brief.aliases, *brief.questions)), MOST_TYPED)),
    )
    if max(map(len, (form.summary, form.facts, form.sources))) > MOST_TYPED:
        raise UnfitError(Said("The plain form has no room for all facts or sources of this brief."))
    read = typed(form, date.max)
    if len(read.facts) != len(facts) or len(read.phrases) != len(form.phrases.splitlines()):
        raise UnfitError(
            Said("The plain form would read a fact or a name of this brief as something else, or as several.")
        )
    if [line.typed for line in read.sources] != [*lines("\n".join(sources))] or read.day(date.max) != brief.as_of:
        raise UnfitError(Said("The plain form would read a source of this brief as something else."))
    return form


def fitting(texts: Iterable[str], room: int) -> list[str]:
    """Return as many of the first lines as a field of ``room`` characters can show, line ends counted."""
    kept: list[str] = []
    for text in texts:
        room -= len(text) + 1
        if room < 0:
            break
        kept.append(text)
    return kept


def typed(form: Form, today: date) -> Typed:
    """Return what was meant by the fields of a form that was sent ``today``."""
    sources, as_of = _sources(form.sources, today)
    return Typed(
        title=" ".join(clean(form.title).split()),
        summary=clean(form.summary).strip(),
        facts=tuple(Line(line, _fact(line)) for line in islice(_meant(form.facts), _MOST_LINES)),
        sources=tuple(sources[:_MOST_LINES]),
        phrases=tuple(dict.fromkeys(phrase for line in _meant(form.phrases) for phrase in _phrases(line))),
        as_of=as_of,
    )


def as_of(sources: str, day: str) -> str:
    """Return what the field of the sources holds with ``day`` as the one that the brief is as of."""
    kept = [line for line in sources.splitlines() if not _AS_OF.fullmatch(" ".join(clean(line).split()))]
    return "\n".join([*kept, f"as of {day}"])


def is_question(phrase: str) -> bool:
    """Whether an other name is a question: it ends in a question mark, or has as many words as one."""
    return phrase.endswith(_QUESTION_MARKS) or len(phrase.split()) >= QUESTION_WORDS


def phrase_line(phrase: str) -> str:
    """Return the line that says an other name or a question: in quotes, if it would be read as several without."""
    return f'"{phrase}"' if '"' not in phrase and [*_phrases(phrase)] != [phrase] else phrase


def clean(text: str) -> str:
    """Return a text with plain spaces and line ends, and without what cannot be seen."""
    return _UNSEEN.sub("", _SPACES.sub(" ", _BREAKS.sub("\n", text)))


def lines(text: str) -> Iterator[str]:
    """Yield the lines that hold something, on one line each, without the bullets that stand before them."""
    for line in clean(text).split("\n"):
        if bare := " ".join(_BULLET.sub("", line.strip(), count=1).split()):
            yield bare


def notes(form: Form) -> int:
    """Return how many lines of a form are notes, which are left out of the brief."""
    return sum(_is_note(line) for text in (form.facts, form.sources, form.phrases) for line in lines(text))


def _meant(text: str) -> Iterator[str]:
    """Yield the lines of a text that are no notes."""
    return (line for line in lines(text) if not _is_note(line))


def _phrases(line: str) -> Iterator[str]:
    """Yield the phrases in a line. Commas part short names, unless the line is a question or stands in quotes."""
    if (quoted := _IN_QUOTES.fullmatch(line)) and _APART.search(quoted[1]):
        yield quoted[1]
        return
    parts = [*filter(None, _APART.split(line))]
    yield from parts if len(parts) > 1 and not line.endswith(_QUESTION_MARKS) and all(map(_is_name, parts)) else [line]


def _is_name(text: str) -> bool:
    """Whether a text may be a name by itself: it is short, tells a topic, and does not begin as a sentence goes on."""
    words = normalise(text).split()
    return 0 < len(words) < QUESTION_WORDS and words[0] not in _GO_ON and not fillers("english").issuperset(words)


def _is_note(line: str) -> bool:
    return line.startswith((NOTE, "？ "))


def _fact(line: str) -> FactLine:
    if line[:1] in _COLONS and line:
        return FactLine(line[1:].strip())
    found = _SPEAKER.match(line)
    if not found or not found[2].strip() or (found[1][-1].isdigit() and found[2][0].isdigit()):
        return FactLine(line)
    return FactLine(found[2].strip(), found[1].strip())


def _sources(text: str, today: date) -> tuple[list[Line], str | None]:
    """Return the sources, and the day as of which the brief is if one is said.

    A line that is only a link or only a date belongs to the source above it; a date above all sources is the brief's.
    """
    found: list[tuple[str, SourceLine]] = []
    as_of: str | None = None
    for line in _meant(text):
        if said := _AS_OF.fullmatch(line):
            as_of = read_date(said[1], today) or said[1]
            continue
        source = _source(line, today)
        raw, last = found[-1] if found else ("", None)
        if last and not source.name and not (source.url and last.url):
            whole = SourceLine(last.name, source.url or last.url, source.published or last.published)
            found[-1] = f"{raw}\n{line}", whole
        elif source.name or source.url:
            found.append((line, source))
        else:
            as_of = as_of or source.published
    return [Line(raw, _named(source)) for raw, source in found], as_of


def _source(line: str, today: date) -> SourceLine:
    found = _URL.search(line)
    url = _link(found[0]) if found else None
    before, after = (line[: found.start()], line[found.start() + len(_trimmed(found[0])) :]) if found else (line, "")
    sides = before.rstrip('"“„«'), after.lstrip('"”»')
    rest = ", ".join(part for side in sides if has_word(part := side.strip(_AROUND_NAME)))
    dated = _DATED.search(rest)
    day = read_date(dated[1], today) if dated else None
    name = rest[: dated.start()] if dated and day else rest
    return SourceLine(name.strip(_AROUND_NAME), url, day)


def _trimmed(url: str) -> str:
    """Return a link without the signs of the sentence that it stands in."""
    bare = url.rstrip(".,;:!?'’”»，、；")
    while bare.endswith((")", "]")) and bare.count(bare[-1]) > bare.count({")": "(", "]": "["}[bare[-1]]):
        bare = bare[:-1].rstrip(".,;:!?")
    return bare


def _link(url: str) -> str:
    """Return a link as it is meant: a phone begins it with a capital letter, and people leave https out."""
    bare = _trimmed(url)
    scheme, separator, rest = bare.partition("://")
    return f"{scheme.lower()}://{rest}" if separator else f"https://{bare[:4].lower()}{bare[4:]}"


def _named(source: SourceLine) -> SourceLine:
    """Return a source with the host of its link for a name if it has none."""
    if source.name:
        return source
    try:
        host = urlsplit(source.url or "").hostname or ""
    except ValueError:
        host = ""
    return SourceLine(host.removeprefix("www."), source.url, source.published)
