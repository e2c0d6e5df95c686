"""How each word of a question is read: as typed, or as the word of the base that was meant.

In this order: a word of the base, in whatever inflection; initials of a name ("kju"); words run together ("nktroops")
or apart ("front line" for "frontline"); an unfinished last word ("polt"); a typing error ("trops").
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from unicodedata import normalize

from bot.answering.ranking.features import Features, Word
from bot.answering.ranking.spelling import REPLACED, Speller
from bot.answering.ranking.tokens import MOST_WORDS, tokens
from bot.language.normalise import has_word, normalise
from bot.language.stemming import Stem

RUN_TOGETHER = 0.9
"""Likeness of words that were found run together, or behind their initials."""

SIGNS = ".+#*"
"""What a word may begin or end with. Without them it is another word, and the likeliest one if the base lacks it."""

LONGEST_COMPOUND = 40  # letters of a word that is taken apart
SUFFIX = 4  # letters that an inflection may add before a repair by one edit is likelier
_SHORT = frozenset("a an and at be by do for in is it my no not of on or the to up we".split())
_NAME = re.compile(r"[^\W\d_]\w+(?:[ -][^\W\d_]\w+){2,}")
INITIALS = range(3, 6)  # words of a name whose initials are read


def letters(word: str) -> int:
    """Return how many letters a word has; a Hangul syllable is two or three."""
    return len(normalize("NFD", word))


def initialisms(texts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the words of each name of three to five capitalised words, by its initials; texts are as written."""
    names: dict[str, tuple[str, ...]] = {}
    for text in texts:
        for run in _NAME.findall(text):
            words = re.split("[ -]", run)
            for size in INITIALS:
                for at in range(len(words) - size + 1):
                    name = words[at : at + size]
                    if all(word[0].isupper() for word in name):
                        read = tuple(token for word in name for token in tokens(normalise(word)))
                        names.setdefault(normalise("".join(word[0] for word in name)), read)
    return names


class Vocabulary:
    """The words of phrases and texts, with how often each occurs, their stems, and words that are run together."""

    def __init__(
        self, phrases: Mapping[str, int], texts: Mapping[str, int], fillers: Collection[str], stem: Stem
    ) -> None:
        self.phrases, self.texts, self.fillers = phrases, texts, fillers
        self.stems = {stem(word) for word in [*phrases, *texts]}

    def count(self, word: str) -> int:
        return self.phrases.get(word, 0) + self.texts.get(word, 0)

    def _is_part(self, part: str, inside: bool) -> bool:
        if letters(part) >= 3:
            return part in self.phrases or part in self.texts or (len(part) > 3 and part in self.stems)
        return (inside and part in _SHORT) or (letters(part) == 2 and part in self.phrases and part not in self.fillers)

    def apart(self, word: str) -> list[str]:
        """Return the fewest words of the base that make up ``word``, the commonest such; [] if none do."""
        size = len(word)
        if not word.isalpha() or letters(word) < 6 or size > LONGEST_COMPOUND or word in self.fillers:
            return []
        best: list[tuple[int, int, list[str]] | None] = [(0, 0, [])] + [None] * size
        for end in range(1, size + 1):
            for start in range(end):
                head, part = best[start], word[start:end]
                if head is None or len(part) == size or not self._is_part(part, start > 0 and end < size):
                    continue
                found = head[0] + 1, head[1] - min(self.count(part), 99), [*head[2], part]
                if (known := best[end]) is None or found[:2] < known[:2]:
                    best[end] = found
        whole = best[size]
        return whole[2] if whole else []


