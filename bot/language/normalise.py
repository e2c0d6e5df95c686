"""One rule for case, accents, punctuation and spacing. Matching, autocomplete and the loader all use it."""

import re
import unicodedata
from functools import lru_cache
from typing import Literal

from bot.language.texts import shortened

_MOST_REMEMBERED = 10_000
"""Most characters whose replacement is cached. People use fewer; without a limit, a member could fill the memory."""

# Unicode does not decompose these letters, but people type them so. The Arabic tatweel only fills a line.
_LETTERS = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t"}
_LETTERS["\u0640"] = ""
# These are removed before and after decomposition, because decomposition creates some and destroys some.
_APOSTROPHES = dict.fromkeys(map(ord, "'’‘ʼ`´\u1ffd＇ʹ′"))
_FILLERS = frozenset("\u115f\u1160")  # letters of Hangul that stand for no letter
# Characters that decompose to marks alone. Unicode's stability policy allows no new ones.
_MARKS = str.maketrans({char: unicodedata.normalize("NFKD", char) for char in "\u0344\u0f73\u0f75\u0f81\uff9e\uff9f"})
# A run of more than 30 marks. No language needs more than 30 in a row (UAX #15, Stream-Safe Text Format).
_HEAP = re.compile("[\\W\uff9e\uff9f]{31,}")
_RUN_OF_MARKS = re.compile(rb"[^\0]+")  # in combining classes: 0 is no mark
_GROUPED_DIGITS = re.compile(r"(?<=\d)[,.](?=\d{3}(?!\d))")

# Marks that readers leave out: accents, harakat and niqqud. The vowel signs of Indic scripts are letters to theirs.
_ACCENTS = ("COMBINING ", "VARIATION SELECTOR", "ARABIC ", "HEBREW ", "SYRIAC ")
_PARTS_OF_LETTERS = frozenset("\u0653\u0654\u0655")  # Arabic hamza and madda, as in أ

_SIGNS = "-=!<>+*/%&|^~:?.#"  # that can be part of a word or make one together
_CURRENCIES = "$¢£¥₠-⃏"
_EMOJI = "\u2190-\u21ff\u2300-\u23ff\u2600-\u2775\u2794-\u27bf\u2b00-\u2bff"
_EMOJI += "\U0001f000-\U0001f0ff\U0001f10d-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff"
_FLAGS = "\U0001f1e6-\U0001f1ff"  # a pair of these is the flag of a country
_JOINER = "\u200d"  # makes one emoji of several
_TAGS = "\U000e0020-\U000e007f"  # say which flag a black flag is, as that of Wales
_SKIN_TONES = frozenset(map(chr, range(0x1F3FB, 0x1F400)))
_MEANT = re.compile(f"[{re.escape(_SIGNS)}{_CURRENCIES}{_EMOJI}{_FLAGS}{_JOINER}{_TAGS}]")
_STRAY = re.compile(f"{_JOINER}(?![{_EMOJI}])|(?<![{_EMOJI}]){_JOINER}|(?<![\U0001f3f4{_TAGS}])[{_TAGS}]+")

_LETTER = f"[^\\s{re.escape(_SIGNS)}{_CURRENCIES}{_EMOJI}{_FLAGS}{_JOINER}{_TAGS}]"
_OPERATOR = "[-=!<>+*/%&|^~:?]"
_TOKEN = re.compile(
    rf"""[{_EMOJI}][{_TAGS}]*(?:{_JOINER}[{_EMOJI}][{_TAGS}]*)*
    | [{_FLAGS}]{{1,2}}
    | [^\W\d_]\*(?<!{_LETTER}..)(?<!\*..)(?!{_LETTER}|\*)                   # a*
    | (?:\.(?=[^\W\d_])(?<!{_LETTER}.)(?<!\..))?                           # .net
      {_LETTER}+ (?:\+\+(?![+=]) | [+\#](?!{_LETTER}|[+\#=]))?              # c++, a+, c#
    | [%{_CURRENCIES}]
    | (?<!{_OPERATOR})(?:{_OPERATOR}{{1,2}}=|==?>|<=>)(?![-=<>+*/%&|^~])    # ===, !=, =>
    | (?<!\S)(?:&&|\|\||->|<-|<>|<<|>>|::|\+\+|\*\*|//|\|>)(?=[?!.:]{{0,3}}(?!\S))""",
    re.VERBOSE,
)
_PROSE = re.compile(r"[.,;:!?…¿¡–—-]+")  # signs that alone say nothing
_ACTING = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_ACCENT = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_STACKED = re.compile(f"({_ACCENT}{{3}}){_ACCENT}+")
_ID = r"\d{1,20}"
_DISCORD_MARKUP = re.compile(
    rf"""<(?: [@\#][!&]?{_ID}                              # a member, a role, a channel
        | a?:\w{{1,32}}:{_ID}                              # an emoji of a server
        | t:-?{_ID}(?::[A-Za-z])?                          # a time
        | /[\w\- ]{{1,100}}:{_ID}                          # a command
        | id:[a-z-]{{1,20}}(?::{_ID})?                     # a page of a server, such as its guide
        )>
    | https?://(?:[a-z]{{1,10}}\.)?discord(?:app)?\.com/channels/[\d@me/]{{1,70}}""",
    re.VERBOSE | re.IGNORECASE,
)


