"""What a brief may hold: sizes, addresses and dates; and the snapshot that all briefs make."""

from dataclasses import FrozenInstanceError
from datetime import date

import pytest
from pydantic import ValidationError

from bot.briefs.brief import BriefBase
from bot.briefs.brief_file import read_brief
from bot.briefs.fields import first_day
from tests.brief_files import a_brief, base_of, brief_text, problems_in


@pytest.mark.parametrize(
    ("key", "fits", "too_much", "place", "hint"),
    [
        ("title", "x" * 100, "x" * 101, "1:8", "100 characters"),
        ("summary", "é" * 1000, "é" * 1001, "2:10", "1000 characters"),
        ("aliases", ["x" * 200], ["x", "x" * 201], "5:16", "200 characters"),
        ("questions", ["🚢" * 199 + "x"], ["🚢" * 200 + "x"], "5:13", "200 characters"),
        ("aliases", ["x"] * 500, ["x"] * 501, "5:10", "500 entries"),
        ("questions", ["x"] * 500, ["x"] * 501, "5:12", "500 entries"),
        ("facts", [{"text": "x" * 300}], [{"text": "x" * 301}], "5:18", "300 characters"),
        ("facts", [{"text": "x"}] * 12, [{"text": "x"}] * 13, "5:8", "12 entries"),
        ("facts", [{"text": "x", "by": "x" * 80}], [{"text": "x", "by": "x" * 81}], "5:29", "80 characters"),
        ("sources", [{"name": "x" * 100}], [{"name": "x" * 101}], "4:20", "100 characters"),
        ("sources", [{"name": "x"}] * 5, [{"name": "x"}] * 6, "4:10", "5 entries"),
        ("related", ["a", "b", "c", "d", "e"], ["a", "b", "c", "d", "e", "f"], "5:10", "5 entries"),
        ("related", ["a" * 64], ["a" * 65], "5:11", "is no id"),
        ("related", ["0-"], ["-0"], "5:11", "is no id"),
    ],
)  # fmt: skip
def test_each_size_is_allowed_up_to_its_limit(key: str, fits: object, too_much: object, place: str, hint: str) -> None:
    assert problems_in(brief_text(**{key: fits})) == []
    (problem,) = problems_in(brief_text(**{key: too_much}))
    assert problem.startswith(f"{place}: ")
    assert hint in problem


@pytest.mark.parametrize(
    "url",
    ["http://a", "https://a.b:8080/c?d=e&f#g", "HTTPS://A.B", "http://[::1]/", "https://münchen.de/Kämpfe_(2024)",
     "https://a.b/" + "c" * 488],
)  # fmt: skip
def test_a_web_address_is_taken_as_written(url: str) -> None:
    assert a_brief(sources=[{"name": "A", "url": url}]).sources[0].url == url


@pytest.mark.parametrize(
    "url",
    ["ftp://a.b", "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "discord://x", "mailto:a@b.c",
     "//a.b", "a.b", "http:a.b", "http://", "https:///path", "http://a b", " http://a", "http://a\t", "http://a\nb",
     "http://[x", "http://a:99999", "http://a>b", "<http://a>", "", "https://a.b/" + "c" * 489],
)  # fmt: skip
def test_anything_else_is_no_web_address(url: str) -> None:
    (problem,) = problems_in(brief_text(sources=[{"name": "A", "url": url}]))
    assert problem.startswith("4:32: url: ")


@pytest.mark.parametrize("key", ["as_of", "expires"])
@pytest.mark.parametrize("written", ["2024-10", "2024-10-18", "2024-02-29", "1999-12-31"])
def test_a_date_may_be_quoted_or_not(key: str, written: str) -> None:
    rest = "".join(line + "\n" for line in brief_text().splitlines() if not line.startswith(key))
    for text in (written, f"'{written}'", f'"{written}"'):
        brief = read_brief("ships.yaml", f"{rest}{key}: {text}\n".encode()).brief
        assert brief
        assert getattr(brief, key) == written