class Reader:
    """Reads questions in the words of a base."""

    def __init__(
        self,
        features: Features,
        texts: Mapping[str, int],
        fillers: Collection[str],
        initials: Mapping[str, Sequence[str]],
    ) -> None:
        """``texts`` holds how often each word of the cards' texts occurs there."""
        self.features, self.fillers, self.initials = features, fillers, initials
        phrases = dict(zip(features.words, features.frequency.tolist(), strict=True))
        self.vocabulary = Vocabulary(phrases, texts, fillers, features.stem)
        self.sorted = sorted(word for word in phrases if word not in fillers)
        self.speller = Speller(dict.fromkeys(texts, 1) | phrases)

    def knows(self, word: str) -> bool:
        """Whether a phrase or a text has the word, in whatever inflection."""
        return self.features.stem(word) in self.vocabulary.stems

    def read(self, question: str) -> tuple[Word, ...]:
        """Return the words of a normalised question, as typed and as read.

        Signs and emoji that no phrase has say nothing: members decorate with them.
        """
        typed = tokens(question)[:MOST_WORDS]
        words: list[Word] = []
        at = 0
        while at < len(typed):
            joined = "".join(typed[at : at + 2])
            if at + 1 < len(typed) and self._runs_together(*typed[at : at + 2]):
                words.append(self._word(" ".join(typed[at : at + 2]), joined, 1.0))
                at += 2
                continue
            words += self._read(typed[at], typed[at - 1] if at else "", at == len(typed) - 1)
            at += 1
        return self._repaired(words)

    def _word(self, typed: str, read: str | None, likeness: float) -> Word:
        """Return a word; one that is read as a filler is one only if there is enough of it to be sure."""
        filler = typed in self.fillers or (read in self.fillers and letters(typed) > 3)
        return Word(typed, read, likeness, filler)

    def _runs_together(self, left: str, right: str) -> bool:
        """Whether the base has two words as one, and not beside each other."""
        if left in self.fillers or left + right not in self.vocabulary.phrases:
            return False
        return not self.features.neighbours(left, right)

    def _read(self, typed: str, before: str, last: bool) -> list[Word]:
        if typed in self.fillers or self.knows(typed):
            return [self._word(typed, typed, 1.0)]
        if not has_word(typed):
            return []
        if self.knows(bare := typed.strip(SIGNS)):
            return [self._word(typed, bare, len(bare) / len(typed))]
        if name := self.initials.get(typed):
            return [self._word(typed, word, RUN_TOGETHER) for word in name]
        if parts := self.vocabulary.apart(typed):
            return [self._word(part, part, RUN_TOGETHER) for part in parts]
        if last and (whole := self._finished(typed, before)):
            return [self._word(typed, whole, letters(typed) / letters(whole))]
        return [self._word(typed, None, 0.0)]

    def _finished(self, typed: str, before: str) -> str | None:
        """Return the commonest word that ``typed`` begins: any from three letters on, else one beside ``before``."""
        low = bisect_left(self.sorted, typed)
        words = self.sorted[low : bisect_left(self.sorted, typed + "\U0010ffff", low)]
        if letters(typed) < 3:
            words = [word for word in words if before and self.features.neighbours(before, word)]
        return max(words, key=lambda word: (self.vocabulary.count(word), -len(word)), default=None)

    def _repaired(self, words: Sequence[Word]) -> tuple[Word, ...]:
        doubtful = [word.typed for word in words if word.read is None or self._rare_inflection(word)]
        repairs = self.speller.repair(dict.fromkeys(doubtful))
        return tuple(self._repair(word, *repairs[word.typed]) if word.typed in repairs else word for word in words)

    def _repair(self, word: Word, read: str, likeness: float) -> Word:
        """Return a word as repaired. One of three letters is near so many others that its repair covers nothing; one
        whose stem the base has is repaired by one edit at most."""
        length = letters(word.typed)
        if word.read is not None and likeness < 1 - (1 + REPLACED) / length:
            return word
        return self._word(word.typed, read, likeness if length > 3 else 0.0)

    def _rare_inflection(self, word: Word) -> bool:
        """Whether the base has only the stem of a much longer word: "intentation" may be "indentation"."""
        typed = word.typed
        if word.filler or word.read != typed or self.vocabulary.count(typed):
            return False
        return len(typed) - len(self.features.stem(typed)) >= SUFFIX


def counts(texts: Iterable[Iterable[str]]) -> Counter[str]:
    """Return how often each word occurs."""
    return Counter(word for text in texts for word in text)


def with_words_apart(phrases: Sequence[str], vocabulary: Vocabulary) -> list[str]:
    """Return the phrases, and those of one word taken apart as well: "addressinuse" is also "address in use"."""
    apart = [" ".join(vocabulary.apart(text)) for text in phrases if " " not in text]
    return list(dict.fromkeys([*phrases, *filter(None, apart)]))
