"""Removes what members wrote, their ids and tokens from the diagnostic log."""

import copy
import logging
import re
import traceback
from collections.abc import Iterator

from bot.errors import BotError, RequestError

_TELLING = (
    ArithmeticError,
    AttributeError,
    BotError,
    ImportError,
    IndexError,
    MemoryError,
    NameError,
    OSError,
    RecursionError,
    TypeError,
)
"""Exceptions whose messages contain types, attributes, files and addresses, but nothing that a member sent."""

_ID = re.compile(r"\b\d{15,20}\b")
_TOKEN = re.compile(r"(/(?:interactions|webhooks)/\d+/)[^/?\s]+")
_OBJECT = re.compile(r"<.*>")


def redacted(record: logging.LogRecord) -> logging.LogRecord:
    """Return a copy of an event whose message and traceback may be written to the log."""
    event = copy.copy(record)
    event.msg, event.args = _message(record), None
    error = record.exc_info[1] if record.exc_info else None
    event.exc_info, event.exc_text = None, traceback_of(error) if error else None
    return event


def _message(record: logging.LogRecord) -> str:
    """Return the message. Ours contain nothing private; ids, tokens and objects are removed from those of libraries."""
    try:
        message = record.getMessage()
    except Exception:  # whatever an argument raises when it is shown, the rest of the log must go on
        return f"an event without a readable message: {record.msg!r}"
    library = record.name.partition(".")[0]
    if library == "bot":
        return message
    if library == "asyncio":  # the other lines show objects with their arguments and exceptions
        message = _OBJECT.sub("<…>", message.partition("\n")[0])
    return _ID.sub("…", _TOKEN.sub(r"\1…", message))


def traceback_of(error: BaseException) -> str:
    """Return the traceback of an exception and of its causes, as Python prints it.

    A message that may contain a member's words is left out: ``KeyError: 'what a member asked'`` becomes ``KeyError``.
    """
    return "\n".join(_chained(error, set()))


def _chained(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    cause = error.__cause__
    before = cause or (None if error.__suppress_context__ else error.__context__)
    if before and id(before) not in seen:
        yield from _chained(before, seen)
        yield "\nThis led to the following exception:\n" if cause else "\nMeanwhile there was another exception:\n"
    if error.__traceback__:
        yield "Traceback (most recent call last):"
        yield "".join(traceback.format_tb(error.__traceback__)).rstrip()
    yield _named(error)
    for each in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
        yield "\nOne of its exceptions:\n"
        yield from _chained(each, seen)


def _named(error: BaseException) -> str:
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    if isinstance(error, _TELLING) and not isinstance(error, RequestError) and (message := str(error)):
        return f"{name}: {message}"
    held = vars(error)  # the numbers of Discord's answer
    numbers = [f"{key} {held[key]}" for key in ("status", "code") if isinstance(held.get(key), int)]
    return f"{name} ({', '.join(numbers)})" if numbers else name
