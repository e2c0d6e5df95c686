"""Words with typing errors, read as words of the base."""

import unicodedata
from collections.abc import Iterable, Mapping

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

EDIT = 2.5
"""Nats that an edit costs."""

REPLACED = 0.5
"""Edits by which a letter in place of another counts more."""

AT_MOST = 16
"""Unknown words that are repaired in one question; the rest stay unknown, for a text may be thousands of words long."""


def allowed(word: str) -> int:
    """Edits allowed in a word: none below 3 letters or with a digit, one below 8, else two. Signs are no letters."""
    letters = sum(not unicodedata.category(letter).startswith(("P", "S")) for letter in word)
    return 0 if letters < 3 or any(map(str.isdigit, word)) else 1 if letters < 8 else 2


def likeness(typed: str, word: str, distance: int) -> float:
    """Return the share of letters that two words have in common; a letter in place of another counts one and a half:
    it makes another word ("shopping") more often than a letter lost or swapped does.
    """
    replaced = len(typed) == len(word) and sorted(typed) != sorted(word)
    return 1 - (distance + REPLACED * replaced) / max(len(typed), len(word))


class Speller:
    """The nearest word of a vocabulary, after the noisy channel (Kernighan, Church & Gale 1990).

    Maximises ln P(word) / 2 - EDIT * d(typed, word), where d is the optimal string alignment distance: insertions,
    deletions, substitutions and swaps of neighbours (Damerau 1964). Letters are compared decomposed (NFD), so that a
    Hangul syllable is its two or three letters, as on the keyboard.
    """

    def __init__(self, frequency: Mapping[str, int]) -> None:
        order = sorted(frequency, key=lambda word: (len(unicodedata.normalize("NFD", word)), word))
        self.words = order
        self.letters = [unicodedata.normalize("NFD", word) for word in order]
        self.lengths = np.array([len(letters) for letters in self.letters])
        self.prior = 0.5 * np.log(np.array([frequency[word] for word in order], np.float64))

    def repair(self, unknown: Iterable[str]) -> dict[str, tuple[str, float]]:
        """Return those of the unknown words that are near a word of the base, with that word and 1 - d / length."""
        typed = {word: unicodedata.normalize("NFD", word) for word in unknown}
        typed = dict([(word, letters) for word, letters in typed.items() if allowed(letters)][:AT_MOST])
        if not typed or not self.words:
            return {}
        lengths = [len(letters) for letters in typed.values()]
        low, high = np.searchsorted(self.lengths, (min(lengths) - 2, max(lengths) + 3))
        distances = process.cdist(
            list(typed.values()), self.letters[low:high], scorer=OSA.distance, score_cutoff=2, dtype=np.uint8
        )
        repairs = {}
        for (word, letters), distance in zip(typed.items(), distances, strict=True):
            near = np.flatnonzero(distance <= allowed(letters))
            if near.size:
                score = self.prior[low + near] - EDIT * distance[near]
                best = near[np.argmax(score)]
                repairs[word] = self.words[low + best], likeness(letters, self.letters[low + best], int(distance[best]))
        return repairs
