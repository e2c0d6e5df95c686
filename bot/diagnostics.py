"""The diagnostic log on standard error: one line an event, as text or as JSON."""

import json
import logging
from datetime import UTC, datetime

from bot.settings import LogFormat


class _JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, and the traceback if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return json.dumps(entry)


def start_diagnostics(level: int, log_format: LogFormat) -> None:
    """Send the diagnostic log of this process to standard error."""
    handler = logging.StreamHandler()
    if log_format == "json":
        handler.setFormatter(_JsonFormatter())
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler])
    for library in ("aiosqlite", "discord"):  # at DEBUG they would show what members ask
        logging.getLogger(library).setLevel(max(level, logging.INFO))
