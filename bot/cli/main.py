"""The command line: reads the arguments and settings, and runs the command."""

import argparse
import asyncio
import io
import logging
import os
import platform
import signal
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from functools import partial

from dotenv import dotenv_values

from bot.answering.matcher import Matcher
from bot.authoring.keeper import Build, metadata
from bot.briefs.brief import BriefBase
from bot.briefs.loader import Loaded, survey
from bot.cli import ask
from bot.cli.arguments import Run
from bot.cli.ask import language_of, matcher_for
from bot.cli.console import Console, FreshMatcher
from bot.errors import BotError, BriefsError, LogError, SettingsError
from bot.garbage import out_of_the_way
from bot.service.diagnostics import log_the_end, start_diagnostics
from bot.service.settings import Settings
from bot.storage.hash_key import user_hash_key
from bot.storage.history import last_good
from bot.storage.lookups import LookupLog
from bot.storage.opening import open_database, open_reader
from bot.version import VERSION

WELCOME = (
    "No DISCORD_TOKEN is set, so this is the terminal chat: ask away (Tab completes, a number picks, exit or Ctrl-D "
    "ends it). To run on Discord, copy .env.example to .env and set the token there."
)

LOADS_SOON = 0.1
"""Seconds that the first start over a database waits for the briefs: a small base that is wrong ends the bot before
it connects."""

_log = logging.getLogger(__name__)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code: 0 done, 1 problems with data, 2 wrong usage or settings."""
    _prepare_streams()
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except OSError as error:
        if not isinstance(error, BrokenPipeError):  # nobody reads our output any more
            print(f"{error.filename or 'standard output'}: {error.strerror}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python would fail again at its exit
        return 1
    return code


def _prepare_streams() -> None:
    """Prepare the streams so that a closed stream, or a character that it cannot encode, causes no traceback."""
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115 - open until the process ends
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream, errors in ((sys.stdin, "replace"), (sys.stdout, "backslashreplace"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=errors)


def _run(arguments: list[str] | None) -> int:
    parser = _parser(sys.argv[1:] if arguments is None else arguments)
    try:
        options = parser.parse_args(arguments)
        return int(options.run(_settings(options), options, parser))
    except SystemExit as end:  # how argparse ends after --help and wrong usage
        return int(end.code or 0)
    except BotError as error:
        print(error, file=sys.stderr)
        return _exit_code(error)
    except KeyboardInterrupt:
        return 130


def _exit_code(error: BotError) -> int:
    return 2 if isinstance(error, SettingsError) else 1


def _parser(arguments: list[str]) -> argparse.ArgumentParser:
    """Return a parser of these arguments. It knows no other command where they are those of a start."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--briefs", metavar="DIR", default=argparse.SUPPRESS, help="folder of the briefs")
    common.add_argument("--database", metavar="URL", default=argparse.SUPPRESS, help="where lookups are logged")
    parser = argparse.ArgumentParser(
        prog="python -m bot",
        parents=[common],
        description="Answers with short, sourced, dated briefs: on Discord if DISCORD_TOKEN is set, else here.",
    )
    parser.add_argument("--version", action="version", version=f"briefbot {VERSION}")
    parser.set_defaults(run=_start)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    def command(name: str, run: Run, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, parents=[common], help=text, description=text)
        added.set_defaults(run=run)
        return added

    command("run", _run_on_discord, "Connect to Discord; a token is needed.")
    if arguments not in ([], ["run"]):
        # Imported here because that takes 70 ms, which a bot that starts need not wait for.
        from bot.cli import importing, upkeep

        for module in (ask, upkeep, importing):
            module.add_commands(command)
    return parser


def _settings(options: argparse.Namespace) -> Settings:
    """Return the settings. The command line overrides the environment, which overrides .env. Blanks are ignored."""
    try:
        from_file = dotenv_values(".env", interpolate=False)
    except OSError as error:
        raise SettingsError(f".env: cannot be read ({error.strerror}); mend its permissions") from None
    except UnicodeDecodeError:
        raise SettingsError(".env: is not UTF-8; save the file with the encoding UTF-8") from None
    environment = {key: value for key, value in from_file.items() if value}
    environment |= {key: value for key, value in os.environ.items() if value.strip()}
    environment |= {
        key: value
        for key, name in (("BRIEFS_DIR", "briefs"), ("DATABASE_URL", "database"), ("BRIEFS_DIR", "folder"))
        if (value := getattr(options, name, None))
    }
    return Settings.from_env(environment)


