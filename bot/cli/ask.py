"""Asking on the command line: `ask` and `complete`."""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from bot.answering.answer import Answer, Found, Unsure, answer
from bot.answering.completion import CHOICES
from bot.answering.matcher import Matcher
from bot.answering.wording import plain_answer
from bot.briefs.brief import Brief, BriefBase
from bot.briefs.card import card_of
from bot.briefs.card_text import plain
from bot.briefs.loader import Loaded, survey
from bot.catalogues.shipped import shipped
from bot.cli import arguments
from bot.cli.arguments import AddCommand
from bot.errors import BriefsError
from bot.language.tags import canonical
from bot.service.settings import Settings

JSONL = "read JSON strings, one a line, and print a JSON object for each"


def add_commands(add: AddCommand) -> None:
    """Add `ask` and `complete` to the command line."""
    asking = add("ask", ask, "Answer one question; with --jsonl, one on each line of standard input.")
    asking.add_argument("words", nargs="*", metavar="WORD", help="the question")
    asking.add_argument(
        "--lang", metavar="TAG", type=arguments.language, help="the language to read it in, as uk (that of LANG)"
    )
    asking.add_argument("--explain", action="store_true", help="say why it is answered so")
    asking.add_argument("--json", action="store_true", help="print one JSON object")
    asking.add_argument("--jsonl", action="store_true", help=JSONL)
    completing = add(
        "complete",
        complete,
        "Complete a half-typed question as Discord's autocomplete does; with --jsonl, one on each line of input.",
    )
    completing.add_argument("--jsonl", action="store_true", help=JSONL)
    completing.add_argument("words", nargs="*", metavar="WORD", help="the half-typed question")


def matcher_for(settings: Settings, base: BriefBase) -> Matcher:
    """Return the matcher of a base, in the language of the settings."""
    return Matcher(base, settings.stemmer)


def language_of(environment: Mapping[str, str]) -> str | None:
    """Return the language of a terminal as a tag, by LC_ALL, LC_MESSAGES or LANG; None if they name none, as "C"."""
    said = next((value for key in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := environment.get(key))), "")
    return canonical(said.partition(".")[0].partition("@")[0].replace("_", "-"))


def usable(settings: Settings) -> Loaded:
    """Return the briefs. A wrong translation is left out, and printed. Raises BriefsError if a brief is wrong."""
    loaded = survey(settings.briefs_dir, good=BriefBase(language=settings.base_language))
    if loaded.of_briefs:
        raise BriefsError(loaded.problems)
    for problem in loaded.problems:
        print(problem, file=sys.stderr)
    return loaded


def ask(settings: Settings, options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    if options.jsonl == bool(options.words) or options.json + options.jsonl + options.explain > 1:
        parser.error(
            "ask takes either words, with --json or --explain if you like, or --jsonl and standard input, a JSON "
            "string a line; `python -m bot` without a command answers plain lines"
        )
    matcher = matcher_for(settings, usable(settings).base)
    today = datetime.now(UTC).date()
    # What programs read does not depend on a terminal's settings.
    language = options.lang or (None if options.json or options.jsonl else language_of(os.environ))

    def as_object(query: str) -> dict[str, Any]:
        for each in matcher.asked(query, language):
            each.build()  # which is no part of the time of answering
        started = time.perf_counter()
        found = answer(query, matcher, language)
        return _answer_object(query, found, time.perf_counter() - started, matcher, today, language)

    if options.jsonl:
        return _each_line(as_object)
    query = " ".join(options.words)
    if options.explain:
        from bot.answering.explain import explain  # for numpy, which not every answer needs

        print(explain(query, matcher))
        return 0
    if options.json:
        print(json.dumps(as_object(query)))
    else:
        say, found = shipped().of(language), answer(query, matcher, language)
        print(plain_answer(found, query, matcher.base, today, catalogue=say, language=language))
    return 0


def complete(settings: Settings, options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    if options.jsonl == bool(options.words):
        parser.error("complete takes either words, or --jsonl and standard input")
    matcher = matcher_for(settings, usable(settings).base)

    def as_object(text: str) -> dict[str, Any]:
        for each in matcher.asked(text):
            each.build()
        started = time.perf_counter()
        briefs = matcher.complete(text, CHOICES)
        elapsed = time.perf_counter() - started
        choices = [{"brief": brief.id, "title": brief.title} for brief in briefs]
        return {"query": text, "choices": choices, "elapsed_ms": round(elapsed * 1000, 3)}

    if options.jsonl:
        return _each_line(as_object)
    for brief in matcher.complete(" ".join(options.words), CHOICES):
        print(brief.title)
    return 0


def _each_line(as_object: Callable[[str], dict[str, Any]]) -> int:
    """Print an object for every JSON string on standard input. The exit code is 1 if a line is no JSON string."""
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


def _answer_object(
    query: str, found: Answer, elapsed: float, matcher: Matcher, today: date, language: str | None
) -> dict[str, Any]:
    say = shipped().of(language)

    def told(brief: Brief, replaces: Brief | None) -> dict[str, Any]:
        card = card_of(brief, matcher.base, today, replaces=replaces, catalogue=say, language=language)
        return {"brief": brief.id, "title": card.title, "text": plain(card)}

    return {
        "query": query,
        "outcome": found.outcome,
        **(
            told(found.brief, found.replaces)
            if isinstance(found, Found)
            else {"brief": None, "title": None, "text": None}
        ),
        "confidence": found.confidence,
        "shown": found.shown.id if isinstance(found, Unsure) and found.shown else None,
        "suggestions": [told(c.brief, c.replaces) | {"confidence": c.confidence} for c in found.suggestions],
        "elapsed_ms": round(elapsed * 1000, 3),
    }
