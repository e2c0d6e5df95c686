"""Two wordings side by side: which of their words differ, and what of a long text is needed to see that.

Pure, and for texts of any script: where words are not set apart by spaces, each character counts as one.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import takewhile
from typing import NamedTuple

_SINGLE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_INSIDE = "!-/:-@\\[-`{-~\u2019"  # what may stand within a word, such as 1,500 or an address
_WORD = f"[^\\s{_INSIDE}\u00a1-\u00bf\u2010-\u2027\u2030-\u205e\u3000-\u303f\uff01-\uff0f{_SINGLE}]+"
_TOKEN = re.compile(f"{_WORD}(?:[{_INSIDE}]+{_WORD})*|\\s+|.", re.DOTALL)

_LONG = 12
"""Characters with which what differs may begin or end alike, as two addresses do; from then on they are set apart."""

_ALIKE = 0.4
"""Share of words that two entries of a list have in common if one has become the other."""


class Piece(NamedTuple):
    """A part of a text, and whether it differs from the other text."""

    text: str
    differs: bool


def compared(before: str, after: str) -> tuple[list[Piece], list[Piece]]:
    """Return both texts in pieces, those that differ apart from those that do not."""
    sides: tuple[list[Piece], list[Piece]] = ([], [])
    for old, new in _parts(_TOKEN.findall(before), _TOKEN.findall(after)):
        for side, text in zip(sides, (old, new), strict=True):
            if text:
                side.append(Piece(text, old != new))
    return sides


def excerpt(pieces: Sequence[Piece], room: int) -> list[Piece]:
    """Return the pieces in about ``room`` characters, with "…" where something is left out.

    Of what does not differ only that is kept which stands beside what does. The first words that differ are kept.
    """
    if sum(len(piece.text) for piece in pieces) <= room:
        return list(pieces)
    share = max(room // (1 + 2 * sum(piece.differs for piece in pieces)), 12)
    last = len(pieces) - 1
    shown: list[Piece] = []
    for n, (text, differs) in enumerate(pieces):
        shown.append(
            Piece(_cut(text, share * 2, True, False) if differs else _cut(text, share, n > 0, n < last), differs)
        )
        if n < last and sum(len(piece.text) for piece in shown) >= room:
            return [*shown, Piece("…", False)]
    return shown


def paired(before: Sequence[str], after: Sequence[str]) -> list[tuple[str, str]]:
    """Return the entries of a list that differ, as they were and are; "" where there was or is none.

    Those that are there now come first, in their order. Nothing differs if at most the order does.
    """
    gone, new = (list((Counter(one) - Counter(other)).elements()) for one, other in ((before, after), (after, before)))
    was: dict[str, str] = {}
    for alike, old, now in sorted(((_likeness(old, now), old, now) for old in gone for now in new), reverse=True):
        if alike >= _ALIKE and old in gone and now not in was:
            was[now] = old
            gone.remove(old)
    return [(was.get(now, ""), now) for now in new] + [(old, "") for old in gone]


def _parts(old: list[str], new: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the parts of two texts in turn: equal ones, and ones that differ. Single signs do not part what differs."""
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
    """Yield a part that differs, apart from what both sides begin and end with if that is long."""
    head = _common(old, new)
    old, new = old[len(head) :], new[len(head) :]
    tail = _common(old[::-1], new[::-1])[::-1]
    middle = old[: len(old) - len(tail)], new[: len(new) - len(tail)]
    yield from filter(any, ((head, head), middle, (tail, tail)))


def _common(old: str, new: str) -> str:
    """Return what both begin with, if it is long."""
    length = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
    return old[:length] if length >= _LONG else ""


def _cut(text: str, room: int, begins: bool, ends: bool) -> str:
    """Return a text in ``room`` characters: its beginning, its end, or both, as they stand beside something else."""
    if len(text) <= room:
        return text
    if begins and ends:
        return f"{text[: room // 2]}…{text[len(text) - room // 2 :]}"
    return f"…{text[len(text) - room :]}" if ends else f"{text[:room]}…"


def _likeness(one: str, other: str) -> float:
    """Return which share of two texts' words is in both (Dice 1945)."""
    words, others = (Counter(token for token in _TOKEN.findall(text) if not token.isspace()) for text in (one, other))
    return 2 * (words & others).total() / ((words.total() + others.total()) or 1)
