"""The picture of lookups a day, drawn in a process of its own; whatever that does, it costs nobody the numbers."""

import asyncio
import logging
import os
import struct
import sys
import zlib
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot import chart
from bot.chart import draw, picture_of
from bot.report import Day, Stats

FIRST = date(2024, 2, 20)


def stats(days: int = 30) -> Stats:
    return Stats([Day(FIRST + timedelta(days=n), {"answer": n, "miss": n % 3}) for n in range(days)], [])


def size_of(picture: bytes) -> tuple[int, int]:
    """Return width and height of a PNG, after looking whether each of its chunks is whole."""
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    place, kinds = 8, []
    while place < len(picture):
        (length,) = struct.unpack_from(">I", picture, place)
        kind, content = picture[place + 4 : place + 8], picture[place + 8 : place + 8 + length]
        assert struct.unpack_from(">I", picture, place + 8 + length) == (zlib.crc32(kind + content),)
        kinds.append(kind)
        place += length + 12
    assert (kinds[0], kinds[-1]) == (b"IHDR", b"IEND")
    width, height = struct.unpack_from(">II", picture, 16)
    return width, height


def children() -> set[str]:
    """Return the processes that this one has started and that have not been seen off, dead ones included."""
    me = os.getpid()
    found: set[str] = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            after = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(after[1]) == me:
            found.add(stat.parent.name)
    return found


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a script that is run in place of Python, and so of the drawing."""
    script = tmp_path / "python"
    monkeypatch.setattr(sys, "executable", str(script))
    return script


def write_script(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


async def test_the_lookups_a_day_are_a_picture(caplog: pytest.LogCaptureFixture) -> None:
    before = children()
    picture = await draw(stats())
    assert picture
    width, height = size_of(picture)
    assert (width, height) == (1200, 450)
    assert len(picture) < 200_000
    assert caplog.records == []
    assert children() == before


@pytest.mark.parametrize("days", [1, 2, 365])
def test_any_number_of_days_makes_a_picture(days: int) -> None:
    shown = [{"day": (FIRST + timedelta(days=n)).isoformat(), "answered": n, "suggested": 0, "missed": 10**6}
             for n in range(days)]  # fmt: skip
    assert size_of(picture_of(shown)) == (1200, 450)


def test_the_bot_itself_does_without_the_library() -> None:
    code = "import sys, bot.chart; sys.exit('matplotlib' in sys.modules)"
    assert os.spawnv(os.P_WAIT, sys.executable, [sys.executable, "-c", code]) == 0


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("echo 'no library' >&2; exit 1", "no library"),
        ("exit 3", "exit code 3"),
        ("cat > /dev/null", "exit code 0"),
        ("printf PNG; echo 'and then it broke' >&2; exit 1", "and then it broke"),
        ("exec <&-; kill -9 $$", "exit code -9"),
        ("head -c 100000 /dev/zero | tr '\\0' x >&2; exit 1", "xxx"),
        ("printf '\\377\\n' >&2; exit 1", "\ufffd"),
    ],
)
async def test_a_process_that_fails_costs_the_picture_and_says_why_in_one_line(
    stand_in: Path, caplog: pytest.LogCaptureFixture, body: str, said: str
) -> None:
    write_script(stand_in, body)
    before = children()
    assert await draw(stats(3650)) is None
    (line,) = caplog.records
    assert line.levelno == logging.ERROR
    assert line.getMessage().startswith("the picture could not be drawn: ")
    assert said in line.getMessage()
    assert len(line.getMessage()) < 600
    assert children() == before


async def test_a_process_that_cannot_be_started_costs_the_picture_alone(
    stand_in: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert not stand_in.exists()
    assert await draw(stats()) is None
    assert len(caplog.records) == 1


@pytest.mark.parametrize(
    "body", ["exec sleep 60", "printf PNG; exec sleep 60", "trap '' TERM; while :; do sleep 0.1; done"]
)
async def test_a_process_that_hangs_is_ended(
    stand_in: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    monkeypatch.setattr(chart, "PATIENCE", 0.2)
    write_script(stand_in, body)
    before = children()
    async with asyncio.timeout(5):
        assert await draw(stats()) is None
    assert [record.getMessage() for record in caplog.records] == ["the picture could not be drawn: it took too long"]
    assert children() == before


async def test_no_process_outlives_a_bot_that_stops_meanwhile(stand_in: Path) -> None:
    write_script(stand_in, "exec sleep 60")
    before = children()
    drawing = asyncio.create_task(draw(stats()))
    async with asyncio.timeout(5):
        while children() == before:
            await asyncio.sleep(0.01)
        drawing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await drawing
    assert children() == before
