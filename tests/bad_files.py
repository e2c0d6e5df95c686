"""Contents of a brief's file as people, editors and attackers leave them: what is refused, and what is taken as it is.

Each is made when it is asked for, because some are large. ``GOOD`` stands in them as far as they are whole.
"""

import codecs
from collections.abc import Callable, Iterator

BAD_ID = "zebra"
"""The id to save them under: of two briefs that share a phrase, the later one has the problem."""

BLOCKS = {
    "title": "title: Bad file\n",
    "aliases": "aliases: [one, two]\n",
    "questions": "questions:\n  - What is bad?\n",
    "summary": "summary: It is bad.\n",
    "facts": "facts:\n  - text: A fact.\n    by: NIS\n",
    "status": "status: reported\n",
    "as_of": "as_of: 2024-10\n",
    "expires": "expires: 2025-10\n",
    "sources": "sources:\n  - name: A report\n    url: https://example.org/a\n",
    "related": "related: [ships]\n",
}
GOOD = "".join(BLOCKS.values())
SUMMARY = "Café 🚢, 북한."
MIB = 1 << 20

Make = Callable[[], bytes]


def _with(old: str, new: str, text: str = GOOD) -> str:
    assert text.count(old) == 1, old
    return text.replace(old, new)


def _made(content: str | bytes) -> Make:
    return lambda: content.encode() if isinstance(content, str) else content


