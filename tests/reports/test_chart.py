"""The picture of lookups a day: what it shows, on both of Discord's backgrounds, and what happens without it."""

import io
import logging
import os
import sys
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot.reports import chart
from bot.reports.chart import draw, picture_of
from bot.reports.report import Day, Stats

FIRST = date(2024, 2, 20)
ANSWERED, SUGGESTED, MISSED = ((0, 114, 178), (230, 159, 0), (204, 121, 167))
BACKGROUNDS = ((255, 255, 255), (49, 51, 56), (0, 0, 0))
"""Behind a message on Discord: light, dark, and the darkest of its themes."""


def days_of(*counts: tuple[int, int, int]) -> list[Day]:
    return [
        Day(FIRST + timedelta(days=n), {"answer": answers, "suggest": suggestions, "miss": misses})
        for n, (answers, suggestions, misses) in enumerate(counts)
    ]


def opened(days: list[Day]) -> Image.Image:
    picture = Image.open(io.BytesIO(picture_of(days)))
    assert (picture.format, picture.mode, picture.size) == ("PNG", "RGBA", (1200, 450))
    picture.load()
    return picture


def below_the_legend(picture: Image.Image, colour: tuple[int, int, int]) -> int:
    """Return how many pixels have a colour."""
    box = picture.crop((0, chart._TOP - 2, *picture.size))
    found = {pixel: number for number, pixel in box.getcolors(box.width * box.height) or () if isinstance(pixel, tuple)}
    return found.get((*colour, 255), 0)


async def test_the_lookups_a_day_are_a_small_picture(caplog: pytest.LogCaptureFixture) -> None:
    picture = await draw(Stats(days_of(*((n, 0, n % 3) for n in range(30))), []))
    assert picture
    assert len(picture) < 50_000
    assert caplog.records == []


def test_each_outcome_has_its_share_of_the_bars() -> None:
    picture = opened(days_of((30, 20, 10), (60, 40, 20)))
    answered, suggested, missed = (below_the_legend(picture, each) for each in (ANSWERED, SUGGESTED, MISSED))
    assert answered / missed == pytest.approx(3, rel=0.05)
    assert suggested / missed == pytest.approx(2, rel=0.05)


@pytest.mark.parametrize("many", [1, 10, 1000, 10**6, 10**9])
@pytest.mark.parametrize("days", [1, 2, 30, 365])
def test_any_number_of_days_and_lookups_is_drawn_and_a_single_miss_is_seen(days: int, many: int) -> None:
    picture = opened(days_of((many, 0, 1), *[(0, 0, 0)] * (days - 1)))
    assert below_the_legend(picture, ANSWERED) > 300
    assert below_the_legend(picture, MISSED) >= 1


def test_no_days_and_no_lookups_make_a_picture_too() -> None:
    for days in (days_of(), days_of((0, 0, 0))):
        assert not any(below_the_legend(opened(days), each) for each in (ANSWERED, SUGGESTED, MISSED))


@given(st.integers(0, 10**12))
def test_the_scale_begins_at_0_and_has_few_round_steps_beyond_what_is_highest(most: int) -> None:
    ticks = chart._ticks(most)
    assert 2 <= len(ticks) <= 6
    assert ticks[0] == 0
    assert ticks[-1] - ticks.step < max(1, most) <= ticks[-1]
    assert str(ticks.step).rstrip("0") in {"1", "2", "5"}


@pytest.mark.parametrize("background", BACKGROUNDS)
def test_words_can_be_read_on_the_background(background: tuple[int, int, int]) -> None:
    ink = tuple(bytes.fromhex(chart._INK[1:]))
    assert below_the_legend(opened(days_of((3, 2, 1))), ink) > 100  # type: ignore[arg-type]
    lighter, darker = sorted((luminance(ink), luminance(background)), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 3  # what WCAG 2.2 asks for large letters and for graphics


def luminance(colour: tuple[int, ...]) -> float:
    """Return the relative luminance of WCAG 2.2."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.slow
def test_the_library_is_imported_with_the_first_picture_alone() -> None:
    code = "import sys, bot.reports.chart; sys.exit('PIL' in sys.modules)"
    assert os.spawnv(os.P_WAIT, sys.executable, [sys.executable, "-c", code]) == 0


@pytest.mark.parametrize("error", [ImportError("no FreeType here"), OSError("no font"), MemoryError("no room")])
async def test_a_picture_that_cannot_be_drawn_is_a_line_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("PIL.ImageFont.load_default", fail)
    assert await draw(Stats(days_of((1, 2, 3)), [])) is None
    (line,) = caplog.records
    assert (line.levelno, line.getMessage()) == (
        logging.ERROR,
        f"the picture could not be drawn: {type(error).__name__}: {error}",
    )
