"""The list of what members miss: what they say is wrong, unanswered questions, and answers that were rejected."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

from bot.authoring.keeper import BaseKeeper
from bot.catalogues.catalogue import ENGLISH, N_, Catalogue
from bot.commands.admin import miss_views
from bot.commands.admin.gate import Gate
from bot.commands.admin.inspecting_desk import page_of
from bot.commands.admin.permission import Power
from bot.commands.admin.replies import show
from bot.errors import LogError, RequestError
from bot.gateway import audience
from bot.gateway.client import Interaction
from bot.language.normalise import normalise_query
from bot.language.texts import whole_number
from bot.reports import queries
from bot.reports.corrections import Reported, by_brief, with_words
from bot.reports.misses import AllBut, Miss, MissGroup, open_misses, with_nearest
from bot.reports.report import omissions
from bot.storage.corrections import Correction, open_corrections
from bot.storage.database import Database
from bot.storage.history import History
from bot.storage.ignored import IgnoredQuestions

PAGE = 4
"""Entries on a page: each with its buttons is up to 7 of the 40 components that a message may have."""

NEW_CHANGE_DAYS = 7
"""How far back a change looks for questions that it may answer."""

MOST_ALIASES = 10
"""Most wordings of a question that become aliases at once."""

NOT_KEPT = N_("That question is no longer kept.")


class MissesList:
    """Reads the list for whoever asks, and shows a page of it: to admins of the base for all servers, to other managers
    for their own.
    """

    def __init__(
        self, gate: Gate, keeper: BaseKeeper, database: Database, ignored: IgnoredQuestions, history: History
    ) -> None:
        self._gate = gate
        self._keeper = keeper
        self._database = database
        self._ignored = ignored
        self._history = history

    async def show(
        self, interaction: Interaction, days: int, page: str, notice: str | None = None, undo: str | None = None
    ) -> None:
        """Show a page of the list, with a line on what was just done and the custom_id of what takes that back."""
        scope, may_edit = self._gate.scope(interaction), self._gate.power(interaction) >= Power.BASE
        say = audience.reader(interaction)
        groups, omitted = await self.open_misses(days, scope, say)
        groups.sort(key=lambda group: bool(group.rejected))  # what was rejected stands apart, below the rest
        said = await open_corrections(self._database, days, scope)
        reported = by_brief(said, self._keeper.matcher.base.briefs) if may_edit else []
        entries: list[Reported | MissGroup] = [*reported, *groups]
        number, pages = page_of(page, len(entries), PAGE)
        shown = miss_views.misses_message(
            self._completed(entries[(number - 1) * PAGE : number * PAGE], said),
            Counter(miss_views.heading(entry, days, say) for entry in entries),
            omitted,
            self._history.changed,
            days,
            number,
            pages,
            may_edit=may_edit,
            notice=notice,
            undo=undo,
            some_ignored=bool((await self._ignored.of(scope)).digests),
            catalogue=say,
        )
        await show(interaction, shown)

    def _completed(
        self, entries: Sequence[Reported | MissGroup], said: Sequence[Correction]
    ) -> list[Reported | MissGroup]:
        """Return the entries of a page with what takes too long to find for all."""
        groups = [entry for entry in entries if isinstance(entry, MissGroup)]
        completed = iter(with_words(with_nearest(groups, self._keeper.matcher), said))
        return [next(completed) if isinstance(entry, MissGroup) else entry for entry in entries]

    async def show_ignored(self, interaction: Interaction, days: int, page: str, notice: str | None = None) -> None:
        """Show a page of what is ignored, as far as the log still has its words."""
        groups = await self.ignored_misses(days, self._gate.scope(interaction))
        number, pages = page_of(page, len(groups), PAGE)
        part = groups[(number - 1) * PAGE : number * PAGE]
        say = audience.reader(interaction)
        await show(interaction, miss_views.ignored_message(part, days, number, pages, notice, say))

    async def reported(self, interaction: Interaction, days: int, correction: int) -> Reported:
        """Return what is said of the brief that a correction is about. Raises RequestError if it is not open."""
        said = await open_corrections(self._database, days, self._gate.scope(interaction))
        for each in by_brief(said, self._keeper.matcher.base.briefs):
            if any(one.id == correction for one in each.said):
                return each
        raise RequestError(NOT_KEPT)

    async def recent_queries(self) -> Sequence[str]:
        """Return one wording of each question that was unanswered lately; none while the log cannot be read."""
        with suppress(LogError):
            groups, _ = await self.open_misses(NEW_CHANGE_DAYS, queries.EVERYWHERE)
            return [group.wordings[0] for group in groups]
        return []

    async def open_misses(
        self, days: int, scope: int | None, catalogue: Catalogue = ENGLISH
    ) -> tuple[list[MissGroup], list[str]]:
        """Return the questions that are still unanswered, and lines that say what the list leaves out."""
        misses = await queries.misses(self._database, days, scope)
        ignored = await self._ignored.of(scope)
        groups = await asyncio.to_thread(open_misses, misses.found, self._keeper.matcher, ignored)
        return groups, omissions(misses.left_out, misses.unsaid, catalogue)

    async def ignored_misses(self, days: int, scope: int | None) -> list[MissGroup]:
        """Return the unanswered questions that are ignored."""
        misses = await queries.misses(self._database, days, scope)
        others = AllBut(await self._ignored.of(scope))
        return await asyncio.to_thread(open_misses, misses.found, self._keeper.matcher, others)

    async def wordings(self, interaction: Interaction, miss: Miss, days: int) -> list[str]:
        """Return how the question of ``miss`` was worded, itself first, each wording once whatever its punctuation."""
        groups, _ = await self.open_misses(days, self._gate.scope(interaction))
        alike = next((group.wordings for group in groups if group.lookup == miss.lookup), ())
        wordings = {normalise_query(wording): " ".join(wording.split()) for wording in (*reversed(alike), miss.query)}
        return list(reversed(wordings.values()))[:MOST_ALIASES]

    async def miss(self, interaction: Interaction, lookup: str) -> Miss:
        """Return the miss of this lookup. Raises RequestError if it is not kept or not theirs to see."""
        miss = await queries.miss(self._database, whole_number(lookup) or 0, self._gate.scope(interaction))
        if miss is None:
            raise RequestError(NOT_KEPT)
        return miss
