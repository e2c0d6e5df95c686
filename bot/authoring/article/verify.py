"""Finds figures, proper names and quotations of the briefs that their source text does not contain.

It compares words, not meanings: a figure that is in the source may count something else there.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from bot.authoring.article.claims import (
    SHORT_NAME,
    SINGLE_WORD,
    UNLINKED_NAME,
    CommonWords,
    Name,
    is_acronym,
    is_all_large,
    names,
    quotations,
    sentences,
)
from bot.authoring.article.figures import MONTHS, SPANS_OF_TIME, Claim, Figure, Value, figures
from bot.authoring.article.translated import NameTable, with_digits
from bot.authoring.article.variants import alike, main_name
from bot.briefs.brief_file import LoadedFile
from bot.briefs.faults import Location
from bot.briefs.markup import without_marks
from bot.briefs.strict_yaml import Mapping, Scalar, Sequence
from bot.errors import Problem
from bot.language.normalise import normalise, without_signs

Verifiable = tuple[Location, Scalar]
"""A text of a brief that must agree with the source, and its place."""

_UNLISTED = "name that is not in the table"
_SMALL_WORD = re.compile(r"^\W*\w+|\b[^\W\d_A-Z][^\W\d_]*")


def unsupported(files: Iterable[LoadedFile], source: str, written: str = "") -> list[Problem]:
    """Return a problem for each figure, name and quotation of the base that ``source`` does not contain.

    Titles, summaries, facts, their speakers and their quotes are checked. The problems are sorted by file and line. Of
    a translation, figures and names are; ``written`` is the table of how names are written in other languages.
    """
    values = [(file, location, scalar) for file in files for location, scalar in _verifiable(file)]
    own = [scalar.text for file, _, scalar in values if not file.language]
    evidence, table = Evidence(source, CommonWords([source, *own])), NameTable(written)
    return sorted(
        _problem(file, location, scalar, kind, claim)
        for file, location, scalar in values
        for kind, claim in (
            _lacking_in_translation(evidence, table, scalar.text, file.language)
            if file.language
            else _lacking(evidence, location, scalar.text)
        )
    )


def _lacking_in_translation(
    evidence: "Evidence", table: NameTable, text: str, language: str
) -> Iterator[tuple[str, Claim]]:
    """Yield what a text in another language claims and the source does not have, or the table of names does not."""
    for figure in evidence.lacks_figures(with_digits(without_marks(text), language)):
        yield "figure", Claim(0, figure.text)
    for claimed in table.claimed(text, language):
        if claimed.name is None:
            yield _UNLISTED, Claim(claimed.start, claimed.text)
        elif not evidence.has_name(claimed.name):
            yield f"name {claimed.name!r}, which is written", Claim(claimed.start, claimed.text)


def _lacking(evidence: "Evidence", location: Location, text: str) -> Iterator[tuple[str, Claim]]:
    if location[-1] == "quote":
        return evidence.lacks_quotation(text)
    return evidence.lacks(without_marks(text), headline=location == ("title",))


def _problem(file: LoadedFile, location: Location, scalar: Scalar, kind: str, claim: Claim) -> Problem:
    message = f"{location[-1]}: the source does not have the {kind} {claim.text!r}; correct it or leave it out"
    if kind == _UNLISTED:
        message = f"{location[-1]}: names.txt does not say what the briefs call {claim.text!r}; add it there"
    return Problem(file.path, *_place(file.text, scalar, claim.start), message)


def _verifiable(file: LoadedFile) -> Iterator[Verifiable]:
    entries = file.root.entries if file.root else {}
    for key in ("title", "summary"):
        if key in entries and isinstance(scalar := entries[key][1], Scalar):
            yield (key,), scalar
    facts = entries["facts"][1] if "facts" in entries else None
    for n, fact in enumerate(facts.items if isinstance(facts, Sequence) else ()):
        for key, (_, scalar) in fact.entries.items() if isinstance(fact, Mapping) else ():
            if isinstance(scalar, Scalar) and key in ("text", "by", "quote"):
                yield ("facts", n, key), scalar


def _place(written: str, scalar: Scalar, start: int) -> tuple[int, int]:
    """Return line and column of position ``start`` in a scalar, or those of the scalar if it has YAML escapes."""
    lines = written.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    rest = "\n".join([lines[scalar.line - 1][scalar.column - 1 :], *lines[scalar.line :]])
    before = "".join(
        r"\s+" if part.isspace() else re.escape(part).replace("'", "''?").replace('"', r'\\?"')
        for part in re.split(r"(\s+)", scalar.text[:start])
    )
    found = re.match(rf"(?:[>|][^\n]*\n\s*|[\"'])?{before}", rest)
    if not found:
        return scalar.line, scalar.column
    line, column = found[0].count("\n"), found.end() - found[0].rfind("\n")
    return scalar.line + line, column if line else scalar.column + found.end()


class Evidence:
    """A source text, prepared for questions about what it contains."""

    def __init__(self, source: str, common: CommonWords) -> None:
        self._common = common
        self._units: dict[Value, set[str]] = defaultdict(set)
        for value, unit in (reading for figure in figures(source) for reading in figure.readings):
            self._units[value].add(unit)
        quoted = " ".join(quotation.text for quotation in quotations(source))
        self._read = f" {without_signs(source)} \n {without_signs(quoted)} "
        # For each word: the names that contain it, and the names in whose sentences it stands in lower case.
        self._within: dict[str, set[int]] = defaultdict(set)
        self._beside: dict[str, set[int]] = defaultdict(set)
        self._acronyms: set[str] = set()
        self._places: dict[tuple[str, bool], set[int]] = {}
        self._read_names(source)

    def _read_names(self, source: str) -> None:
        number = 0
        for sentence in sentences(source):
            small = set(_words(*_SMALL_WORD.findall(sentence)))
            no_name: tuple[str, ...] = ()
            for words in (no_name, *(name.words for name in names(sentence, self._common))):
                number += 1
                self._acronyms.update(_words(*filter(is_acronym, words)))
                for word in (*_words(*words), *map(str.lower, _words(*words)), *_initials(words)):
                    self._within[word].add(number)
                for word in small:
                    self._beside[word].add(number)

    def lacks(self, text: str, *, headline: bool) -> Iterator[tuple[str, Claim]]:
        """Yield what ``text`` claims and the source does not contain, with the kind of claim."""
        for quotation in quotations(text):
            if not self._has_quotation(quotation):
                yield "quotation", quotation
            text = text[: quotation.start] + "x" * len(quotation.text) + text[quotation.end :]
        for figure in self.lacks_figures(text):
            yield "figure", figure
        within = SINGLE_WORD if headline and is_all_large(text) else SHORT_NAME
        for name in names(text, self._common, within=within):
            if not self._has_name(name):
                yield "name", name

    def lacks_figures(self, text: str) -> Iterator[Figure]:
        """Yield the figures of ``text`` that the source does not contain."""
        return (figure for figure in figures(text) if not (figure.tells_nothing or self._has_figure(figure)))

    def has_name(self, name: str) -> bool:
        """Return whether a name of the source, or its sentence in lower case, has all words of ``name``."""
        return self._has_words(name.split())

    def lacks_quotation(self, text: str) -> Iterator[tuple[str, Claim]]:
        """Yield ``text`` if the source does not have its words in a row."""
        if not self._has_quotation(quotation := Claim(0, text)):
            yield "quotation", quotation

    def _has_quotation(self, quotation: Claim) -> bool:
        """Return whether the source has these words in a row. A speaker may come between; "…" is any words."""
        pieces = map(without_signs, re.split(r"…|\.\.\.|\[[^\]]*\]", quotation.text))
        return all(f" {piece} " in self._read for piece in pieces if piece)

    def _has_figure(self, figure: Figure) -> bool:
        """Return whether the source has the figure with its unit. Without one, it may have any unit but a month."""
        for value, unit in figure.readings:
            there = self._units.get(value, set())
            if unit in there or (not unit and there.difference(MONTHS)) or (unit in SPANS_OF_TIME and "" in there):
                return True
        return False

    def _has_name(self, name: Name) -> bool:
        """Return whether the source has a name, without a first common word, or as two: "Ana Li of Greenpeace"."""
        first, *rest = name.words
        droppable = name.doubtful and not any(self._placed(word, strict=True) for word in _words(first))
        if self._has_words(name.words) or (droppable and self._has_words(rest)):
            return True
        parts = [part.words for part in names(name.text, self._common, UNLINKED_NAME)]
        return len(parts) > 1 and len(parts[0]) > 1 and all(map(self._has_words, parts))

    def _has_words(self, words: Iterable[str]) -> bool:
        """Return whether one name of the source, or its sentence in lower case, has all the words or their initials."""
        parts = [(part, is_acronym(word) or part in MONTHS) for word in words for part in _words(word)]
        places = [self._placed(part, strict=strict) for part, strict in parts]
        return not places or bool(set.intersection(*places)) or _initialism(words) in self._acronyms

    def _placed(self, word: str, *, strict: bool) -> set[int]:
        """Return the numbers of the names that contain ``word`` or, unless ``strict``, have it in their sentence."""
        if (word, strict) not in self._places:
            indexes = (self._within,) if strict else (self._within, self._beside)
            known = (numbers for index in indexes for other, numbers in index.items() if alike(word, other))
            self._places[word, strict] = set().union(*known)
        return self._places[word, strict]


def _words(*written: str) -> Iterator[str]:
    """Yield words as they are compared: acronyms in capitals, others in lower case, without initials between names."""
    for word in (re.sub(r"\.|-(?=\d)", "", word) for word in written):
        large = is_acronym(word)
        for part in normalise(word).split():
            if len(part) > 1:
                yield main_name(part) or (part.upper() if large else part)


def _initialism(words: Iterable[str]) -> str:
    letters = "".join(word[0] for word in words)
    return main_name(letters.lower()) or letters.upper()


def _initials(words: tuple[str, ...]) -> Iterator[str]:
    """Yield the initialisms of two to six letters that a name, or a part of it, may have."""
    for start in range(len(words)):
        yield from (_initialism(words[start:end]) for end in range(start + 2, min(start + 6, len(words)) + 1))
