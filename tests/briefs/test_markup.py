"""The small Markdown: what of it is alive on Discord, and that all else reads as it was written."""

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.briefs.markup import doubts, neutralised, read, without_marks
from tests.brief_files import PROPERTY, a_brief, brief_text, problems_in

INERT = re.compile(
    r"\\[^A-Za-z0-9\s]|```[a-z0-9_+#.-]*\n.*?```|(`+)(?!`).+?(?<!`)\1(?!`)|\(<https://[^>\s]*>\)", re.DOTALL
)
"""What Discord takes for text whatever stands in it: escaped signs, code, addresses of links."""


@pytest.mark.parametrize(
    ("written", "plain", "markdown"),
    [
        ("**bold** and *italic*", "bold and italic", "**bold** and *italic*"),
        ("***both*** **a *b* c**", "both a b c", "***both*** **a *b* c**"),
        ("`a_b` ``c`d``", "a_b c`d", "`a_b` ``c`d``"),
        ("`` ` ``", "`", "`` ` ``"),
        ("```c```", "c", "`c`"),
        ("[a page](https://a.b/c_d)", "a page (https://a.b/c_d)", "[a page](<https://a.b/c_d>)"),
        ("[a](https://a.b/(c))", "a (https://a.b/(c))", "[a](<https://a.b/%28c%29>)"),
        ("[**b** `c`](https://a.b)", "b c (https://a.b)", "[**b** `c`](<https://a.b>)"),
        ("**[b](https://a.b)**", "b (https://a.b)", "**[b](<https://a.b>)**"),
        ("[a_b](https://a.b)", "a_b (https://a.b)", r"a\_b ([link](<https://a.b>))"),
        ("[`a_b#c`](https://a.b)", "a_b#c (https://a.b)", "[`a_b#c`](<https://a.b>)"),
        ("[`a[0]`](https://a.b)", "a[0] (https://a.b)", "`a[0]` ([link](<https://a.b>))"),
        ("[https://a.b](https://a.b)", "https://a.b", r"https:\//a.b ([link](<https://a.b>))"),
        ("[discord.gg/a](https://a.b)", "discord.gg/a (https://a.b)", r"discord.gg\/a ([link](<https://a.b>))"),
        ("a\n\n```py\nx = '*'\n```\nb", "a\n\nx = '*'\nb", "a\n\n```py\nx = '*'\n```\nb"),
        ("a\n```\nb```c\n```", "a\nb```c", "a\n```\nb`\u200b`\u200b`c\n```"),
        ("**a***b*", "ab", "**a**\u200b*b*"),
        ("**1. a**", "1. a", "**1. a**"),
        ("1. *a*", "1. a", "1\\. *a*"),
    ],
)
def test_the_small_kind_is_alive_and_its_plain_text_has_each_address(written: str, plain: str, markdown: str) -> None:
    text = read(written)
    assert (text.written, text.plain, text.markdown) == (written, plain, markdown)


@pytest.mark.parametrize(
    "written",
    ["_a_ __b__ ~~c~~ ||d||", "# a\n## b\n-# c", "> a\n>>> b", "- a\n* b\n1. c", "![a](https://a.b)",
     "<b>a</b> &amp; <https://a.b> https://a.b", "@everyone <@1> <#1> <:a:1>", "discord.gg/a DISCORD.com/invite/a",
     "[a](http://a.b) [b](javascript:c) [c](/d) [d](mailto:a@b.c)", "[a](https://)", "[](https://a.b)",
     "[a][b]\n\n[b]: https://a.b", '[a](https://a.b "c")', "[a](https://a.b/" + "c" * 490 + ")",
     "a * b * c", "2 ** 3", "**a", "`a", "```\na", "~~~\na\n~~~", "```a b\nc\n```", "```\n\n```", "¯\\_(ツ)_/¯ C:\\a",
     "a\\", "a\\\nb", "    a\n        b *", "a\nb\n\n\nc *"],
)  # fmt: skip
def test_all_else_reads_as_it_was_written(written: str) -> None:
    text = read(written.strip())
    assert text.plain == written.strip()
    assert text.markdown == neutralised(written.strip())


