"""Guards discord.py against events that it cannot read.

An exception while the library reads an event would end the connection for good. With the guard it is one line in the
diagnostic log, and the next event is read.
"""

import logging
import traceback
from collections.abc import Callable, MutableMapping
from pathlib import PurePath
from typing import Any

from bot.gateway.internals import Parser

_log = logging.getLogger(__name__)


def guard(parsers: MutableMapping[str, Parser], then: Callable[[str], None]) -> None:
    """Replace each of ``parsers`` by one that never raises. ``then`` is called with the name of an unreadable event."""
    for event, parse in parsers.items():
        parsers[event] = _guarded(event, parse, then)


def _guarded(event: str, parse: Parser, then: Callable[[str], None]) -> Parser:
    """Return the function that discord.py calls for each such event: the first of ours that an event reaches."""

    def read(data: Any) -> None:
        try:
            parse(data)
        except Exception as error:  # whatever it is, the next events must be read
            _log.error("the event %s cannot be read and is left out: %s", event, described(error))
            then(event)

    return read


def described(error: Exception) -> str:
    """Return an error's type and place in the code. Its message is left out, because a member may have written it."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {PurePath(place.filename).name}, line {place.lineno}"


def tidied(interaction: dict[str, Any]) -> dict[str, Any]:
    """Return an interaction without the keys and options that are null, because the library cannot read them."""
    kept = _without_nulls(interaction)
    if isinstance(data := kept.get("data"), dict):
        kept["data"] = _tidied_options(data)
    return kept


def _tidied_options(holder: dict[str, Any]) -> dict[str, Any]:
    kept = _without_nulls(holder)
    if isinstance(options := kept.get("options"), list):
        kept["options"] = [_tidied_options(each) for each in options if isinstance(each, dict)]
    return kept


def _without_nulls(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
