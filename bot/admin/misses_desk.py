"""What members asked in vain, and closing each gap with one press."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from bot.admin import texts, views
from bot.admin.gate import Gate
from bot.admin.inspecting_desk import page_of
from bot.admin.replies import chosen_value, in_time, respond, show, wait_for_us
from bot.brief import Brief
from bot.card import neutralised
from bot.client import BriefClient, Interaction
from bot.editing import BaseEditor
from bot.errors import BriefsError, ConflictError, LogError, RequestError
from bot.misses import Miss, MissGroup, open_misses, with_nearest
from bot.permission import Power
from bot.reloading import BaseKeeper
from bot.report import left_out_line
from bot.storage import reports
from bot.storage.database import Database
from bot.storage.ignored import IgnoredQuestions
from bot.text import normalise_query

PAGE = 5
NEW_CHANGE_DAYS = 7
"""How far back a change looks for questions that it may answer."""

MOST_WORDINGS = 10
"""Most wordings of a question that become aliases at once."""

NOT_KEPT = "That question is no longer kept."


class MissesDesk:
    """Serves `/briefs misses`: to admins of the base for all servers, to other managers for their own."""

    def __init__(
        self, gate: Gate, keeper: BaseKeeper, editor: BaseEditor, database: Database, ignored: IgnoredQuestions
    ) -> None:
        self._gate = gate
        self._keeper = keeper
        self._editor = editor
        self._database = database
        self._ignored = ignored

    def install(self, client: BriefClient) -> None:
        """Add the buttons to ``client``; the commands are in bot/admin/commands.py."""
        client.on_press("briefs misses", self.turn)
        client.on_press("briefs alias", self.add_alias)
        client.on_press("briefs choose", self.choose)
        client.on_press("briefs ignore", self.ignore)

    async def misses(self, interaction: Interaction, days: int) -> None:
        """Show what was asked in vain in the last days."""
        await wait_for_us(interaction)
        await self._show_misses(interaction, days, "1")

    async def turn(self, interaction: Interaction, state: str) -> None:
        """Show another page of what was asked in vain."""
        await wait_for_us(interaction)
        days, _, page = state.partition(":")
        await self._show_misses(interaction, _number(days), page)

    async def add_alias(self, interaction: Interaction, state: str) -> None:
        """Make a question an alias of the brief that the button, or the choice from the menu, names."""
        await wait_for_us(interaction)
        days, _, which = state.partition(":")
        lookup, _, named = which.partition(":")
        brief = named or chosen_value(interaction)
        miss = await self._miss(interaction, lookup)
        in_use = await self._give(brief, await self._wordings(interaction, miss, _number(days)), interaction.user.id)
        alias = texts.quoted(miss.query)
        done = f"✅ {alias} finds `{brief}` from now on."
        notice = done if in_use else f"{alias} is an alias of `{brief}`. {texts.WAITS}"
        await self._show_misses(interaction, _number(days), "1", notice, undo=brief)

    async def _give(self, brief: str, aliases: Sequence[str], user: int) -> bool:
        """Give a brief these aliases, or the first alone where another brief has one of the rest.

        Returns whether they are in use.
        """
        for some in (aliases, aliases[:1]):
            try:
                return await self._editor.apply(await self._editor.with_aliases(brief, some), user)
            except ConflictError:
                raise RequestError(f"`{brief}` has just been changed by somebody else; press again.") from None
            except BriefsError as error:
                why = neutralised(texts.located(error.problems[0]))
        raise RequestError(f"{texts.quoted(aliases[0])} can be no alias of `{brief}`: {why}")

    async def choose(self, interaction: Interaction, state: str) -> None:
        """Offer the briefs that a question may belong to."""
        days, _, lookup = state.partition(":")
        miss = await in_time(self._miss(interaction, lookup))
        matcher = self._keeper.matcher
        ranked = [candidate.brief for candidate in matcher.rank(miss.query, views.MENU)]
        likely: dict[str, Brief] = {brief.id: brief for brief in (*ranked, *matcher.complete("", views.MENU))}
        head = f"Which brief answers {texts.quoted(miss.query)}?"
        await respond(interaction, views.choice_message(head, miss.lookup, _number(days), list(likely.values())))

    async def ignore(self, interaction: Interaction, state: str) -> None:
        """Report a question, and those like it, no longer."""
        await wait_for_us(interaction)
        days, _, lookup = state.partition(":")
        miss = await self._miss(interaction, lookup)
        wordings = await self._wordings(interaction, miss, _number(days))
        await self._ignored.ignore(map(normalise_query, wordings), self._gate.scope(interaction))
        await self._show_misses(
            interaction, _number(days), "1", f"{texts.quoted(miss.query)} is not reported any more."
        )

    async def recent_queries(self) -> Sequence[str]:
        """Return what was asked in vain lately, one wording a question; nothing while the log cannot be read."""
        with suppress(LogError):
            groups, _ = await self.open_misses(NEW_CHANGE_DAYS, reports.EVERYWHERE)
            return [group.wordings[0] for group in groups]
        return []

    async def open_misses(self, days: int, scope: int | None) -> tuple[list[MissGroup], int]:
        """Return what was asked in vain and would be still, and how many wordings more than are looked at there are."""
        misses = await reports.misses(self._database, days, scope)
        ignored = await self._ignored.of(scope)
        groups = await asyncio.to_thread(open_misses, misses.found, self._keeper.matcher, ignored)
        return groups, misses.left_out

    async def _wordings(self, interaction: Interaction, miss: Miss, days: int) -> list[str]:
        """Return how the question of ``miss`` was worded, itself first, each wording once whatever its punctuation."""
        groups, _ = await self.open_misses(days, self._gate.scope(interaction))
        alike = next((group.wordings for group in groups if group.lookup == miss.lookup), ())
        wordings = {normalise_query(wording): " ".join(wording.split()) for wording in (*reversed(alike), miss.query)}
        return list(reversed(wordings.values()))[:MOST_WORDINGS]

    async def _show_misses(
        self, interaction: Interaction, days: int, page: str, notice: str | None = None, undo: str | None = None
    ) -> None:
        groups, left_out = await self.open_misses(days, self._gate.scope(interaction))
        notice = "\n".join(filter(None, [notice, f"-# {left_out_line(left_out)}" if left_out else None])) or None
        number, pages = page_of(page, len(groups), PAGE)
        part = with_nearest(groups[(number - 1) * PAGE : number * PAGE], self._keeper.matcher)
        may_edit = self._gate.power(interaction) >= Power.BASE
        shown = views.misses_message(part, days, number, pages, may_edit=may_edit, notice=notice, undo=undo)
        await show(interaction, shown)

    async def _miss(self, interaction: Interaction, lookup: str) -> Miss:
        number = int(lookup) if lookup.isascii() and lookup.isdigit() and len(lookup) < 19 else 0
        miss = await reports.miss(self._database, number, self._gate.scope(interaction))
        if miss is None:
            raise RequestError(NOT_KEPT)
        return miss


def _number(days: str) -> int:
    return int(days) if days.isascii() and days.isdigit() and len(days) < 4 else NEW_CHANGE_DAYS
