"""A chat in a terminal, which answers from the briefs without Discord."""

import asyncio
import contextlib
import re
import shutil
import sys
import textwrap
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime

from bot.answering.answer import Answer, Found, Unsure, answer
from bot.answering.matcher import Matcher
from bot.answering.wording import plain_answer
from bot.briefs.brief import Brief
from bot.storage.lookups import Lookup

PROMPT = "/brief "

OTHER_WORDS = "Then ask it in other words."

_YES, _NO = frozenset({"yes", "y"}), frozenset({"no", "n"})
_COMMAND = re.compile(r"^\s*/brief(?:\s+(?:query:\s*)?|$)", re.IGNORECASE)
_WIDEST = 88
_LIST_MARK = re.compile(" *- ")


class Console:
    """A chat that answers line by line.

    ``record`` logs each lookup before its answer is shown. It returns whether the lookup is stored.
    """

    def __init__(self, matcher: Matcher, record: Callable[[Lookup], Awaitable[bool]] | None) -> None:
        self._matcher = matcher
        self._record = record
        self._offered: Answer | None = None

    def run(self, runner: asyncio.Runner) -> None:
        """Answer every line of standard input until its end. A terminal gets a prompt and completion with Tab."""
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
        if query.lower() in ("exit", "quit"):
            raise EOFError
        if query.lower() in _NO and self._only:
            self._offered = None
            _show(OTHER_WORDS)
            return
        if chosen := self._chosen(query):
            query = chosen.brief.title
        started = time.perf_counter()
        found = chosen or answer(query, self._matcher)
        elapsed_ms = (time.perf_counter() - started) * 1000
        brief = found.brief.id if found.brief else None
        noted = False
        if self._record and query:  # a blank line is no question
            lookup = Lookup(query, found.outcome, brief, found.confidence, elapsed_ms, "console")
            noted = runner.run(_awaited(self._record(lookup)))
        if not chosen and query:
            self._offered = found
        _show(plain_answer(found, query, self._matcher.base, datetime.now(UTC).date(), noted=noted))

    def _chosen(self, query: str) -> Found | None:
        """Return the brief that the user chose by number from the last suggestions, or by yes if there was only one."""
        offered = self._offered.offered if self._offered else ()
        picked = {str(number): brief for number, brief in enumerate(offered, 1)}
        if self._only:
            picked |= dict.fromkeys(_YES, self._only)
        brief = picked.get(query.lower())
        return Found(brief, 1.0) if brief else None

    @property
    def _only(self) -> Brief | None:
        return self._offered.only if isinstance(self._offered, Unsure) else None


async def _awaited(awaitable: Awaitable[bool]) -> bool:
    return await awaitable


def _show(text: str) -> None:
    print(_laid_out(text), end="\n\n", flush=True)


@contextlib.contextmanager
def _completion(matcher: Matcher) -> Iterator[None]:
    """Let Tab complete the whole line during the block, as autocomplete does on Discord."""
    try:
        import readline
    except ImportError:  # Python can be built without it; the chat works then too
        yield
        return

    def complete(text: str, state: int) -> str | None:
        titles = [brief.title for brief in matcher.complete(_COMMAND.sub("", text), 10)]
        begun = [title for title in titles if title.lower().startswith(text.lower())]
        offered = begun or titles[:1]  # replace what was typed only by the likeliest title
        return offered[state] if state < len(offered) else None

    readline.set_completer_delims("")
    readline.set_completer(complete)
    readline.parse_and_bind("bind ^I rl_complete" if "libedit" in (readline.__doc__ or "") else "tab: complete")
    yield


def _laid_out(text: str) -> str:
    """Wrap the lines to the width of the terminal. Continued list entries are indented."""
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    lines = (
        textwrap.wrap(line, width, subsequent_indent=_hanging(line), break_on_hyphens=False)
        for line in text.split("\n")
    )
    return "\n".join("\n".join(wrapped) for wrapped in lines)


def _hanging(line: str) -> str:
    """Return the spaces before what continues a line: as many as a list entry has before its text."""
    mark = _LIST_MARK.match(line)
    return " " * len(mark[0]) if mark else ""
