"""Questions that are made of the very words of a phrase: "russia in troops" is the phrase "troops in Russia"."""

from collections.abc import Iterable, Sequence

from bot.answering.ranking.features import Word
from bot.language.normalise import has_word
from bot.language.stemming import Stem

Bag = str
"""Different words in the order of the alphabet, with spaces between. A string is no work for the garbage collector."""


class SameWords:
    """The phrases of each brief by the words that they are made of."""

    def __init__(self, groups: Sequence[Sequence[str]], stem: Stem, fillers: frozenset[str]) -> None:
        """``groups`` [C]: the phrases of each brief."""
        self.groups, self.stem = [tuple(texts) for texts in groups], stem
        words = {word for texts in groups for text in texts for word in text.split()}
        stems = {word: stem(word) for word in words}
        signs = {word for word in words if not has_word(word)}
        self.briefs: dict[Bag, tuple[int, ...]] = {}  # those with a phrase of these stems, in order
        for brief, texts in enumerate(groups):
            alone = (brief,)  # one object for all bags that no other brief has
            for text in texts:
                for kept in _variants(text.split(), fillers, signs):
                    self._add(brief, alone, _bag(stems[word] for word in kept))

    def _add(self, brief: int, alone: tuple[int], bag: Bag) -> None:
        before = self.briefs.setdefault(bag, alone)
        if before[-1] != brief:
            self.briefs[bag] = (*before, brief)

    def find(self, words: Sequence[Word]) -> tuple[int | None, bool]:
        """Return the only brief with a phrase of these very words, in whatever order and inflection, and True; else the
        only one with a phrase of those that are no fillers, and False; None if there is none, or more than one."""
        if (brief := self._find(words)) is not None:
            return brief, True
        return self._find([word for word in words if not word.filler]), False

    def _find(self, words: Sequence[Word]) -> int | None:
        read = [word.read or word.typed for word in words]
        found = list(self.briefs.get(_bag(map(self.stem, read)), ()))
        if len(found) > 1:  # inflections may tell them apart
            found = [brief for brief in found if any(_bag(read) == _bag(text.split()) for text in self.groups[brief])]
        return found[0] if len(found) == 1 else None


def _variants(words: Sequence[str], fillers: frozenset[str], signs: set[str]) -> Iterable[Sequence[str]]:
    """Yield all words of a phrase, those that are no signs, and all but one filler, if that leaves more than one."""
    yield words
    if not signs.isdisjoint(words) and (bare := [word for word in words if word not in signs]):
        yield bare
    content = [word for word in words if word not in fillers]
    if 1 < len(content) == len(words) - 1:
        yield content


def _bag(words: Iterable[str]) -> Bag:
    return " ".join(sorted(set(words)))
