"""Looking at the base from Discord: what is in it, what is wrong with it, and taking it up anew."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from bot.answering.completion import CHOICES
from bot.authoring.check import find_warnings
from bot.authoring.editor import BaseEditor
from bot.authoring.keeper import BaseKeeper
from bot.briefs.brief import Brief
from bot.briefs.brief_file import read_brief
from bot.briefs.card import card_of
from bot.briefs.loader import survey
from bot.catalogues.catalogue import Catalogue
from bot.commands.admin import texts, views
from bot.commands.admin.gate import Gate
from bot.commands.admin.help_texts import HELP, HELP_FOR_MANAGERS, help_text
from bot.commands.admin.home import Home
from bot.commands.admin.permission import Power
from bot.commands.admin.replies import defer, respond, show
from bot.commands.layout import card_layout
from bot.errors import LogError, Problem, RequestError
from bot.garbage import out_of_the_way
from bot.gateway import audience
from bot.gateway.client import BriefClient, Interaction
from bot.language.texts import whole_number
from bot.storage.clock import Clock
from bot.storage.database import Database
from bot.storage.hash_key import KeyHistory
from bot.storage.history import History

_REMOVED_CHOICES = 5

PAGE = 15
"""Briefs on a page: as many as fit into a message however long their ids and titles are."""

MOST_ASIDE = 3
"""Damaged databases that are named, the newest ones."""


class InspectingDesk:
    """Serves `/briefs help`, `list`, `show`, `check` and `reload`, and completes the ids of briefs."""

    def __init__(
        self,
        gate: Gate,
        keeper: BaseKeeper,
        editor: BaseEditor,
        history: History,
        database: Database,
        home: Home,
        clock: Clock,
        keys: KeyHistory,
    ) -> None:
        self._gate = gate
        self._keeper = keeper
        self._editor = editor
        self._history = history
        self._database = database
        self._home = home
        self._clock = clock
        self._keys = keys

    def install(self, client: BriefClient) -> None:
        """Add the buttons to ``client``; the commands are in bot/commands/admin/commands.py."""
        client.router.on_press("briefs list", self.turn)

    def complete(self, text: str) -> list[Brief]:
        """Return the briefs that half-typed text may mean, those whose id holds it first."""
        matcher = self._keeper.matcher
        typed = text.strip().lower()
        by_id = [brief for brief in matcher.base.briefs.values() if typed and typed in brief.id]
        found = {brief.id: brief for brief in (*by_id, *matcher.complete(text, CHOICES))}
        return list(found.values())[:CHOICES]

    def complete_with_removed(self, text: str, catalogue: Catalogue) -> list[tuple[str, str]]:
        """Return the names and ids of briefs that half-typed text may mean, removed ones too: a few of these at least,
        however many others there are. Where nothing is typed, what was changed last comes first.
        """
        typed, base = text.strip().lower(), self._keeper.matcher.base
        recent = self._history.changed if not typed else {}
        last_first = sorted(recent, key=lambda brief: recent[brief], reverse=True)
        removed = [name for name in self._history.removed() if typed in name and not base.content(name)]
        others = self.complete(text)[: CHOICES - min(len(removed), _REMOVED_CHOICES)]
        found = dict.fromkeys([*last_first, *(brief.id for brief in others), *removed])
        return [(self._name(brief, catalogue), brief) for brief in found][:CHOICES]

    def _name(self, brief: str, catalogue: Catalogue) -> str:
        """Return the title of a brief, or of a translation; of a removed one its id."""
        known = self._keeper.matcher.base.content(brief)
        return known.title if known else catalogue.gettext("{brief} (removed)", brief=brief)

    async def list_all(self, interaction: Interaction) -> None:
        """Show the first page of all briefs."""
        await self.turn(interaction, "1")

    async def help(self, interaction: Interaction) -> None:
        """Show what whoever asks can do, on one screen."""
        may_edit = self._gate.power(interaction) >= Power.BASE
        lines = HELP if may_edit else HELP_FOR_MANAGERS
        await respond(interaction, views.message(help_text(lines, audience.reader(interaction))))

    async def turn(self, interaction: Interaction, page: str) -> None:
        """Show a page of all briefs."""
        today = datetime.now(UTC).date()
        briefs = list(self._keeper.matcher.base.briefs.values())
        number, pages = page_of(page, len(briefs), PAGE)
        part = briefs[(number - 1) * PAGE : number * PAGE]
        say = audience.reader(interaction)
        lines = [texts.listed(brief, expired=brief.expired(today), catalogue=say) for brief in part]
        notes = [say.gettext(texts.NOT_IN_USE)] if self._keeper.problems else []
        await respond(interaction, views.list_message([*notes, *lines], number, pages, len(briefs), say))

    async def show(self, interaction: Interaction, typed: str) -> None:
        """Show a brief's card and its file; of a file that is not in use the file alone."""
        brief_id = self._editor.id_of(typed)
        text = await self._editor.text(brief_id)
        base = self._keeper.matcher.base
        if text is None:
            raise RequestError(
                "There is no brief {name}; choose one from the list as you type.", name=texts.quoted(typed)
            )
        say = audience.reader(interaction)
        files = [(f"{brief_id}.yaml", text.encode())]
        if brief := base.shown(brief_id):
            today = datetime.now(UTC).date()
            card = card_of(brief, base, today, self._history.changed.get(brief_id), catalogue=say)
            differs = read_brief(f"{brief_id}.yaml", text.encode()).content != base.content(brief_id)
            layout = card_layout(card)
            notice = say.gettext(texts.FILE_DIFFERS) if differs else None
            await respond(interaction, views.with_files(layout, files, notice))
        else:
            unused = say.gettext("{brief} is not in use: `/briefs check` says what is wrong.", brief=f"`{brief_id}`")
            await respond(interaction, views.message(unused, files=files))

    async def check(self, interaction: Interaction) -> None:
        """Show everything that is wrong or doubtful, in the files and with the log."""
        await defer(interaction)
        say = audience.reader(interaction)
        problems, warnings = await asyncio.to_thread(self._checked)
        in_use = say.ngettext("{n} brief", "{n} briefs", len(self._keeper.matcher.base.briefs))
        found = [
            say.ngettext("{n} problem", "{n} problems", len(problems)),
            say.ngettext("{n} warning", "{n} warnings", len(warnings)),
        ]
        head = [f"### {', '.join(found)}", *await self._state(say)]
        if problems:
            head.append(
                say.gettext(
                    "Wrong files are not used; what was last good of each is in use, if there is any: {briefs} in all.",
                    briefs=in_use,
                )
            )
        else:
            head.append(say.gettext("{briefs} in use.", briefs=in_use))
        lines = [texts.located(problem, say) for problem in problems]
        lines += [say.gettext("warning: {problem}", problem=texts.located(warning, say)) for warning in warnings]
        await show(interaction, views.lines_message("\n".join(head), lines, "check.txt", catalogue=say))

    async def reload(self, interaction: Interaction) -> None:
        """Take up what the files hold now, even if that removes most of the base."""
        await defer(interaction)
        say = audience.reader(interaction)
        if await self._keeper.reload(force=True):
            number = say.ngettext("{n} brief", "{n} briefs", len(self._keeper.matcher.base.briefs))
            await show(interaction, views.message(say.gettext("Reloaded: {briefs} in use.", briefs=number)))
        else:
            head = say.gettext(
                "Reloaded, but for files that are wrong. They are not used; what was last good of each is, if there is "
                "any:"
            )
            await show(interaction, views.problems_message(head, self._keeper.problems, say))

    @out_of_the_way()
    def _checked(self) -> tuple[tuple[Problem, ...], list[Problem]]:
        matcher = self._keeper.matcher
        loaded = survey(self._keeper.folder, good=matcher.base, hold=True)
        used = [file for file in loaded.files if file.content == matcher.base.content(file.id)]
        return loaded.problems, find_warnings(used, matcher, datetime.now(UTC).date())

    async def _state(self, say: Catalogue) -> list[str]:
        """Return what is to be known of home, of the key, and of the log."""
        doubt: str | None = None
        with suppress(LogError):
            doubt = await self._keys.doubt(say)
        return [*filter(None, (self._home.advice(say), doubt and f"⚠️ {doubt}.")), *self._log_state(say)]

    def _log_state(self, say: Catalogue) -> list[str]:
        """Return what is wrong with the log, if anything is."""
        database, lost = self._database, []
        if dropped := database.dropped:
            lost.append(say.ngettext("⚠️ {n} lookup could not be kept.", "⚠️ {n} lookups could not be kept.", dropped))
        lost += [f"⚠️ {say.say(self._clock.doubt)}."] if self._clock.doubt else []
        if aside := database.quarantined:
            lost.append(_set_aside(aside, database.due_quarantined, say))
        if not database.failure:
            return lost
        failed = say.ngettext(
            "⚠️ The log cannot be written ({why}); {n} write wait to be.",
            "⚠️ The log cannot be written ({why}); {n} writes wait to be.",
            database.waiting,
            why=texts.quoted(database.failure),
        )
        return [failed, *lost]


def _set_aside(names: Sequence[str], due: Mapping[str, datetime], say: Catalogue) -> str:
    """Return which damaged databases are kept, and until when."""
    kept = ", ".join(map(texts.quoted, names[-MOST_ASIDE:]))
    if not due:
        return say.gettext(
            "⚠️ The log was damaged, and a new one begun; set aside, until RETENTION_DAYS are over: {names}.", names=kept
        )
    return say.gettext(
        "⚠️ The log was damaged, and a new one begun; set aside, until {time} UTC, because a member asked to be "
        "forgotten: {names}. Move elsewhere what you want to mend.",
        time=f"{min(due.values()):%Y-%m-%d %H:%M}",
        names=kept,
    )


def page_of(page: str, total: int, size: int) -> tuple[int, int]:
    """Return the number of a page, within bounds, and how many pages there are; both count from 1."""
    pages = max(1, -(-total // size))
    return min(whole_number(page, 1) or 1, pages), pages
