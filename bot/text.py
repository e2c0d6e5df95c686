"""One rule for case, accents, punctuation and spacing, used by look-up, autocomplete and the loader alike."""

import re
import unicodedata

# Letters that Unicode does not decompose although readers type them as these.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t"}
)
_APOSTROPHES = frozenset("'’‘ʼ`´＇ʹ′")
_GROUPED_DIGITS = re.compile(r"(?<=\d)[,.](?=\d{3}(?!\d))")


class _Replacements(dict[int, str]):
    """What each decomposed character becomes: itself, nothing or a space; worked out once for each."""

    def __missing__(self, code: int) -> str:
        self[code] = replacement = self._replacement(chr(code))
        return replacement

    @staticmethod
    def _replacement(char: str) -> str:
        if char in _APOSTROPHES:
            return ""
        category = unicodedata.category(char)
        if category == "Mn" and unicodedata.name(char, "").startswith("COMBINING"):
            return ""  # accents; the vowel signs of Indic scripts and their like are letters to their readers
        if category == "Cf":
            return ""  # zero-width and bidirectional controls
        return char if category[0] in "LNM" else " "


_REPLACEMENTS = _Replacements()


def normalise(text: str) -> str:
    """Return ``text`` as words of lower-case letters and digits, one space between two.

    Compatibility forms are unified (NFKC), case is folded, accents are removed, apostrophes vanish ("Kim's" is "kims"),
    thousands lose their separators ("1,500" is "1500"), and all else that is no letter, mark or digit separates words.
    The result is a fixed point, ``normalise(normalise(x)) == normalise(x)``, and empty if nothing readable is there.
    """
    if text.isascii():
        return " ".join(_GROUPED_DIGITS.sub("", text.lower()).translate(_REPLACEMENTS).split())
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_LETTERS)
    decomposed = unicodedata.normalize("NFKD", _GROUPED_DIGITS.sub("", folded))
    return " ".join(unicodedata.normalize("NFKC", decomposed.translate(_REPLACEMENTS)).split())
