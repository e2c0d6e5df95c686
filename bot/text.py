"""One rule for case, accents, punctuation and spacing, used by look-up, autocomplete and the loader alike."""

import re
import unicodedata
from typing import Literal

_MOST_REMEMBERED = 10_000
"""Characters of which is remembered what becomes of them: more than people use, and a member could send a million."""

# Letters that Unicode does not decompose although readers type them as these.
_LETTERS = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t"}
# Taken out before and after decomposition, which makes and unmakes some.
_APOSTROPHES = dict.fromkeys(map(ord, "'’‘ʼ`´\u1ffd＇ʹ′"))
_FILLERS = frozenset("\u115f\u1160")  # letters of Hangul that stand for no letter
# Characters that are no marks, or one, and decompose to nothing but marks; Unicode's policy forbids new ones.
_MARKS = str.maketrans({char: unicodedata.normalize("NFKD", char) for char in "\u0344\u0f73\u0f75\u0f81\uff9e\uff9f"})
# More of what marks can be among than the 30 in a row that no language needs (UAX #15, Stream-Safe Text Format).
_HEAP = re.compile("[\\W\uff9e\uff9f]{31,}")
_RUN_OF_MARKS = re.compile(rb"[^\0]+")  # in combining classes: 0 is no mark
_GROUPED_DIGITS = re.compile(r"(?<=\d)[,.](?=\d{3}(?!\d))")


class _Replacements(dict[int, str]):
    """What each decomposed character becomes: itself, nothing or a space; worked out once for those that come first."""

    def __missing__(self, code: int) -> str:
        replacement = self._replacement(chr(code))
        if len(self) < _MOST_REMEMBERED:
            self[code] = replacement
        return replacement

    @staticmethod
    def _replacement(char: str) -> str:
        if char in _LETTERS:
            return _LETTERS[char]
        if ord(char) in _APOSTROPHES:
            return ""
        category = unicodedata.category(char)
        if category[0] == "M" and unicodedata.name(char, "").startswith(("COMBINING", "VARIATION SELECTOR")):
            return ""  # accents; the vowel signs of Indic scripts and their like are letters to their readers
        if category == "Cf" or char in _FILLERS:
            return ""  # zero-width and bidirectional controls, and what else nobody sees
        return char if category[0] in "LNM" else " "


_REPLACEMENTS = _Replacements()


def _sorted(heap: re.Match[str]) -> str:
    """Return text with its marks in canonical order (the Unicode Standard, D109), decomposed as far as that takes."""
    chars = list(heap[0].translate(_MARKS))
    for run in _RUN_OF_MARKS.finditer(bytes(map(unicodedata.combining, chars))):
        place = slice(*run.span())
        chars[place] = sorted(chars[place], key=unicodedata.combining)
    return "".join(chars)


def _normal(form: Literal["NFKC", "NFKD"], text: str) -> str:
    """Return what unicodedata.normalize does, but in linear time.

    The library orders marks by insertion, which takes quadratic time where they are heaped up and in no order.
    """
    return unicodedata.normalize(form, _HEAP.sub(_sorted, text))


def normalise(text: str) -> str:
    """Return ``text`` as words of lower-case letters and digits, one space between two.

    Compatibility forms are unified, case is folded, accents are removed, apostrophes vanish ("Kim's" is "kims"),
    thousands lose their separators ("1,500" is "1500"), and all else that is no letter, mark or digit separates words.
    The result is a fixed point, ``normalise(normalise(x)) == normalise(x)``, and empty if nothing readable is there.
    """
    text = text.translate(_APOSTROPHES)
    if text.isascii():
        return " ".join(_GROUPED_DIGITS.sub("", text.lower()).translate(_REPLACEMENTS).split())
    folded = _normal("NFKD", _normal("NFKD", text).casefold())
    replaced = _GROUPED_DIGITS.sub("", folded).translate(_REPLACEMENTS)
    return " ".join(_normal("NFKC", replaced).split())
