"""The diagnostic log: on standard error, one line an event, and never what members ask."""

import json
import logging
import re
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.service.diagnostics import start_diagnostics
from bot.service.settings import LogFormat
from bot.storage.lookups import Lookup, LookupLog
from bot.storage.opening import open_database
from tools.fake_discord import FakeDiscord, User, until
from tools.running import Running


@contextmanager
def diagnostics(level: int, log_format: LogFormat) -> Iterator[None]:
    """Start the diagnostic log as in a new process: pytest has handlers of its own, beside which it would not start."""
    root = logging.root
    handlers, before = root.handlers, root.level
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    root.handlers = []
    try:
        start_diagnostics(level, log_format)
        yield
    finally:
        for handler in root.handlers:
            handler.flush()
            handler.close()
        root.handlers = handlers
        root.setLevel(before)
        logging.getLogger("bot").setLevel(logging.NOTSET)
        logging.captureWarnings(False)
        sys.excepthook, threading.excepthook, sys.unraisablehook = hooks


def test_an_event_is_a_line_of_text_on_standard_error(capfd: pytest.CaptureFixture[str]) -> None:
    with diagnostics(logging.INFO, "text"):
        logging.getLogger("bot.some").warning("%d things", 3)
    shown = capfd.readouterr()
    assert shown.out == ""
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\S* WARNING bot\.some: 3 things\n", shown.err)


def test_an_event_is_a_json_object_on_a_line_whatever_it_says(capfd: pytest.CaptureFixture[str]) -> None:
    message = 'two\nlines, "quotes", é and \ud800'
    with diagnostics(logging.INFO, "json"):
        logging.getLogger("bot.some").error("%s", message)
    shown = capfd.readouterr()
    assert shown.out == ""
    assert shown.err.isascii()
    assert shown.err.count("\n") == 1
    entry = json.loads(shown.err)
    time = datetime.fromisoformat(entry.pop("time"))
    assert time.utcoffset() == UTC.utcoffset(None)
    assert entry == {"level": "ERROR", "logger": "bot.some", "message": message}


def test_a_traceback_is_part_of_the_json_object(capfd: pytest.CaptureFixture[str]) -> None:
    with diagnostics(logging.INFO, "json"):
        try:
            raise LookupError("no such thing")
        except LookupError:
            logging.getLogger("bot.some").exception("it failed")
    shown = capfd.readouterr().err
    assert shown.count("\n") == 1
    entry = json.loads(shown)
    assert entry["message"] == "it failed"
    assert entry["traceback"].startswith("Traceback")
    assert entry["traceback"].endswith("\nLookupError")


def test_what_an_event_says_of_itself_is_part_of_the_json_object(capfd: pytest.CaptureFixture[str]) -> None:
    with diagnostics(logging.INFO, "json"):
        event = {"outcome": "miss", "brief": None, "elapsed_ms": 1.5, "path": Path("a"), "level": "none", "time": 0}
        logging.getLogger("bot.some").info("a lookup", extra=event)
    entry = json.loads(capfd.readouterr().err)
    assert entry.keys() == {"time", "level", "logger", "message", "outcome", "brief", "elapsed_ms", "path"}
    assert (entry["outcome"], entry["brief"], entry["elapsed_ms"], entry["path"]) == ("miss", None, 1.5, "a")
    assert entry["level"] == "INFO"


def warn() -> None:
    warnings.warn("on two\nlines", UserWarning, stacklevel=1)


def fail_in_a_thread() -> None:
    thread = threading.Thread(target=lambda: [][0])
    thread.start()
    thread.join()


def fail_at_the_end() -> None:
    sys.excepthook(KeyError, KeyError("key"), None)


def fail_while_deleted() -> None:
    class Failing:
        def __del__(self) -> None:
            raise ValueError("two\nlines")

    Failing()


def log_with_the_stack() -> None:
    logging.getLogger("asyncio").error("an error", stack_info=True)