def _start(settings: Settings, options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    if settings.token:
        return _run_on_discord(settings, options, parser)
    return _run_console(settings)


def _run_on_discord(settings: Settings, _options: argparse.Namespace, _parser: argparse.ArgumentParser) -> int:
    if not settings.token:
        raise SettingsError("DISCORD_TOKEN: is not set; put it into .env (README.md, “On Discord”, says where it is)")
    start_diagnostics(settings.log_level, settings.log_format)
    _log.info("briefbot %s on Python %s, process %d", VERSION, platform.python_version(), os.getpid())
    try:
        with asyncio.Runner(loop_factory=event_loop()) as runner:
            runner.run(_serve(settings, settings.token))
    except BotError as error:
        log_the_end(error)  # logged by the thread: printing would block if the reader of standard error has stalled
        return _exit_code(error)
    return 0


def event_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return what makes the event loop: uvloop where it is installed, which takes a fifth less processor time a lookup.

    None stands for Python's own, which does the same.
    """
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _serve(settings: Settings, token: str) -> None:
    # Imported here because discord.py takes 0.8 s and 36 MiB, which the other commands do not need; before the briefs
    # are loaded, because both need Python's lock. To connect is mostly to wait, and a large base takes longer.
    from bot.gateway.connection import serve
    from bot.service.assembly import assembled

    with ThreadPoolExecutor(1) as loader:
        loading = loader.submit(out_of_the_way()(lambda: asyncio.run(_first(settings))))
        build = partial(matcher_for, settings)
        # Taken out once: what a reload has replaced must not be kept here.
        begun = [loader.submit(out_of_the_way()(partial(_made, loading, build)))]
        try:
            async with assembled(settings, build, lambda: begun.pop().result()) as service:
                if service.stores.history.is_empty:  # else wrong files do not end the bot, see `_first`
                    with suppress(TimeoutError):
                        await asyncio.to_thread(loading.result, LOADS_SOON)
                del loading
                await serve(service.client, token, settings.token_key)
        finally:
            loader.shutdown(wait=False, cancel_futures=True)  # for who stops while the briefs are still being loaded


def _made(loading: Future[Loaded], build: Build) -> tuple[Loaded, Matcher]:
    """Return what was loaded, and its matcher. Raises BriefsError as `_first` does."""
    loaded = loading.result()
    return loaded, build(loaded.base).built()


def _run_console(settings: Settings) -> int:
    with asyncio.Runner() as runner:
        seen = metadata(settings.briefs_dir)
        loaded = runner.run(_first(settings))
        build = partial(matcher_for, settings)
        fresh = FreshMatcher(settings.briefs_dir, seen, build(loaded.base), build)
        fresh.tell(loaded.problems)
        if sys.stdin.isatty():
            print(WELCOME, end="\n\n")
        held = AsyncExitStack()
        try:
            database = runner.run(held.enter_async_context(open_database(settings.database)))
            record = LookupLog(database, user_hash_key(settings.user_hash_key_file)).record
        except LogError as error:
            print(f"Answering without logging: {error}", file=sys.stderr)
            record = None
        try:
            Console(fresh.look, record, language_of(os.environ)).run(runner)
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not interrupt the last writes
            runner.run(held.aclose())
    return 0


async def _first(settings: Settings) -> Loaded:
    """Return the first base. For a wrong file, it has the last good version of the brief from the history.

    Raises BriefsError if files of briefs are wrong and the history has no good version of any brief.
    """
    good = BriefBase(language=settings.base_language)
    loaded = survey(settings.briefs_dir, good=good)
    if not loaded.problems:
        return loaded
    with suppress(LogError):
        async with open_reader(settings.database) as reader:
            good = replace(await last_good(reader), language=settings.base_language)
    if not good.briefs and loaded.of_briefs:
        raise BriefsError(loaded.problems)
    return survey(settings.briefs_dir, good=good)
