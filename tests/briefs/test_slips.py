"""What somebody does who is new to YAML: the message says what is wrong there, and how to mend it."""

import pytest

from bot.briefs import slips
from bot.briefs.brief_file import read_brief

BRIEF = """\
title: Ferries
aliases: [ferry, boat]
questions:
  - When does the ferry leave?
summary: It leaves at night.
facts:
  - text: It takes 1,500 people.
    by: Harbour office
as_of: 2024-10-18
sources:
  - name: A timetable
    url: https://example.org
"""

ONE = [
    ("a second key too far in", "aliases: [", "  aliases: [", "2:3: 'aliases' stands in column 3, and belongs below "
     "'title', in column 1; take 2 spaces out before it"),
    ("a later key too far in", "summary: It", " summary: It", "5:2: 'summary' stands in column 2, and belongs below "
     "'title', in column 1; take 1 space out before it"),
    ("the first line alone too far in", "title", "  title", "1:3: 'title' stands in column 3, and belongs below "
     "'aliases', in column 1; take 2 spaces out before it"),
    ("all but the first line too far in", "\n", "\n  ", "1:1: 'title' stands in column 1, and belongs below "
     "'aliases', in column 3; put 2 spaces before it"),
    ("a misspelt key too far in", "night.\n", "night.\n  expirse: 2030-01-01\n",
     "6:3: 'expirse' stands in column 3 and is no key; if 'expires' is meant, it belongs below 'title', in column 1; "
     "if it is text, put the whole text in quotes"),
    ("a key of a fact too far in", "    by: H", "      by: H", "8:7: 'by' stands in column 7, and belongs below "
     "'text', in column 5; take 2 spaces out before it"),
    ("a key of a fact not far enough in", "    by: H", "   by: H", "8:4: 'by' stands in column 4, and belongs below "
     "'text', in column 5; put 1 space before it"),
    ("a key of a fact at the dash", "    by: H", "  by: H", "8:3: 'by' stands in column 3, and belongs below "
     "'text', in column 5; put 2 spaces before it"),
    ("a key of a fact at the beginning of the line", "    by: H", "by: H",
     "8:1: by: belongs to an entry of facts; put it below the first key of that entry"),
    ("no space after the first colon", "title: F", "title:F",
     "1:6: a space is missing after the ':' of 'title'; write 'title: …'"),
    ("no space after a colon", "summary: It", "summary:It",
     "5:8: a space is missing after the ':' of 'summary'; write 'summary: …'"),
    ("no space after the last colon", "url: h", "url:h",
     "12:8: a space is missing after the ':' of 'url'; write 'url: …'"),
    ("no space after the dash of a fact", "- text", "-text",
     "7:3: a space is missing after the '-' that begins an entry; write '- …'"),
    ("no space after the dash of a question", "- When", "-When", "4:3: questions: must be a list; put each entry on a "
     "line of its own that starts with a dash and a space: '- …'"),
    ("a dash too far left", "as_of", " - text: Other.\nas_of",
     "9:2: this '- ' stands in column 2, and the one above in column 3; put 1 space before it"),
    ("a dash too far right", "as_of", "    - text: Other.\nas_of",
     "9:5: this '- ' stands in column 5, and the one above in column 3; take 2 spaces out before it"),
    ("an entry without its dash", "leave?", "leave?\n  Is there a boat?",
     "5:3: this line needs '- ' before it to be an entry, or more spaces to go on with the text above"),
    ("a fact without its dash", "as_of", "    text: Other.\nas_of", "9:5: is the key 'text' again (first on line 7); "
     "keep one of them; or put '- ' before it, if another entry begins here"),
    ("the sign of another list", "  - When", "  * When",
     "4:3: * begins no entry of a list; write '- …', with a hyphen and a space"),
    ("the value below its key", "summary: It", "summary:\nIt",
     "6:1: this line needs a key before it, such as 'summary: ', or two spaces to go on with the text above"),
    ("a second line of a text", "night.", "night.\nIt is back at dawn.",
     "6:1: this line needs a key before it, such as 'summary: ', or two spaces to go on with the text above"),
    ("a colon in a text", "It leaves", "Note: it leaves",
     "5:10: the text of 'summary' holds a colon; put it in straight quotes: \"…\""),
    ("a colon at the end of a text", "night.", "night:",
     "5:10: the text of 'summary' holds a colon; put it in straight quotes: \"…\""),
    ("a colon in the second line of a text", "night.", "night.\n  Back: at dawn.",
     "5:10: the text of 'summary' holds a colon; put it in straight quotes: \"…\""),
    ("the quotes of a phone", "It leaves at night.", "“Note: it leaves.”", "5:10: the text of 'summary' holds a colon; "
     "put it in straight quotes: \"…\" (“ and ” are no quotes to YAML)"),
    ("no colon", "summary: It", "summary It",
     "5:1: has no ': ' after 'summary'; write 'summary: …', with a colon and a plain space"),
    ("an equals sign", "summary: It", "summary = It",
     "5:1: has = after 'summary'; write 'summary: …', with a colon and a plain space"),
    ("a full-width colon", "summary: It", "summary：It",
     "5:1: has ： after 'summary'; write 'summary: …', with a colon and a plain space"),
    ("a no-break space after a colon", "summary: It", "summary:\u00a0It",
     "5:1: has no ': ' after 'summary'; write 'summary: …', with a colon and a plain space"),
    ("no-break spaces before a key", "    by: H", "\u00a0\u00a0\u00a0\u00a0by: H",
     "8:1: by: what stands before it looks like spaces, and is none to YAML; type plain spaces"),
    ("a link without its key", "url: https", "https", "12:5: a link needs its key before it; write 'url: https://…'"),
    ("a code block around it", "title", "```yaml\ntitle",
     "1:1: is a mark of a code block on Discord, and no part of a brief; delete this line"),
    ("a comma after a quoted text", "It leaves at night.", '"It leaves.",',
     "5:22: is a comma after the closing quote; delete it"),
]  # fmt: skip


@pytest.mark.parametrize(("was", "typed", "said"), [case[1:] for case in ONE], ids=[case[0] for case in ONE])
def test_a_slip_is_named_at_its_place_with_what_mends_it(was: str, typed: str, said: str) -> None:
    text = BRIEF.replace(was, typed) if was == "\n" else BRIEF.replace(was, typed, 1)
    problems = read_brief("ferries.yaml", text.encode()).problems
    assert [f"{each.line}:{each.column}: {each.message}" for each in problems] == [said]


def test_all_slips_that_can_be_mended_are_named_at_once() -> None:
    text = (
        BRIEF.replace("aliases: [", "  aliases: [").replace("summary: It", "summary: It: b").replace("url: h", "url:h")
    )
    lines = [each.line for each in read_brief("ferries.yaml", text.encode()).problems]
    assert lines == [2, 5, 12]


@pytest.mark.parametrize(
    "text", ["title: |\n  x\n by: y\nz", "by:\n", "- a\n -b: c\n", "```", "https://a.b\n: :\n", "\n\na\n:"]
)
def test_no_other_text_is_read_as_more_than_it_is(text: str) -> None:
    for problem in read_brief("ferries.yaml", text.encode()).problems:
        assert (problem.line, problem.column) <= (text.count("\n") + 1, 100)


def test_a_key_is_one_of_a_brief_or_one_within_its_parts() -> None:
    assert not slips.TOP & slips.INNER
