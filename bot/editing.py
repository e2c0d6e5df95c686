"""Changing the base: a proposal is checked against the whole base, tried on questions, and written atomically."""

import asyncio
import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path
from typing import Protocol

from bot.brief import ID_PATTERN
from bot.brief_file import read_brief
from bot.change import Action, Change, Preview, diff, digest, moves
from bot.check import doubts
from bot.durable import sync_folder
from bot.errors import BriefsError, ConflictError, Problem, RequestError
from bot.loader import Loaded, load, read_file
from bot.matching import Matcher
from bot.phrase_entry import with_alias
from bot.reloading import BaseKeeper

MOST_ASKED = 1000
"""Most phrases that are asked before and after a change, to see what it does to answers: about a second."""

WRITTEN: tuple[Action, ...] = ("add", "edit", "upload")
"""Changes whose texts an admin has just written: to be cut short by a comment is a mistake there, not a doubt."""


class History(Protocol):
    """Where the versions of briefs are kept."""

    async def catch_up(self, brief: str, text: str | None) -> None: ...

    async def record(self, brief: str, text: str | None, action: Action, user: int | None) -> None: ...


class BaseEditor:
    """Proposes and applies changes to the files of which ``keeper`` holds what is in use."""

    def __init__(self, keeper: BaseKeeper, history: History) -> None:
        self._keeper = keeper
        self._history = history

    def id_of(self, typed: str) -> str:
        """Return the id of the brief that an admin typed the id or the title of; it may be one that is not in use."""
        matcher = self._keeper.matcher
        named = None if typed in matcher.base.briefs else matcher.named(typed)
        return named.id if named else typed.strip().lower()

    async def text(self, brief: str) -> str | None:
        """Return the text of a brief's file, None if there is none. Raises RequestError if it cannot be read."""
        return await asyncio.to_thread(self._text, brief)

    async def proposed(self, action: Action, texts: dict[str, str | None]) -> Change:
        """Return the change that gives the files these texts, None to remove one, in place of those they have now."""
        return Change(action, texts, {brief: digest(await self.text(brief)) for brief in texts})

    async def with_aliases(self, brief: str, aliases: Iterable[str]) -> Change:
        """Return the change that gives a brief an alias, and as many of the others as it can have.

        Raises RequestError if that cannot be done safely.
        """
        text = await self.text(brief)
        if text is None:
            raise RequestError(f"there is no brief {brief} any more")
        if "\ufffd" in text:  # what was not UTF-8 would be lost
            raise RequestError(f"{brief}.yaml holds characters that cannot be read; mend it with /briefs edit first")
        first, *others = aliases
        changed = with_alias(brief, text, first)
        for alias in others:
            with suppress(RequestError):
                changed = with_alias(brief, changed, alias)
        return Change("alias", {brief: changed}, {brief: digest(text)})

    async def preview(self, change: Change, asked: Iterable[str]) -> Preview:
        """Return what ``change`` would do; of ``asked``, recent queries, it says what becomes of their answers too.

        Raises BriefsError with what is wrong in the changed files, or only because of them.
        """
        return await asyncio.to_thread(self._preview, change, list(asked), self._keeper.matcher)

    async def apply(self, change: Change, user: int) -> bool:
        """Write ``change`` and take it up, and return whether it is in use now: problems of other files may forbid it.

        Raises BriefsError as preview does, ConflictError if a file is no longer what the change replaces, and
        RequestError if it cannot be written. Then nothing was.
        """
        async with self._keeper.lock.held(to_write=True) as held:
            if not held:
                raise RequestError("another process of the bot is changing the briefs; try again in a minute")
            replaced = await asyncio.to_thread(self._write, change)
            for brief, text in change.texts.items():
                await self._history.catch_up(brief, replaced[brief])
                await self._history.record(brief, text, change.action, user)
        return await self._keeper.reload()

    def _preview(self, change: Change, asked: Sequence[str], before: Matcher) -> Preview:
        lines = tuple(line for brief, text in change.texts.items() for line in diff(brief, self._text(brief), text))
        loaded = self._checked(change)
        if isinstance(loaded, BriefsError):
            return Preview(lines, problems=loaded.problems)
        after = self._keeper.build(loaded.base)
        phrases = list(islice(_phrases(change, before, after, asked), MOST_ASKED))
        touched = [file for file in loaded.files if file.id in change.texts]
        return Preview(
            lines,
            tuple(moves(phrases, before, after)),
            len(phrases),
            tuple(doubts(touched, after, datetime.now(UTC).date())),
        )

    def _checked(self, change: Change) -> Loaded | BriefsError:
        """Return what the folder would hold, or the problems that are not due to ``change``; those that are raise."""
        try:
            loaded = load(self._keeper.folder, change.texts)
        except BriefsError as error:
            known = self._problems()
            touched = {os.path.join(self._keeper.folder, f"{brief}.yaml") for brief in change.texts}
            caused = [problem for problem in error.problems if problem.path in touched or problem not in known]
            if caused := [*caused, *self._cut_short(change)]:
                raise BriefsError(caused) from None
            return error
        if cut := self._cut_short(change):
            raise BriefsError(cut)
        return loaded

    def _cut_short(self, change: Change) -> list[Problem]:
        """Return a problem for each text that an admin has just written and of which YAML would lose the end."""
        if change.action not in WRITTEN:
            return []
        texts = [(os.path.join(self._keeper.folder, f"{brief}.yaml"), text) for brief, text in change.texts.items()]
        files = [read_brief(path, text.encode(errors="surrogatepass")) for path, text in texts if text is not None]
        return [problem for file in files for problem in file.cut_short()]

    def _problems(self) -> tuple[Problem, ...]:
        try:
            load(self._keeper.folder)
        except BriefsError as error:
            return error.problems
        return ()

    def _write(self, change: Change) -> dict[str, str | None]:
        """Write ``change`` and return the texts that it replaced."""
        self._checked(change)
        replaced = {brief: self._text(brief) for brief in change.replaces}
        for brief, text in replaced.items():
            if digest(text) != change.replaces[brief]:
                raise ConflictError(f"{brief} was changed by somebody else meanwhile")
        _put({self._keeper.folder / f"{brief}.yaml": text for brief, text in change.texts.items()})
        return replaced

    def _text(self, brief: str) -> str | None:
        path = self._keeper.folder / f"{brief}.yaml"
        if not ID_PATTERN.fullmatch(brief) or not os.path.lexists(path):
            return None
        content = read_file(str(path), os.path.realpath(self._keeper.folder))
        if isinstance(content, str):
            raise RequestError(f"{brief}.yaml {content}")
        return content.decode("utf-8-sig", "replace")


