"""Changes to the base: checks a proposed change against all briefs, shows its effect, and writes it as a whole."""

import asyncio
import errno
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path

from bot.answering.matcher import Matcher
from bot.authoring.alias import LOST, with_alias, without_related
from bot.authoring.check import find_warnings
from bot.authoring.form.fields import SourceLine
from bot.authoring.form.naming import id_for
from bot.authoring.importing.plan import Plan, planned
from bot.authoring.keeper import BaseKeeper
from bot.authoring.preview import Preview, answer_changes
from bot.authoring.stamping import stamped
from bot.briefs import journal
from bot.briefs.brief import BriefBase
from bot.briefs.brief_file import read_brief
from bot.briefs.change import Action, Change, diff, digest
from bot.briefs.journal import Journal
from bot.briefs.loader import Loaded, read_file, survey
from bot.briefs.translation import is_file_name, parted
from bot.errors import BriefsError, ConflictError, Problem, RequestError, Said
from bot.garbage import out_of_the_way
from bot.language.normalise import normalise

MOST_ASKED = 1000
"""Most phrases that a preview asks before and after a change, to see which answers differ. It takes about a second."""

WRITTEN: tuple[Action, ...] = ("add", "edit", "upload")
"""Changes whose texts an admin has just written. If a comment cuts such a text short, that is an error, no warning."""


