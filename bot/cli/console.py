"""The same job in a terminal, without a token: a chat over the briefs."""

import asyncio
import contextlib
import re
import shutil
import sys
import textwrap
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime

from bot.answering.answer import Answer, Found, Lookup, answer
from bot.answering.matcher import Matcher
from bot.answering.wording import plain_answer

PROMPT = "/brief "

_COMMAND = re.compile(r"^\s*/brief(?:\s+(?:query:\s*)?|$)", re.IGNORECASE)
_WIDEST = 88


class Console:
    """A chat that answers line by line. ``record`` is awaited with each lookup before its answer is shown."""

    def __init__(self, matcher: Matcher, record: Callable[[Lookup], Awaitable[None]] | None) -> None:
        self._matcher = matcher
        self._record = record
        self._offered: Answer | None = None

    def run(self, runner: asyncio.Runner) -> None:
        """Answer every line of standard input until it ends, with a prompt and Tab completion if it is a terminal."""
        if not sys.stdin.isatty():
            with contextlib.suppress(EOFError):
                for line in sys.stdin:
                    self._answer(line, runner)
            return
        with contextlib.suppress(EOFError, KeyboardInterrupt), _completion(self._matcher):
            while True:
                self._answer(input(PROMPT), runner)
        print()

    def _answer(self, line: str, runner: asyncio.Runner) -> None:
        query = _COMMAND.sub("", line).strip()
        if not query:
            return
        if query.lower() in ("exit", "quit"):
            raise EOFError
        if chosen := self._chosen(query):
            query = chosen.brief.title
        started = time.perf_counter()
        found = chosen or answer(query, self._matcher)
        elapsed_ms = (time.perf_counter() - started) * 1000
        brief = found.brief.id if found.brief else None
        if self._record:
            lookup = Lookup(query, found.outcome, brief, found.confidence, elapsed_ms, "console")
            runner.run(_awaited(self._record(lookup)))
        if not chosen:
            self._offered = found
        matcher, today = self._matcher, datetime.now(UTC).date()
        text = plain_answer(query, found, matcher.base, today, matcher.examples())
        print(_laid_out(text), end="\n\n", flush=True)

    def _chosen(self, query: str) -> Found | None:
        """Return the brief that a typed number picks, if the last answer offered several."""
        offered = self._offered.offered if self._offered else ()
        numbered = {str(number): candidate.brief for number, candidate in enumerate(offered, 1)}
        return Found(numbered[query], 1.0) if query in numbered else None


async def _awaited(awaitable: Awaitable[None]) -> None:
    await awaitable


@contextlib.contextmanager
def _completion(matcher: Matcher) -> Iterator[None]:
    """Complete the whole line with Tab, as autocomplete does on Discord, for the time of the block."""
    try:
        import readline
    except ImportError:  # Python can be built without it; all else works
        yield
        return

    def complete(text: str, state: int) -> str | None:
        titles = [brief.title for brief in matcher.complete(_COMMAND.sub("", text), 10)]
        begun = [title for title in titles if title.lower().startswith(text.lower())]
        fitting = begun or titles[:1]  # what was typed gives way to a title only if that is the one likely
        return fitting[state] if state < len(fitting) else None

    readline.set_completer_delims("")
    readline.set_completer(complete)
    readline.parse_and_bind("bind ^I rl_complete" if "libedit" in (readline.__doc__ or "") else "tab: complete")
    yield


def _laid_out(text: str) -> str:
    """Wrap the lines to the terminal, indenting what continues a list entry."""
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    lines = (
        textwrap.wrap(line, width, subsequent_indent="  " if line.startswith("- ") else "", break_on_hyphens=False)
        for line in text.split("\n")
    )
    return "\n".join("\n".join(wrapped) for wrapped in lines)
