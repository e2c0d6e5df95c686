"""Markdown of other places says the same in the small kind of briefs, and what it loses is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.briefs.carrying import MOST, carried
from bot.briefs.markup import read
from tests.brief_files import PROPERTY

KEPT = {
    "bold": "The **last** ferry",
    "italic": "a *fast* ferry",
    "code": "type `ferry --help`",
    "code with a backtick": "``a`b``",
    "a link": "[timetable](https://example.org/t)",
    "a link with a mark in it": "[**now**](https://example.org/t)",
    "a block": "so:\n```py\nx = a[0] * b\n```\nend",
    "lists": "- one\n- two\n1. three",
    "signs alone": "2 * 3 = 6, [x], C:\\temp",
    "blank lines": "one\n\n\ntwo",
}


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_what_the_small_kind_has_stays_as_it_was_typed(text: str) -> None:
    assert (carried(text).text, carried(text).losses) == (text, ())


CARRIED = {
    "underscores for italic": ("a _fast_ ferry", "a *fast* ferry"),
    "a link in angle brackets": ("[t](<https://example.org/a>)", "[t](https://example.org/a)"),
    "a link to brackets": ("[t](https://example.org/a_(b))", "[t](https://example.org/a_%28b%29)"),
    "a link by reference": ("[t][1]\n\n[1]: https://example.org/a", "[t](https://example.org/a)"),
    "a bare address": ("See https://example.org/a_b.", "See [example.org/a_b](https://example.org/a_b)."),
    "an address in angle brackets": ("<https://example.org/>", "[example.org/](https://example.org/)"),
    "a block within a line": ("so:```py\nx = 1\n```Then", "so:\n```py\nx = 1\n```\nThen"),
    "a mark that was escaped": (r"2 \* 3 \*bold\*", r"2 \* 3 \*bold\*"),
    "an underscore that was escaped": (r"snake\_case\_", "snake_case_"),
    "a break": ("one<br/>two", "one\ntwo"),
}


@pytest.mark.parametrize(("text", "expected"), CARRIED.values(), ids=CARRIED)
def test_what_is_written_otherwise_is_rewritten_and_nothing_is_lost(text: str, expected: str) -> None:
    assert (carried(text).text, carried(text).losses) == (expected, ())


LOST = {
    "a heading": ("# Times", "**Times**", "a heading (#) is bold text"),
    "a heading with a mark": ("## *Times*", "*Times*", "a heading (#) is plain text"),
    "small text": ("-# note", "**note**", "a heading (#) is bold text"),
    "a quotation": ("> said", "said", "a quotation (>) is plain text"),
    "a rule": ("a\n***\nb", "a\n\nb", "a rule across the text is left out"),
    "underlined": ("__x__", "**x**", "underlined text (__) is bold"),
    "struck through": ("~~x~~ y", "x y", "text that is struck through (~~) is shown plain"),
    "hidden": ("||x|| y", "x y", "a hidden text (||x||) is shown"),
    "an image": ("a ![ship](https://e.org/s.png)", "a ship", "the image https://e.org/s.png is left out"),
    "a link of http": ("[t](http://e.org)", "t (http://e.org)", "the link http://e.org is plain text"),
    "a link within a site": ("[t](/docs)", "t (/docs)", "the link /docs is plain text"),
    "a script": ("[t](javascript:alert)", "t (javascript:alert)", "the link javascript:alert is plain text"),
    "the title of a link": ('[t](https://e.org "Now")', "[t](https://e.org)", "the title of a link (Now) is left out"),
    "a channel": ("see <#123456>", "see <#123456>", "a mention (<#123456>) is shown as it is written"),
    "an emoji": ("<:ship:123>", ":ship:", "an emoji of a server (<:ship:123>) is its name"),
    "a command": ("use </help:12>", "use /help", "the link to a command (</help:12>) is its name"),
    "HTML": ("<b>x</b>", "<b>x</b>", "HTML (<b>) is shown as it is written"),
    "a table": ("| a | b |\n|---|---|", "| a | b |\n|---|---|", "a table is shown with its bars"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected", "loss"), LOST.values(), ids=LOST)
def test_what_the_small_kind_lacks_is_plain_text_and_is_named(text: str, expected: str, loss: str) -> None:
    found = carried(text)
    assert found.text == expected
    assert any(each.startswith(loss) for each in found.losses), found.losses


def test_what_stands_in_code_is_left_alone() -> None:
    code = "```md\n# no heading\n> no quotation <#1> https://example.org ||x||\n```"
    assert (carried(code).text, carried(code).losses) == (code, ())


def test_a_text_that_no_brief_can_hold_stays_as_it_is() -> None:
    assert carried("[" * (MOST + 1)).text == "[" * (MOST + 1)


PIECES = ["*", "**", "_", "__", "~~", "||", "`", "```", "\n", "[", "](https://e.org)", "\\", "# ", "> ", "<", ">", "!",
          "a", " b ", "https://e.org/x", "-", "|", "1."]  # fmt: skip


@PROPERTY
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_whatever_comes_no_word_is_lost_and_none_is_added(text: str) -> None:
    found = carried(text).text
    words = sorted(char for char in text if char in "ab")
    assert sorted(char for char in read(found).plain.replace("https", "") if char in "ab") == words


@pytest.mark.parametrize("piece", ["[", "*a ", "`", "**a_", "![](", "\\", "||a", "<a ", "~~a", "[a](https://e.org/"])
def test_a_hostile_text_becomes_one_that_a_brief_can_be_read_from(piece: str) -> None:
    text = piece * (MOST // len(piece))
    assert read(carried(text).text).plain.strip()
