"""Statistics as a picture. Pillow draws it, and is imported only with the first picture."""

import asyncio
import io
import logging
from collections.abc import Sequence
from typing import Any

from bot.reports.report import OUTCOMES, Day, Stats

WIDTH, HEIGHT = 1200, 450
"""Size of a picture in pixels. Discord shows it at about half of that."""

# Colour-blind people can tell these apart (Okabe and Ito 2008), on light and on dark backgrounds.
_COLOURS = ("#0072B2", "#E69F00", "#CC79A7")
_INK = "#84868B"
_FAINT = "#84868B50"

_TEXT = 26
_SPACE = 12
_TOP, _BOTTOM, _RIGHT = 2 * _SPACE, HEIGHT - 48, WIDTH - 12
_MOST_DATES = 10

_log = logging.getLogger(__name__)


async def draw(stats: Stats) -> bytes | None:
    """Return a PNG of the lookups per day. If it cannot be drawn, log the reason and return None."""
    try:
        return await asyncio.to_thread(picture_of, stats.days)
    except (ImportError, OSError, ValueError, MemoryError) as error:
        _log.error("the picture could not be drawn: %s: %s", type(error).__name__, error)
        return None


def picture_of(days: Sequence[Day]) -> bytes:
    """Return a PNG of stacked bars, one for each day, with a transparent background.

    There is no word in it, for its font has the letters of few languages.
    """
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("RGBA", (WIDTH, HEIGHT))
    pen = ImageDraw.Draw(picture)
    pen.font = ImageFont.load_default(_TEXT)
    ticks = _ticks(max((sum(day.counts.values()) for day in days), default=0))
    left = _SPACE + round(max(pen.textlength(f"{tick:,}") for tick in ticks)) + _SPACE
    _draw_scale(pen, ticks, left)
    slot = (_RIGHT - left) / max(1, len(days))
    dated = -(-len(days) // _MOST_DATES)
    for number, day in enumerate(days):
        start = left + number * slot
        _draw_bar(pen, day, start, slot, ticks[-1])
        if not number % dated:
            pen.text((start + slot / 2, HEIGHT - _SPACE), f"{day.day:%m-%d}", _INK, anchor="ms")
    written = io.BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()


def _ticks(most: int) -> range:
    """Return up to six round numbers from 0 on. The last is at least ``most``."""
    steps = (factor * 10**power for power in range(len(str(most)) + 1) for factor in (1, 2, 5))
    step = next(step for step in steps if step * 5 >= most)
    return range(0, max(step, -(-most // step) * step) + 1, step)


def _height(value: int, top: int) -> int:
    return round(_BOTTOM - (_BOTTOM - _TOP) * value / top)


def _draw_scale(pen: Any, ticks: range, left: int) -> None:
    for tick in ticks:
        y = _height(tick, ticks[-1])
        pen.line((left, y, _RIGHT, y), _FAINT if tick else _INK, 2)
        pen.text((left - _SPACE, y), f"{tick:,}", _INK, anchor="rm")


def _draw_bar(pen: Any, day: Day, start: float, slot: float, top: int) -> None:
    """Draw the stacked bar of a day. Wide bars have a gap between them. Even a small count is at least a line."""
    below, gap = 0, int(slot / 10)
    left, right = round(start) + gap, round(start + slot) - gap - 1
    for outcome, colour in zip(OUTCOMES, _COLOURS, strict=True):
        if count := day.counts.get(outcome, 0):
            low = _height(below, top) - 1
            pen.rectangle((left, min(low, _height(below + count, top)), right, low), colour)
            below += count
