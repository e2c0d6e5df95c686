"""Tells whether two queries ask the same question. It compares every word, because one word can change the question."""

from rapidfuzz.distance import OSA

from bot.language.function_words import FUNCTION_WORDS
from bot.language.normalise import has_word, normalise_query
from bot.language.stemming import stemmer

_LONGEST = 400
_MOST_WORDS = 40
_SHORTEST_PREFIX = 5
_stem = stemmer("english")


def content_words(query: str) -> list[str]:
    """Return the first normalised words of a query without fillers, or with them if it has no other words.

    Signs and emoji count only if there is no word.
    """
    words = normalise_query(query[:_LONGEST]).split()
    words = list(filter(has_word, words)) or words
    telling = [word for word in words if word not in FUNCTION_WORDS and word.removesuffix("s") not in FUNCTION_WORDS]
    return (telling or words)[:_MOST_WORDS]


def same_question(left: str, right: str) -> bool:
    """Return whether each content word has a partner in the other query, or only the spaces differ."""
    ours, theirs = content_words(left), content_words(right)
    if "".join(ours) == "".join(theirs):
        return True
    for word in ours:
        partner = next((other for other in theirs if _same_word(word, other)), None)
        if partner is None:
            return False
        theirs.remove(partner)
    return not theirs


def _same_word(left: str, right: str) -> bool:
    """Return whether two words share their stem, begin alike (Korea, Korean), or differ by one typing error."""
    ours, theirs = _stem(left), _stem(right)
    if ours == theirs:
        return True
    if any(char.isdigit() for char in left + right):
        return False
    shorter, longer = sorted((ours, theirs), key=len)
    if len(shorter) >= _SHORTEST_PREFIX and longer.startswith(shorter):
        return True
    return min(OSA.distance(left, right), OSA.distance(ours, theirs)) <= _allowed(left, right)


def _allowed(left: str, right: str) -> int:
    """Return how many typing errors two words may differ by. In short words, only two letters may be swapped."""
    longest = max(len(left), len(right))
    if longest < 5:
        return int(sorted(left) == sorted(right))
    return 1 if longest < 9 else 2
