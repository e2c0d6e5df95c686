"""What a text in another language claims, in the words of the briefs' own: its figures in digits, and its names.

How a name is written in other languages stands in a table, names.txt beside the briefs.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from bot.language.normalise import normalise
from bot.language.stemming import stemmer, stemmer_of
from bot.language.texts import MONTHS

_WORD = re.compile(r"[^\W\d_][\w'’ʼ-]*")
_MOST_WORDS = 5
_BEGINS = re.compile(r"(?:^|[.!?…:«„“\"(]\s*|\n\s*)$")

_KOREAN = re.compile(r"(?=\d)(?:(\d[\d,]*)\s*억)?\s*(?:(\d[\d,]*)\s*만)?\s*(?:(\d[\d,]*)\s*천)?\s*(\d[\d,]*)?")
_KOREAN_MONTH = re.compile(r"(?<!\d)(1[0-2]|[1-9])월")
_KOREAN_SCALES = (10**8, 10**4, 10**3, 1)
_SCALES = {
    "тис": 10**3,
    "тысяч": 10**3,
    "мільйон": 10**6,
    "млн": 10**6,
    "миллион": 10**6,
    "мільярд": 10**9,
    "млрд": 10**9,
}
_SPELT = {
    "один": 1, "одн": 1, "два": 2, "дв": 2, "три": 3, "тр": 3, "чотир": 4, "четыр": 4, "п'ят": 5, "пят": 5, "шіст": 6,
    "шест": 6, "сім": 7, "сем": 7, "вісім": 8, "восьм": 8, "восем": 8, "дев'ят": 9, "девят": 9, "десят": 10,
}  # fmt: skip
_CYRILLIC = re.compile(
    rf"(?P<numeral>\d+(?:[ \u00a0]\d{{3}})*)?(?P<spelt>(?:{'|'.join(_SPELT)})\w{{0,3}})?"
    rf"\s?(?P<scale>{'|'.join(_SCALES)})\w*",
    re.IGNORECASE,
)


class Claimed(NamedTuple):
    """A name as a text has it, where it begins, and what the briefs call it; None if the table does not say."""

    start: int
    text: str
    name: str | None


class NameTable:
    """How names are written in other languages: a line for each, the briefs' own first, as in

    Zelensky: Зеленський, Зеленский, 젤렌스키
    """

    def __init__(self, text: str) -> None:
        self._lines = [line.partition(":") for line in text.splitlines() if ":" in line and not line.startswith("#")]

    def claimed(self, text: str, language: str) -> Iterator[Claimed]:
        """Yield the names of a text in a language, in whatever case they stand."""
        stem = stemmer(stemmer_of(language))
        known = self._stemmed(language)
        words = list(_WORD.finditer(text))
        stems = [stem(normalise(word[0])) for word in words]
        at = 0
        while at < len(words):
            longest = min(_MOST_WORDS, len(words) - at)
            size = next((n for n in range(longest, 0, -1) if tuple(stems[at : at + n]) in known), 0)
            end = words[at + max(size, 1) - 1].end()
            if size:
                yield Claimed(words[at].start(), text[words[at].start() : end], known[tuple(stems[at : at + size])])
            elif words[at][0][0].isupper() and not _BEGINS.search(text[: words[at].start()]):
                yield Claimed(words[at].start(), words[at][0], None)
            at += max(size, 1)

    def _stemmed(self, language: str) -> dict[tuple[str, ...], str]:
        stem = stemmer(stemmer_of(language))
        return {
            tuple(stem(normalise(word)) for word in _WORD.findall(form)): own.strip()
            for own, _, forms in self._lines
            for form in (own, *forms.split(","))
        }


def with_digits(text: str, language: str) -> str:
    """Return a text with its large numbers in digits: "1만2천 명" and "12 тисяч" have 12000."""
    if language.startswith("ko"):
        text = _KOREAN_MONTH.sub(lambda found: MONTHS[int(found[1]) - 1], text)
        return re.sub(r"(?<=\d)(?=[^\W\d_])", " ", _KOREAN.sub(_korean, text))
    return _CYRILLIC.sub(_cyrillic, text)


def _korean(found: re.Match[str]) -> str:
    if not any(found.groups()[:3]):
        return found[0]
    parts = zip(found.groups(), _KOREAN_SCALES, strict=True)
    end = " " if found[0].endswith(" ") else ""
    return f"{sum(int(part.replace(',', '')) * scale for part, scale in parts if part)}{end}"


def _cyrillic(found: re.Match[str]) -> str:
    if not (found["numeral"] or found["spelt"]):
        return found[0]
    scale = next(value for word, value in _SCALES.items() if found["scale"].lower().startswith(word))
    if found["numeral"]:
        return str(int(re.sub(r"\D", "", found["numeral"])) * scale)
    return str(next(value for word, value in _SPELT.items() if found["spelt"].lower().startswith(word)) * scale)
