"""The command line, and the one place that wires loading, matching, the log, Discord and the console together."""

import argparse
import asyncio
import io
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from dotenv import dotenv_values

from bot.answer import Answer, answer
from bot.brief import Brief, BriefBase
from bot.card import card_of, plain, plain_answer
from bot.check import doubts
from bot.console import Console
from bot.diagnostics import start_diagnostics
from bot.errors import BotError, LogError, SettingsError, printable
from bot.explain import explain
from bot.loader import load
from bot.lookups import open_log
from bot.matching import Matcher
from bot.reloading import BaseKeeper
from bot.settings import Settings
from bot.stemming import stemmer

COMPLETIONS = 25

WELCOME = (
    "No DISCORD_TOKEN is set, so this is the terminal chat: ask away (Tab completes, a number picks, Ctrl-D ends). "
    "To run on Discord, copy .env.example to .env and set the token there."
)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code: 0 done, 1 problems with data, 2 wrong usage or settings."""
    _prepare_streams()
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except OSError as error:
        if not isinstance(error, BrokenPipeError):  # whoever read our output has left, and knows it
            print(f"{error.filename or 'standard output'}: {error.strerror}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python would fail once more as it exits
        return 1
    return code


def _prepare_streams() -> None:
    """Let no character that a stream cannot hold, and no stream that was closed, end in a traceback."""
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115 - open until the process ends
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream, errors in ((sys.stdin, "replace"), (sys.stdout, "backslashreplace"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=errors)


def _run(arguments: list[str] | None) -> int:
    parser = _parser()
    try:
        options = parser.parse_args(arguments)
        return int(options.run(_settings(options), options, parser))
    except SystemExit as end:  # how argparse ends after --help and wrong usage
        return int(end.code or 0)
    except BotError as error:
        print(error, file=sys.stderr)
        return 2 if isinstance(error, SettingsError) else 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--briefs", metavar="DIR", default=argparse.SUPPRESS, help="folder of the briefs")
    common.add_argument("--database", metavar="URL", default=argparse.SUPPRESS, help="where lookups are logged")
    parser = argparse.ArgumentParser(
        prog="python -m bot",
        parents=[common],
        description="Answers with short, sourced, dated briefs: on Discord if DISCORD_TOKEN is set, else here.",
    )
    parser.set_defaults(run=_start)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    def command(name: str, run: Callable[..., int], text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, parents=[common], help=text, description=text)
        added.set_defaults(run=run)
        return added

    command("run", _run_on_discord, "Connect to Discord; a token is needed.")
    ask = command("ask", _ask, "Answer one question, or one on each line of standard input.")
    ask.add_argument("words", nargs="*", metavar="WORD", help="the question")
    ask.add_argument("--explain", action="store_true", help="say why it is answered so")
    ask.add_argument("--json", action="store_true", help="print one JSON object")
    ask.add_argument("--jsonl", action="store_true", help="read a JSON string and print a JSON object a line")
    complete = command("complete", _complete, "Complete half-typed questions as Discord's autocomplete does.")
    complete.add_argument("--jsonl", action="store_true", help="read a JSON string and print a JSON object a line")
    complete.add_argument("words", nargs="*", metavar="WORD", help="the half-typed question")
    check = command("check", _check, "Report every problem of the briefs.")
    check.add_argument("folder", nargs="?", metavar="DIR", help="folder of the briefs")
    return parser


def _settings(options: argparse.Namespace) -> Settings:
    """Gather the settings: the command line beats the environment, which beats .env; blank values count for nothing."""
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
    asyncio.run(_serve(settings, settings.token, load(settings.briefs_dir).base))
    return 0


async def _serve(settings: Settings, token: str, base: BriefBase) -> None:
    # Imported here because discord.py takes 0.8 s and 36 MiB, which the other commands do without.
    from bot.client import BriefClient, serve
    from bot.members import MemberDesk

    matcher = _matcher(settings, base)
    async with open_log(settings.database, settings.user_hash_key_file) as log:
        client = BriefClient(log, settings.dev_guild_id)
        desk = MemberDesk(matcher, log)
        desk.install(client)
        keeper = BaseKeeper(
            settings.briefs_dir,
            matcher,
            load=lambda: load(settings.briefs_dir).base,
            build=partial(_matcher, settings),
            publish=desk.use,
        )
        watching = asyncio.create_task(keeper.watch(), name="watch the briefs")
        try:
            await serve(client, token)
        finally:
            watching.cancel()


def _run_console(settings: Settings) -> int:
    matcher = _matcher(settings, load(settings.briefs_dir).base)
    if sys.stdin.isatty():
        print(WELCOME, end="\n\n")
    with asyncio.Runner() as runner:
        held = AsyncExitStack()
        try:
            log = runner.run(held.enter_async_context(open_log(settings.database, settings.user_hash_key_file)))
            record = log.record
        except LogError as error:
            print(f"Answering without logging: {error}", file=sys.stderr)
            record = None
        try:
            Console(matcher, record).run(runner)
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not cut the writing short
            runner.run(held.aclose())
    return 0


def _matcher(settings: Settings, base: BriefBase) -> Matcher:
    """Return a matcher with a stemmer of its own: stemmers keep a state, and a reload builds in a thread."""
    return Matcher(base, stemmer(settings.stemmer))


def _ask(settings: Settings, options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    if options.jsonl == bool(options.words) or options.json + options.jsonl + options.explain > 1:
        parser.error("ask takes either words, with --json or --explain if you like, or --jsonl and standard input")
    matcher = _matcher(settings, load(settings.briefs_dir).base)
    today = datetime.now(UTC).date()

    def as_object(query: str) -> dict[str, Any]:
        started = time.perf_counter()
        found = answer(query, matcher)
        return _answer_object(query, found, time.perf_counter() - started, matcher, today)

    if options.jsonl:
        return _each_line(as_object)
    query = " ".join(options.words)
    if options.explain:
        print(explain(query, matcher))
        return 0
    print(json.dumps(as_object(query)) if options.json else plain_answer(answer(query, matcher), matcher.base, today))
    return 0


def _complete(settings: Settings, options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    if options.jsonl == bool(options.words):
        parser.error("complete takes either words, or --jsonl and standard input")
    matcher = _matcher(settings, load(settings.briefs_dir).base)

    def as_object(text: str) -> dict[str, Any]:
        started = time.perf_counter()
        briefs = matcher.complete(text, COMPLETIONS)
        elapsed = time.perf_counter() - started
        choices = [{"brief": brief.id, "title": brief.title} for brief in briefs]
        return {"query": text, "choices": choices, "elapsed_ms": round(elapsed * 1000, 3)}

    if options.jsonl:
        return _each_line(as_object)
    for brief in matcher.complete(" ".join(options.words), COMPLETIONS):
        print(brief.title)
    return 0


def _check(settings: Settings, _options: argparse.Namespace, _parser: argparse.ArgumentParser) -> int:
    loaded = load(settings.briefs_dir)
    found = doubts(loaded.files, _matcher(settings, loaded.base), datetime.now(UTC).date())
    for doubt in found:
        print(doubt.as_warning(), file=sys.stderr)
    phrases = sum(len(brief.phrases) - 1 for brief in loaded.base.briefs.values())
    counted = f"{_count(len(loaded.files), 'brief')} with {_count(phrases, 'phrase')}, {_count(len(found), 'warning')}"
    print(f"{printable(str(settings.briefs_dir))}: {counted}")
    return 0


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _each_line(as_object: Callable[[str], dict[str, Any]]) -> int:
    """Print an object for every JSON string on standard input; exit code 1 if a line was none."""
    code = 0
    for number, line in enumerate(sys.stdin.buffer, 1):
        if not line.strip():
            continue
        try:
            query = json.loads(line)
        except (ValueError, RecursionError):
            query = None
        if isinstance(query, str):
            print(json.dumps(as_object(query)), flush=True)
        else:
            print(f"standard input:{number}:1: is no JSON string; write the query in double quotes", file=sys.stderr)
            code = 1
    return code


def _answer_object(query: str, found: Answer, elapsed: float, matcher: Matcher, today: date) -> dict[str, Any]:
    def told(brief: Brief) -> dict[str, Any]:
        return {"brief": brief.id, "title": brief.title, "text": plain(card_of(brief, matcher.base, today))}

    return {
        "query": query,
        "outcome": found.outcome,
        **(told(found.brief) if found.brief else {"brief": None, "title": None, "text": None}),
        "confidence": found.confidence,
        "suggestions": [told(c.brief) | {"confidence": c.confidence} for c in found.suggestions],
        "elapsed_ms": round(elapsed * 1000, 3),
    }
