"""The YAML that a brief may use, with every value and every fault at its line and column."""

import pytest

from bot.briefs.strict_yaml import MAX_DEPTH, Fault, Kind, Mapping, Node, Scalar, Sequence, parse
from tests.brief_files import MINIMAL

NAMES = list(zip("abcdefgh", "bcdefghi", strict=True))
BOMB = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in NAMES)
MERGE_BOMB = "a: &a {k: v}\n" + "".join(f"{b}: &{b}\n  <<: [{', '.join([f'*{a}'] * 9)}]\n" for a, b in NAMES)


def faults_in(text: str) -> list[Fault]:
    return parse(text)[1]


def at(node: Node | None, *steps: str | int) -> tuple[int, int]:
    """Return where the value stands that ``steps`` lead to."""
    for step in steps:
        if isinstance(node, Mapping):
            node = node.entries[str(step)][1]
        elif isinstance(node, Sequence) and isinstance(step, int):
            node = node.items[step]
    assert node
    return node.line, node.column


def test_every_key_and_value_knows_its_place() -> None:
    text = "# a comment\ntitle:   Ships\naliases: [a, 'é 🚢', b]\nfacts:\n  - text: One.\n    by: NIS\n\nlast: x\n"
    root, faults = parse(text)
    assert faults == []
    assert isinstance(root, Mapping)
    assert at(root) == (2, 1)
    assert at(root, "title") == (2, 10)
    assert [at(root, "aliases", n) for n in range(3)] == [(3, 11), (3, 14), (3, 21)]
    assert (at(root, "facts"), at(root, "facts", 0, "text")) == ((5, 3), (5, 11))
    assert at(root, "facts", 0, "by") == (6, 9)
    assert (root.entries["last"][0].line, root.entries["last"][0].column) == (8, 1)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_lines_count_alike_whatever_ends_them(newline: str) -> None:
    root, faults = parse(MINIMAL.replace("\n", newline))
    assert faults == []
    assert at(root, "sources", 0, "name") == (5, 11)


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        *((word, "truth value") for word in ("no", "yes", "on", "off", "No", "YES", "true", "False")),
        *(
            (word, "number")
            for word in ("1.10", "0777", "12:30", "12:30:45", "1_000", "0x1F", "-1", ".5", ".inf", ".nan")
        ),
        *((word, "date") for word in ("2024-10-18", "2024-10-18 12:30:00")),
        *((word, "empty value") for word in ("~", "null", "Null", "")),
        *((word, "special value") for word in ("=",)),
        *(
            (word, "text")
            for word in ("2024-10", "2024-1-5", "1,500", "norway", "nk troops", "1.2.3", "'no'", '"12:30"', "'~'", '""')
        ),
    ],
)
def test_a_scalar_keeps_its_text_and_what_yaml_takes_it_for(written: str, kind: Kind) -> None:
    root, faults = parse(f"key: {written}\n")
    assert faults == []
    assert isinstance(root, Mapping)
    value = root.entries["key"][1]
    assert isinstance(value, Scalar)
    assert (value.text, value.kind) == (written.strip("'\""), kind)


@pytest.mark.parametrize("text", ["", " \n\n", "# only a comment\n# and one more", "---\n", "--- # nothing\n...\n"])
def test_a_text_without_content_has_no_tree_and_no_fault(text: str) -> None:
    assert parse(text) == (None, [])


