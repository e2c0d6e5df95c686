"""Texts that members could send, each of at most 6,000 characters: by hand as a table, and as a Hypothesis strategy."""

import random

from hypothesis import strategies as st

from tests.brief_files import ANY_CHARACTER

LONGEST = 6000


def _filled(piece: str) -> str:
    return piece * (LONGEST // len(piece))


def _letters(alphabet: str, count: int) -> str:
    return "".join(random.Random(1).choices(alphabet, k=count))


_WORDS = "troops weapons zelensky seoul reaction north korea russia photos how many soldiers".split()
_BY_CHANCE = _letters("abcdefghijklmnopqrstuvwxyz", LONGEST)

TEXTS: dict[str, str] = {
    # what no decent text holds
    "a lone high surrogate": "\ud800 lone",
    "a lone low surrogate": "lone \udfff",
    "surrogates the wrong way round": "\udc00\ud800 troops",
    "surrogates alone": _filled("\ud800"),
    "NUL": "troops\x00",
    "NULs": _filled("\0"),
    "every control": "".join(map(chr, [*range(1, 0x20), *range(0x7F, 0xA0)])) + "a",
    "ANSI colours": "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x1b[2J\x9b31m",
    "carriage returns": "shown\rhidden\r\nnext\x85next\u2028next\u2029next",
    "backspaces": "secret\b\b\b\b\b\bshown",
    "noncharacters": "\ufffe\uffff\U0010ffff \ufdd0",
    "private use": "\ue000\U000f0000 a",
    "BOMs": "\ufefftroops\ufeff",
    # what turns or hides text
    "overrides": "\u202egnp.exe \u202d \u202a \u202b \u202c",
    "isolates": "\u2066troops\u2067a\u2068b\u2069",
    "marks of direction": "\u200e\u200f\u061ctroops",
    "zero width": "t\u200br\u200co\u200do\u2060p\ufeffs",
    "nothing to see": "\u200b\u2060\u180e\u3164\u115f\u1160\uffa0",
    "tags": "troops" + "".join(map(chr, range(0xE0020, 0xE007F))),
    "variation selectors": _filled("a\ufe0f\U000e0100"),
    "Arabic": "كم عدد الجنود الكوريين الشماليين في روسيا؟",
    "Hebrew and Latin": "שלום troops שלום 123",
    # accents
    "zalgo": _filled("t\u0337\u0321\u0322r\u0338o\u0336o\u0334p\u0335s"),
    "accents alone": _filled("\u0301"),
    "accents out of order": "a" + "\u0301\u0323" * 2999,
    "accents far out of order": "a" + "\u0301" * 3000 + "\u0323" * 2999,
    "vowel signs out of order": _filled("\u05b0\u0e38"),
    "vowel signs of every class out of order": _filled("\u0f81\u0f75\u0f72\u0e48\u0e38\u3099\u094d"),
    "marks that do not look it": _filled("\u0f71\uff9e"),
    "enclosing marks": _filled("a\u20dd\u20e0"),
    "Thai vowels alone": _filled("\u0e38"),
    "Tibetan stacks": _filled("\u0f40\u0f71\u0f72\u0f74"),
    "ligatures that unfold eighteenfold": _filled("\ufdfa"),
    "letters that fold to three": _filled("ΐ"),
    "signs": _filled("+#=*."),
    "operators": _filled("=>"),
    "words with signs": _filled("a+.b#"),
    "emoji joined to one": _filled("🚢\u200d"),
    "half flags": _filled("🇺"),
    "stray tags": _filled("a\U000e0067"),
    "half mentions": _filled("<@1"),
    "half emoji of a server": _filled("<a:" + "x" * 32),
    "Hangul in parts": _filled("\u1112\u1161\u11ab"),
    # spaces
    "spaces": _filled(" "),
    "every space": "\t\n\v\f\r\x1c\x1d\x1e\x1f\x20\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008"
    "\u2009\u200a\u2028\u2029\u202f\u205f\u3000",
    "line feeds": _filled("\n"),
    "a space": " ",
    "ideographic spaces around a title": "\u3000troops\u3000",
    # Markdown
    "emphasis": "**a** __b__ ~~c~~ ||d|| *e* _f_ ***g***",
    "headings and quotes": "# a\n## b\n-# c\n> d\n>>> e\n- f\n* g\n1. h",
    "code": "`a` ``b`` ```py\nc\n``` ```",
    "masked links": "[click](https://evil.example) [a](<https://evil.example> 't') [[a]](b) [a\\](b) [a][b]",
    "addresses": "https://evil.example <https://evil.example> HTTP://evil.example discord://a mailto:a@b.c www.evil",
    "invites": "discord.gg/evil https://discord.gg/evil <https://discord.com/invite/evil>",
    "mentions": "@everyone @here <@1> <@!1> <@&2> <#3> </brief:1> <id:browse> <id:customize>",
    "emoji codes and times": "<:evil:1> <a:evil:1> <t:1> <t:1:R> :joy:",
    "escapes": "\\*a\\* \\\\`\\` \\" + "\\" * 100,
    "brackets": _filled("["),
    "closing brackets": _filled("]"),
    "half links": _filled("[a]("),
    "stars": _filled("*"),
    "backticks": _filled("`"),
    "pipes": _filled("||"),
    "backslashes": _filled("\\"),
    "greater": _filled(">"),
    "list marks": _filled("- "),
    "numbered lists": _filled("1. "),
    "slashes": _filled("://"),
    # what is slow
    "one letter": "a" * LONGEST,
    "3,000 words": _filled("a "),
    "one word of letters by chance": _BY_CHANCE,
    "words by chance": " ".join(_BY_CHANCE[n : n + 6] for n in range(0, LONGEST - 700, 6))[:LONGEST],
    "words of the base": " ".join(random.Random(2).choices(_WORDS, k=800))[:LONGEST],
    "words of the base, misspelt": " ".join(f"{w[:2]}q{w[2:]}" for w in random.Random(3).choices(_WORDS, k=700))[
        :LONGEST
    ],
    "ideographs by chance": "".join(map(chr, random.Random(4).choices(range(0x4E00, 0x9FFF), k=LONGEST))),
    "Hangul": _filled("각"),
    "every plane": "".join(
        map(chr, random.Random(5).choices([*range(32, 0xD800), *range(0xE000, 0x110000)], k=LONGEST))
    ),
    "grouped digits": _filled("1,000,"),
    "digits and points": _filled("1.1"),
    "one number": "9" * LONGEST,
    "apostrophes": _filled("'a"),
    "hyphens": _filled("a-"),
    # emoji
    "rockets": _filled("🚀"),
    "families": _filled("👩‍👩‍👧‍👦"),
    "flags": _filled("🇰🇵"),
    "skin tones": _filled("👍🏽"),
    "keycaps": _filled("1\ufe0f\u20e3"),
    # other languages
    "SQL": "'; DROP TABLE lookups; -- \" OR 1=1 /* %s ? :name {0} {}",
    "YAML": "title: x\n---\n- &a [*a]\n!!python/object/apply:os.system [id]",
    "JSON": '{"query": "troops", "__proto__": {}, "a": [1e999, null]}',
    "JSON escapes": r'\u0000 \ud800 \n "\"',
    "HTML": "<script>alert(1)</script><!--&lt;",
    "templates": "{query} {0} %s %(a)s %n ${HOME} $(id) `id` {{7*7}} #{1}",
    "a path": "../../../etc/passwd C:\\Windows\\..\\ file:///etc/passwd",
    "an id with a suffix": "troops.yaml",
    "a custom_id": "brief:troops share:troops briefs remove:troops",
    "a format of logs": "lookup answer of troops with confidence 1.00 in 0.0 ms via slash\n2024-10-18 INFO forged",
    "numbers": "0 -1 1e309 0x1F inf nan 1_000 ٣ Ⅷ ½ ²",
    "a command": "/briefs remove troops",
    "a title in other letters": "ＮＯＲＴＨ Korean troops in Ｒｕｓｓｉａ",
}
assert all(len(text) <= LONGEST for text in TEXTS.values())

_SIGNS = st.text("\\*_~|`<>[]()#@-+.:/!& \n\t\r\0\x1b\u202e\u0301\u200b\ud800”“aé🚢1", max_size=300)
_ANY = st.text(st.characters(codec=None, exclude_categories=[]), max_size=300)
_PIECES = st.lists(st.sampled_from([*(text[:40] for text in TEXTS.values()), *_WORDS]), max_size=30).map(" ".join)
_REPEATED = st.builds(
    lambda text, times: (text * times)[:LONGEST],
    st.text(ANY_CHARACTER, min_size=1, max_size=8),
    st.integers(1, LONGEST),
)
ANY_TEXT = (_SIGNS | _ANY | _PIECES | _REPEATED).map(lambda text: text[:LONGEST] or "a")
"""Any text that Discord would send: at least one character."""


def stored(text: str) -> str:
    """Return a text as the log keeps it: as asked, but for lone surrogates."""
    return "".join("\ufffd" if 0xD800 <= ord(char) <= 0xDFFF else char for char in text)
