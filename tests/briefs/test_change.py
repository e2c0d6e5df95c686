"""What a change is made of: which text it replaces, how texts differ, and what becomes of answers."""

from typing import Any

import pytest

from bot.answering.matcher import Matcher
from bot.authoring.preview import AnswerChange, answer_changes
from bot.briefs.change import Change, Difference, diff, differences, digest
from tests.brief_files import a_brief, base_of

FACTS = [{"text": "They float.", "by": "A sailor"}, {"text": "They sink."}]
SOURCES = [{"name": "A report", "url": "https://example.org/a"}, {"name": "A paper"}]


def test_a_digest_tells_one_text_from_another_and_no_text_has_none() -> None:
    texts = [
        "",
        " ",
        "title: Ships\n",
        "title: Ships\r\n",
        "title: ships\n",
        "\ufefftitle: Ships\n",
        "é",
        "e\u0301",
        "?",
        "\ud800",
    ]
    assert len({digest(text) for text in texts}) == len(texts)
    assert digest(None) is None
    assert digest("title: Ships\n") == digest("title: Ships\n")


@pytest.mark.parametrize("text", ["", "x" * 100_000, "\ud800", "🚢 북한군"])
def test_a_digest_is_16_hexadecimal_digits_whatever_the_text(text: str) -> None:
    found = digest(text)
    assert found
    assert len(found) == 16
    assert int(found, 16) >= 0


def test_the_first_brief_of_a_change_names_it() -> None:
    assert Change("upload", {"ships": "a", "arks": None}, {"ships": None, "arks": "0" * 16}).brief == "ships"


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ("a\nb\n", "a\nB\n", ["@@ -1,2 +1,2 @@", " a", "-b", "+B"]),
        (None, "a\nb\n", ["@@ -0,0 +1,2 @@", "+a", "+b"]),
        ("a\n", None, ["@@ -1 +0,0 @@", "-a"]),
        ("1\n2\n3\n4\n5\n", "1\n2\n3\n4\nV\n", ["@@ -3,3 +3,3 @@", " 3", " 4", "-5", "+V"]),
    ],
)
def test_a_diff_names_the_file_and_shows_what_changes_with_two_lines_around_it(
    before: str | None, after: str | None, lines: list[str]
) -> None:
    assert diff("ships", before, after) == ["ships.yaml", *lines]


@pytest.mark.parametrize("text", [None, "", "a\nb"])
def test_equal_texts_have_no_diff(text: str | None) -> None:
    assert diff("ships", text, text) == []


def test_a_phrase_moves_when_it_finds_another_brief_or_none_any_more() -> None:
    ships, weapons = a_brief("ships", aliases=["boats"]), a_brief("weapons", title="Weapons", aliases=["guns"])
    before = Matcher(base_of(ships, weapons))
    moved = a_brief("ships", aliases=["guns"])
    arks = a_brief("arks", title="Arks")
    after = Matcher(base_of(moved, a_brief("weapons", title="Weapons"), arks))
    phrases = ["boats", "guns", "arks", "Ships", "qwertyzxc", ""]
    assert list(answer_changes(phrases, before, after)) == [
        AnswerChange("boats", "ships", None),
        AnswerChange("guns", "weapons", "ships"),
        AnswerChange("arks", None, "arks"),
    ]
    assert list(answer_changes(phrases, before, before)) == []


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {"title": "Boats"}, Difference("Title", "Ships", "Boats")),
        ({}, {"summary": "New."}, Difference("Summary", "Ships carry things.", "New.")),
        ({}, {"status": "disputed"}, Difference("Status", "reported", "disputed")),
        ({}, {"as_of": "2024-11"}, Difference("As of", "October 2024", "November 2024")),
        ({}, {"expires": "2025-01"}, Difference("Expires", "", "January 2025")),
        ({"expires": "2025-01"}, {}, Difference("Expires", "January 2025", "")),
    ],
)  # fmt: skip
def test_what_members_read_otherwise_is_a_difference(
    before: dict[str, Any], after: dict[str, Any], expected: Difference
) -> None:
    assert differences(a_brief(**before), a_brief(**after)) == [expected]


@pytest.mark.parametrize(
    ("what", "before", "after", "expected"),
    [
        ("facts", [], FACTS, [("", "A sailor: They float."), ("", "They sink.")]),
        ("facts", FACTS, FACTS[1:], [("A sailor: They float.", "")]),
        ("facts", FACTS, [*FACTS[1:], FACTS[0]], [("", "")]),
        ("facts", FACTS, [{"text": "They float.", "by": "A sailor"}, {"text": "They sank."}],
         [("They sink.", "They sank.")]),
        ("facts", [{"text": "1,500 have arrived in Russia."}, {"text": "They float."}],
         [{"text": "They float."}, {"text": "They fly over all seas."}, {"text": "12,000 have arrived in Russia."}],
         [("", "They fly over all seas."), ("1,500 have arrived in Russia.", "12,000 have arrived in Russia.")]),
        ("sources", [{"name": "A report"}], SOURCES,
         [("A report", "A report (https://example.org/a)"), ("", "A paper")]),
    ],
)  # fmt: skip
def test_lists_differ_entry_by_entry(what: str, before: Any, after: Any, expected: list[tuple[str, str]]) -> None:
    found = differences(a_brief(**{what: before}), a_brief(**{what: after}))
    assert [(each.before, each.after) for each in found] == expected
    assert {each.what for each in found} == {what.capitalize()}


def test_a_link_that_leads_elsewhere_differs_and_a_word_in_bold_does_not() -> None:
    one, bold, other = (
        a_brief(summary=text, facts=[{"text": "a", "on": day, "quote": "b"}], corrections=[{"on": day, "text": "c"}])
        for text, day in (
            ("[a](https://b.c)", "2024-10"),
            ("[**a**](https://b.c)", "2024-10"),
            ("[a](https://d.e)", "2024-11"),
        )
    )
    assert differences(one, bold) == []
    assert differences(one, other) == [
        Difference("Summary", "a (https://b.c)", "a (https://d.e)"),
        Difference("Facts", "a “b” (October 2024)", "a “b” (November 2024)"),
        Difference("Corrections", "October 2024: c", "November 2024: c"),
    ]


@pytest.mark.parametrize(("before", "after"), [("a b", "a\nb"), ("caf\u00e9", "cafe\u0301")])
def test_what_reads_the_same_is_no_difference(before: str, after: str) -> None:
    assert differences(a_brief(summary=before), a_brief(summary=after)) == []


@pytest.mark.parametrize(
    "after",
    [{"aliases": ["boats"]}, {"questions": ["Which ships?"]}, {"related": ["weapons"]}, {"status": "reported"}, {}],
    ids=str,
)
def test_ways_to_find_a_brief_are_no_substance(after: dict[str, Any]) -> None:
    assert differences(a_brief(), a_brief(**after)) == []


def test_all_differences_come_in_the_order_in_which_a_card_is_read() -> None:
    after = a_brief(
        title="B", summary="C", facts=FACTS, status="opinion", as_of="2025-01", expires="2026-01", sources=SOURCES
    )
    found = list(dict.fromkeys(difference.what for difference in differences(a_brief(), after)))
    assert found == ["Title", "Status", "As of", "Expires", "Summary", "Facts", "Sources"]
