"""Compares two wordings: which words differ, and which part of a long text shows that.

Pure. It works for any script: where words have no spaces between them, each character counts as a word.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import takewhile
from typing import NamedTuple

_SINGLE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_INSIDE = "!-/:-@\\[-`{-~\u2019"  # signs that may be inside a word, as in 1,500 or in an address
_WORD = f"[^\\s{_INSIDE}\u00a1-\u00bf\u2010-\u2027\u2030-\u205e\u3000-\u303f\uff01-\uff0f{_SINGLE}]+"
_TOKEN = re.compile(f"{_WORD}(?:[{_INSIDE}]+{_WORD})*|\\s+|.", re.DOTALL)

_STOP = re.compile(r"[.!?][\"”’»)]*\s+|[。！？]\s*")
"""The end of a sentence, with the space behind it."""

_LONG = 12
"""A common beginning or end of at least so many characters, as of two addresses, is shown as unchanged."""

_ALIKE = 0.4
"""Least share of common words at which two entries of a list count as one entry that was changed."""


class Piece(NamedTuple):
    """A part of a text, and whether it differs from the other text."""

    text: str
    differs: bool


def compared(before: str, after: str) -> tuple[list[Piece], list[Piece]]:
    """Return both texts as pieces: some differ from the other text, the others do not."""
    sides: tuple[list[Piece], list[Piece]] = ([], [])
    for old, new in _parts(_TOKEN.findall(before), _TOKEN.findall(after)):
        for side, text in zip(sides, (old, new), strict=True):
            if text:
                side.append(Piece(text, old != new))
    return sides


def excerpt(pieces: Sequence[Piece], room: int) -> list[Piece]:
    """Return the pieces in about ``room`` characters, with "…" where something is left out.

    Of equal text, only the sentences of a difference are kept, and only what is next to it if these are too long. The
    first words that differ are kept.
    """
    end = len(pieces) - 1
    pieces = [it if it.differs else Piece(_beside(it.text, n > 0, n < end), False) for n, it in enumerate(pieces)]
    if sum(len(piece.text) for piece in pieces) <= room:
        return list(pieces)
    share = max(room // (1 + 2 * sum(piece.differs for piece in pieces)), 12)
    shown: list[Piece] = []
    for n, (text, differs) in enumerate(pieces):
        shown.append(
            Piece(_cut(text, share * 2, True, False) if differs else _cut(text, share, n > 0, n < end), differs)
        )
        if n < end and sum(len(piece.text) for piece in shown) >= room:
            return [*shown, Piece("…", False)]
    return shown


def paired(before: Sequence[str], after: Sequence[str]) -> list[tuple[str, str]]:
    """Return pairs of list entries that differ: the old and the new one, "" where there is none.

    Present entries come first, in their order. Lists that differ only in order have no differences.
    """
    gone, new = (list((Counter(one) - Counter(other)).elements()) for one, other in ((before, after), (after, before)))
    was: dict[str, str] = {}
    for alike, old, now in sorted(((likeness(old, now), old, now) for old in gone for now in new), reverse=True):
        if alike >= _ALIKE and old in gone and now not in was:
            was[now] = old
            gone.remove(old)
    return [(was.get(now, ""), now) for now in new] + [(old, "") for old in gone]


def _parts(old: list[str], new: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the parts of two texts in order, equal and different ones. Equal signs alone do not split a difference."""
    was = now = ""
    for _, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        before, after = "".join(old[i1:i2]), "".join(new[j1:j2])
        between = (was or now) and i2 < len(old) and j2 < len(new)
        if before == after and not (between and not any(map(str.isalnum, before))):
            yield from _without_ends(was, now)
            yield before, after
            was = now = ""
        else:
            was, now = was + before, now + after
    yield from _without_ends(was, now)


def _without_ends(old: str, new: str) -> Iterator[tuple[str, str]]:
    """Yield a part that differs. A long common beginning or end is yielded as equal."""
    head = _common(old, new)
    old, new = old[len(head) :], new[len(head) :]
    tail = _common(old[::-1], new[::-1])[::-1]
    middle = old[: len(old) - len(tail)], new[: len(new) - len(tail)]
    yield from filter(any, ((head, head), middle, (tail, tail)))


def _common(old: str, new: str) -> str:
    """Return the common beginning of both, or  if it is short."""
    length = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
    return old[:length] if length >= _LONG else ""


def _beside(text: str, begins: bool, ends: bool) -> str:
    """Return of a text the rest of the sentence that begins before it, and the start of the one that ends behind it."""
    stops = [stop.end() for stop in _STOP.finditer(text)]
    if not stops or not (begins or ends):
        return text
    first = text[: stops[0]] if begins else ""
    last = text[stops[-1] :] if ends else ""
    left_out = stops[-1] > stops[0] if begins and ends else text not in (first, last)
    return f"{first}{'… ' if left_out and ends else '…' if left_out else ''}{last}"


def _cut(text: str, room: int, begins: bool, ends: bool) -> str:
    """Return a text in ``room`` characters: its beginning, its end, or both, with "…" for what is left out.

    Words are left whole where there are spaces between them.
    """
    if len(text) <= room:
        return text
    room = room // 2 if begins and ends else room
    first, last = text[:room], text[len(text) - room :]
    first, last = first.rpartition(" ")[0] or first, last.partition(" ")[2] or last
    return f"{first if begins or not ends else ''}…{last if ends else ''}"


def likeness(one: str, other: str) -> float:
    """Return the share of words that are in both texts (Dice 1945)."""
    words, others = (Counter(token for token in _TOKEN.findall(text) if not token.isspace()) for text in (one, other))
    return 2 * (words & others).total() / ((words.total() + others.total()) or 1)