def _phrases(change: Change, before: Matcher, after: Matcher, asked: Sequence[str]) -> Iterable[str]:
    """Return each phrase once: those of the changed briefs first, then what was asked lately, then all others."""
    briefs = [brief for matcher in (after, before) for brief in matcher.base.briefs.values()]
    changed = chain.from_iterable(brief.phrases for brief in briefs if brief.id in change.texts)
    return dict.fromkeys(chain(changed, asked, chain.from_iterable(brief.phrases for brief in briefs)))


def _put(texts: Mapping[Path, str | None]) -> None:
    """Give each file its text, None to remove it: whoever reads one sees the old content or the new.

    Raises RequestError if any of them cannot be written; then none was.
    """
    ready: dict[Path, Path] = {}
    path = Path()
    try:
        for path, text in texts.items():
            if text is not None:
                target = Path(os.path.realpath(path))  # a link within the folder stays one
                ready[target] = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
                _write_new(ready[target], text, target.stat().st_mode & 0o777 if target.exists() else None)
        for path in [path for path, text in texts.items() if text is None]:
            path.unlink(missing_ok=True)
        for path, new in ready.items():
            new.replace(path)
    except OSError as error:
        raise RequestError(
            f"{path.name} cannot be written ({error.strerror}); mend the folder of the briefs"
        ) from error
    finally:
        for new in ready.values():
            with suppress(OSError):
                new.unlink()
    for folder in {path.parent for path in (*texts, *ready)}:
        sync_folder(folder)


def _write_new(path: Path, text: str, mode: int | None) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "w", encoding="utf-8", newline="") as file:
        if mode is not None:
            os.fchmod(file.fileno(), mode)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
