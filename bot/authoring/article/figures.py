"""Finds the figures of a text, in digits and in English words, with their units and places."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import takewhile

from bot.language import texts

Value = Decimal | str
"""A number. Something with digits that is no number, such as 6:30, is kept as text."""

MONTHS = tuple(map(str.lower, texts.MONTHS))

_ONES = "one two three four five six seven eight nine ten eleven twelve".split()
_TEENS = "thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()
_COUNTED = {
    **{word: Decimal(n) for n, word in enumerate(_ONES + _TEENS, 1)},
    **{word: Decimal(10 * n) for n, word in enumerate(_TENS, 2)},
    **{word: Decimal(n) for n, word in enumerate(_ORDINALS, 1)},
    "both": Decimal(2),
}
_MAGNITUDES = {"dozen": 12, "hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_SUFFIXES = {"k": 10**3, "m": 10**6, "mn": 10**6, "bn": 10**9, "tn": 10**12}

NUMBER_WORDS = frozenset({*_COUNTED, *_MAGNITUDES})

SPANS_OF_TIME = ("second", "minute", "hour", "day", "week", "month", "year")
_ARTICLE = frozenset({(Decimal(1), unit) for unit in ("", *SPANS_OF_TIME)})
_UNITS = {
    "%": "%|per ?cent|percentage points?|pct", "$": "dollars?", "€": "euros?", "£": "pounds?",
    "mm": "mm|millimet(?:re|er)s?", "cm": "cm|centimet(?:re|er)s?", "m": "m|met(?:re|er)s?",
    "km": "km|kilomet(?:re|er)s?", "mile": "miles?", "foot": "feet|foot|ft", "kg": "kg|kilos?|kilogram(?:me)?s?",
    "tonne": "tons?|tonnes?", "litre": "lit(?:re|er)s?",
    **{span: f"{span}s?" for span in SPANS_OF_TIME},
    **{month: rf"(?:of )?(?-i:{month.title()}|{month[:3].title()})" for month in MONTHS},
}  # fmt: skip
_UNIT_BEHIND = {unit: re.compile(rf"[\s-]?(?:{pattern})(?!\w)", re.IGNORECASE) for unit, pattern in _UNITS.items()}
_MONTH_BEFORE = re.compile(rf"\b(?:{'|'.join(rf'{month.title()}|{month[:3].title()}' for month in MONTHS)})\.?\s$")

_NUMERAL = r"(?:\d{1,3}(?:[,.’'\ \u00a0\u2009\u202f]\d{3})+(?!\d)|\d+)(?:[.,:]\d+)*"
_MAGNITUDE = rf"(?:{'|'.join(_MAGNITUDES)})\b"
_NUMBER_WORD = rf"(?:{'|'.join(sorted(NUMBER_WORDS - {'first', 'second'}))})\b"
_FIGURE = re.compile(
    rf"""\b(?P<designation>(?-i:[A-Z])[^\W\d_]*-?\d[\w-]*)
    | \b(?P<vague>(?:ten|{"|".join(_MAGNITUDES)})s)\b
    | (?<![\w.,])(?P<numeral>{_NUMERAL})(?:(?:st|nd|rd|th|s)\b)?
      (?:(?P<suffix>{"|".join(_SUFFIXES)})\b)?(?P<scale>(?:\sand\sa\shalf\b)?(?:[\s-]{_MAGNITUDE})*)
    | \b(?P<spelt>(?:an?\s(?={_MAGNITUDE}))?{_NUMBER_WORD}
      (?:(?:[\s-]|(?<=hundred)\sand\s){_NUMBER_WORD}|(?<=ty)-(?:first|second)\b|\sand\sa\shalf\b)*)""",
    re.IGNORECASE | re.VERBOSE,
)
_RANGE = re.compile(r"[\s–,-]*(?:to|and|or)?[\s-]*")


@dataclass(frozen=True, slots=True)
class Claim:
    """Some words of a text, and the position where they start."""

    start: int
    text: str

    @property
    def end(self) -> int:
        """Return the position after the words."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Figure(Claim):
    """A number with its unit, and all values that it may mean: "8m" is 8 metres or 8 million. ``unit`` may be ""."""

    readings: frozenset[tuple[Value, str]]

    @property
    def tells_nothing(self) -> bool:
        """Return whether an article or nothing could stand in its place: one of them, 1 week, both Oslo and Bergen."""
        return self.text.lower() == "both" or self.readings <= _ARTICLE


