"""The diagnostic log on standard error: one line an event, as text or as JSON."""

import json
import logging
import sys
import threading
from datetime import UTC, datetime
from typing import Any

from bot.settings import LogFormat

_COMMON = logging.makeLogRecord({}).__dict__.keys()

_log = logging.getLogger(__name__)


class _JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, what the event has as ``extra``, and any traceback."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {key: value for key, value in record.__dict__.items() if key not in _COMMON}
        entry |= {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        if record.stack_info:
            entry["stack"] = record.stack_info
        return json.dumps(entry, default=str)


def start_diagnostics(level: int, log_format: LogFormat) -> None:
    """Send the diagnostic log of this process to standard error."""
    handler = logging.StreamHandler()
    if log_format == "json":
        handler.setFormatter(_JsonFormatter())
        _log_what_python_prints()
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler])
    for library in ("aiosqlite", "discord"):  # at DEBUG they would show what members ask
        logging.getLogger(library).setLevel(max(level, logging.INFO))


def _log_what_python_prints() -> None:
    """Turn warnings and uncaught exceptions, which Python writes to standard error as plain lines, into events."""
    logging.captureWarnings(True)
    sys.excepthook = lambda kind, error, trace: _log.critical("uncaught", exc_info=(kind, error, trace))
    threading.excepthook = lambda args: _log.critical("uncaught in a thread", exc_info=args.exc_value)
    sys.unraisablehook = lambda args: _log.error("an exception was ignored", exc_info=args.exc_value)
