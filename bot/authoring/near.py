"""Finds phrases of two briefs that ask the same, as "Should I wear a mask?" and "Do I have to wear masks?" do.

Pure. It compares words alone, so that it is sure: the same words but for those that ask nothing, in whatever order and
inflection. What a question asks for (when, where, how many), a negation and whose it is count as words.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from bot.answering.matcher import Matcher
from bot.language.fillers import fillers
from bot.language.function_words import FUNCTION_WORDS
from bot.language.normalise import has_word, normalise

_TELLING = frozenset(
    """who whom whose when where why how much many not without never no nor neither cannot cant dont doesnt didnt isnt
    arent wont wouldnt before after from into out off up down over under more less most least first last next again back
    other another same only both during between against until since here there my your his her their our""".split()
)
"""Words without a topic that make another question all the same."""

_ASK_NOTHING = (fillers("english") | FUNCTION_WORDS) - _TELLING
"""English words only: those of other languages are compared, since among them are such as "where" and "not"."""

Key = tuple[str, ...]


class Owned(NamedTuple):
    """A phrase and the id of its brief."""

    brief: str
    phrase: str


class NearPhrases:
    """The phrases of a base by the words that they ask with."""

    def __init__(self, matcher: Matcher) -> None:
        self._base = matcher.base
        self._stem = matcher.ranker.scorer.stem
        self._by_key: dict[Key, list[Owned]] = defaultdict(list)
        for brief in matcher.base.briefs.values():
            for phrase in (brief.title, *brief.aliases, *brief.questions):
                self._by_key[self._key(phrase)].append(Owned(brief.id, phrase))

    def of_others(self, brief: str, phrase: str) -> Iterable[Owned]:
        """Return the phrases of other briefs that ask the same as ``phrase`` of ``brief``, in other words.

        A brief and the one that has replaced it are one.
        """
        if not (key := self._key(phrase)):
            return ()
        ours, text = self._base.current(brief), normalise(phrase)
        return [
            other
            for other in self._by_key.get(key, ())
            if self._base.current(other.brief) != ours and normalise(other.phrase) != text
        ]

    def _key(self, phrase: str) -> Key:
        """Return what a phrase asks with; nothing if that is one word of several: it could ask anything about it."""
        words = [word for word in normalise(phrase).split() if has_word(word)]
        key = tuple(sorted({self._stem(word) for word in words if word not in _ASK_NOTHING}))
        return key if len(key) > 1 or len(words) == 1 else ()