class BaseEditor:
    """Proposes and applies changes to the files of the folder that ``keeper`` watches."""

    def __init__(self, keeper: BaseKeeper) -> None:
        self._keeper = keeper

    @property
    def base(self) -> BriefBase:
        """The briefs in use."""
        return self._keeper.matcher.base

    def id_of(self, typed: str) -> str:
        """Return the id of the brief whose id or title an admin typed. There may be no such brief."""
        matcher = self._keeper.matcher
        named = None if matcher.base.content(typed) else matcher.named(typed)
        if named:
            return named.id
        brief, language = parted(typed.strip())
        return f"{brief}.{language}" if language else typed.strip().lower()

    def phrases(self, brief: str) -> tuple[str, ...]:
        """Return what finds a brief as it is in use; nothing of one that is not."""
        known = self._keeper.matcher.base.shown(brief)
        return known.phrases if known else ()

    async def free_id(self, title: str) -> str:
        """Return an id for a new brief of this title."""
        return await asyncio.to_thread(id_for, title, lambda brief: os.path.lexists(self._path(brief)))

    async def text(self, brief: str) -> str | None:
        """Return the text of a brief's file, or None without a file. Raises RequestError if it cannot be read."""
        return await asyncio.to_thread(self._text, brief)

    async def change_to(self, action: Action, texts: dict[str, str | None]) -> Change:
        """Return the change that writes these texts in place of the present ones. None removes a file.

        A translation that an admin has just written says of what it is one.
        """
        texts = {name: text and self._stamped(action, name, text, texts) for name, text in texts.items()}
        return Change(action, texts, {brief: digest(await self.text(brief)) for brief in texts})

    def _stamped(self, action: Action, name: str, text: str, texts: Mapping[str, str | None]) -> str:
        brief, language = parted(name)
        translation = read_brief(f"{name}.yaml", text.encode(errors="surrogatepass")).translation
        if not (language and translation) or action not in WRITTEN or (action == "upload" and translation.of):
            return text
        original = self._keeper.matcher.base.briefs.get(brief)
        if other := texts.get(brief):
            original = read_brief(f"{brief}.yaml", other.encode(errors="surrogatepass")).brief
        return stamped(text, original.digest) if original else text

    async def plan_for(self, files: Mapping[str, bytes], source: SourceLine | None) -> Plan:
        """Return what becomes of the entries of ``files``; ``source`` is that of entries without one."""
        return await asyncio.to_thread(self._plan_for, files, source)

    async def with_aliases(self, brief: str, aliases: Iterable[str]) -> Change:
        """Return the change that adds aliases to a brief, or to the translation in whose language they are.

        Raises RequestError if the first one cannot be added safely. Any other that cannot be added is left out.
        """
        first, *others = aliases
        change = await self.with_all_aliases(brief, [first])
        for alias in others:
            with suppress(RequestError):
                change = await self._with_alias(change, brief, alias)
        return change

    async def with_all_aliases(self, brief: str, aliases: Iterable[str]) -> Change:
        """Return the change that gives a brief all these aliases. Raises RequestError if it cannot have one of them."""
        change = Change("alias", {}, {})
        for alias in aliases:
            change = await self._with_alias(change, brief, alias)
        return change

    async def _with_alias(self, change: Change, brief: str, alias: str) -> Change:
        """Return a change that also gives a brief this alias, in the file of the language that it is in."""
        name = self._file_of(brief, alias)
        text = change.texts.get(name) or await self.text(name)
        if text is None:
            raise RequestError("there is no brief {brief} any more", brief=brief)
        if LOST in text:  # what was not UTF-8 would be lost
            raise RequestError(
                "{brief}.yaml holds characters that cannot be read; mend it with /briefs edit first", brief=name
            )
        texts = {**change.texts, name: with_alias(name, text, alias)}
        return replace(change, texts=texts, replaces={name: digest(text), **change.replaces})

    def _file_of(self, brief: str, alias: str) -> str:
        """Return the name of the brief's file in whose language an alias is: the language that would be asked first."""
        matcher = self._keeper.matcher
        first = matcher.asked(alias)[0]
        names = (f"{brief}.{language}" for language, each in matcher.translated.items() if each is first)
        return next((name for name in names if name in matcher.base.translations), brief)

    async def removal(self, brief: str) -> Change:
        """Return the change that removes a brief and its translations, also from the related briefs of other files.

        A file that is wrong or cannot be edited safely is left alone. The preview reports it then.
        """
        names = [brief, *(name for name in self._keeper.matcher.base.translations if parted(name)[0] == brief)]
        texts: dict[str, str | None] = dict.fromkeys(names)
        replaces = {name: digest(await self.text(name)) for name in names}
        naming = [each.id for each in self._keeper.matcher.base.briefs.values() if brief in each.related]
        for other in naming:
            with suppress(RequestError):
                text = await self.text(other)
                texts[other] = without_related(other, text or "", brief)
                replaces[other] = digest(text)
        return Change("remove", texts, replaces)

    async def preview(self, change: Change, asked: Iterable[str]) -> Preview:
        """Return what ``change`` would do, also to the answers of the recent queries ``asked``.

        Raises BriefsError with all problems that the change has or causes.
        """
        return await asyncio.to_thread(self._preview, change, list(asked), self._keeper.matcher)

    async def apply(self, change: Change, user: int | None) -> bool:
        """Write ``change``, reload, and return whether all of it is in use now. ``user`` is None outside Discord.

        Raises BriefsError as ``preview`` does, ConflictError if a file has changed since the change was proposed, and
        RequestError if a file cannot be written. On any error no file is changed.
        """
        async with self._keeper.lock.held(to_write=True) as held:
            if not held:
                raise RequestError("another process of the bot is changing the briefs; try again in a minute")
            if journal.read_journal(self._keeper.folder):  # left by a process that was killed
                await self._keeper.reload_locked()
            await asyncio.to_thread(self._write, change, user)
            await self._keeper.reload_locked()
        return self._in_use(change)

    @out_of_the_way()
    def _plan_for(self, files: Mapping[str, bytes], source: SourceLine | None) -> Plan:
        today = datetime.now(UTC).date()
        base = self._keeper.matcher.base
        return planned(files, base, lambda brief: os.path.lexists(self._path(brief)), source, today)

    @out_of_the_way()
    def _preview(self, change: Change, asked: Sequence[str], before: Matcher) -> Preview:
        lines = tuple(line for brief, text in change.texts.items() for line in diff(brief, self._text(brief), text))
        loaded = self._checked(change)
        after = self._keeper.build(loaded.base)
        phrases = list(islice(_phrases(change, before, after, asked), MOST_ASKED))
        touched = [file for file in loaded.files if file.id in change.texts]
        return Preview(
            lines,
            tuple(answer_changes(phrases, before, after)),
            len(phrases),
            tuple(find_warnings(touched, after, datetime.now(UTC).date())),
            loaded.problems,
            before.base,
            loaded.base,
        )

    def _cut_short(self, change: Change) -> list[Problem]:
        """Return a problem for each new text whose end YAML would take for a comment."""
        if change.action not in WRITTEN:
            return []
        texts = [(os.path.join(self._keeper.folder, f"{brief}.yaml"), text) for brief, text in change.texts.items()]
        files = [read_brief(path, text.encode(errors="surrogatepass")) for path, text in texts if text is not None]
        return [problem for file in files for problem in file.misread()]

    def _checked(self, change: Change) -> Loaded:
        """Return what would be in use after the change.

        Raises BriefsError with the problems of the changed files, and those of files that were valid before.
        """
        folder, good = self._keeper.folder, self._keeper.matcher.base
        loaded = survey(folder, change.texts, good)
        wrong: set[str] = set()
        if loaded.problems:
            wrong = {problem.path for problem in survey(folder, good=good).problems}
            wrong -= {os.path.join(folder, f"{brief}.yaml") for brief in change.texts}
        caused = [problem for problem in loaded.problems if problem.path not in wrong]
        if caused := [*caused, *self._cut_short(change)]:
            raise BriefsError(caused)
        return loaded

    @out_of_the_way()
    def _write(self, change: Change, user: int | None) -> None:
        folder = self._keeper.folder
        self._checked(change)
        texts = {brief: self._text(brief) for brief in change.replaces}
        for brief, text in texts.items():
            if digest(text) != change.replaces[brief]:
                raise ConflictError(f"{brief} was changed by somebody else meanwhile")
        new = {brief: text for brief, text in change.texts.items() if text != texts[brief]}
        try:
            if journal.read_journal(folder):
                raise RequestError("an earlier change was cut short and cannot be taken back; mend the folder")
            contents = {brief: None if text is None else text.encode() for brief, text in new.items()}
            entries = [journal.entry_of(folder, brief, content) for brief, content in contents.items()]
            now = datetime.now(UTC).isoformat()
            journal.carry_out(folder, Journal(change.action, user, now, tuple(entries)))
        except OSError as error:
            raise _refusal(error) from error

    def _in_use(self, change: Change) -> bool:
        base = self._keeper.matcher.base
        wanted = {
            name: text and read_brief(f"{name}.yaml", text.encode()).content for name, text in change.texts.items()
        }
        return all(base.content(name) == content for name, content in wanted.items())

    def _path(self, brief: str) -> Path:
        return self._keeper.folder / f"{brief}.yaml"

    def _text(self, brief: str) -> str | None:
        path = self._path(brief)
        if not is_file_name(brief) or not os.path.lexists(path):
            return None
        content = read_file(str(path), os.path.realpath(self._keeper.folder))
        if isinstance(content, str):
            raise RequestError("{file} {problem}", file=f"{brief}.yaml", problem=content)
        return content.decode("utf-8-sig", "replace")


def _phrases(change: Change, before: Matcher, after: Matcher, asked: Sequence[str]) -> Iterator[str]:
    """Yield each phrase once, whatever its case: those of the changed briefs, then recent queries, then all others."""
    briefs = [brief for matcher in (after, before) for brief in matcher.base.briefs.values()]
    changed = chain.from_iterable(brief.phrases for brief in briefs if brief.id in change.texts)
    seen: set[str] = set()
    for phrase in chain(changed, asked, chain.from_iterable(brief.phrases for brief in briefs)):
        if (read := normalise(phrase)) not in seen:
            seen.add(read)
            yield phrase


def _refusal(error: OSError) -> RequestError:
    """Return the error that says why a change cannot be written, and what to do."""
    name = Said("the change") if error.filename == journal.NAME else error.filename
    if error.errno == errno.EBUSY:
        return RequestError(
            "{name} cannot be replaced, for it is mounted by itself; mount the folder of the briefs instead", name=name
        )
    return RequestError(
        "{name} cannot be written ({why}); mend the folder of the briefs", name=name, why=error.strerror
    )
