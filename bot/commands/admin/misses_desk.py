"""Shows the unanswered questions of members, and turns each into an alias of a brief with one press."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from bot.answering.completion import CHOICES
from bot.authoring.editor import BaseEditor
from bot.authoring.keeper import BaseKeeper
from bot.briefs.brief import Brief
from bot.briefs.markup import neutralised
from bot.commands.admin import texts, views
from bot.commands.admin.gate import Gate
from bot.commands.admin.inspecting_desk import page_of
from bot.commands.admin.permission import Power
from bot.commands.admin.replies import defer, in_time, respond, show
from bot.errors import BriefsError, ConflictError, LogError, RequestError
from bot.gateway.client import BriefClient, Interaction
from bot.gateway.replies import NOT_CERTAIN
from bot.gateway.router import chosen_value
from bot.language.normalise import normalise_query
from bot.language.texts import whole_number
from bot.reports import queries
from bot.reports.misses import AllBut, Miss, MissGroup, open_misses, with_nearest
from bot.reports.report import omissions
from bot.storage.database import Database
from bot.storage.ignored import IgnoredQuestions

PAGE = 5
NEW_CHANGE_DAYS = 7
"""How far back a change looks for questions that it may answer."""

MOST_ALIASES = 10
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
        """Add the buttons to ``client``; the commands are in bot/commands/admin/commands.py."""
        client.router.on_press("briefs misses", self.turn)
        client.router.on_press("briefs alias", self.add_alias)
        client.router.on_press("briefs choose", self.choose)
        client.router.on_press("briefs ignore", self.ignore)
        client.router.on_press("briefs ignored", self.show_ignored)
        client.router.on_press("briefs heed", self.report_again)

    async def misses(self, interaction: Interaction, days: int) -> None:
        """Show the unanswered questions of the last days."""
        await defer(interaction)
        await self._show_misses(interaction, days, "1")

    async def turn(self, interaction: Interaction, state: str) -> None:
        """Show another page of the unanswered questions."""
        await defer(interaction)
        days, _, page = state.partition(":")
        await self._show_misses(interaction, _number(days), page)

    async def add_alias(self, interaction: Interaction, state: str) -> None:
        """Make a question an alias of the brief that the button, or the choice from the menu, names."""
        await defer(interaction)
        days, _, which = state.partition(":")
        lookup, _, named = which.partition(":")
        brief = named or chosen_value(interaction)
        miss = await self._miss(interaction, lookup)
        in_use = await self._give(brief, await self._wordings(interaction, miss, _number(days)), interaction.user.id)
        alias = texts.quoted(miss.query)
        done = f"✅ {alias} finds `{brief}` from now on."
        notice = done if in_use else f"{alias} is an alias of `{brief}`. {texts.WAITS}"
        await self._show_misses(interaction, _number(days), "1", notice, undo=f"briefs undo:{brief}")

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
        ranked = [candidate.brief for candidate in matcher.rank(miss.query, CHOICES)]
        likely: dict[str, Brief] = {brief.id: brief for brief in (*ranked, *matcher.complete("", CHOICES))}
        head = f"Which brief answers {texts.quoted(miss.query)}?"
        await respond(interaction, views.choice_message(head, miss.lookup, _number(days), list(likely.values())))

    async def ignore(self, interaction: Interaction, state: str) -> None:
        """Report a question, and those like it, no longer."""
        await defer(interaction)
        days, _, lookup = state.partition(":")
        miss = await self._miss(interaction, lookup)
        wordings = await self._wordings(interaction, miss, _number(days))
        durable = await self._ignored.ignore(map(normalise_query, wordings), self._gate.scope(interaction))
        notice = f"{texts.quoted(miss.query)} is not reported any more." if durable else NOT_CERTAIN
        await self._show_misses(interaction, _number(days), "1", notice, undo=f"briefs heed:{state}")

    async def show_ignored(self, interaction: Interaction, state: str) -> None:
        """Show what is ignored, as far as the log still has its words."""
        await defer(interaction)
        days, _, page = state.partition(":")
        groups = await self._ignored_misses(_number(days), self._gate.scope(interaction))
        number, pages = page_of(page, len(groups), PAGE)
        part = groups[(number - 1) * PAGE : number * PAGE]
        await show(interaction, views.ignored_message(part, _number(days), number, pages))

    async def report_again(self, interaction: Interaction, state: str) -> None:
        """Report a question that was ignored, and those like it, again."""
        await defer(interaction)
        days, _, lookup = state.partition(":")
        miss = await self._miss(interaction, lookup)
        scope = self._gate.scope(interaction)
        groups = await self._ignored_misses(_number(days), scope)
        asked = {normalise_query(miss.query)}
        alike = [{*map(normalise_query, group.wordings)} for group in groups]
        durable = await self._ignored.heed(asked.union(*(wordings for wordings in alike if asked & wordings)), scope)
        notice = f"{texts.quoted(miss.query)} is reported again." if durable else NOT_CERTAIN
        await self._show_misses(interaction, _number(days), "1", notice)

    async def recent_queries(self) -> Sequence[str]:
        """Return one wording of each question that was unanswered lately; none while the log cannot be read."""
        with suppress(LogError):
            groups, _ = await self.open_misses(NEW_CHANGE_DAYS, queries.EVERYWHERE)
            return [group.wordings[0] for group in groups]
        return []

    async def open_misses(self, days: int, scope: int | None) -> tuple[list[MissGroup], list[str]]:
        """Return the questions that are still unanswered, and lines that say what the list leaves out."""
        misses = await queries.misses(self._database, days, scope)
        ignored = await self._ignored.of(scope)
        groups = await asyncio.to_thread(open_misses, misses.found, self._keeper.matcher, ignored)
        return groups, omissions(misses.left_out, misses.unsaid)

    async def _ignored_misses(self, days: int, scope: int | None) -> list[MissGroup]:
        """Return the unanswered questions that are ignored."""
        misses = await queries.misses(self._database, days, scope)
        others = AllBut(await self._ignored.of(scope))
        return await asyncio.to_thread(open_misses, misses.found, self._keeper.matcher, others)

    async def _wordings(self, interaction: Interaction, miss: Miss, days: int) -> list[str]:
        """Return how the question of ``miss`` was worded, itself first, each wording once whatever its punctuation."""
        groups, _ = await self.open_misses(days, self._gate.scope(interaction))
        alike = next((group.wordings for group in groups if group.lookup == miss.lookup), ())
        wordings = {normalise_query(wording): " ".join(wording.split()) for wording in (*reversed(alike), miss.query)}
        return list(reversed(wordings.values()))[:MOST_ALIASES]

    async def _show_misses(
        self, interaction: Interaction, days: int, page: str, notice: str | None = None, undo: str | None = None
    ) -> None:
        groups, omitted = await self.open_misses(days, self._gate.scope(interaction))
        notice = "\n".join([*([notice] if notice else []), *(f"-# {line}" for line in omitted)]) or None
        number, pages = page_of(page, len(groups), PAGE)
        part = with_nearest(groups[(number - 1) * PAGE : number * PAGE], self._keeper.matcher)
        may_edit = self._gate.power(interaction) >= Power.BASE
        some_ignored = bool((await self._ignored.of(self._gate.scope(interaction))).digests)
        shown = views.misses_message(
            part, days, number, pages, may_edit=may_edit, notice=notice, undo=undo, some_ignored=some_ignored
        )
        await show(interaction, shown)

    async def _miss(self, interaction: Interaction, lookup: str) -> Miss:
        miss = await queries.miss(self._database, whole_number(lookup) or 0, self._gate.scope(interaction))
        if miss is None:
            raise RequestError(NOT_KEPT)
        return miss


def _number(days: str) -> int:
    number = whole_number(days, most=999)
    return NEW_CHANGE_DAYS if number is None else number
