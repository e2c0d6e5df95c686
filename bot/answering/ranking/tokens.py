"""One way to write what people write in many: numbers, initialisms, and digits beside letters.

Phrases and questions go through the same function, so that "12k", "12 thousand" and "12 000" are all 12000, "N.I.S." is
NIS, and "122mm" is 122 mm.
"""

import re
import unicodedata

MOST_WORDS = 300
"""Words of a question that are read: who pastes pages has said by then what they are about."""

_NAMES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_ABBREVIATIONS = {"mil": 10**6, "mio": 10**6, "mln": 10**6, "mn": 10**6, "bil": 10**9, "bln": 10**9, "bn": 10**9}
_LETTERS = {"k": 1000, "m": 10**6}
_SCALES = _NAMES | {f"{name}s": scale for name, scale in _NAMES.items()} | _ABBREVIATIONS | _LETTERS
_ONES = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
_SMALL = {word: number for number, word in enumerate(_ONES.split(), 1)}
_SMALL |= {
    word: 10 * tens for tens, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}

_NUMBER = re.compile(rf"\d|{'|'.join(_NAMES)}")
_GROUPED = re.compile(r"(?<!\S)\d{1,3}(?: \d{3}){1,4}(?!\S)")
_SCALED = re.compile(
    rf"(?<!\S)(?P<whole>\d{{1,12}}|{'|'.join(_SMALL)})(?: (?P<part>\d{{1,2}}))?"
    rf"(?:(?<=\d)(?P<letters>{'|'.join([*_LETTERS, *_ABBREVIATIONS])})"
    rf"|(?<=\d) (?P<short>{'|'.join(_ABBREVIATIONS)})| (?P<name>(?:{'|'.join(_NAMES)})s?))(?!\S)"
)
_LETTER_AND_DIGIT = re.compile(r"(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)")
_SPELT = re.compile(r"(?<!\S)[^\W\d_](?: [^\W\d_])+(?!\S)")


def tokens(text: str) -> list[str]:
    """Return the words of a normalised text, each number and initialism as one word, digits apart from letters."""
    if _NUMBER.search(text):
        text = _GROUPED.sub(lambda found: found[0].replace(" ", ""), text)
        text = _LETTER_AND_DIGIT.sub(" ", _SCALED.sub(_value, text))
    return _SPELT.sub(_joined, text).split()


def _value(found: re.Match[str]) -> str:
    whole, part = found["whole"], found["part"] or ""
    scale = _SCALES[found["letters"] or found["short"] or found["name"]]
    number = _SMALL.get(whole) or int(whole)
    return str(number * scale + int(part or 0) * scale // 10 ** len(part))


def _joined(found: re.Match[str]) -> str:
    """Join letters that stand alone. A syllable of Hangul is several letters, so it is a word of its own."""
    letters = found[0].split()
    alone = all(len(unicodedata.normalize("NFD", letter)) == 1 for letter in letters)
    return "".join(letters) if alone else found[0]