@pytest.mark.parametrize(
    ("happens", "said"),
    [
        (warn, "UserWarning: on two"),
        (fail_in_a_thread, "IndexError"),
        (fail_at_the_end, "KeyError"),
        (fail_while_deleted, "ValueError"),
        (log_with_the_stack, "Stack (most recent call last)"),
    ],
)
@pytest.mark.filterwarnings("default")
def test_what_python_would_print_is_an_event_where_events_are_json(
    capfd: pytest.CaptureFixture[str], happens: Callable[[], None], said: str
) -> None:
    with diagnostics(logging.INFO, "json"):
        happens()
    shown = capfd.readouterr().err
    assert shown.count("\n") == 1
    assert said in str(json.loads(shown))


@pytest.mark.parametrize("log_format", ["text", "json"])
@pytest.mark.parametrize(
    ("level", "shown"),
    [(logging.DEBUG, "DIWE"), (logging.INFO, "IWE"), (logging.WARNING, "WE"), (logging.ERROR, "E"), (50, "")],
)
def test_the_level_says_how_much_is_shown(
    capfd: pytest.CaptureFixture[str], level: int, log_format: LogFormat, shown: str
) -> None:
    logger = logging.getLogger("bot.some")
    with diagnostics(level, log_format):
        logger.debug("<D>")
        logger.info("<I>")
        logger.warning("<W>")
        logger.error("<E>")
    assert "".join(re.findall("<(.)>", capfd.readouterr().err)) == shown


async def test_writing_the_log_shows_no_question_however_much_is_asked_for(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """`.env.example` promises that the diagnostic log never holds what members ask, at any LOG_LEVEL."""
    with diagnostics(logging.DEBUG, "text"):
        async with open_database(tmp_path / "lookups.db") as database:
            await LookupLog(database, b"key").record(
                Lookup("xylophone quartets", "miss", None, 0.0, 1.0, "slash", user_id=4711)
            )
        logging.getLogger("bot.some").debug("that was all")
    shown = capfd.readouterr().err
    assert "that was all" in shown
    assert "xylophone" not in shown


@pytest.mark.parametrize("log_format", ["text", "json"])
async def test_a_command_shows_no_question_however_much_is_asked_for(
    capfd: pytest.CaptureFixture[str], fake: FakeDiscord, bot: Running, log_format: LogFormat
) -> None:
    with diagnostics(logging.DEBUG, log_format):
        await fake.slash("brief", {"query": "xylophone quartets"})
    shown = capfd.readouterr().err
    assert "lookup miss of None" in shown
    assert "xylophone" not in shown


@pytest.mark.parametrize("log_format", ["text", "json"])
async def test_an_autocomplete_that_discord_refuses_shows_neither_who_nor_where_nor_what(
    capfd: pytest.CaptureFixture[str], fake: FakeDiscord, bot: Running, log_format: LogFormat
) -> None:
    """The library logs the ids by itself."""
    member, home = User(123_456_789_012_345_678, "member"), fake.guilds[0]
    fake.fail_next("POST", "/callback", 404)
    with diagnostics(logging.DEBUG, log_format):
        await fake.autocomplete("brief", "query", "xylophone", user=member, expect_answer=False, within=0)
        await until(lambda: any(request.path.endswith("/callback") for request in fake.requests))
        await until(lambda: not bot.client.in_flight.number)
    shown = capfd.readouterr().err
    assert "Ignoring exception in autocomplete for 'brief'" in shown
    assert "discord.errors.NotFound (status 404, code 0)" in shown
    assert not [word for word in ("xylophone", str(member.id), str(home.id)) if word in shown]


@pytest.mark.parametrize("error", [KeyError, ValueError, RuntimeError])
async def test_an_error_of_our_own_shows_where_it_was_and_not_what_was_asked(
    capfd: pytest.CaptureFixture[str],
    fake: FakeDiscord,
    bot: Running,
    monkeypatch: pytest.MonkeyPatch,
    error: type[Exception],
) -> None:
    def fail(query: str, *_: object) -> None:
        raise error(query)

    monkeypatch.setattr("bot.commands.brief.answer", fail)
    with diagnostics(logging.DEBUG, "text"):
        said = (await fake.slash("brief", {"query": "xylophone quartets"})).text
    shown = capfd.readouterr().err
    assert f"reference {said.split()[-1]}: an interaction or a question failed" in shown
    assert f"\n{error.__name__}\n" in shown
    assert "in fail" in shown
    assert "xylophone" not in shown