@pytest.mark.parametrize(
    ("text", "line", "column", "hint"),
    [
        pytest.param('a: x\ntitle: "Ships\nb: c\n', 2, 8, "never closed", id="quote that never closes"),
        pytest.param("a: x\ntitle: 'Kim's\nb: c\n", 2, 13, "quotes", id="quote within quotes"),
        pytest.param("a: x\naliases: [b, c\nd: e\n", 2, 10, "bracket", id="bracket that never closes"),
        pytest.param("a: x\naliases: {b: c\n", 2, 10, "bracket", id="brace that never closes"),
        pytest.param("title: Kim: a life\n", 1, 8, "holds a colon", id="colon in a text"),
        pytest.param("a: x\rb: y: z\r", 2, 5, "': ' needs quotes", id="colon in a text, CR"),
        pytest.param("a: x\rb: \0\r", 2, 4, "U+0000", id="NUL, CR"),
        pytest.param("title Ships\nsummary: S\n", 1, 1, "no ': '", id="key without its colon"),
        pytest.param("a: x\ntitle\nb: c\n", 2, 1, "a key", id="key without its colon between others"),
        pytest.param("facts:\n\t- text: a\n", 2, 1, "indent with spaces", id="tab"),
        pytest.param("title: @everyone\n", 1, 8, "quotes", id="at sign"),
        pytest.param("title: `code`\n", 1, 8, "quotes", id="backtick"),
        pytest.param("title: %a\n", 1, 8, "quotes", id="percent sign"),
        pytest.param('title: "a\\q"\n', 1, 10, "backslash", id="backslash in double quotes"),
        pytest.param("aliases: - a\n", 1, 10, "line of its own", id="list beside its key"),
        pytest.param("aliases:\n  - a\n - b\n", 3, 2, "put 1 space before", id="list item out of line"),
        pytest.param("title: a\n  by: b\n", 2, 5, "': ' needs quotes", id="key too far in"),
        pytest.param("a: x\nb: &name c\n", 2, 4, "anchor &name", id="anchor"),
        pytest.param("a: x\n&name b: c\n", 2, 1, "anchor &name", id="anchor of a key"),
        pytest.param("a: x\nb: [c, *name]\n", 2, 8, "alias *name", id="alias"),
        pytest.param("a: x\nb: !!str c\n", 2, 4, "tag", id="tag"),
        pytest.param("a: x\nb: !!python/object/apply:os.system [id]\n", 2, 4, "tag", id="tag that runs code"),
        pytest.param("a: x\nb: !c {d: e}\n", 2, 4, "tag", id="tag of a mapping"),
        pytest.param("a: x\n<<: {b: c}\n", 2, 1, "merge key", id="merge key"),
        pytest.param("a: x\nb: y\n'a': z\n", 3, 1, "'a' again (first on line 1)", id="duplicate key"),
        pytest.param("b: [{a: x, a: y}]\n", 1, 12, "'a' again (first on line 1)", id="duplicate key further in"),
        pytest.param("? [a]\n: b\n", 1, 3, "is no key", id="list as a key"),
        pytest.param("{a: b}: c\n", 1, 1, "is no key", id="mapping as a key"),
        pytest.param("a: x\n---\nb: y\n", 2, 1, "second document", id="second document"),
        pytest.param("a: x\n---\n", 2, 1, "second document", id="second document, empty"),
        pytest.param("a: x\n...\n---\nb: y\n", 3, 1, "second document", id="second document after an end"),
        pytest.param("a: x\n<<<<<<< HEAD\nb: y\n=======\nb: z\n>>>>>>> x\n", 2, 1, "merge conflict", id="conflict"),
        pytest.param("a: x\r\nb: |\r\n>>>>>>> theirs\r\n", 3, 1, "merge conflict", id="end of a conflict, CRLF"),
        pytest.param("a: x\nb: y\0z\n", 2, 5, "U+0000", id="NUL"),
        pytest.param("a: x\nb: \x1b[31m\n", 2, 4, "U+001B", id="escape"),
        pytest.param("a: x\nb: \ufeffy\n", 2, 4, "U+FEFF", id="BOM in the text"),
        pytest.param("a: 🚢🚢\x7f\n", 1, 6, "U+007F", id="delete"),
        pytest.param("a: x\u2028b: c\n", 1, 5, "U+2028", id="line separator"),
        pytest.param("a: \ud800\n", 1, 4, "U+D800", id="lone surrogate"),
        pytest.param("%YAML 9.9\n---\na: b\n", 1, 1, "not valid YAML", id="another YAML"),
    ],
)  # fmt: skip
def test_a_fault_is_located_and_explained(text: str, line: int, column: int, hint: str) -> None:
    faults = faults_in(text)
    assert [(fault.line, fault.column) for fault in faults] == [(line, column)]
    assert hint in faults[0].message


TEXTS = ["**1,500** came", "*word* came", "*word came", "*word", "* word", "[text](https://a.b) came", "[text](https://a.b)",
         "[a] b: c", "`code` b", "> 5 came", "| a", "%5", "@everyone, come", "!word came", "! word", "!", "!! word",
         "!important: a", "&a b", "& b", "{a} b", ", a", "] a", "} a", "*a: b", "**a** b: c", "[a](b) # c",
         '**a** "b" \\\\ c']  # fmt: skip


