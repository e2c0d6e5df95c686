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
from pathlib import Path

from bot.answering.answer import Answer, Unsure, answer
from bot.answering.matcher import Matcher
from bot.answering.wording import plain_answer
from bot.authoring.keeper import WRONG, Build, Metadata, metadata
from bot.briefs.brief import Brief
from bot.briefs.loader import survey
from bot.catalogues.shipped import shipped
from bot.errors import Problem
from bot.storage.lookups import Lookup

PROMPT = "/brief "

OTHER_WORDS = "Then ask it in other words."

_YES, _NO = frozenset({"yes", "y"}), frozenset({"no", "n"})
_COMMAND = re.compile(r"^\s*/brief(?:\s+(?:query:\s*)?|$)", re.IGNORECASE)
_WIDEST = 88
_LIST_MARK = re.compile(" *- ")


class FreshMatcher:
    """The matcher of a folder. ``look`` makes it anew if files have changed since ``seen``, the last look at them.

    For a wrong file, the last good version of its brief stays in use, and standard error is told once what is wrong.
    """

    def __init__(self, folder: Path, seen: Metadata, matcher: Matcher, build: Build) -> None:
        self.matcher = matcher
        self._folder = folder
        self._seen = seen
        self._build = build
        self._told: tuple[Problem, ...] = ()

    def tell(self, problems: tuple[Problem, ...]) -> None:
        """Print the problems, unless all of them have been told already."""
        if set(problems) - set(self._told):
            print(f"{WRONG}:", *problems, sep="\n", file=sys.stderr, flush=True)
        self._told = problems

    def look(self) -> Matcher:
        """Return the matcher of what the files hold now. If none has changed, this costs their metadata alone."""
        if (now := metadata(self._folder)) != self._seen:
            self._seen = now
            loaded = survey(self._folder, good=self.matcher.base, hold=True)
            self.tell(loaded.problems)
            if loaded.base != self.matcher.base:
                self.matcher = self._build(loaded.base)
        return self.matcher


class Console:
    """A chat that answers line by line.

    ``look`` returns the matcher to answer the next question with. ``record`` logs each lookup before its answer is
    shown. It returns whether the lookup is stored. ``language`` is that of whoever reads, as a tag.
    """

    def __init__(
        self,
        look: Callable[[], Matcher],
        record: Callable[[Lookup], Awaitable[bool]] | None,
        language: str | None = None,
    ) -> None:
        self._look = look
        self._language = language
        self._catalogue = shipped().of(language)
        self._record = record
        self._offered: Answer | None = None

    def run(self, runner: asyncio.Runner) -> None:
        """Answer every line of standard input until its end. A terminal gets a prompt and completion with Tab."""
        if not sys.stdin.isatty():
            with contextlib.suppress(EOFError):
                for line in sys.stdin:
                    self._answer(line, runner)
            return
        with contextlib.suppress(EOFError, KeyboardInterrupt), _completion(self._look, self._language):
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
        matcher = self._look()
        if chosen := self._chosen(query):
            query = matcher.base.briefs.get(chosen.id, chosen).title
        started = time.perf_counter()
        found = answer(query, matcher, self._language)
        elapsed_ms = (time.perf_counter() - started) * 1000
        brief = found.brief.id if found.brief else None
        noted = False
        if self._record and query:  # a blank line is no question
            lookup = Lookup(
                query, found.outcome, brief, found.confidence, elapsed_ms, "console", language=self._language
            )
            noted = runner.run(_awaited(self._record(lookup)))
        if not chosen and query:
            self._offered = found
        today, say = datetime.now(UTC).date(), self._catalogue
        _show(plain_answer(found, query, matcher.base, today, noted=noted, catalogue=say, language=self._language))

    def _chosen(self, query: str) -> Brief | None:
        """Return the brief that the user chose by number from the last suggestions, or by yes if there was only one."""
        offered = self._offered.offered if self._offered else ()
        picked = {str(number): brief for number, brief in enumerate(offered, 1)}
        if self._only:
            picked |= dict.fromkeys(_YES, self._only)
        return picked.get(query.lower())

    @property
    def _only(self) -> Brief | None:
        return self._offered.only if isinstance(self._offered, Unsure) else None


async def _awaited(awaitable: Awaitable[bool]) -> bool:
    return await awaitable


def _show(text: str) -> None:
    print(_laid_out(text), end="\n\n", flush=True)


@contextlib.contextmanager
def _completion(look: Callable[[], Matcher], language: str | None) -> Iterator[None]:
    """Let Tab complete the whole line during the block, as autocomplete does on Discord."""
    try:
        import readline
    except ImportError:  # Python can be built without it; the chat works then too
        yield
        return

    def complete(text: str, state: int) -> str | None:
        titles = [brief.title for brief in look().complete(_COMMAND.sub("", text), 10, language)]
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
