"""What the diagnostic log leaves out: what members wrote, who they are, and tokens, wherever a library repeats them."""

import logging
import sys
from collections.abc import Callable

import pytest

from bot.errors import LogError, RequestError
from bot.service.redaction import redacted, traceback_of

WORDS = "xylophone quartets"
USER = 123_456_789_012_345_678
NO_FILE = "FileNotFoundError: [Errno 2] No such file: 'a.yaml'"
TOKEN = "aW50ZXJhY3Rpb246"


def message(logger: str, text: str, *values: object) -> str:
    return redacted(logging.LogRecord(logger, logging.ERROR, "", 0, text, values, None)).getMessage()


@pytest.mark.parametrize(
    ("logger", "text", "values", "written"),
    [
        ("bot.gateway.client", "interaction %d", (USER,), f"interaction {USER}"),
        ("discord.app_commands.tree", "for %r (User: %s)", ("brief", USER), "for 'brief' (User: …)"),
        (
            "discord.http",
            "%s %s responded with 429",
            ("POST", f"https://discord.com/api/v10/interactions/{USER}/{TOKEN}/callback"),
            "POST https://discord.com/api/v10/interactions/…/…/callback responded with 429",
        ),
        (
            "discord.http",
            "%s",
            (f"https://discord.com/api/v10/webhooks/{USER}/{TOKEN}?wait=1",),
            "https://discord.com/api/v10/webhooks/…/…?wait=1",
        ),
        ("discord.gateway", "Shard ID %s blocked\n  File x.py", (0,), "Shard ID 0 blocked\n  File x.py"),
        (
            "asyncio",
            "Task exception was never retrieved\nfuture: <Task exception=%r>",
            (KeyError(WORDS),),
            "Task exception was never retrieved",
        ),
        ("asyncio", "Executing <Task %s> took 1.0 seconds", (WORDS,), "Executing <…> took 1.0 seconds"),
        ("some", "%d", (WORDS,), "an event without a readable message: '%d'"),
    ],
)
def test_a_message_is_written_without_ids_tokens_and_objects_of_libraries(
    logger: str, text: str, values: tuple[object, ...], written: str
) -> None:
    assert message(logger, text, *values) == written


def raise_in_a_chain() -> None:
    try:
        try:
            raise KeyError(WORDS)
        except KeyError as error:
            raise ValueError(f"no {WORDS}") from error
    except ValueError:
        raise LogError("the disk is full")  # noqa: B904


def raise_a_group() -> None:
    raise ExceptionGroup(
        WORDS, [ValueError(WORDS), RequestError(WORDS), FileNotFoundError(2, "No such file", "a.yaml")]
    )


class RefusedError(Exception):
    """As the library raises one."""

    def __init__(self) -> None:
        super().__init__(f"404: {WORDS}")
        self.status, self.code = 404, 10062


def raise_an_answer_of_discords() -> None:
    raise RefusedError


@pytest.mark.parametrize(
    ("raising", "named"),
    [
        (lambda: dict[str, str]()[WORDS], ["KeyError"]),
        (lambda: int(WORDS), ["ValueError"]),
        (lambda: WORDS.nothing, ["AttributeError: 'str' object has no attribute 'nothing'"]),  # type: ignore[attr-defined]
        (raise_in_a_chain, ["KeyError", "ValueError", "bot.errors.LogError: the disk is full"]),
        (
            raise_a_group,
            ["ExceptionGroup", "ValueError", "bot.errors.RequestError", NO_FILE],
        ),
        (raise_an_answer_of_discords, ["tests.service.test_redaction.RefusedError (status 404, code 10062)"]),
    ],
)
def test_a_traceback_names_places_and_kinds_but_repeats_no_value(
    raising: Callable[[], object], named: list[str]
) -> None:
    try:
        raising()
    except Exception as error:
        text = traceback_of(error)
    assert text.startswith("Traceback (most recent call last):\n")
    assert f'File "{__file__}", line ' in text
    assert [line for line in text.splitlines() if line in named] == named
    assert WORDS not in text


def test_an_exception_that_leads_back_to_itself_is_written_once() -> None:
    error, other = OSError("one"), OSError("other")
    error.__cause__, other.__cause__ = other, error
    assert traceback_of(error).splitlines()[::4] == ["OSError: other", "OSError: one"]


def test_other_handlers_still_see_the_event_as_it_was() -> None:
    try:
        raise KeyError(WORDS)
    except KeyError:
        record = logging.LogRecord("discord", logging.ERROR, "", 0, "%s", (USER,), sys.exc_info())
    redacted(record)
    assert record.getMessage() == str(USER)
    assert record.exc_info
