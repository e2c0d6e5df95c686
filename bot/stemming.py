"""Word stems, so that "soldier" finds "soldiers": a function from word to stem, chosen by language."""

from collections.abc import Callable
from functools import lru_cache

import snowballstemmer

Stem = Callable[[str], str]

LANGUAGES = ("none", *sorted(snowballstemmer.algorithms()))


def stemmer(language: str) -> Stem:
    """Return the Snowball stemmer (Porter 2001) of one of LANGUAGES; for "none" the function that changes nothing."""
    if language == "none":
        return str
    stem: Stem = snowballstemmer.stemmer(language).stemWord
    return lru_cache(maxsize=100_000)(stem)
