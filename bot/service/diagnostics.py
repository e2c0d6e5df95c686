"""The diagnostic log on standard error: one line an event, as text or as JSON."""

import contextlib
import json
import logging
import os
import sys
import threading
from datetime import UTC, datetime
from typing import Any

from bot.service.line_writer import LineWriter
from bot.service.redaction import redacted
from bot.service.settings import LogFormat

FLUSHING = 1.0
"""Seconds that the end of the process waits for lines that are not written yet."""

_COMMON = logging.makeLogRecord({}).__dict__.keys()

_log = logging.getLogger(__name__)


class JsonFormatter(logging.Formatter):
    """Formats an event as one line of JSON: time, level, logger, message, the keys of ``extra``, and any traceback."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {key: value for key, value in record.__dict__.items() if key not in _COMMON}
        entry |= {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_text:
            entry["traceback"] = record.exc_text
        if record.stack_info:
            entry["stack"] = record.stack_info
        return json.dumps(entry, default=str)


class QueuedHandler(logging.Handler):
    """Passes each event to a thread that writes it. Once there is room again, logs how many were dropped."""

    def __init__(self, writer: LineWriter) -> None:
        super().__init__()
        self.writer = writer
        self._told = 0

    def emit(self, record: logging.LogRecord) -> None:
        dropped = self.writer.dropped
        if dropped > self._told and self.writer.has_room:
            text = f"{dropped - self._told} lines of this log were dropped: they could not be written in time"
            self._told = dropped
            self.writer.write(self.format(_log.makeRecord(_log.name, logging.WARNING, __file__, 0, text, (), None)))
        self.writer.write(self.format(redacted(record)))

    def write_plainly(self, text: str) -> None:
        """Write a line without time, level and logger."""
        with self.lock or contextlib.nullcontext():
            self.writer.write(text)

    def flush(self) -> None:
        self.writer.flush(FLUSHING)

    def close(self) -> None:
        self.writer.close()
        super().close()


def start_diagnostics(level: int, log_format: LogFormat) -> None:
    """Send the diagnostic log of this process, with warnings and uncaught exceptions, to standard error."""
    descriptor = sys.__stderr__.fileno() if sys.__stderr__ else os.open(os.devnull, os.O_WRONLY)
    handler = QueuedHandler(LineWriter(descriptor))
    text = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handler.setFormatter(JsonFormatter() if log_format == "json" else text)
    # At DEBUG the libraries would show what members ask.
    logging.basicConfig(level=max(level, logging.INFO), handlers=[handler])
    logging.getLogger("bot").setLevel(level)
    _log_what_python_prints()


def dropped_lines() -> int:
    """Return how many lines of the diagnostic log could not be written."""
    return sum(each.writer.dropped for each in logging.root.handlers if isinstance(each, QueuedHandler))


def log_the_end(why: Exception) -> None:
    """Write why the process ends: as an event if the log is JSON, otherwise as a plain line."""
    for handler in logging.root.handlers:
        if isinstance(handler, QueuedHandler) and not isinstance(handler.formatter, JsonFormatter):
            handler.write_plainly(str(why))
            return
    _log.critical("%s", why)


def _log_what_python_prints() -> None:
    """Log warnings and uncaught exceptions, which Python would print to standard error."""
    logging.captureWarnings(True)
    sys.excepthook = lambda kind, error, trace: _log.critical("uncaught", exc_info=(kind, error, trace))
    threading.excepthook = lambda args: _log.critical("uncaught in a thread", exc_info=args.exc_value)
    sys.unraisablehook = lambda args: _log.error("an exception was ignored", exc_info=args.exc_value)