@pytest.mark.parametrize("value", TEXTS)
@pytest.mark.parametrize(
    ("around", "line", "column"),
    [
        ("a: x\nb: {}\nc: y\n", 2, 4),
        ("a:\n  - x\n  - {}\n  - y\n", 3, 5),
        ("a:\n- {}\n", 2, 3),
        ("a:\n  - b: {}\n    c: y\n", 2, 8),
        ("a:\n  - c: y\n    b-c: {}\n", 3, 10),
        ("a: x\nb: {}", 2, 4),
    ],
)
def test_a_text_that_begins_with_a_sign_of_yaml_is_one_fault_that_says_to_quote_it(
    value: str, around: str, line: int, column: int
) -> None:
    (fault,) = faults_in(around.replace("{}", value))
    assert (fault.line, fault.column) == (line, column)
    assert fault.message.startswith(f'a text that begins with {value[0]} needs quotes: write "…" around it')


@pytest.mark.parametrize("value", ["*a*", "`a`", "@a", "*a", "*a b"])
def test_so_is_one_in_brackets(value: str) -> None:
    (fault,) = faults_in(f"a: [x, {value}, y]\n")
    assert (fault.line, fault.column) == (1, 8)
    assert fault.message.startswith(f"a text that begins with {value[0]} needs quotes")


def test_each_text_without_quotes_is_named_and_the_rest_is_read() -> None:
    root, faults = parse("a: **b** c\n  and d\ne: [f](g) h\ni:\n  - `j`\n  - 'k's l'\nm: n\n")
    assert [(fault.line, fault.column) for fault in faults] == [(1, 4), (3, 4), (5, 5), (6, 8)]
    assert isinstance(root, Mapping)
    texts = [node.text for _, node in root.entries.values() if isinstance(node, Scalar)]
    assert texts == ["**b** c and d", "[f](g) h", "n"]
    assert at(root, "m") == (7, 4)


@pytest.mark.parametrize(("value", "column"), [("'Kim's eight'", 9), ('"Kim" said', 10)])
def test_a_text_that_goes_on_after_its_closing_quote_is_one_fault_there(value: str, column: int) -> None:
    (fault,) = faults_in(f"a: {value}\nb: c\n")
    assert (fault.line, fault.column) == (1, column)
    assert "quotes around the whole text" in fault.message


@pytest.mark.parametrize("text", ["a:\n\t- b\n", "a:\n  - b\n\t- c\n", "a:\n  - b: c\n  \td: e\n", "a: b\n\tc: d\n"])
def test_a_tab_in_the_indentation_is_one_fault_at_the_tab(text: str) -> None:
    (fault,) = faults_in(text)
    before = text[: text.index("\t")]
    assert (fault.line, fault.column) == (before.count("\n") + 1, len(before) - before.rfind("\n"))
    assert fault.message == "is a tab; indent with spaces, not tabs"


@pytest.mark.parametrize("text", ["{", "a: [", "a: {", "a: x\ntitle", "a:\n- b\nc", "- a\n[", "%YAML 1.1", 'a: "b'])
def test_a_fault_at_the_end_is_no_further_than_the_end(text: str) -> None:
    lines = text.split("\n")
    for fault in faults_in(text) or pytest.fail("no fault"):
        assert (fault.line, fault.column) <= (len(lines), len(lines[-1]) + 1)


def test_all_that_is_refused_in_one_text_is_reported_at_once() -> None:
    faults = faults_in("a: &x 1\nb: *x\nc: !!str 2\na: 3\n<<: {}\n")
    assert [(fault.line, fault.column) for fault in faults] == [(1, 4), (2, 4), (3, 4), (4, 1), (5, 1)]


@pytest.mark.parametrize(("text", "first"), [(BOMB, (1, 4)), (MERGE_BOMB, (1, 4))], ids=["aliases", "merge keys"])
def test_a_bomb_is_refused_before_it_goes_off(text: str, first: tuple[int, int]) -> None:
    faults = faults_in(text)
    assert (faults[0].line, faults[0].column) == first
    assert len(faults) < 200


@pytest.mark.parametrize("opening", ["[", "{a: ", "[{b: "], ids=["lists", "mappings", "both"])
def test_nesting_without_end_is_refused(opening: str) -> None:
    (fault,) = faults_in("a: " + opening * 100_000)
    assert fault.line == 1
    assert "nested" in fault.message


def test_nesting_is_refused_where_it_gets_too_deep() -> None:
    assert faults_in("[" * MAX_DEPTH + "]" * MAX_DEPTH) == []
    (fault,) = faults_in("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))
    assert (fault.line, fault.column) == (1, MAX_DEPTH + 1)
