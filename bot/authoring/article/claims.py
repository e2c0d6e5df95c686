"""Finds the sentences, proper names and quotations of a text, and their places.

It goes word by word, by the rules of English. It does not understand the sentences.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.authoring.article.figures import NUMBER_WORDS, Claim
from bot.language.function_words import FUNCTION_WORDS
from bot.language.normalise import has_word
from bot.language.stemming import stemmer

_WORD = re.compile(
    r"(?<![^\W_])(?P<word>(?:[^\W\d_]\.){2,}|[^\W\d_]+(?:[’'](?!s\b)[^\W\d_]+)*(?:-?\d+)?)"
    r"(?P<syllable>-[a-z]{2,5}\b)?(?P<possessive>[’']s\b)?"
)

NATION_ENDINGS = ("ian", "ean", "can", "ese", "ish")
"""Endings of the adjectives of most nations."""

_SPACE = r"(?:\s|(?<=\b[A-Z])\.\s)"
_LINK = r"\s(?:of|for|the|de|da|di|du|del|la|van|von|der|bin|al|el)(?:\sthe)?\s"
LONG_NAME = re.compile(rf"{_SPACE}|{_LINK}|[-‐‑]")
SHORT_NAME = re.compile("".join(rf"(?<![a-z]{ending})" for ending in NATION_ENDINGS) + rf"(?:{_SPACE}|{_LINK})")
UNLINKED_NAME = re.compile(_SPACE)
SINGLE_WORD = re.compile(r"(?!)")
"""What may stand between two words of a name. A short name ends at a hyphen and at the adjective of a nation."""

_OPENING = re.compile(r"(?:^|[.!?:;…\n“\"‘'«(])\W*$")
_DERIVED = re.compile(r"\w{4,}(?:[st]ion|ment|ness|ity|ous|ful|less|ly)s?|\w{5,}ing|\w+[^aisu]s")
_VERB_IN_S = re.compile(r"\s\w+s\b")

_QUOTED = re.compile(
    "|".join(
        (
            r'(?<!\w)"[^"]+"',
            *(
                rf"{first}[^{first}{last}]+{last}"
                for first, last in ("“”", "„“", "„”", "””", "«»", "»«", "「」", "『』")
            ),
            *(
                rf"(?<!\w){first}(?:[^{first}{last}]|(?<=\w){last}(?=\w))+{last}(?!\w)"  # an apostrophe does not end it
                for first, last in ("‘’", "‚‘", "''")
            ),
        )
    )
)

_TITLES = frozenset("Mr Mrs Ms Dr St Gen Col Lt Sgt Capt Sen Rep Gov Prof Rev".split())
_STOP = re.compile(
    "".join(rf"(?<!\b{title}\.)" for title in (*sorted(_TITLES), "[A-Z]"))
    + r"(?:(?<=[.!?…])|(?<=[.!?…][”’\"')»]))\s+(?=[“‘\"'«(]*[^\W_a-z])|\n\s*\n"
)


@dataclass(frozen=True, slots=True)
class Name(Claim):
    """Capitalised words in a row. ``doubtful``: the first may have its capital only because it begins a sentence."""

    words: tuple[str, ...]
    doubtful: bool


class CommonWords:
    """Words that are no names, even where they begin a sentence with a capital.

    These are function words and numbers, words that ``texts`` write in lower case anywhere (in any inflection), and
    English words with a long derived ending or in the plural.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._stem = stemmer("english")
        written = {match["word"] for text in texts for match in _WORD.finditer(text)}
        self._stems = {self._stem(word) for word in written if word.islower()}

    def has(self, word: str, behind: str) -> bool:
        """Return whether ``word`` is a common word. ``behind`` is the text after it."""
        word = word.lower()
        if word in FUNCTION_WORDS or word in NUMBER_WORDS or self._stem(word) in self._stems:
            return True
        return bool(_DERIVED.fullmatch(word)) and not (word.endswith("s") and _VERB_IN_S.match(behind))


def sentences(text: str) -> list[str]:
    """Return the sentences of ``text`` without surrounding spaces."""
    return [sentence.strip() for sentence in _STOP.split(text) if has_word(sentence)]


def quotations(text: str) -> list[Claim]:
    """Return the quotations of ``text``, in marks of any style, without the outer marks."""
    return [Claim(match.start() + 1, match[0][1:-1]) for match in _QUOTED.finditer(text) if has_word(match[0])]


def names(text: str, common: CommonWords, within: re.Pattern[str] = LONG_NAME) -> list[Name]:
    """Return the proper names of ``text``: capitalised words in a row, with only ``within`` between two of them.

    A single common word at the beginning of a sentence is not a name. With SINGLE_WORD, no single common word is.
    """
    found: list[Name] = []
    for run in _runs(text, within):
        start = run[0].start()
        words = [match["word"] + (match["syllable"] or "" if n else "") for n, match in enumerate(run)]
        opening = within is SINGLE_WORD or bool(_OPENING.search(text, max(0, start - 40), start))
        doubtful = opening and common.has(run[0]["word"], text[run[0].end() :]) and not is_acronym(run[0]["word"])
        if len(run) > 1 or not doubtful:
            whole = text[start : run[-1].start() + len(words[-1])]
            found.append(Name(start, whole, tuple(words), doubtful))
    return found


def _runs(text: str, within: re.Pattern[str]) -> Iterator[list[re.Match[str]]]:
    """Yield the runs of capitalised words. A possessive ending and a title such as "Mr" end a run."""
    run: list[re.Match[str]] = []
    for match in _WORD.finditer(text):
        word = match["word"]
        small = word.lower() in FUNCTION_WORDS and not is_acronym(word)
        if not word[0].isupper() or word in _TITLES or (small and not run):
            continue
        if run and (run[-1]["possessive"] or not within.fullmatch(text, run[-1].end(), match.start())):
            yield run
            run = []
        if not small:
            run.append(match)
    if run:
        yield run


def is_all_large(text: str) -> bool:
    """Return whether ``text`` is written like a headline: several words, and all long ones with a capital."""
    return len(text.split()) > 3 and not re.search(r"\b[^\W\d_A-Z][^\W\d_]{3,}", text)


def is_acronym(word: str) -> bool:
    """Return whether ``word`` is all capitals: NIS, U.N."""
    return len(word) > 1 and word.isupper()
