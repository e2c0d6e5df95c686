"""The report of a time as values and as plain text."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.answering.answer import Outcome
from bot.briefs.brief import BriefBase
from bot.reports.corrections import Reported
from bot.reports.misses import MissGroup
from bot.reports.report import OUTCOMES, Day, Stats, headline, named_top, plain_misses, plain_stats
from bot.storage.corrections import Correction, Kind
from tests.brief_files import a_brief, base_of

FIRST = date(2024, 10, 18)


def stats(*days: dict[Outcome, int], top: tuple[tuple[str, int], ...] = ()) -> Stats:
    return Stats([Day(FIRST + timedelta(days=n), counts) for n, counts in enumerate(days)], top)


def group(*wordings: str, count: int = 1, nearest: str | None = None) -> MissGroup:
    brief = a_brief(title=nearest) if nearest else None
    return MissGroup(1, wordings, count, 0, datetime(2024, 10, 20, tzinfo=UTC), brief)


def test_sums_are_over_all_days_and_outcomes() -> None:
    found = stats({"answer": 3, "miss": 1}, {}, {"suggest": 2, "answer": 4})
    assert (found.of("answer"), found.of("suggest"), found.of("miss"), found.total) == (7, 2, 1, 10)
    assert stats().total == 0


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (stats(), "No lookups in 0 days."),
        (stats({}), "No lookups in 1 day."),
        (stats({"answer": 0}, {}), "No lookups in 2 days."),
        (stats({"miss": 1}),
         "1 lookup in 1 day: 0 answered (0%), 0 suggested (0%), 1 missed (100%). "
         "The busiest day was 2024-10-18 with 1."),
        (stats({"answer": 1}, {"answer": 1500, "suggest": 300, "miss": 200}, {"miss": 1}),
         "2,002 lookups in 3 days: 1,501 answered (75%), 300 suggested (15%), 201 missed (10%). "
         "The busiest day was 2024-10-19 with 2,000."),
    ],
)  # fmt: skip
def test_the_headline_is_a_sentence_of_sums(found: Stats, expected: str) -> None:
    assert headline(found) == expected


def test_of_equally_busy_days_the_first_is_named() -> None:
    assert headline(stats({}, {"miss": 2}, {"answer": 2})).endswith("The busiest day was 2024-10-19 with 2.")


def test_briefs_are_named_by_their_titles_and_those_that_are_gone_by_their_ids() -> None:
    base = base_of(a_brief("ships"))
    assert named_top(stats(top=(("gone", 5), ("ships", 3))), base) == [("gone", 5), ("Ships", 3)]


def test_stats_for_a_terminal_are_a_table() -> None:
    found = stats({"answer": 1200, "miss": 3}, {}, top=(("ships", 1200), ("gone", 1)))
    assert plain_stats(found, base_of(a_brief("ships"))).splitlines() == [
        headline(found),
        "",
        "day          answered  suggested     missed",
        "2024-10-18      1,200          0          3",
        "2024-10-19          0          0          0",
        "",
        "Shown most:",
        "  1,200  Ships",
        "      1  gone",
    ]


def test_stats_without_lookups_are_one_line() -> None:
    assert plain_stats(stats({}, {}), BriefBase()) == "No lookups in 2 days."


def test_every_outcome_has_a_name() -> None:
    assert list(OUTCOMES) == ["answer", "suggest", "miss"]


def test_misses_for_a_terminal_are_a_block_each() -> None:
    found = [
        group("opera", "Opera?", "the opera", "operas", "opra", "oprah", count=12, nearest="Concerts"),
        group("pizza"),
    ]
    assert plain_misses(found, 7).splitlines() == [
        "   12x  opera",
        "        also: Opera?; the opera; operas; and 2 wordings more",
        "        nearest: Concerts",
        "    1x  pizza",
    ]


def test_a_question_whose_answer_was_rejected_says_which_brief_and_by_how_many() -> None:
    found = replace(group("troops", count=3), rejected=(("ships", 2), ("troops", 1)))
    assert plain_misses([found], 7).splitlines() == [
        "    3x  troops",
        "        answered with ships, rejected by 2 members",
        "        answered with troops, rejected by 1 member",
    ]


@pytest.mark.parametrize(("days", "expected"), [(1, "1 day"), (30, "30 days")])
def test_no_misses_are_said_to_be_none(days: int, expected: str) -> None:
    assert plain_misses([], days) == f"No unanswered questions in {expected}."


def correction(text: str, link: str = "", kind: Kind = "mistake") -> Correction:
    return Correction(1, datetime(2024, 10, 20, tzinfo=UTC), "ferries", kind, text, link, "", "hash")


def test_what_members_say_is_wrong_stands_first_in_a_terminal() -> None:
    reported = Reported(
        "ferries", (correction("It leaves at 9.", "https://example.org"), correction("", "", "outdated"))
    )
    found = replace(group("boats"), said=("I meant the trains.",))
    assert plain_misses([found], 7, reported=[reported]).splitlines() == [
        "wrong?  ferries: 1 × something is wrong, 1 × out of date",
        "        It leaves at 9. https://example.org",
        "    1x  boats",
        "        said: I meant the trains.",
    ]
    (_, shown) = plain_misses([], 7, reported=[Reported("ferries", (correction("a\x1b[2J\nb"),))]).splitlines()[:2]
    assert shown == r"        a\x1b[2J b"


def test_what_members_wrote_cannot_act_on_the_terminal() -> None:
    shown = plain_misses([group("a\x1b[2J\n    9x  forged", "b\r\x9bc\u202e", "x" * 6000)], 7)
    first, also = shown.splitlines()
    assert first == r"    1x  a\x1b[2J 9x forged"
    assert also.startswith(r"        also: b \x9bc\u202e; xxx")
    assert all(line.isprintable() for line in (first, also))
    assert len(shown) < 500