@pytest.mark.parametrize("key", ["as_of", "expires"])
@pytest.mark.parametrize(
    "written",
    ["2024-02-30", "2023-02-29", "2024-13", "2024-00", "2024-10-00", "2024-10-32", "0000-10", "2024", "24-10-18",
     "2024-1-5", "18.10.2024", "October 2024", "2024-10-18 12:30:00", "2024-10-18T12:30:00Z", "2024-10-", "no",
     "12:30", '"2024-10\\n"', "'２０２４-10'"],
)  # fmt: skip
def test_an_impossible_date_is_refused(key: str, written: str) -> None:
    rest = "".join(line + "\n" for line in brief_text().splitlines() if not line.startswith(key))
    (problem,) = problems_in(f"{rest}{key}: {written}\n")
    assert problem.startswith(f"{len(rest.splitlines()) + 1}:{len(key) + 3}: {key}: ")


def test_a_base_keeps_its_briefs_in_the_order_of_their_ids_and_cannot_change() -> None:
    briefs = {"b": a_brief("b"), "a": a_brief("a", related=["c", "b"])}
    base = BriefBase(briefs)
    briefs["c"] = a_brief("c")
    assert list(base.briefs) == ["a", "b"]
    assert base.related(base.briefs["a"]) == (base.briefs["b"],)
    with pytest.raises(TypeError):
        base.briefs["c"] = briefs["c"]  # type: ignore[index]
    with pytest.raises(FrozenInstanceError):
        base.briefs = {}  # type: ignore[misc]
    with pytest.raises(ValidationError):
        briefs["a"].title = "Other"


def test_related_briefs_keep_the_order_of_the_file() -> None:
    base = base_of(a_brief("a", related=["c", "b"]), a_brief("b"), a_brief("c"))
    assert [brief.id for brief in base.related(base.briefs["a"])] == ["c", "b"]


@pytest.mark.parametrize(
    ("replaced", "current"),
    [
        ({}, {"a": "a", "nobody": None}),
        ({"a": "b"}, {"a": "b", "b": "b"}),
        ({"a": "b", "b": "c"}, {"a": "c", "b": "c", "c": "c"}),
        ({"a": "gone"}, {"a": "a"}),
        ({"a": "b", "b": "a"}, {"a": "a", "b": "b"}),
    ],
)
def test_what_members_get_for_a_brief_is_what_replaced_it(
    replaced: dict[str, str], current: dict[str, str | None]
) -> None:
    keys = {each: {"replaced_by": replaced[each]} if each in replaced else {} for each in "abc"}
    base = base_of(*(a_brief(each, **keys[each]) for each in "abc"))
    found = {each: base.current(each) for each in current}
    assert {each: brief and brief.id for each, brief in found.items()} == current


def test_a_related_brief_that_was_replaced_is_offered_as_what_replaced_it() -> None:
    a = a_brief("a", related=["b", "c", "d"])
    base = base_of(a, a_brief("b", replaced_by="c"), a_brief("c"), a_brief("d", replaced_by="a"))
    assert [brief.id for brief in base.related(a)] == ["c"]


@pytest.mark.parametrize(
    ("expires", "today", "expired"),
    [
        (None, date.max, False),
        ("2025-04-18", date(2025, 4, 17), False),
        ("2025-04-18", date(2025, 4, 18), True),
        ("2025-04", date(2025, 3, 31), False),
        ("2025-04", date(2025, 4, 1), True),
    ],
)
def test_a_brief_has_expired_from_the_day_it_names_on(expires: str | None, today: date, expired: bool) -> None:
    assert a_brief(**{"expires": expires} if expires else {}).expired(today) is expired


def test_a_month_begins_on_its_first_day() -> None:
    assert (first_day("2024-10"), first_day("2024-10-18")) == (date(2024, 10, 1), date(2024, 10, 18))


@pytest.mark.parametrize("text", ["TODO", "TODO: one sentence", "“TODO” and more", " - TODO"])
@pytest.mark.parametrize("key", ["title", "summary"])
def test_text_that_is_still_to_be_written_is_refused(key: str, text: str) -> None:
    (problem,) = problems_in(brief_text(**{key: text}))
    assert problem.endswith(f": {key}: is still TODO; write it")


def test_todo_elsewhere_in_a_text_is_a_word_like_any() -> None:
    assert problems_in(brief_text(title="Todo lists and a TODO", summary="TODOS are lists.")) == []


def test_a_date_that_is_still_to_be_written_is_told_how() -> None:
    (problem,) = problems_in(brief_text(as_of="TODO"))
    assert problem.endswith("as_of: is still TODO; write it as YYYY-MM or YYYY-MM-DD")
