"""Word stems, so that "soldier" finds "soldiers". `stemmer` returns the function that stems one language."""

import threading
from collections.abc import Callable
from functools import lru_cache

import snowballstemmer

Stem = Callable[[str], str]

LANGUAGES = ("none", *sorted(snowballstemmer.algorithms()))


LONGEST = 40
"""Letters of the longest word that is stemmed. Longer ones are no words of any language, and would fill the cache."""


def stemmer(language: str) -> Stem:
    """Return the Snowball stemmer (Porter 2001) of one of LANGUAGES. The one for "none" changes nothing.

    Any thread may use it. The library's stemmers are not thread-safe, so each thread gets its own.
    """
    if language == "none":
        return str
    own = threading.local()

    @lru_cache(maxsize=100_000)
    def stem(word: str) -> str:
        if len(word) > LONGEST:
            return word
        if not hasattr(own, "stem"):
            own.stem = snowballstemmer.stemmer(language).stemWord
        stemmed: str = own.stem(word)
        return stemmed

    return stem
