"""Numbers that are read from texts, and texts that are cut."""

import pytest

from bot.language.texts import MOST, shortened, whole_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0), ("7", 7), ("007", 7), (str(MOST), MOST), (str(MOST + 1), None), ("9" * 5000, None), ("", None),
        ("-1", None), ("+1", None), ("1.0", None), ("1_000", None), (" 1", None), ("1\n", None), ("٣", None),
        ("²", None), ("one", None),
    ],
)  # fmt: skip
def test_a_number_is_ascii_digits_that_a_database_can_hold(text: str, number: int | None) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize(("text", "number"), [("0", None), ("1", 1), ("9", 9), ("10", None)])
def test_a_number_is_within_its_bounds(text: str, number: int | None) -> None:
    assert whole_number(text, 1, 9) == number


@pytest.mark.parametrize(("text", "shown"), [("", ""), ("four", "four"), ("fiver", "fiv…"), ("f" * 99, "fff…")])
def test_a_text_that_is_too_long_ends_in_an_ellipsis_within_the_length(text: str, shown: str) -> None:
    assert shortened(text, 4) == shown
