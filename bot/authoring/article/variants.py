"""Tells whether two words are the same name: another spelling, a plural, or the adjective of a nation."""

import re
from functools import lru_cache

from bot.authoring.article.figures import MONTHS

_OTHER_NAMES = {
    other: line.split()[0]
    for line in """\
        us usa america american
        britain british uk
        netherlands dutch holland
        france french
        germany german
        portugal portuguese
        poland polish
        spain spanish
        denmark danish
        sweden swedish
        finland finnish
        norway norwegian
        ireland irish
        scotland scottish
        wales welsh
        greece greek
        turkey turkish turkiye
        switzerland swiss
        belgium belgian
        lebanon lebanese
        peru peruvian
        philippines filipino
        thailand thai
        kyiv kiev""".splitlines()
    for other in line.split()
} | {month[:3]: month for month in MONTHS}
"""The main name for each other name: irregular adjectives of nations, short names of months, spellings of Kyiv."""

_SPELLINGS = {"kh": "h", "ph": "f", "ck": "k", "ce": "se", "ci": "si", "w": "v", "z": "s", "y": "i", "j": "i"}


def main_name(word: str) -> str | None:
    """Return the main name if a normalised word is another name of something, else None."""
    return _OTHER_NAMES.get(word)


@lru_cache(maxsize=1 << 16)
def alike(left: str, right: str) -> bool:
    """Return whether two normalised words are one name: spellings, singular and plural, nation and adjective."""
    if _sound(left)[0] != _sound(right)[0]:
        return False
    ones, others = ({word, word.removesuffix("s")} for word in (left, right))
    return any(
        _sound(one) == _sound(other) or _is_adjective(one, other) or _is_adjective(other, one)
        for one in ones
        for other in others
    )


def _is_adjective(word: str, nation: str) -> bool:
    """Return whether ``word`` is the regular adjective: Korean, Ukrainian, Chinese, Iraqi."""
    for ending in ("n", "i", "an", "ian", "ean", "ese", "ic", "ish"):
        root = word.removesuffix(ending)
        if root != word and len(root) > 2 and (root == nation or (len(ending) > 1 and root == nation.rstrip("aeiouy"))):
            return True
    return False


@lru_cache(maxsize=1 << 16)
def _sound(word: str) -> str:
    """Return what all spellings of a name share: Zelenskyy is Zelensky, and Defense is Defence.

    In names with four consonants or more, all vowels are equal: Kharkiv is Kharkov, but Iran is not Oran.
    """
    word = re.sub("re$", "er", word)
    for written, sound in _SPELLINGS.items():
        word = word.replace(written, sound)
    word = re.sub(r"(.)\1+", r"\1", word)
    return word[0] + re.sub("[aeiou]+", "a", word[1:]) if len(re.sub("[aeiou]", "", word)) > 3 else word
