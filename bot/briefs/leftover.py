"""Figures that a change has replaced in one place of a brief and that still stand in another: pure."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from bot.briefs.brief import Brief
from bot.briefs.change import differences
from bot.catalogues.catalogue import N_

_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_READ = ("Title", "Summary", "Facts")


class Leftover(NamedTuple):
    """A figure that is still there: in which part of the brief, and the sentence that it stands in."""

    figure: str
    what: str
    text: str


def leftovers(before: Brief, after: Brief) -> list[Leftover]:
    """Return each figure that a changed text no longer has and that another one still has."""
    changed = [each for each in differences(before, after) if each.what in _READ and each.before and each.after]
    gone = {figure for each in changed for figure in _figures(each.before) - _figures(each.after)}
    return [Leftover(figure, what, text) for what, text in _texts(after) for figure in sorted(gone & _figures(text))]


def _texts(brief: Brief) -> Iterator[tuple[str, str]]:
    yield "Title", brief.title
    yield "Summary", brief.summary.plain
    for fact in brief.facts:
        yield "Facts", fact.text.plain
    for phrase in (*brief.aliases, *brief.questions):
        yield N_("Other names and questions"), phrase


def _figures(text: str) -> set[str]:
    """Return the figures in a text, without what separates thousands."""
    return {found.replace(",", "") for found in _FIGURE.findall(text)}
