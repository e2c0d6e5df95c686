"""Figures that a change has replaced in one place of a brief and that still stand in another: pure."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from bot.briefs.brief import Brief
from bot.briefs.change import Difference, differences
from bot.catalogues.catalogue import N_

_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_QUOTED = re.compile(r'“[^”]*”|„[^“”]*[“”]|«[^»]*»|"[^"]*"')
_KEPT_OR_FIGURE = re.compile(rf"{_QUOTED.pattern}|(?:https?://|www\.)[^\s()]+|{_FIGURE.pattern}")
_READ = ("Title", "Summary", "Facts")


class Leftover(NamedTuple):
    """A figure that is still there, as it is written: in which part of the brief, and the text that it stands in."""

    figure: str
    what: str
    text: str


def leftovers(before: Brief, after: Brief) -> list[Leftover]:
    """Return each figure that a changed text no longer has and that another one still has."""
    gone = {figure for each in _changed(before, after) for figure in _figures(each.before) - _figures(each.after)}
    return [
        Leftover(written, what, text)
        for what, text in _texts(after)
        for written in dict.fromkeys(_FIGURE.findall(text))
        if _plain(written) in gone
    ]


def replacements(before: Brief, after: Brief) -> dict[str, str]:
    """Return what stands in place of each figure that is left over, by that figure without what separates thousands.

    A figure is left out if the changed text has another number of figures than before, if two texts disagree, or if it
    stands in quotations alone: what somebody said is not made to say something else.
    """
    said_plainly = ((_plain(each.figure), _QUOTED.sub("", each.text)) for each in leftovers(before, after))
    left = {figure for figure, text in said_plainly if figure in _figures(text)}
    found: dict[str, set[str]] = {}
    for each in _changed(before, after):
        old, new = _FIGURE.findall(each.before), _FIGURE.findall(each.after)
        for was, now in zip(old, new, strict=True) if len(old) == len(new) else ():
            if _plain(was) in left - _figures(each.after):
                found.setdefault(_plain(was), set()).add(now)
    return {figure: new.pop() for figure, new in found.items() if len(new) == 1}


def replaced(text: str, figures: Mapping[str, str]) -> str:
    """Return a text with each of the ``figures`` in it replaced, but for those in quotations and addresses."""
    return _KEPT_OR_FIGURE.sub(lambda found: figures.get(_plain(found[0]), found[0]), text)


def _changed(before: Brief, after: Brief) -> list[Difference]:
    return [each for each in differences(before, after) if each.what in _READ and each.before and each.after]


def _texts(brief: Brief) -> Iterator[tuple[str, str]]:
    yield "Title", brief.title
    yield "Summary", brief.summary.plain
    for fact in brief.facts:
        yield "Facts", fact.text.plain
    for phrase in (*brief.aliases, *brief.questions):
        yield N_("Other names and questions"), phrase


def _figures(text: str) -> set[str]:
    return set(map(_plain, _FIGURE.findall(text)))


def _plain(figure: str) -> str:
    """Return a figure without what separates thousands."""
    return figure.replace(",", "")