class _Replacements(dict[int, str]):
    """The replacement of each decomposed character: itself, nothing or a space. The first ones are cached."""

    def __missing__(self, code: int) -> str:
        replacement = self._replacement(chr(code))
        if len(self) < _MOST_REMEMBERED:
            self[code] = replacement
        return replacement

    def _replacement(self, char: str) -> str:
        if char in _LETTERS:
            return _LETTERS[char]
        if ord(char) in _APOSTROPHES or char in _FILLERS or char in _SKIN_TONES:
            return ""
        category = unicodedata.category(char)
        if category[0] in "LN":
            return char
        if category[0] == "M":
            left_out = char not in _PARTS_OF_LETTERS and unicodedata.name(char, "").startswith(_ACCENTS)
            return "" if left_out else char
        if category in ("Cf", "Pc", "Pd", "Po", "Sc", "Sk", "Sm", "So") and _MEANT.match(char):
            return char
        # zero-width and bidirectional controls are seen by nobody
        return "" if category == "Cf" else self._separator(char, category)

    def _separator(self, char: str, category: str) -> str:
        return " "


class _SignsAlone(_Replacements):
    """The replacements in a text without words: visible signs stay, except quotation marks, U+FFFD and U+2800."""

    def _separator(self, char: str, category: str) -> str:
        return char if category[0] in "PS" and category not in ("Pi", "Pf") and char not in '"„\ufffd\u2800' else " "


_REPLACEMENTS = _Replacements()
_SIGNS_ALONE = _SignsAlone()


def _sorted(heap: re.Match[str]) -> str:
    """Return a run of marks in canonical order (the Unicode Standard, D109), decomposed where that is needed."""
    chars = list(heap[0].translate(_MARKS))
    for run in _RUN_OF_MARKS.finditer(bytes(map(unicodedata.combining, chars))):
        place = slice(*run.span())
        chars[place] = sorted(chars[place], key=unicodedata.combining)
    return "".join(chars)


def _normal(form: Literal["NFKC", "NFKD"], text: str) -> str:
    """Return what unicodedata.normalize does, but in linear time.

    The library sorts marks by insertion. For a long run of unsorted marks that takes quadratic time.
    """
    return unicodedata.normalize(form, _HEAP.sub(_sorted, text))


def normalise(text: str) -> str:
    """Return ``text`` as words of lower-case letters and digits, one space between two.

    Compatibility forms are unified, and case is folded. Accents, apostrophes ("Kim's" is "kims") and the separators of
    thousands ("1,500" is "1500") are removed. Signs that make a different word stay: "c++", "c#", "a*", ".net", "==",
    "10 %", "$ 5". Each emoji is a word. Every other sign separates words. If the text has no word at all, its signs
    are kept, except full stops, commas and the like. To normalise twice changes nothing more. The result is empty if
    the text shows nothing.
    """
    text = text.translate(_APOSTROPHES)
    if text.isascii():
        folded = _GROUPED_DIGITS.sub("", text.lower())
    else:
        decomposed = _normal("NFKD", text).replace("=\u0338", "!=").replace("≤", "<=").replace("≥", ">=")
        folded = _GROUPED_DIGITS.sub("", _normal("NFKD", decomposed.casefold()))
    replaced = folded.translate(_REPLACEMENTS)
    words = _TOKEN.findall(_STRAY.sub("", replaced)) if _MEANT.search(replaced) else replaced.split()
    if not words:
        signs = _STRAY.sub("", folded.translate(_SIGNS_ALONE)).split()
        words = [run for run in signs if not _PROSE.fullmatch(run)]
    return _normal("NFKC", " ".join(words))


@lru_cache(maxsize=4096)
def normalise_phrase(phrase: str) -> str:
    """Return a phrase of a brief, normalised. It is remembered, because each is asked for three times in a load."""
    return normalise(phrase)


def without_markup(query: str) -> str:
    """Return a query without Discord's markup: mentions, emoji of servers, timestamps and links."""
    return _DISCORD_MARKUP.sub(" ", query) if "<" in query or "://" in query else query


def normalise_query(query: str) -> str:
    """Return a query without Discord's markup, normalised."""
    return normalise(without_markup(query))


def without_signs(text: str) -> str:
    """Return ``text`` normalised, with letters and digits only: "c++ 🚢" is "c"."""
    return " ".join(filter(has_word, _MEANT.sub(" ", normalise(text)).split()))


def disarmed(text: str) -> str:
    """Return ``text`` with U+FFFD for control characters, marks that reverse the reading order, and lone surrogates."""
    return _ACTING.sub("\ufffd", text)


def unstacked(text: str) -> str:
    """Return ``text`` with at most three accents on a letter. More of them would cover the lines above and below."""
    return _STACKED.sub(r"\1", text)


def one_line(text: str, longest: int) -> str:
    """Return a text of somebody else on one line of at most ``longest`` characters, safe to show."""
    return shortened(unstacked(disarmed(" ".join(text.split()))), longest)


def has_word(text: str) -> bool:
    """Return whether a text has a letter or a digit. Signs and emoji alone are no word."""
    return any(map(str.isalnum, text))
