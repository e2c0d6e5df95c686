"""Word stems, so that "soldier" finds "soldiers". `stemmer` returns the function that stems one language."""

import threading
from collections.abc import Callable, Mapping
from functools import lru_cache

import Stemmer

from bot.language.endings import korean, ukrainian
from bot.language.tags import fallbacks

Stem = Callable[[str], str]

LIGHT: Mapping[str, Stem] = {"korean": korean, "ukrainian": ukrainian}
"""Our own rules for languages that Snowball has no stemmer for."""

LANGUAGES = ("none", *sorted([*Stemmer.algorithms(), *LIGHT]))


_STEMMERS = {
    "ar": "arabic", "hy": "armenian", "eu": "basque", "ca": "catalan", "da": "danish", "nl": "dutch", "en": "english",
    "eo": "esperanto", "et": "estonian", "fi": "finnish", "fr": "french", "de": "german", "el": "greek",
    "hi": "hindi", "hu": "hungarian", "id": "indonesian", "ga": "irish", "it": "italian", "ko": "korean",
    "lt": "lithuanian", "ne": "nepali", "no": "norwegian", "nb": "norwegian", "nn": "norwegian", "pt": "portuguese",
    "ro": "romanian", "ru": "russian", "sr": "serbian", "es": "spanish", "sv": "swedish", "ta": "tamil",
    "tr": "turkish", "uk": "ukrainian", "yi": "yiddish",
}  # fmt: skip
"""The name of the stemmer of each language that has one."""

LONGEST = 40
"""Letters of the longest word that is stemmed. Longer ones are no words of any language, and would fill the cache."""


def stemmer_of(tag: str) -> str:
    """Return which of LANGUAGES stems the words of a language, given as a tag: "none" if there is no stemmer for it."""
    name = _STEMMERS.get(fallbacks(tag)[-1], "none")
    return name if name in LANGUAGES else "none"


def stemmer(language: str) -> Stem:
    """Return the stemmer of one of LANGUAGES: Snowball's (Porter 2001), or our own. The one for "none" changes nothing.

    Any thread may use it. The library's stemmers are not thread-safe, so each thread gets its own.
    """
    if language == "none":
        return str
    own = threading.local()

    @lru_cache(maxsize=100_000)
    def stem(word: str) -> str:
        if len(word) > LONGEST:
            return word
        if not hasattr(own, "stem"):
            own.stem = LIGHT.get(language) or Stemmer.Stemmer(language, 0).stemWord  # without a cache of its own
        try:
            stemmed: str = own.stem(word)
        except UnicodeEncodeError:  # half a surrogate, which is no letter
            return word
        return stemmed

    return stem
