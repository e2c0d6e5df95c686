"""Matchers that are made once: a matcher never changes, and to make one takes long."""

from functools import lru_cache

from bot.answering.matcher import Matcher
from bot.briefs.brief import Brief, BriefBase


def matcher_of(base: BriefBase, language: str = "english") -> Matcher:
    """Return a matcher over ``base``, and the same one of an equal base."""
    return _matcher_of(tuple(base.briefs.values()), language)


@lru_cache(maxsize=64)
def _matcher_of(briefs: tuple[Brief, ...], language: str) -> Matcher:
    return Matcher(BriefBase({brief.id: brief for brief in briefs}), language)
