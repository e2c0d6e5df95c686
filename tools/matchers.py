"""Matchers that are made once: a matcher never changes, and to make one takes long."""

from functools import lru_cache

from bot.answering.matcher import Matcher
from bot.briefs.brief import Brief, BriefBase
from bot.briefs.translation import Translation


def matcher_of(base: BriefBase, language: str = "english") -> Matcher:
    """Return a matcher over ``base``, and the same one of an equal base."""
    return _matcher_of(tuple(base.briefs.values()), tuple(base.translations.values()), base.language, language)


@lru_cache(maxsize=64)
def _matcher_of(briefs: tuple[Brief, ...], translations: tuple[Translation, ...], own: str, language: str) -> Matcher:
    base = BriefBase({brief.id: brief for brief in briefs}, {each.name: each for each in translations}, own)
    return Matcher(base, language)
