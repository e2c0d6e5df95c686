"""Lines for a reader that stalls: nobody waits for it, and what does not fit is dropped and counted."""

import json
import logging
import os
import select
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from bot.service import diagnostics, line_writer
from bot.service.diagnostics import JsonFormatter, QueuedHandler
from bot.service.line_writer import LineWriter

PATIENTLY = 20.0
"""Seconds that something may take before a test says that it never happens."""


class Pipe(NamedTuple):
    read: int
    write: int


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    ends = Pipe(*os.pipe())
    yield ends
    for end in ends:
        os.close(end)


def stall(pipe: Pipe) -> int:
    """Fill a pipe, so that whoever writes to it waits for a reader; return how many bytes it took."""
    os.set_blocking(pipe.write, False)
    filled = 0
    try:
        while True:
            filled += os.write(pipe.write, b"." * 4096)
    except BlockingIOError:
        os.set_blocking(pipe.write, True)
    return filled


def read(pipe: Pipe, size: int) -> bytes:
    """Return the next ``size`` bytes."""
    data = b""
    while len(data) < size:
        assert select.select([pipe.read], [], [], PATIENTLY)[0], f"nothing comes after {data[-200:]!r}"
        data += os.read(pipe.read, size - len(data))
    return data


def read_line(pipe: Pipe) -> str:
    data = b""
    while not data.endswith(b"\n"):
        data += read(pipe, 1)
    return data.decode()


def test_lines_are_written_in_order_and_waited_for_at_the_end(pipe: Pipe) -> None:
    writer = LineWriter(pipe.write)
    for number in range(100):
        writer.write(f"line {number} \ud800")
    writer.flush(PATIENTLY)
    assert select.select([pipe.read], [], [], 0)[0]
    assert [read_line(pipe) for _ in range(100)] == [f"line {number} \\ud800\n" for number in range(100)]
    assert writer.dropped == 0
    writer.close()


def test_whoever_writes_does_not_wait_for_a_reader_that_stalls(pipe: Pipe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_writer, "MOST_WAITING", 100)
    filled = stall(pipe)
    writer = LineWriter(pipe.write)
    for number in range(1000):
        writer.write(f"line {number:4}")
    writer.flush(0.01)
    assert writer.dropped == 990  # ten lines of ten bytes fill the queue
    read(pipe, filled)
    assert [read_line(pipe) for _ in range(10)] == [f"line {number:4}\n" for number in range(10)]
    writer.flush(PATIENTLY)
    writer.write("there is room again")
    assert read_line(pipe) == "there is room again\n"
    writer.close()


def test_one_line_is_taken_however_long_it_is(pipe: Pipe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_writer, "MOST_WAITING", 100)
    writer = LineWriter(pipe.write)
    writer.write("x" * 1000)
    assert read_line(pipe) == "x" * 1000 + "\n"
    writer.close()


def test_a_terminal_that_another_process_made_non_blocking_loses_nothing(pipe: Pipe) -> None:
    filled = stall(pipe)
    os.set_blocking(pipe.write, False)
    writer = LineWriter(pipe.write)
    writer.write("a line")
    read(pipe, filled)
    assert read_line(pipe) == "a line\n"
    assert writer.dropped == 0
    writer.close()


def test_a_line_that_nobody_can_read_any_more_is_counted_and_the_rest_goes_on() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    writer = LineWriter(writing)
    writer.write("one")
    writer.write("two")
    writer.flush(PATIENTLY)
    assert writer.dropped == 2
    writer.close()
    os.close(writing)


def test_the_log_says_how_many_lines_were_dropped_once_there_is_room(
    pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_writer, "MOST_WAITING", 1)
    handler = QueuedHandler(LineWriter(pipe.write))
    handler.setFormatter(JsonFormatter())
    logger = logging.Logger("bot.some")
    logger.addHandler(handler)
    filled = stall(pipe)
    for number in range(8):
        logger.warning("line %d", number)
    read(pipe, filled)
    assert json.loads(read_line(pipe))["message"] == "line 0"
    handler.flush()
    logger.warning("after")
    logger.warning("later")
    dropped = json.loads(read_line(pipe))
    assert dropped["message"] == "7 lines of this log were dropped: they could not be written in time"
    assert dropped["level"] == "WARNING"
    handler.close()


def test_the_end_of_the_process_waits_for_a_stalled_reader_for_a_bounded_time(
    pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diagnostics, "FLUSHING", 0.01)
    stall(pipe)
    handler = QueuedHandler(LineWriter(pipe.write))
    handler.handle(logging.makeLogRecord({"name": "bot", "msg": "never read"}))
    logging.shutdown([lambda: handler])
    read(pipe, 65_536)  # so that the thread ends before its descriptor does
