"""A figure is read as a reader would: with its value, its unit and its place."""

import pytest

from bot.authoring.article.figures import figures


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("two hundred and twenty", [220]),
        ("a hundred and two ships", [102]),
        ("one million and two ships", [1_000_000, 2]),
        ("half of twenty-five", [25]),
        ("three thousand four hundred", [3400]),
        ("fifteen hundred", [1500]),
        ("two and a half million", [2_500_000]),
        ("2 and a half million", [2_500_000]),
        ("two dozen and a dozen", [24, 12]),
        ("three, four", [3, 4]),
        ("the twenty-first, the 22nd and the third", [21, 22, 3]),
        ("first a second thought", []),
        ("12,5 and 12.5", [12.5, 12.5]),
        ("1’234’567 or 1\u202f234\u202f567", [1234567, 1234567]),
        ("10,000.5", [10000.5]),
        ("COVID-19, F-16, G7, mid-2024, 1990s", [2024, 1990]),
        ("3k, 4mn, 5bn, 6tn", [3000, 4e6, 5e9, 6e12]),
        ("١٢ ships", [12]),
        ("alone, tenth, done", [10]),
        ("two hundred thousand", [200_000]),
        ("x12, a_12 and .5", []),
    ],
)
def test_a_number_is_read(text: str, read: list[float]) -> None:
    assert [float(value) for figure in figures(text) for value in {str(value) for value, _ in figure.readings}] == read


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("1.500", {("1.500", ""), ("1500", "")}),
        ("1.234.567", {("1.234.567", ""), ("1234567", "")}),
        ("8m", {("8", "m"), ("8000000", "")}),
        ("6:30", {("6:30", "")}),
        ("hundreds", {("hundreds", "")}),
        ("$5", {("5", "$")}),
        ("5 dollars", {("5", "$")}),
        ("5-mm", {("5", "mm")}),
        ("5 per cent", {("5", "%")}),
        ("5 percentage points", {("5", "%")}),
        ("13-year", {("13", "year")}),
        ("3 October", {("3", "october")}),
        ("3rd of Oct", {("3", "october")}),
        ("32 October", {("32", "")}),
        ("5 may", {("5", "")}),
    ],
)
def test_a_figure_has_what_it_may_mean(text: str, readings: set[tuple[str, str]]) -> None:
    (figure,) = figures(text)
    assert {(str(value), unit) for value, unit in figure.readings} == readings


@pytest.mark.parametrize("before", ["October", "Oct.", "Oct"])
def test_a_day_is_one_of_its_month(before: str) -> None:
    assert [unit for figure in figures(f"on {before} 3, in 40 days") for _, unit in figure.readings] == [
        "october",
        "day",
    ]


@pytest.mark.parametrize("text", ["8 to 10 million litres", "8-10 million litres", "8, 9 and 10 million litres"])
def test_the_first_of_a_range_may_have_the_magnitude_and_unit_of_the_last(text: str) -> None:
    first = figures(text)[0]
    assert {(str(value), unit) for value, unit in first.readings} == {
        ("8", ""),
        ("8", "litre"),
        ("8000000", ""),
        ("8000000", "litre"),
    }


def test_figures_in_two_clauses_are_no_range() -> None:
    assert [len(figure.readings) for figure in figures("8 ships took 10 million litres")] == [1, 1]


def test_a_figure_has_its_place() -> None:
    text = "On 3 October, up to $5 million and five mm."
    assert [text[figure.start : figure.end] for figure in figures(text)] == ["3", "$5 million", "five mm"]
