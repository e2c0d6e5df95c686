"""Words with typing errors, read as words of the base."""

import unicodedata
from collections.abc import Iterable, Mapping

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.language.stemming import LONGEST

EDIT = 2.5
"""Nats that an edit costs."""

REPLACED = 0.5
"""Edits by which a letter in place of another counts more."""

AT_MOST = 16
"""Unknown words that are repaired in one question; the rest stay unknown, for a text may be thousands of words long."""


REMEMBERED = 4096
"""Words whose repair is remembered."""


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


def _kinds(letters: str) -> int:
    """Return the set of the different letters as bits of a number; letters share a bit if their codes do modulo 64."""
    return sum({1 << ord(letter) % 64 for letter in letters})


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
        self.kinds = np.array([_kinds(letters) for letters in self.letters], np.uint64)
        self.prior = 0.5 * np.log(np.array([frequency[word] for word in order], np.float64))
        self._repairs: dict[str, tuple[str, float] | None] = {}

    def repair(self, unknown: Iterable[str]) -> dict[str, tuple[str, float]]:
        """Return those of the unknown words that are near a word of the base, with that word and the likeness."""
        typed = {word: unicodedata.normalize("NFD", word) for word in unknown}
        doubtful = [(word, letters) for word, letters in typed.items() if allowed(letters)][:AT_MOST]
        nearest = {word: self._remembered(letters) for word, letters in doubtful}
        return {word: found for word, found in nearest.items() if found}

    def _remembered(self, letters: str) -> tuple[str, float] | None:
        """Return the nearest word and remember it, for members mistype the same words; none that is very long."""
        repairs = self._repairs
        if letters in repairs:
            return repairs[letters]
        found = self._nearest(letters)
        if len(letters) <= LONGEST:
            if len(self._repairs) >= REMEMBERED:
                self._repairs = {}  # any thread may be reading the old one
            self._repairs[letters] = found
        return found

    def _nearest(self, letters: str) -> tuple[str, float] | None:
        most = allowed(letters)
        low, high = np.searchsorted(self.lengths, (len(letters) - most, len(letters) + most + 1))
        differing = np.bitwise_count(self.kinds[low:high] ^ np.uint64(_kinds(letters)))
        near = low + np.flatnonzero(differing <= 2 * most)  # an edit changes two kinds of letters at most
        if not near.size:
            return None
        others = [self.letters[at] for at in near.tolist()]
        distances = process.cdist([letters], others, scorer=OSA.distance, score_cutoff=most, dtype=np.uint8)[0]
        score = np.where(distances <= most, self.prior[near] - EDIT * distances, -np.inf)
        best = int(np.argmax(score))
        if distances[best] > most:
            return None
        return self.words[near[best]], likeness(letters, others[best], int(distances[best]))
