"""Language tags (BCP 47) as Discord sends them, "uk" or "pt-BR": what they fall back to, and what they are called."""

import re
from collections.abc import Collection
from functools import lru_cache

_TAG = re.compile(r"([A-Za-z]{2,3})(?:-([A-Za-z]{4}))?(?:-([A-Za-z]{2}|\d{3}))?")

# ISO 639-1, and languages of three letters that are written online. Any other letters, as in "troops.old.yaml", are no
# language.
_LANGUAGES = frozenset(
    """aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el
    en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja
    jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd
    ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss
    st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu ast ckb crh csb
    dsb fil gsw haw hsb kab nds rue sah szl yue""".split()
)

ENDONYMS = {
    "ar": "العربية",
    "be": "Беларуская",
    "bg": "Български",
    "cs": "Čeština",
    "da": "Dansk",
    "de": "Deutsch",
    "el": "Ελληνικά",
    "en": "English",
    "es": "Español",
    "es-419": "Español (Latinoamérica)",
    "et": "Eesti",
    "fa": "فارسی",
    "fi": "Suomi",
    "fr": "Français",
    "he": "עברית",
    "hi": "हिन्दी",
    "hr": "Hrvatski",
    "hu": "Magyar",
    "id": "Bahasa Indonesia",
    "it": "Italiano",
    "ja": "日本語",
    "ka": "ქართული",
    "kk": "Қазақша",
    "ko": "한국어",
    "lt": "Lietuvių",
    "lv": "Latviešu",
    "nl": "Nederlands",
    "no": "Norsk",
    "pl": "Polski",
    "pt": "Português",
    "pt-BR": "Português do Brasil",
    "ro": "Română",
    "ru": "Русский",
    "sk": "Slovenčina",
    "sl": "Slovenščina",
    "sr": "Српски",
    "sv": "Svenska",
    "th": "ไทย",
    "tr": "Türkçe",
    "uk": "Українська",
    "vi": "Tiếng Việt",
    "zh": "中文",
    "zh-CN": "简体中文",
    "zh-TW": "繁體中文",
}
"""What languages are called in themselves: all of Discord's locales, and some more."""


def canonical(tag: str) -> str | None:
    """Return a tag in the one way in which it is written, such as "pt-BR"; None if it is no tag of a language."""
    if not (found := _TAG.fullmatch(tag)) or found[1].lower() not in _LANGUAGES:
        return None
    script, region = found[2] and found[2].title(), found[3] and found[3].upper()
    return "-".join(filter(None, (found[1].lower(), script, region)))


@lru_cache(1024)
def fallbacks(tag: str) -> tuple[str, ...]:
    """Return a tag and those that stand in for it, the nearest first: "pt-BR", then "pt"."""
    parts = tag.split("-")
    return tuple("-".join(parts[:length]) for length in range(len(parts), 0, -1))


def same_language(tag: str, other: str) -> bool:
    """Return whether two tags are of one language, that of another region or script included."""
    return fallbacks(tag)[-1] == fallbacks(other)[-1]


def closest(tag: str | None, languages: Collection[str]) -> str | None:
    """Return that one of ``languages`` which is nearest to a tag; None if there is none, or no tag."""
    return next((each for each in fallbacks(tag or "") if each in languages), None)


def endonym(tag: str) -> str:
    """Return what a language is called in itself, or its tag if that is not known here."""
    return next((ENDONYMS[each] for each in fallbacks(tag) if each in ENDONYMS), tag)