def _full_of(piece: str, size: int = MIB - 1000, after: str = "") -> Make:
    """Return a file of about ``size`` bytes of ``piece`` after ``after``."""
    return lambda: (after + piece * ((size - len(after.encode())) // len(piece.encode()))).encode()


def _summary(value: str) -> str:
    return _with("It is bad.", value)


ENCODINGS: dict[str, str | bytes] = {
    **{f"{name} with its mark": GOOD.encode(name) for name in ("utf-16", "utf-32")},
    "UTF-16 big-endian with its mark": codecs.BOM_UTF16_BE + GOOD.encode("utf-16-be"),
    "UTF-32 big-endian with its mark": codecs.BOM_UTF32_BE + GOOD.encode("utf-32-be"),
    **{f"{name} without a mark": GOOD.encode(name) for name in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")},
    "Latin-1": _summary("Café.").encode("latin-1"),
    "Windows-1252": _summary("A “quote”.").encode("cp1252"),
    "Shift JIS": _summary("日本語。").encode("shift-jis"),
    "KOI8-R": _summary("Привет.").encode("koi8-r"),
    "EBCDIC": GOOD.encode("cp500"),
    "UTF-7 mark": b"+/v8-" + GOOD.encode(),
    "GZIP": b"\x1f\x8b\x08\x00" + bytes(range(256)),
    "PNG": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "all bytes": bytes(range(256)),
    "NULs alone": bytes(4096),
    "0xFF alone": b"\xff" * 4096,
    "BOM alone": codecs.BOM_UTF8,
    "two BOMs": codecs.BOM_UTF8 * 2 + GOOD.encode(),
    "BOM in the middle": _with("facts:", "\ufefffacts:"),
    "BOM in a text": _summary("It is \ufeffbad."),
    **{
        f"{name} in the text": GOOD.encode().replace(b"bad?", raw)
        for name, raw in {
            "overlong slash": b"\xc0\xaf",
            "overlong NUL": b"\xc0\x80",
            "overlong in three bytes": b"\xe0\x80\xaf",
            "overlong in four bytes": b"\xf0\x80\x80\xaf",
            "high surrogate": b"\xed\xa0\x80",
            "low surrogate": b"\xed\xb0\x80",
            "pair of surrogates (CESU-8)": b"\xed\xa0\xbd\xed\xb8\x80",
            "beyond U+10FFFF": b"\xf4\x90\x80\x80",
            "lone continuation": b"\x80",
            "cut sequence": b"\xf0\x9f\x9a",
            "five-byte form": b"\xf8\x88\x80\x80\x80",
        }.items()
    },
}

_SIGNS = [*range(9), 0xB, 0xC, *range(0xE, 0x20), 0x7F, 0x80, 0x85, 0x9B, 0x9F, 0x2028, 0x2029, *range(0x202A, 0x202F)]
_SIGNS += [*range(0x2066, 0x206A), 0xFEFF, 0xFFFE, 0xFFFF]
CHARACTERS: dict[str, str | bytes] = {
    **{f"U+{code:04X} in a summary": _summary(f"It is {chr(code)}bad.") for code in _SIGNS},
    **{f"U+{code:04X} in a key": _with("summary:", f"sum{chr(code)}mary:") for code in (0, 0x1B, 0x85, 0x202E, 0x2066)},
    **{
        f"escape {escape} in quotes": _summary(f'"It is {escape}bad."')
        for escape in (r"\0", r"\a", r"\b", r"\e", r"\x1b[31m", r"\x7f", r"\u202e", r"\u2066", r"\ud800", r"\U00110000",
                       r"\xZZ", r"\q", r"\u1 ")
    },
    "ANSI colours": _summary("\x1b[31mred\x1b[0m"),
    "nothing but accents": _summary("\u0301" * 50),
    "nothing but signs": _summary("'!?, …'"),
    "nothing but spaces of every kind": _summary('"\u00a0\u2003\u3000\u200b"'),
    "still TODO": _summary("TODO"),
}  # fmt: skip

_ANCHORS = list(zip("abcdefghijkl", "bcdefghijklm", strict=True))
BOMBS: dict[str, Make] = {
    "aliases": _made("a: &a [x]\n" + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in _ANCHORS)),
    "merges": _made(
        "a: &a {k: v}\n" + "".join(f"{b}: &{b}\n  <<: [{', '.join([f'*{a}'] * 9)}]\n" for a, b in _ANCHORS)
    ),
    "an alias of itself": _made("a: &a [*a]\n"),
    **{
        f"depth of {piece!r}": _full_of(piece)
        for piece in ("[", "{", "[{", "{a: ", "- ", "? ", "{? ", "[a, ", "- - ", "!!seq [")
    },
    "depth by indentation": lambda: "".join(" " * n + "a:\n" for n in range(1400)).encode(),
    **{
        f"1 MiB of {piece!r} as a value": _full_of(piece, after=f"{GOOD}more: ")
        for piece in ("x", "[", "1:", "1_", "'", '"', "&a ", "*a ", "!", "|\n", ">\n", "#", "x,", "[]", '\\"', "🚢")
    },
    **{
        f"1 MiB of {piece!r}": _full_of(piece)
        for piece in ("a:\n", "? a\n", "- a\n", "#\n", "\n", "\t", " ", "---\n", "...\n", "%a\n", "\r", "<<: 1\n",
                      "&a ", "*a\n", "!a ", "'", '"', "`", "@", "%", "|\n", ">\n", "- |\n  x\n", ": ", "{}\n", "x ")
    },
    "tag directives": lambda: ("".join(f"%TAG !{n}! x\n" for n in range(60_000)) + "---\n" + GOOD).encode(),
    "accents out of order": lambda: _summary("a" + "\u0301" * 250_000 + "\u0323" * 250_000).encode(),
    "accents out of order in a title": lambda: _with("Bad file", "a" + "\u0301\u0323" * 250_000).encode(),
    "accents out of order in many aliases": lambda: (
        _with("[one, two]", "\n" + ("  - a" + "\u0301" * 900 + "\u0323" * 900 + "\n") * 280)
    ).encode(),
    "ligatures that unfold eighteenfold": lambda: _with("one, two", "\ufdfa" * 300_000).encode(),
    "many keys": lambda: (GOOD + "".join(f"key{n}: x\n" for n in range(60_000))).encode(),
    "many keys that are alike": lambda: (GOOD + "".join(f"titel{n}: x\n" for n in range(4_000))).encode(),
    "many related": lambda: _with("[ships]", f"[{', '.join(f'ship-{n}' for n in range(4_900))}]").encode(),
    "one key of 900 KiB": lambda: (GOOD + f"? {'x' * 900_000}\n: 1\n").encode(),
    "the same long key often": lambda: (GOOD + f"{'x' * 1000}: 1\n" * 900).encode(),
    "an anchor of 900 KiB": lambda: _summary(f"&{'a' * 900_000} x").encode(),
    "one line of 900 KiB": lambda: _with("[one, two]", f"[{'a, ' * 300_000}b]").encode(),
    "just above the limit": lambda: (GOOD + "#" * MIB).encode(),
    "50 MB": lambda: (GOOD + "#" * 50_000_000).encode(),
}  # fmt: skip

YAML: dict[str, str | bytes] = {
    "an empty file": "",
    "a line feed alone": "\n",
    "a comment alone": "# TODO",
    "null alone": "null\n",
    "a text alone": "Ships\n",
    "a list alone": "- title: a\n",
    "an empty mapping": "{}\n",
    "JSON that is cut": '{"title": "a", ',
    "HTML": "<!DOCTYPE html>\n<html><body>502 Bad Gateway</body></html>\n",
    "INI": "[brief]\ntitle = Ships\n",
    "TOML": 'title = "Ships"\n[[sources]]\nname = "a"\n',
    "Python": "import os\nos.system('id')\n",
    "Jinja": _summary("{{ summary }}"),
    **{
        f"tag {tag}": _summary(f"{tag} x")
        for tag in ("!", "!!str", "!!binary", "!!timestamp", "!!python/name:os.system", "!!python/module:os", "!own",
                    "!<tag:yaml.org,2002:str>", "!!int", "!!float", "!!bool", "!!null", "!!value", "!e!foo")
    },
    **{
        f"tag {tag} of a collection": _with("[one, two]", f"{tag} {rest}")
        for tag, rest in (("!!set", "{a, b}"), ("!!omap", "[a: b]"), ("!!pairs", "[a: b]"), ("!!seq", "[a]"),
                          ("!!map", "{a: b}"), ("!!python/object/apply:os.system", "[id]"), ("!!python/tuple", "[a]"),
                          ("!!python/object:os.Thing", "{a: b}"), ("!!python/object/new:os.system", "[id]"))
    },
    "a tag of a key": _with("summary:", "!!str summary:"),
    "a tag of the whole": "!brief\n" + GOOD,
    "an anchor": _summary("&a It is bad."),
    "an anchor of the whole": "&a\n" + GOOD,
    "an anchor of a key": _with("summary:", "&a summary:"),
    "an alias without anchor": _summary("*a"),
    "a merge key": _with("aliases:", "<<: {status: disputed}\naliases:"),
    "a merge key further in": _with("  - text: A fact.", "  - <<: {by: x}\n    text: A fact."),
    "a key twice": GOOD + "title: Again\n",
    "a key twice, once in quotes": GOOD + '"title": Again\n',
    "a key twice further in": _with("    by: NIS\n", "    by: NIS\n    by: CIA\n"),
    **{
        f"the key {key}": GOOD + f"{key}: x\n"
        for key in ("[a]", "{a: b}", "? [a]\n", "? - a\n  - b\n", "? |\n  a\n", "''", "~", "no", "1", "2024-10-18",
                    "titel", "Title", "TITLE", "id", "=", '"<<"', "__class__", "'a b'", "北한")
    },
    "a value without key": GOOD + ": x\n",
    "a second document": GOOD + "---\n" + GOOD,
    "a second document, empty": GOOD + "---\n",
    "a first document, empty": "---\n---\n" + GOOD,
    "a text after the end": GOOD + "...\nmore\n",
    "an end at the start": "...\n" + GOOD,
    "YAML of the future": "%YAML 9.9\n---\n" + GOOD,
    "a directive twice": "%YAML 1.1\n%YAML 1.1\n---\n" + GOOD,
    "a directive without document": "%YAML 1.1\n" + GOOD,
    "an unknown directive": "%FOO bar\n---\n" + GOOD,
    "a tag directive": "%TAG !e! tag:example.org,2024:\n---\n" + GOOD,
    "a merge conflict": _with("It is bad.\n", "a\n<<<<<<< HEAD\nstatus: reported\n=======\nstatus: x\n>>>>>>> b\n"),
    "a merge conflict of three": GOOD + "<<<<<<< ours\n||||||| base\n=======\n>>>>>>> theirs\n",
    "the end of a merge conflict": GOOD + ">>>>>>> theirs\n",
    "the middle of a merge conflict": GOOD + "=======\n",
    "a patch": "--- a/x.yaml\n+++ b/x.yaml\n@@ -1 +1 @@\n-title: a\n+title: b\n",
    "a tab before a key": _with("    by:", "\tby:"),
    "a tab before an item": _with("  - What", "\t- What"),
    "a quote that never closes": _with("Bad file", '"Bad file'),
    "a quote within quotes": _with("Bad file", "'Kim's file'"),
    "a bracket that never closes": _with("[one, two]", "[one, two"),
    "a colon in a text": _with("Bad file", "Kim: a life"),
    "a key without colon": _with("title: Bad", "title Bad"),
    "an item out of line": _with("  - What is bad?", "  - What is bad?\n - b"),
    "a reserved sign": _with("Bad file", "@everyone"),
    "Windows paths in quotes": _summary(r'"C:\Users\me"'),
    "typographic quotes around a colon": _with("Bad file", "“Kim”: a life"),
}  # fmt: skip

WRONG_VALUES = {
    "nothing": "",
    "null": "null",
    "a truth value": "yes",
    "a number": "1.10",
    "a number with underscores": "1_000",
    "a huge number": "9" * 5000,
    "a time": "12:30",
    "infinity": ".inf",
    "a mapping": "{a: b}",
    "a list of lists": "[[a]]",
    "a list of nothing": "[~]",
    "a list of numbers": "[1, 2]",
    "a moment": "2024-10-18T00:00:00",
    "a day that does not exist": "2024-13-45",
    "blank": "'  '",
}
_MANY_FACTS = ", ".join(f"{{text: '{'*' * 300}'}}" for _ in range(12))
_LONG = {
    "title": "x" * 101,
    "summary": "x" * 1001,
    "aliases": f"[{'x' * 201}]",
    "questions": f"[{', '.join(f'q{n}' for n in range(501))}]",
    "facts": "[" + "{text: a}, " * 13 + "]",
    "sources": "[" + "{name: a}, " * 6 + "]",
    "related": "[a, b, c, d, e, f]",
    "status": "reported, mostly",
    "as_of": "10000-01-01",
    "expires": "2024-1-5",
}
PARTS = {
    "a fact without text": ("facts", "[{by: a}]"),
    "a fact that is a text": ("facts", "[a]"),
    "a fact of 301 characters": ("facts", f"[{{text: {'x' * 301}}}]"),
    "a speaker of 81 characters": ("facts", f"[{{text: a, by: {'x' * 81}}}]"),
    "a fact by nobody": ("facts", "[{text: a, by: ~}]"),
    "a fact with an unknown key": ("facts", "[{text: a, from: b}]"),
    "a card that is too long": ("facts", f"[{_MANY_FACTS}]"),
    "no source": ("sources", "[]"),
    "a source without name": ("sources", "[{url: 'http://a'}]"),
    "a source of 101 characters": ("sources", f"[{{name: {'x' * 101}}}]"),
    "an address of 501 characters": ("sources", f"[{{name: a, url: 'http://a/{'x' * 492}'}}]"),
    **{
        f"the address {url}": ("sources", f"[{{name: a, url: '{url}'}}]")
        for url in ("javascript:alert(1)", "file:///etc/passwd", "ftp://a", "//a", "http://", "http:// a", "http://a b",
                    "http://a>b", "http://a:0", "http://a:99999", "http://[::1", "http://\u202ea", "discord://a", "")
    },
    "itself as related": ("related", f"[{BAD_ID}]"),
    "an unknown brief as related": ("related", "[shps]"),
    "no id as related": ("related", "['../secret']"),
    "somebody's title": ("title", "Ships"),
    "somebody's title as an alias": ("aliases", "[SHIPS!]"),
}  # fmt: skip


def _set(key: str, value: str) -> str:
    """Return GOOD with another value of ``key``."""
    return "".join((BLOCKS | {key: f"{key}: {value}\n"}).values())


VALUES: dict[str, str | bytes] = {
    **{f"{key}: {what}": _set(key, value) for key in BLOCKS for what, value in WRONG_VALUES.items()},
    **{f"{key}: too long or too many": _set(key, value) for key, value in _LONG.items()},
    **{f"{key} is missing": _with(BLOCKS[key], "") for key in ("title", "summary", "as_of", "sources")},
    **{what: _set(key, value) for what, (key, value) in PARTS.items()},
}

_HARMLESS: dict[str, str | bytes] = {
    "as it should be": GOOD,
    "UTF-8 with its mark": codecs.BOM_UTF8 + GOOD.encode(),
    "Windows line ends": GOOD.replace("\n", "\r\n"),
    "old Macintosh line ends": GOOD.replace("\n", "\r"),
    "line ends of every kind": _with("\nsummary", "\r\nsummary").replace("\nas_of", "\ras_of"),
    "no line end at the end": GOOD.rstrip("\n"),
    "a mark of its start and end": f"---\n{GOOD}...\n",
    "YAML 1.1, said so": f"%YAML 1.1\n---\n{GOOD}",
    "comments": f"# a\n{GOOD}# b\n",
    "a comment with a reversing mark": f"{GOOD}# \u202e\n",
    "1 MiB less a bit of comments": GOOD + "#\n" * 500_000,
    "JSON": '{"title": "A", "summary": "b", "as_of": "2024-10", "sources": [{"name": "c"}]}',
    "scripts of every kind": _summary("북한군, Привет, שלום, مرحبا, किताब, ทำไม, 👩‍💻"),
    "escapes in quotes": _summary(r'"Caf\u00e9, \t tab, \x41"'),
    "a paragraph": _summary("|\n  One.\n\n  Two.\n"),
    "no list of aliases": _set("aliases", "[]"),
}
HARMLESS: dict[str, Make] = {name: _made(content) for name, content in _HARMLESS.items()}

BAD: dict[str, Make] = BOMBS | {
    name: _made(content) for name, content in (ENCODINGS | CHARACTERS | YAML | VALUES).items()
}


def half_written(step: int) -> Iterator[tuple[int, bytes]]:
    """Yield GOOD cut after every ``step`` bytes, with the length that was written; some of these are briefs still."""
    content = _summary(SUMMARY).encode()
    yield from ((length, content[:length]) for length in range(0, len(content), step))
