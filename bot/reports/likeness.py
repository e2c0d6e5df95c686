"""Whether two queries ask the same question: word by word, because one word makes another question of it."""

from rapidfuzz.distance import OSA

from bot.language.function_words import FUNCTION_WORDS
from bot.language.normalise import has_word, normalise_query
from bot.language.stemming import stemmer

_LONGEST = 400
_MOST_WORDS = 40
_SHORTEST_PREFIX = 5
_stem = stemmer("english")


def content_words(query: str) -> list[str]:
    """Return the first normalised words of a query that say what it is about; of all words if none does.

    Signs and emoji count only where there is no word.
    """
    words = normalise_query(query[:_LONGEST]).split()
    words = list(filter(has_word, words)) or words
    telling = [word for word in words if word not in FUNCTION_WORDS and word.removesuffix("s") not in FUNCTION_WORDS]
    return (telling or words)[:_MOST_WORDS]


def same_question(left: str, right: str) -> bool:
    """Whether each content word has its partner in the other query, or both are the same letters run together."""
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
    """Whether two words share their stem, or begin alike (Korea, Korean), or are one typing error apart."""
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
    """Return how many typing errors may lie between two words; short ones may only have letters change places."""
    longest = max(len(left), len(right))
    if longest < 5:
        return int(sorted(left) == sorted(right))
    return 1 if longest < 9 else 2
