"""What else a text claims besides figures, each with its place: proper names and quotations; and its sentences.

Read word by word, by the rules of English: what a name does is not understood.
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
"""How the adjectives of most nations end."""

_SPACE = r"(?:\s|(?<=\b[A-Z])\.\s)"
_LINK = r"\s(?:of|for|the|de|da|di|du|del|la|van|von|der|bin|al|el)(?:\sthe)?\s"
LONG_NAME = re.compile(rf"{_SPACE}|{_LINK}|[-‐‑]")
SHORT_NAME = re.compile("".join(rf"(?<![a-z]{ending})" for ending in NATION_ENDINGS) + rf"(?:{_SPACE}|{_LINK})")
UNLINKED_NAME = re.compile(_SPACE)
SINGLE_WORD = re.compile(r"(?!)")
"""What may stand between the words of a name: the short ones end at a hyphen and at an adjective of a nation."""

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
                rf"(?<!\w){first}(?:[^{first}{last}]|(?<=\w){last}(?=\w))+{last}(?!\w)"  # an apostrophe ends nothing
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
    """Capitalised words in a row; ``doubtful`` if the first of them may be large only because it opens a sentence."""

    words: tuple[str, ...]
    doubtful: bool


class CommonWords:
    """The words that are no names, although a sentence may start with them.

    These are function words and numbers, what ``texts`` write small somewhere in whatever inflection, and what English
    derives with a long ending or puts in the plural. "Brussels said" is thereby none, but "Brussels says" is a name.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._stem = stemmer("english")
        written = {match["word"] for text in texts for match in _WORD.finditer(text)}
        self._stems = {self._stem(word) for word in written if word.islower()}

    def has(self, word: str, behind: str) -> bool:
        """Whether ``word``, in front of the text ``behind``, is a common one."""
        word = word.lower()
        if word in FUNCTION_WORDS or word in NUMBER_WORDS or self._stem(word) in self._stems:
            return True
        return bool(_DERIVED.fullmatch(word)) and not (word.endswith("s") and _VERB_IN_S.match(behind))


def sentences(text: str) -> list[str]:
    """Return the sentences of ``text``, each trimmed."""
    return [sentence.strip() for sentence in _STOP.split(text) if has_word(sentence)]


def quotations(text: str) -> list[Claim]:
    """Return what ``text`` has in quotation marks of whatever style, without the outer marks."""
    return [Claim(match.start() + 1, match[0][1:-1]) for match in _QUOTED.finditer(text) if has_word(match[0])]


def names(text: str, common: CommonWords, within: re.Pattern[str] = LONG_NAME) -> list[Name]:
    """Return the proper names of ``text``: capitalised words in a row, with nothing but ``within`` between two.

    A common word that opens a sentence is no name of its own, nor is any if each word of the text stands for itself.
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
    """Yield the capitalised words that stand in a row; a possessive ending and a title such as "Mr" end it."""
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
    """Whether ``text`` has several words and writes all long ones large, as headlines do."""
    return len(text.split()) > 3 and not re.search(r"\b[^\W\d_A-Z][^\W\d_]{3,}", text)


def is_acronym(word: str) -> bool:
    """Whether ``word`` is written in capitals alone: NIS, U.N."""
    return len(word) > 1 and word.isupper()
