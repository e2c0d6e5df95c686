"""An alias is added to a file as an admin would have added it, and nothing else in the file changes."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.authoring.alias import with_alias, without_related
from bot.briefs.brief_file import read_brief
from bot.errors import RequestError
from tests.brief_files import ANY_CHARACTER, PROPERTY

REST = """\
summary: Ships carry things.  # all of them
as_of: 2024-10
sources:
  - name: A report
"""
BY_A_BUTTON = "cannot be added to by a button"


def assert_added(before: str, after: str, alias: str) -> None:
    """Hold ``after`` to being the same brief with one alias more, and the same text with an insertion."""
    old, new = (read_brief("ships.yaml", text.encode()).brief for text in (before, after))
    assert old
    assert new == old.model_copy(update={"aliases": (*old.aliases, alias)})
    before = before.replace("[ ]", "[]")
    rest = iter(after)
    assert all(char in rest for char in before), "something of the file was lost"


# Each pair is how the list stood and how it stands; the rest of the file follows below it.
LAYOUTS = {
    "no list": ("", "aliases: [nk ships]\n"),
    "no list, a comment after the title": (" # a comment\n# another", None),
    "flow": ("aliases: [a, b]", "aliases: [a, b, nk ships]"),
    "flow without spaces": ("aliases: [a,b]", "aliases: [a,b, nk ships]"),
    "flow with spaces": ("aliases: [ a, b ]", "aliases: [ a, b, nk ships ]"),
    "flow with a comment": ("aliases: [a, b]  # names", "aliases: [a, b, nk ships]  # names"),
    "flow with a trailing comma": ("aliases: [a, b,]", "aliases: [a, b, nk ships,]"),
    "flow, empty": ("aliases: []", "aliases: [nk ships]"),
    "flow, empty with a space": ("aliases: [ ]", "aliases: [nk ships]"),
    "flow, empty with a comment": ("aliases: []  # none yet", "aliases: [nk ships]  # none yet"),
    "flow, in double quotes": ('aliases: ["a", "b"]', 'aliases: ["a", "b", "nk ships"]'),
    "flow, in single quotes": ("aliases: ['a', 'b]']", "aliases: ['a', 'b]', nk ships]"),
    "flow, below its key": ("aliases:\n  [a, b]", "aliases:\n  [a, b, nk ships]"),
    "flow, wrapped": ("aliases: [a, b,\n          c, d]", "aliases: [a, b,\n          c, d, nk ships]"),
    "flow, wrapped in an alias": ("aliases: [a, b\n  c]", "aliases: [a, b\n  c, nk ships]"),
    "flow, a line each": ("aliases: [\n  a,\n  b\n]", "aliases: [\n  a,\n  b,\n  nk ships\n]"),
    "flow, a line each with commas": ("aliases: [\n  a,\n  b,\n]", "aliases: [\n  a,\n  b,\n  nk ships,\n]"),
    "flow, a line each with comments": (
        "aliases: [\n  # first\n  a,  # A\n  b  # B, b\n  # last\n]",
        "aliases: [\n  # first\n  a,  # A\n  b,  # B, b\n  nk ships\n  # last\n]",
    ),
    "flow, a line each with commas and comments": (
        "aliases: [\n  a,  # A\n  b,  # B\n]",
        "aliases: [\n  a,  # A\n  b,  # B\n  nk ships,\n]",
    ),
    "flow, with more than ASCII": ("aliases: [🚢 a, 북한군 é]", "aliases: [🚢 a, 북한군 é, nk ships]"),
    "block": ("aliases:\n  - a\n  - b", "aliases:\n  - a\n  - b\n  - nk ships"),
    "block, not indented": ("aliases:\n- a\n- b", "aliases:\n- a\n- b\n- nk ships"),
    "block, deeply indented": ("aliases:\n      - a", "aliases:\n      - a\n      - nk ships"),
    "block, wide": ("aliases:\n  -   a", "aliases:\n  -   a\n  -   nk ships"),
    "block, dashes alone": ("aliases:\n  -\n    a", "aliases:\n  -\n    a\n  - nk ships"),
    "block with comments": (
        "aliases:  # names\n  # first\n  - a  # A\n\n  # between\n  - b  # B\n  # last\n",
        "aliases:  # names\n  # first\n  - a  # A\n\n  # between\n  - b  # B\n  - nk ships\n  # last\n",
    ),
    "block, followed by empty lines": ("aliases:\n  - a\n\n", "aliases:\n  - a\n  - nk ships\n\n"),
    "block, in double quotes": ('aliases:\n  - "a: b"', 'aliases:\n  - "a: b"\n  - "nk ships"'),
    "block, in single quotes": ("aliases:\n  - 'it''s'", "aliases:\n  - 'it''s'\n  - nk ships"),
    "block, last one wrapped": ("aliases:\n  - a\n    b\n\n# c", "aliases:\n  - a\n    b\n  - nk ships\n\n# c"),
    "block, last one wrapped in quotes": ("aliases:\n  - 'a\n    b'", "aliases:\n  - 'a\n    b'\n  - nk ships"),
    "block, last one folded": ("aliases:\n  - >-\n    a\n    b", "aliases:\n  - >-\n    a\n    b\n  - nk ships"),
    "block, last one folded and a comment": (
        "aliases:\n  - |\n    a\n\n  # c",
        "aliases:\n  - |\n    a\n  - nk ships\n\n  # c",
    ),
}  # fmt: skip


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize(("stood", "stands"), LAYOUTS.values(), ids=LAYOUTS)
def test_an_alias_is_added_in_the_way_the_list_is_written(stood: str, stands: str | None, end: str) -> None:
    if stands is None:
        before = f"title: Ships{stood}\n{REST}"
        after = f"title: Ships # a comment\naliases: [nk ships]\n# another\n{REST}"
    elif not stood:
        before, after = f"title: Ships\n{REST}", f"title: Ships\n{stands}{REST}"
    else:
        before, after = (f"title: Ships\n{layout}\n{REST}" for layout in (stood, stands))
    before, after = before.replace("\n", end), after.replace("\n", end)
    assert with_alias("ships", before, "nk ships") == after
    assert_added(before, after, "nk ships")


@pytest.mark.parametrize(("stood", "stands"), list(LAYOUTS.values())[2:], ids=list(LAYOUTS)[2:])
def test_the_list_may_be_the_last_key_and_the_file_end_without_a_line_end(stood: str, stands: str | None) -> None:
    before = f"title: Ships\n{REST}{stood}"
    changed = with_alias("ships", before, "nk ships")
    assert changed.rstrip("\n") == f"title: Ships\n{REST}{stands}".rstrip("\n")
    assert_added(before, changed, "nk ships")


@pytest.mark.parametrize(
    "title",
    ["Ships", "'Ships'", '"Ships"  # a comment', "Ships\n  and boats", "'Ships\n  and boats'",
     ">-\n  Ships\n  and boats", "|\n  Ships\n\n", "|+\n  Ships\n\n# a comment\n", ">\n\n  Ships"],
)  # fmt: skip
@pytest.mark.parametrize("last", [False, True], ids=["title first", "title last"])
def test_without_a_list_the_alias_comes_below_the_title_however_that_is_written(title: str, *, last: bool) -> None:
    before = f"{REST}title: {title}" if last else f"title: {title}\n{REST}"
    changed = with_alias("ships", before, "nk ships")
    assert_added(before, changed, "nk ships")
    below = changed[changed.index("title:") :].split("aliases: [nk ships]\n")
    assert len(below) == 2
    assert re.fullmatch(r"title:[^#]*(  # a comment)?\n", below[0])
    assert not below[0].endswith("\n\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"\ufefftitle: Ships\n{REST}", f"\ufefftitle: Ships\naliases: [b]\n{REST}"),
        (f"\ufefftitle: Ships\naliases: [a]\n{REST}", f"\ufefftitle: Ships\naliases: [a, b]\n{REST}"),
        (f"\ufefftitle: Ships\naliases:\n  - a\n{REST}", f"\ufefftitle: Ships\naliases:\n  - a\n  - b\n{REST}"),
        (f"---\ntitle: Ships\n{REST}...\n", f"---\ntitle: Ships\naliases: [b]\n{REST}...\n"),
        (f"? title\n: Ships\n{REST}", f"? title\n: Ships\naliases: [b]\n{REST}"),
        (f'"title": Ships\n"aliases": [a]\n{REST}', f'"title": Ships\n"aliases": [a, b]\n{REST}'),
        ("  title: S\n  summary: S\n  as_of: 2024-10\n  sources: [{name: A}]\n",
         "  title: S\n  aliases: [b]\n  summary: S\n  as_of: 2024-10\n  sources: [{name: A}]\n"),
        ("{title: S, aliases: [a], summary: S, as_of: 2024-10, sources: [{name: A}]}",
         "{title: S, aliases: [a, b], summary: S, as_of: 2024-10, sources: [{name: A}]}"),
        ('{"title": "S", "aliases": ["a"], "summary": "S", "as_of": "2024-10", "sources": [{"name": "A"}]}',
         '{"title": "S", "aliases": ["a", "b"], "summary": "S", "as_of": "2024-10", "sources": [{"name": "A"}]}'),
    ],
    ids=["BOM", "BOM and flow", "BOM and block", "document marks", "explicit key", "quoted keys", "indented",
         "flow root", "JSON"],
)  # fmt: skip
def test_a_file_of_another_build_keeps_it(before: str, after: str) -> None:
    assert with_alias("ships", before, "b") == after
    assert_added(before, after, "b")


@pytest.mark.parametrize(
    "before",
    [
        "{title: S, summary: S, as_of: 2024-10, sources: [{name: A}]}",
        f"title: Ships\raliases:\r  - a\r{REST}".replace("\n", "\r"),
    ],
    ids=["flow root without a list", "line ends of old Macs"],
)
def test_a_layout_that_cannot_be_added_to_safely_is_refused(before: str) -> None:
    assert read_brief("ships.yaml", before.encode()).brief
    with pytest.raises(RequestError, match=BY_A_BUTTON):
        with_alias("ships", before, "b")


@pytest.mark.parametrize(
    "alias", ["troops", "nk troops", "F16s", "북한군", "солдати КНДР", "Zelensky's claim", "anti-tank"]
)
def test_words_stand_in_the_file_without_quotes(alias: str) -> None:
    changed = with_alias("ships", f"title: Ships\naliases:\n  - a\n{REST}", alias)
    assert f"\n  - {alias}\n" in changed
    assert_added(f"title: Ships\naliases:\n  - a\n{REST}", changed, alias)


def test_in_a_list_of_double_quotes_words_stand_in_double_quotes_as_they_are() -> None:
    assert 'aliases: ["a", "북한군 🚢"]' in with_alias("ships", f'title: Ships\naliases: ["a"]\n{REST}', "북한군 🚢")


TRICKY = [
    "no", "Yes", "on", "NULL", "true", "nan1", "12:30", "12:30:45", "1.10", "1e3", "0x10", "2024-10-18", "1_000",
    "a:", "#x", "a #b", 'say "ships"', '"', "'a'", "it's", "a\\b", "\\n", "🚢 1", "👩‍💻 1", "- a", "-a", "a -", "[a",
    "a]", "a: b",
    "{a}", "a, b", "?a", "? a", "a?", "How many ships?", "!a", "&a", "*a", "| a", "> a", "%a", "@a", "`a`", "<<", "=a",
    "~ a", "--- a", "... a", "a\u200bb", "a ' b", "..a", "a…", "1,500 ships", "x" * 200, "título", "e\u0301", ".a", "١",
]  # fmt: skip
BASES = [f"title: Ships\n{REST}", f"title: Ships\naliases: [a]\n{REST}", f"title: Ships\naliases:\n- a\n{REST}"]


@pytest.mark.parametrize("before", BASES, ids=["no list", "flow", "block"])
@pytest.mark.parametrize("alias", [text for text in TRICKY if re.search(r"\w", text)])
def test_an_alias_that_yaml_would_read_as_something_else_stays_what_was_asked(before: str, alias: str) -> None:
    assert_added(before, with_alias("ships", before, alias), alias)


@pytest.mark.parametrize("alias", ["  nk \n ships\t", "nk\u00a0ships", "nk\u2028ships"])
def test_white_space_in_an_alias_is_folded(alias: str) -> None:
    assert with_alias("ships", BASES[0], alias) == with_alias("ships", BASES[0], "nk ships")


@pytest.mark.parametrize(
    ("alias", "why"),
    [
        ("", "no letter or digit"),
        ("?!", "no letter or digit"),
        ("x" * 201, "longer than 200 characters"),
        ("a\0b", r"U\+0000"),
        ("a\u202eb", r"U\+202E"),
        ("a\ufeffb", r"U\+FEFF"),
        ("a\ud800b", "UTF-8"),
        ("a\ufffdb", "a character that was lost"),  # in its file it would look like one that is not UTF-8
        ("Ships", "already"),
        ("a", "already"),
    ],
)
def test_a_text_that_can_be_no_alias_is_refused_for_what_it_is(alias: str, why: str) -> None:
    with pytest.raises(RequestError, match=why):
        with_alias("ships", BASES[1], alias)


def test_a_brief_has_room_for_500_aliases() -> None:
    full = f"title: Ships\naliases: [{', '.join(f'a{n}' for n in range(500))}]\n{REST}"
    with pytest.raises(RequestError, match="more than 500 entries"):
        with_alias("ships", full, "b")


@pytest.mark.parametrize(
    "text",
    ["", "# nothing", "- a\n", "title: [\n", "title: Ships\n", "a: *b\n", "[" * 5000, "\ud800", "\0", "title: 5"],
)
def test_a_file_that_is_no_valid_brief_is_refused(text: str) -> None:
    with pytest.raises(RequestError, match=r"ships\.yaml has problems"):
        with_alias("ships", text, "b")


SIGNS = st.text("\"'\\#:,-?![]{}&*|>%@`~=. \t\n1aénoNULtrue\ufeff\u200b🚢북\0\ud800", max_size=40)
LISTS = st.sampled_from([f"title: Ships\n{stood}\n{REST}" for stood, _ in LAYOUTS.values() if stood.startswith("al")])


@PROPERTY
@given(LISTS | st.sampled_from(BASES), SIGNS | st.text(ANY_CHARACTER, max_size=220))
@example(BASES[1], "a\x85b")
@example(BASES[0], "\uffff1")
def test_any_text_is_refused_or_added_and_nothing_else_changes(before: str, alias: str) -> None:
    changed, refusal = None, ""
    try:
        changed = with_alias("ships", before, alias)
    except RequestError as error:
        refusal = str(error)
    assert BY_A_BUTTON not in refusal  # each of these lists can be added to, if the text can be an alias at all
    if changed is not None:
        assert_added(before, changed, " ".join(alias.split()))


# A related brief less

UNLINKED = {
    "flow, the only one": ("related: [cats]", "related: []"),
    "flow, the only one and spaces": ("related: [ cats ]  # see too", "related: [  ]  # see too"),
    "flow, the first": ("related: [cats, dogs, elks]", "related: [dogs, elks]"),
    "flow, the middle one": ("related: [dogs, cats, elks]  # see too", "related: [dogs, elks]  # see too"),
    "flow, the last": ('related: ["dogs","cats"]', 'related: ["dogs"]'),
    "flow, the last and a comma": ("related: [dogs, cats, ]", "related: [dogs, ]"),
    "flow, twice": ("related: [cats, dogs, 'cats']", "related: [dogs]"),
    "flow, wrapped": ("related: [dogs,\n  cats, elks]", "related: [dogs, elks]"),
    "flow, a line each": ("related: [\n  dogs,  # D\n  cats,  # C\n  elks\n]", "related: [\n  dogs,  # D\n  elks\n]"),
    "flow, a line each, the last": ("related: [\n  # all\n  dogs,\n  cats\n]", "related: [\n  # all\n  dogs,\n]"),
    "flow, a line each, the only one": ("related: [\n  cats\n]", "related: [\n]"),
    "flow, a comment between": ("related: [cats, # these\n  dogs]", None),
    "block, the only one": ("related:  # see too\n  - cats  # C", "related: []  # see too"),
    "block, the only one and a comment": ("related:\n  # see\n  - cats\n  # end", "related: []\n  # see\n  # end"),
    "block, the first": ("related:\n  - cats\n  # D\n  - dogs", "related:\n  # D\n  - dogs"),
    "block, the last": ("related:\n- dogs  # D\n- 'cats'  # C", "related:\n- dogs  # D"),
    "block, an entry below its dash": ("related:\n  -\n    cats\n  - dogs", None),
}


@pytest.mark.parametrize(("before", "after"), UNLINKED.values(), ids=UNLINKED)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("at_the_end", [False, True])
def test_a_related_brief_is_taken_out_and_all_else_stays(
    before: str, after: str | None, newline: str, at_the_end: bool
) -> None:
    def text(related: str) -> str:
        lines = f"title: Ships\n{REST}{related}\n" if at_the_end else f"title: Ships\n{related}\n{REST}"
        return f"\ufeff# Kept by the desk.\n{lines}".replace("\n", newline)

    if after is None:
        with pytest.raises(RequestError, match="cannot be taken out"):
            without_related("ships", text(before), "cats")
    else:
        assert without_related("ships", text(before), "cats") == text(after)


@pytest.mark.parametrize("text", ["titel: x\n", "", "title: Ships\nrelated: [cats]\n"])
def test_nothing_is_taken_out_of_a_file_that_is_wrong(text: str) -> None:
    with pytest.raises(RequestError, match="has problems"):
        without_related("ships", text, "cats")
