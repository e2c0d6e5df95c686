"""Which script a text is written in, by its letters."""

import unicodedata
from collections import Counter
from functools import lru_cache
from itertools import islice

MOST_LETTERS = 300
"""Letters that are looked at: what a longer text is written in shows by then."""


def main_script(text: str) -> str | None:
    """Return the script of most letters at the beginning of a text, such as "CYRILLIC"; None without a letter."""
    counts = Counter(map(_script, islice(filter(str.isalpha, text), MOST_LETTERS)))
    return max(counts, key=counts.__getitem__, default=None)


@lru_cache(4096)
def _script(letter: str) -> str:
    """Return the first word of a letter's name in Unicode, which is its script."""
    return unicodedata.name(letter, "").partition(" ")[0]
