"""Completes half-typed text to phrases of the base."""

from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence

CHOICES = 25
"""Most choices that are offered. Discord shows no more in autocomplete or in a menu."""

MOST_PLACES = 1000
"""Most places of a prefix that are looked at, because one letter may begin a word of every phrase."""

LEAST_TYPED = 4
"""With this many characters or more, one may be wrong. With three, two right ones begin too many words."""

ALIKE = 4
"""Word starts are grouped by this many characters before each group is sorted. No other thread runs during a sort, and
one sort of all of them took 45 ms with 15,000 phrases."""

MOST_LETTERS = 100
"""Most characters that are tried in place of a wrong one. If more than these follow at a place, as with the thousands
of syllables or ideographs of some scripts, none is tried there."""


class Completer:
    """Finds the phrases with a word that begins with a half-typed text, also if the text has one typing error.

    It is a suffix array (Manber & Myers 1990) of word starts. For a typing error, the text before each place is matched
    exactly, and the rest after a swap, a deletion, an insertion or a substitution at that place.
    """

    def __init__(self, phrases: Sequence[str], owners: Sequence[int]) -> None:
        """``owners`` [P]: the number of the brief that each of the P phrases belongs to."""
        self.phrases, self.owners = phrases, owners
        alike: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for row, text in enumerate(phrases):
            for at in range(len(text)):
                if at == 0 or text[at - 1] == " ":
                    alike[text[at : at + ALIKE]].append((row, at))
        for group in alike.values():
            group.sort(key=lambda start: phrases[start[0]][start[1] :])
        starts = [start for head in sorted(alike) for start in alike[head]]
        self.rows = array("i", (row for row, _ in starts))
        self.offsets = array("i", (at for _, at in starts))
        self.longest = max(map(len, phrases), default=0)

    def _suffix(self, at: int) -> str:
        return self.phrases[self.rows[at]][self.offsets[at] :]

    def _find(self, prefix: str, low: int, high: int) -> tuple[int, int]:
        places = range(high)
        low = bisect_left(places, prefix, low, high, key=self._suffix)
        return low, bisect_left(places, prefix + "\U0010ffff", low, high, key=self._suffix)

    def _letters(self, head: str, low: int, high: int) -> list[str]:
        """Return every character that follows ``head`` somewhere; none if there are more than MOST_LETTERS."""
        letters: list[str] = []
        at = bisect_right(range(high), head, low, high, key=self._suffix)  # beyond where nothing follows
        while at < high:
            if len(letters) == MOST_LETTERS:
                return []
            letters.append(self._suffix(at)[len(head)])
            at = self._find(head + letters[-1], at, high)[1]
        return letters

    def _edits(self, text: str) -> Iterable[tuple[int, int]]:
        low, high = 0, len(self.rows)
        for i in range(len(text)):
            head, tail = text[:i], text[i + 1 :]
            variants = [head + tail]
            if tail and tail[0] != text[i]:
                variants.append(head + tail[0] + text[i] + tail[1:])
            for letter in self._letters(text[:i], low, high):
                variants += [head + letter + tail, head + letter + text[i:]]
            for variant in variants:
                yield self._find(variant, low, high)
            low, high = self._find(text[: i + 1], low, high)
            if low == high:
                return

    def find(self, text: str, limit: int) -> list[int]:
        """Return up to ``limit`` owners of phrases that go on from the text.

        Phrases without a typing error come first. Within each kind, those that begin with the text come before those
        with a later word that does, and shorter ones before longer ones.
        """
        if len(text) > self.longest + 1:  # no edit makes it the beginning of a phrase
            return []
        found: list[int] = []
        edits = self._edits(text) if len(text) >= LEAST_TYPED else ()
        for spans in ([self._find(text, 0, len(self.rows))], edits):
            hits = [at for low, high in spans for at in range(low, min(high, low + MOST_PLACES))]
            hits.sort(key=lambda at: (self.offsets[at] > 0, len(self.phrases[self.rows[at]])))
            found += [self.owners[self.rows[at]] for at in hits]
            if len(set(found)) >= limit:
                break
        return list(dict.fromkeys(found))[:limit]