def figures(text: str) -> list[Figure]:
    """Return the figures of ``text``: in digits, in words, and vague ones such as "hundreds".

    In a range or a list, a figure may take the magnitude and the unit of the next one. "F-16" is a name, no figure.
    """
    found: list[Figure] = []
    shared_scale, shared_unit, after = 1, "", len(text)
    for match in reversed([match for match in _FIGURE.finditer(text) if not match["designation"]]):
        values, scale = _values(match)
        start, end, unit = _measured(text, match, values)
        scales, units = {1}, {unit}
        if scale == 1 and not unit and _RANGE.fullmatch(text, end, after):
            scales.add(shared_scale)
            units.add(shared_unit)
        else:
            shared_scale, shared_unit = scale, unit
        readings = {(_scaled(value, factor), measure) for value in values for factor in scales for measure in units}
        if match["suffix"] == "m":
            readings |= {(value / scale, "m") for value in values if isinstance(value, Decimal)}
        found.append(Figure(start, text[start:end], frozenset(readings)))
        after = start
    return found[::-1]


def _values(match: re.Match[str]) -> tuple[set[Value], int]:
    """Return the values that a figure may have, and the magnitude at its end (1 without one)."""
    if match["vague"]:
        return {match["vague"].lower()}, 1
    words = re.findall(r"[a-z]+", (match["spelt"] or match["scale"]).lower())
    magnitudes = [_MAGNITUDES[word] for word in takewhile(_MAGNITUDES.__contains__, reversed(words))]
    scale = math.prod(magnitudes) * _SUFFIXES.get((match["suffix"] or "").lower(), 1)
    half = Decimal("0.5") if "half" in words else Decimal()
    if match["spelt"]:
        return {_spelt(words) + half * scale}, scale
    plain = (value + half if isinstance(value, Decimal) else value for value in _numeral(match["numeral"]))
    return {_scaled(value, scale) for value in plain}, scale


def _scaled(value: Value, factor: int) -> Value:
    return value * factor if isinstance(value, Decimal) else value


def _spelt(words: Iterable[str]) -> Decimal:
    """Return the number that ``words`` spell. An article alone, or nothing, is 1."""
    total = part = Decimal()
    for word in words:
        part += _COUNTED.get(word, 0)
        if factor := _MAGNITUDES.get(word):
            part = max(part, Decimal(1)) * factor
            total, part = (total + part, Decimal()) if factor >= 1000 else (total, part)
    return total + part or Decimal(1)


def _numeral(written: str) -> set[Value]:
    """Return the values that digits may mean: "1.500" is one and a half or, in some countries, 1,500."""
    digits = re.sub(r"(?<=\d)[^\d.:](?=\d{3}(?!\d))", "", written).replace(",", ".")
    values: set[Value] = {Decimal(digits) if re.fullmatch(r"\d+(\.\d+)?", digits) else written}
    return values | ({Decimal(written.replace(".", ""))} if re.fullmatch(r"\d{1,3}(\.\d{3})+", written) else set())


def _measured(text: str, match: re.Match[str], values: set[Value]) -> tuple[int, int, str]:
    """Return where a figure with its unit begins and ends, and the unit. The unit of a day is its month."""
    start, end = match.span()
    if text[start - 1 : start] in ("$", "€", "£"):
        return start - 1, end, text[start - 1]
    measures = ((unit, behind.end()) for unit, pattern in _UNIT_BEHIND.items() if (behind := pattern.match(text, end)))
    unit, measured = next(measures, ("", end))
    if not unit and (month := _MONTH_BEFORE.search(text, max(0, start - 12), start)):
        unit = next(name for name in MONTHS if name[:3] == month[0][:3].lower())
    if unit in MONTHS and not all(isinstance(value, Decimal) and value <= 31 for value in values):
        return start, end, ""
    return start, end if unit in MONTHS else measured, unit
