"""One rule for case, accents, punctuation and spacing, used by look-up, autocomplete and the loader alike."""

import re
import unicodedata

# Letters that Unicode does not decompose although readers type them as these.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t"}
)
_APOSTROPHES = dict.fromkeys(map(ord, "'’‘ʼ`´＇ʹ′"))  # before and after decomposition, which makes and unmakes some
_FILLERS = frozenset("\u115f\u1160")  # letters of Hangul that stand for no letter
# Removed before anything is put in canonical order, which takes quadratic time where they are heaped up.
_ACCENTS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
_GROUPED_DIGITS = re.compile(r"(?<=\d)[,.](?=\d{3}(?!\d))")


class _Replacements(dict[int, str]):
    """What each decomposed character becomes: itself, nothing or a space; worked out once for each."""

    def __missing__(self, code: int) -> str:
        self[code] = replacement = self._replacement(chr(code))
        return replacement

    @staticmethod
    def _replacement(char: str) -> str:
        if ord(char) in _APOSTROPHES:
            return ""
        category = unicodedata.category(char)
        if category[0] == "M" and unicodedata.name(char, "").startswith(("COMBINING", "VARIATION SELECTOR")):
            return ""  # accents; the vowel signs of Indic scripts and their like are letters to their readers
        if category == "Cf" or char in _FILLERS:
            return ""  # zero-width and bidirectional controls, and what else nobody sees
        return char if category[0] in "LNM" else " "


_REPLACEMENTS = _Replacements()


def normalise(text: str) -> str:
    """Return ``text`` as words of lower-case letters and digits, one space between two.

    Compatibility forms are unified, case is folded, accents are removed, apostrophes vanish ("Kim's" is "kims"),
    thousands lose their separators ("1,500" is "1500"), and all else that is no letter, mark or digit separates words.
    The result is a fixed point, ``normalise(normalise(x)) == normalise(x)``, and empty if nothing readable is there.
    """
    text = text.translate(_APOSTROPHES)
    if text.isascii():
        return " ".join(_GROUPED_DIGITS.sub("", text.lower()).translate(_REPLACEMENTS).split())
    text = _ACCENTS.sub("", text)
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()).translate(_LETTERS)
    replaced = _GROUPED_DIGITS.sub("", folded).translate(_REPLACEMENTS)
    return " ".join(unicodedata.normalize("NFKC", replaced).split())
