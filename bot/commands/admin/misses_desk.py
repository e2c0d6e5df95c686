"""Serves `/briefs misses`: what admins can do about an unanswered question, and about what members say is wrong."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from bot.answering.completion import CHOICES
from bot.authoring.editor import BaseEditor
from bot.authoring.form.fields import Form, phrase_line
from bot.authoring.keeper import BaseKeeper
from bot.authoring.preview import Preview, parts
from bot.briefs.change import Change
from bot.briefs.markup import neutralised
from bot.catalogues.catalogue import N_, Catalogue
from bot.commands.admin import miss_views, texts
from bot.commands.admin.applying import Applier
from bot.commands.admin.effects import besides, other_changes
from bot.commands.admin.forms import NEW, form_modal
from bot.commands.admin.gate import Gate
from bot.commands.admin.inspecting_desk import page_of
from bot.commands.admin.misses_list import NEW_CHANGE_DAYS, MissesList
from bot.commands.admin.replies import defer, in_time, respond, show
from bot.errors import BriefsError, ConflictError, LogError, RequestError
from bot.gateway import audience
from bot.gateway.client import BriefClient, Interaction
from bot.gateway.replies import NOT_CERTAIN
from bot.gateway.router import chosen_value
from bot.language.normalise import normalise_query
from bot.language.texts import whole_number
from bot.reports import queries
from bot.storage.corrections import Corrections
from bot.storage.ignored import IgnoredQuestions

WORDINGS_TIMEOUT = 0.8
"""Seconds in which the other wordings of a question are looked for before a form is opened without them."""

BACK_ON_LIST = N_("That is on the list again.")


class MissesDesk:
    """Serves `/briefs misses`, and what can be done about an entry of the list."""

    def __init__(
        self,
        gate: Gate,
        keeper: BaseKeeper,
        editor: BaseEditor,
        applier: Applier,
        ignored: IgnoredQuestions,
        corrections: Corrections,
        listing: MissesList,
    ) -> None:
        self._gate = gate
        self._keeper = keeper
        self._editor = editor
        self._applier = applier
        self._ignored = ignored
        self._corrections = corrections
        self._list = listing

    def install(self, client: BriefClient) -> None:
        """Add the buttons to ``client``; the commands are in bot/commands/admin/commands.py."""
        client.router.on_press("briefs misses", self.turn)
        client.router.on_press("briefs write", self.write)
        client.router.on_press("briefs alias", self.add_alias)
        client.router.on_press("briefs give", self.give)
        client.router.on_press("briefs unalias", self.take_back)
        client.router.on_press("briefs choose", self.choose)
        client.router.on_press("briefs ignore", self.ignore)
        client.router.on_press("briefs ignored", self.show_ignored)
        client.router.on_press("briefs heed", self.report_again)
        client.router.on_press("briefs keep", self.keep)
        client.router.on_press("briefs reopen", self.reopen)

    async def misses(self, interaction: Interaction, days: int) -> None:
        """Show the unanswered questions of the last days."""
        await defer(interaction)
        await self._list.show(interaction, days, "1")

    async def turn(self, interaction: Interaction, state: str) -> None:
        """Show another page of the unanswered questions."""
        await defer(interaction)
        days, page = _parts(state, 2)
        await self._list.show(interaction, _number(days), page)

    async def write(self, interaction: Interaction, state: str) -> None:
        """Open the plain form for a new brief, with the wordings of a question as its other names and questions."""
        days, lookup, _ = _parts(state, 3)
        miss = await in_time(self._list.miss(interaction, lookup))
        wordings = [miss.query]
        with suppress(LogError, TimeoutError):  # the form cannot wait for what takes longer
            async with asyncio.timeout(WORDINGS_TIMEOUT):
                wordings = await self._list.wordings(interaction, miss, _number(days))
        say = audience.reader(interaction)
        phrases = "\n".join(phrase_line(wording) for wording in wordings if len(wording) < queries.LONGEST)
        await interaction.response.send_modal(form_modal(say.gettext(NEW), "add:anew", Form(phrases=phrases), say))

    async def add_alias(self, interaction: Interaction, state: str) -> None:
        """Make a question an alias of the brief that the button, or the choice from the menu, names.

        If other questions would find that brief then, they are shown first.
        """
        await self._add_alias(interaction, state, sure=False)

    async def give(self, interaction: Interaction, state: str) -> None:
        """Make a question an alias of a brief, whatever else finds it then."""
        await self._add_alias(interaction, state, sure=True)

    async def _add_alias(self, interaction: Interaction, state: str, *, sure: bool) -> None:
        await defer(interaction)
        days, lookup, named, page = _parts(state, 4)
        page = str(_page(page))
        brief, number, say = named or chosen_value(interaction), _number(days), audience.reader(interaction)
        miss = await self._list.miss(interaction, lookup)
        wordings = await self._list.wordings(interaction, miss, number)
        change, preview = await self._tried(brief, wordings, say)
        said = {"query": texts.quoted(miss.query), "brief": f"`{brief}`"}
        if not sure and other_changes(preview, wordings):
            asked = say.gettext("### Add {query} to {brief}?", **said)
            state, cancel = f"{number}:{miss.lookup}:{brief}:{page}", f"briefs misses:{number}:{page}"
            head = f"{asked}\n{besides(preview, wordings, say)}"
            await show(interaction, miss_views.confirm_message(head, f"briefs give:{state}", cancel, say))
            return
        try:
            in_use, undo = await self._applier.apply(change, interaction.user.id)
        except ConflictError:
            raise RequestError(
                "{brief} has just been changed by somebody else; press again.", brief=f"`{brief}`"
            ) from None
        if in_use:
            notice = say.gettext("✅ {query} finds {brief} from now on.", **said)
        else:
            notice = f"{say.gettext('{query} is an alias of {brief}.', **said)} {say.gettext(texts.WAITS)}"
        back = f"briefs unalias:{undo}:{number}:{page}" if undo else None
        await self._list.show(interaction, number, page, notice, undo=back)

    async def _tried(self, brief: str, aliases: Sequence[str], say: Catalogue) -> tuple[Change, Preview]:
        """Return the change that gives a brief these aliases, or the first alone where another brief has one of the
        rest, and what it would do.
        """
        asked = [part for alias in aliases for part in parts(alias)]
        for some in (aliases, aliases[:1]):
            change = await self._editor.with_aliases(brief, some)
            try:
                return change, await self._editor.preview(change, [*asked, *await self._list.recent_queries()])
            except BriefsError as error:
                why = neutralised(texts.located(error.problems[0], say))
        raise RequestError(
            "{name} can be no alias of {brief}: {why}", name=texts.quoted(aliases[0]), brief=f"`{brief}`", why=why
        )

    async def take_back(self, interaction: Interaction, state: str) -> None:
        """Take back the alias that was just given, and show the list as it was."""
        await defer(interaction)
        draft, days, page = _parts(state, 3)
        briefs = await self._applier.undo(draft, interaction.user.id)
        notice = audience.reader(interaction).gettext(
            "Taken back; {briefs} is as it was before.", briefs=", ".join(briefs)
        )
        await self._list.show(interaction, _number(days), page, notice)

    async def choose(self, interaction: Interaction, state: str) -> None:
        """Offer the briefs that a question may belong to."""
        days, lookup, page, menu = _parts(state, 4)
        miss = await in_time(self._list.miss(interaction, lookup))
        matcher = self._keeper.matcher
        ranked = [candidate.brief for candidate in matcher.rank(miss.query, CHOICES)]
        by_title = matcher.complete("", len(matcher.base.briefs))
        likely = list({brief.id: brief for brief in (*ranked, *by_title)}.values())
        number, pages = page_of(menu, len(likely), CHOICES)
        part = likely[(number - 1) * CHOICES : number * CHOICES]
        say = audience.reader(interaction)
        shown = miss_views.choice_message(miss.query, miss.lookup, _number(days), _page(page), part, number, pages, say)
        await respond(interaction, shown)

    async def ignore(self, interaction: Interaction, state: str) -> None:
        """Report a question, and those like it, no longer."""
        await defer(interaction)
        days, lookup, page = _parts(state, 3)
        page = str(_page(page))
        miss = await self._list.miss(interaction, lookup)
        wordings = await self._list.wordings(interaction, miss, _number(days))
        durable = await self._ignored.ignore(map(normalise_query, wordings), self._gate.scope(interaction))
        done = N_("{query} is not reported any more.")
        notice = _said(interaction, done, durable=durable, query=texts.quoted(miss.query))
        back = f"briefs heed:{_number(days)}:{miss.lookup}:{page}"
        await self._list.show(interaction, _number(days), page, notice, undo=back)

    async def show_ignored(self, interaction: Interaction, state: str) -> None:
        """Show what is ignored, as far as the log still has its words."""
        await defer(interaction)
        days, page = _parts(state, 2)
        await self._list.show_ignored(interaction, _number(days), page)

    async def report_again(self, interaction: Interaction, state: str) -> None:
        """Report a question that was ignored, and those like it, again; then show the list in which that was said."""
        await defer(interaction)
        days, lookup, page, among = _parts(state, 4)
        miss = await self._list.miss(interaction, lookup)
        scope = self._gate.scope(interaction)
        groups = await self._list.ignored_misses(_number(days), scope)
        asked = {normalise_query(miss.query)}
        alike = [{*map(normalise_query, group.wordings)} for group in groups]
        durable = await self._ignored.heed(asked.union(*(wordings for wordings in alike if asked & wordings)), scope)
        done = N_("{query} is reported again.")
        notice = _said(interaction, done, durable=durable, query=texts.quoted(miss.query))
        shown = self._list.show_ignored if among else self._list.show
        await shown(interaction, _number(days), page, notice)

    async def keep(self, interaction: Interaction, state: str) -> None:
        """Take what was said of a brief, up to the last that was shown, off the list: it was seen to, or is not so."""
        await defer(interaction)
        days, last, page = _parts(state, 3)
        number = whole_number(last) or 0
        reported = await self._list.reported(interaction, _number(days), number)
        durable = await self._corrections.close(each.id for each in reported.said if each.id <= number)
        done = N_("What members say of {brief} is off the list.")
        notice = _said(interaction, done, durable=durable, brief=f"`{reported.brief}`")
        back = f"briefs reopen:{_number(days)}:{number}:{_page(page)}"
        await self._list.show(interaction, _number(days), page, notice, undo=back)

    async def reopen(self, interaction: Interaction, state: str) -> None:
        """Put back on the list what ``keep`` took off it."""
        await defer(interaction)
        days, last, page = _parts(state, 3)
        durable = await self._corrections.reopen(whole_number(last) or 0)
        await self._list.show(interaction, _number(days), page, _said(interaction, BACK_ON_LIST, durable=durable))


def _said(interaction: Interaction, done: str, /, *, durable: bool, **values: object) -> str:
    """Return what was done, or that it is not certain that it will be noted."""
    say = audience.reader(interaction).gettext
    return say(done, **values) if durable else say(NOT_CERTAIN)


def _parts(state: str, number: int) -> list[str]:
    """Return the parts of a button's state; those that buttons of earlier versions lack are empty."""
    return [*state.split(":"), *[""] * number][:number]


def _page(page: str) -> int:
    return whole_number(page, 1, 9999) or 1


def _number(days: str) -> int:
    number = whole_number(days, most=999)
    return NEW_CHANGE_DAYS if number is None else number