@pytest.mark.parametrize(
    ("written", "plain"),
    [(r"\*a\*", "*a*"), (r"\`a\`", "`a`"), (r"\[a](https://b.c)", "[a](https://b.c)"), (r"\\*a*", r"\a"),
     (r"**a \* b**", "a * b")],
)  # fmt: skip
def test_a_backslash_takes_the_effect_of_a_mark_away(written: str, plain: str) -> None:
    text = read(written)
    assert text.plain == plain
    shown = re.findall(r"\\([^\w\s])|([^*])", text.markdown)
    assert "".join(a or b for a, b in shown) == plain


@example("\\", "discord.gg/a")
@example(">- ", "a")
@example(":>//", "a")
@PROPERTY
@given(st.text("*`[]()\\_#>!- \nab1:/@", max_size=60), st.sampled_from(["https://a.b", "discord.gg/a", "@here", "a"]))
def test_no_mention_heading_picture_or_bare_address_is_ever_alive(signs: str, end: str) -> None:
    text = read(f"{signs}{end}".strip())
    prose = INERT.sub("\0", text.markdown)  # what stands around it does not become neighbours
    assert not re.search(r"[_~|<>#@]|!\[|://|discord\.gg/|^ *(?:[-+]|\d+\.)(?:\s|$)", prose, re.MULTILINE)


@PROPERTY
@given(st.text("*`[]()\\_ \na", max_size=80))
def test_no_letter_is_lost(written: str) -> None:
    written = written.strip()
    for shown in (read(written).plain, read(written).markdown):
        assert shown.count("a") == written.count("a")


HOSTILE = {
    "brackets": "[" * 1000,
    "half links": "[a](" * 250,
    "half pictures": "![" * 500,
    "pairs within pairs": "[" * 500 + "]" * 500,
    "pictures within": "![" * 300 + "](https://a)" * 30,
    "stars": "*a" * 500,
    "stars and lines": "*_" * 500,
    "backticks of each length": "".join("`" * n + " " for n in range(1, 44)),
    "backslashes": "\\" * 1000,
    "deep": "*a **b " * 140,
    "half addresses": "[a](<" * 200,
    "half titles": '[a](b "' * 140,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_markdown_takes_little_time(name: str) -> None:
    """Each takes under 20 ms here; a minute would hold up everybody."""
    started = time.process_time()
    for _ in range(5):
        read(HOSTILE[name])
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("written", "doubt"),
    [
        ("2*3*4", "'*' beside a letter or digit is formatting"),
        ("f**k y**r", "'**' beside a letter"),
        ("the `90s and the `80s", "'`' beside a letter"),
        ("C:\\\\a", "two backslashes"),
        ("**a", "'**' has no effect here"),
        ("```js\na```", "'```' has no effect here"),
        ("[a](http://b.c)", "'[a](' has no effect here"),
        ("# a", "'# ' has no effect here"),
        ("~~a~~", "'~~' has no effect here"),
        ("**a** *b* `c` [d](https://e.f) g*", None),
        (r"\*a\* \[b](https://c.d) 5 * 3 * 2", None),
        ("Plain text, #1 of 2.", None),
    ],
)
def test_marks_that_may_not_be_meant_are_doubted(written: str, doubt: str | None) -> None:
    found = list(doubts(written))
    assert [each.startswith(doubt) for each in found] == [True] if doubt else found == []


def test_where_no_marks_are_words_keep_their_places() -> None:
    written = "**a** [b](https://c.d/e) `f`"
    bare = without_marks(written)
    assert len(bare) == len(written)
    assert bare.split() == ["a", "b", "f"]
    assert bare.index("f") == written.index("f")


def test_a_text_without_a_word_that_can_be_seen_is_refused() -> None:
    for written in ("**!**", "```py\n!\n```"):
        (problem,) = problems_in(brief_text(summary=written))
        assert "holds no letter or digit" in problem


def test_a_fact_is_one_line_unless_it_holds_a_block_of_code() -> None:
    one, two = a_brief(facts=[{"text": "a\n *b*"}, {"text": "a\n```\nb\n```"}]).facts
    assert (one.text.plain, two.text.plain) == ("a b", "a\nb")
