"""How the parts of a brief were and are, as lines of text in which the words that differ are marked."""

from collections.abc import Sequence
from itertools import groupby

from bot.briefs.change import Difference
from bot.briefs.comparing import Piece, compared, excerpt
from bot.briefs.markup import neutralised
from bot.catalogues.catalogue import ENGLISH, Catalogue
from bot.commands.admin.texts import lines_that_fit

_WIDTHS = ((250, 20), (100, 20), (100, 4), (60, 2))
"""About how many characters of a side of a difference, and how many entries of a list, are shown; the first pair that
fits is taken."""


def differences_text(differences: Sequence[Difference], room: int, catalogue: Catalogue = ENGLISH) -> str:
    """Return how each part of a brief was and is, the words that differ marked, in ``room`` characters.

    Where that is too much the texts are shortened around these words, then the longest lists are.
    """
    lines: list[str] = []
    for width, most in _WIDTHS:
        lines = [
            line
            for what, of in groupby(differences, lambda it: it.what)
            for line in ("", *_part(what, [*of], width, most, catalogue))
        ][1:]
        if sum(len(line) + 1 for line in lines) <= room:
            break
    return "\n".join(lines_that_fit(lines, room))


def _part(what: str, differences: Sequence[Difference], width: int, most: int, catalogue: Catalogue) -> list[str]:
    lines = [line for each in differences[:most] for line in _sides(each, width, catalogue)]
    more = len(differences) - most
    rest = [catalogue.ngettext("and {n} change more", "and {n} changes more", more)] if more > 0 else []
    return [f"**{catalogue.gettext(what)}**", *lines, *rest]


def _sides(difference: Difference, width: int, catalogue: Catalogue) -> list[str]:
    """Return a line for each side that there is; of one that stands alone nothing is marked."""
    _, before, after = difference
    say = catalogue.gettext
    if before and after:
        old, new = compared(before, after)
        return [
            say("before: {text}", text=_marked(excerpt(old, width), "~~")),
            say("now: {text}", text=_marked(excerpt(new, width), "**")),
        ]
    if not before and not after:
        return [say("in another order")]
    alone = _marked(excerpt([Piece(before or after, False)], width), "")
    return [say("no longer: {text}", text=alone) if before else say("new: {text}", text=alone)]


def _marked(pieces: Sequence[Piece], mark: str) -> str:
    """Return pieces of a text with a mark around those that differ, unless all do; spaces stay outside of it."""
    if all(piece.differs for piece in pieces):
        mark = ""
    shown = []
    for text, differs in pieces:
        bare = text.strip()
        as_written = neutralised(f"a{bare}")[1:]  # it stands within a line, where nothing marks a list
        marked = f"{mark}{as_written}{mark}" if differs and bare else as_written
        shown.append(f"{text[: len(text) - len(text.lstrip())]}{marked}{text[len(text.rstrip()) :] if bare else ''}")
    return "".join(shown)
