"""Statistics as a picture. Drawn in a process of its own: the library takes 1.4 s to import and 82 MiB.

``python -m bot.chart`` reads the days from standard input as JSON and writes a PNG to standard output.
"""

import asyncio
import io
import json
import logging
import os
import sys
from collections.abc import Sequence
from typing import Any

from bot.report import OUTCOMES, Stats

PATIENCE = 20.0
"""Seconds that a picture may take."""

# Told apart by those who see no red or green too (Okabe and Ito 2008), and clear of light and dark backgrounds alike.
_COLOURS = ("#0072B2", "#E69F00", "#CC79A7")
_INK = "#8A8D93"

_SECRET = ("DISCORD_TOKEN", "DATABASE_URL")

_log = logging.getLogger(__name__)


async def draw(stats: Stats) -> bytes | None:
    """Return the lookups a day as a PNG; None, with a line in the diagnostic log, if it could not be drawn."""
    days = [
        {"day": day.day.isoformat()} | {name: day.counts.get(o, 0) for o, name in OUTCOMES.items()}
        for day in stats.days
    ]
    try:
        return await _run(json.dumps(days).encode())
    except TimeoutError:
        _log.error("the picture could not be drawn: it took too long")
    except (OSError, ValueError) as error:
        _log.error("the picture could not be drawn: %s", error)
    return None


async def _run(days: bytes) -> bytes:
    """Return what the process makes of ``days``. Raises TimeoutError, OSError, or ValueError with its complaint."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.chart"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={key: value for key, value in os.environ.items() if not key.startswith(_SECRET)},
    )
    try:
        async with asyncio.timeout(PATIENCE):
            picture, complaint = await process.communicate(days)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode or not picture:
        raise ValueError(complaint.decode(errors="replace").strip()[-500:] or f"exit code {process.returncode}")
    return picture


def picture_of(days: Sequence[dict[str, Any]]) -> bytes:
    """Return a PNG of stacked bars, one a day, on no background of its own."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(8, 3), dpi=150, layout="constrained")
    axes = figure.add_subplot()
    labels = [day["day"][5:] for day in days]
    below = [0] * len(days)
    for name, colour in zip(OUTCOMES.values(), _COLOURS, strict=True):
        heights = [day[name] for day in days]
        axes.bar(range(len(days)), heights, bottom=below, color=colour, label=name)
        below = [low + height for low, height in zip(below, heights, strict=True)]
    step = max(1, -(-len(days) // 10))
    axes.set_xticks(range(0, len(days), step), labels[::step])
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylabel("lookups a day", color=_INK)
    axes.tick_params(colors=_INK)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(_INK)
    axes.legend(loc="upper left", bbox_to_anchor=(0, 1.18), ncols=3, frameon=False, labelcolor=_INK)
    written = io.BytesIO()
    figure.savefig(written, format="png", transparent=True)
    return written.getvalue()


if __name__ == "__main__":
    sys.stdout.buffer.write(picture_of(json.load(sys.stdin)))
