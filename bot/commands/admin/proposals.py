"""A proposed change: shown with what it would do, then applied, mended or dropped by its author."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

from bot.authoring.editor import BaseEditor
from bot.authoring.form.fields import MOST_TYPED, Form, UnfitError, as_of
from bot.authoring.form.merged import dated
from bot.authoring.form.mistakes import in_fields
from bot.authoring.importing.plan import Plan
from bot.briefs.brief_file import read_brief
from bot.briefs.change import Change, DraftRef, digest
from bot.briefs.translation import is_file_name
from bot.catalogues.catalogue import N_, Catalogue
from bot.commands.admin import previews, texts, views
from bot.commands.admin.applying import Applier
from bot.commands.admin.forms import EDIT, NEW, Subject, form_modal, yaml_modal
from bot.commands.admin.replies import defer, in_time, respond, show
from bot.errors import BriefsError, ConflictError, LogError, Problem, RequestError, Said
from bot.gateway import audience
from bot.gateway.client import BriefClient, Interaction
from bot.storage.drafts import Drafts
from bot.storage.unfinished import UnfinishedBriefs

PREVIEW_GONE = N_("That preview is no longer kept. Begin again; nothing was changed.")
UNCHANGED = N_("That is what the brief says already; nothing was changed.")
TOO_LONG = N_("The text has more characters than Discord's form can hold; use `/briefs upload`.")
NAMED = N_(
    "Nothing was removed, for this would be wrong. Where another brief names it and a button cannot take it out, do so "
    "with `/briefs edit` first:"
)
WRONG = N_("Nothing was changed, for this would be wrong:")
OVERTAKEN = N_(
    "⚠️ Somebody else has changed {briefs} since you began. This is your text against what is there now: "
    "applying it undoes their change."
)
DRAFT_CHANGED = N_("⚠️ Somebody else has changed this draft since you opened it. Theirs stays in `/briefs drafts`.")
DRAFT_LEFT = {
    "finished": N_("⚠️ A brief has been made of this draft already."),
    "thrown": N_("⚠️ This draft has been thrown away meanwhile."),
}

MOST_NAMED = 10
"""Briefs that are named which somebody else has changed meanwhile: an id has up to 64 characters."""

RecentMisses = Callable[[], Awaitable[Sequence[str]]]
"""Returns the unanswered questions of the last days. A change should answer some of them."""


class Proposals:
    """Shows proposals, and serves the buttons below them. A proposal is kept as a draft, for its author alone."""

    def __init__(
        self,
        editor: BaseEditor,
        applier: Applier,
        drafts: Drafts,
        unfinished: UnfinishedBriefs,
        recent_misses: RecentMisses,
    ) -> None:
        self._editor = editor
        self._applier = applier
        self._drafts = drafts
        self._unfinished = unfinished
        self._recent_misses = recent_misses

    def install(self, client: BriefClient) -> None:
        """Add the buttons to ``client``."""
        client.router.on_press("briefs apply", self.apply)
        client.router.on_press("briefs again", self.edit_again)
        client.router.on_press("briefs yaml", self.as_yaml)
        client.router.on_press("briefs today", self.as_of_today)
        client.router.on_press("briefs cancel", self.cancel)

    async def propose(self, interaction: Interaction, change: Change, imported: Plan | None = None) -> None:
        """Show what ``change`` would do and offer to apply it, or show what is wrong with it.

        ``imported`` says what became of the entries that it was made of.
        """
        user, notice, say = interaction.user.id, None, audience.reader(interaction)
        if misnamed := _misnamed(change):
            await self._refuse(interaction, change, misnamed)
            return
        now = await self._editor.change_to(change.action, dict(change.texts))
        now = replace(now, form=change.form, draft=change.draft)
        if change.action == "add" and now.replaces[change.brief]:
            if change.form is None:
                await self._refuse(interaction, change, [_taken(change.brief)])
            else:  # its id was made from its title, and somebody has taken it meanwhile
                brief = await self._editor.free_id(change.form["title"])
                text = change.texts[change.brief]
                await self.propose(interaction, replace(change, texts={brief: text}, replaces={brief: None}))
            return
        if now.replaces == {brief: digest(text) for brief, text in change.texts.items()}:
            await show(interaction, views.message(say.gettext(UNCHANGED)))
            return
        if overtaken := [f"`{brief}`" for brief, was in change.replaces.items() if now.replaces[brief] != was]:
            left_out = len(overtaken) - MOST_NAMED
            more = [say.ngettext("{n} more", "{n} more", left_out)] if left_out > 0 else []
            notice = say.gettext(OVERTAKEN, briefs=", ".join([*overtaken[:MOST_NAMED], *more]))
        if meanwhile := await self._meanwhile(change):
            notice = say.gettext(meanwhile)
        try:
            preview = await self._editor.preview(now, await self._recent_misses())
        except BriefsError as error:
            await self._refuse(interaction, change, error.problems)  # what it replaced tells an edit in between
            return
        draft = await self._drafts.save(now, user)
        today = datetime.now(UTC).date()
        await show(interaction, previews.preview_message(now, preview, draft, notice, today, imported, say))

    async def apply(self, interaction: Interaction, draft: str) -> None:
        """Apply a proposal of whoever presses, unless its files were changed since it was shown."""
        await defer(interaction)
        say = audience.reader(interaction)
        change = await self._drafts.find(draft, interaction.user.id)
        if change is None:
            await show(interaction, views.message(say.gettext(PREVIEW_GONE)))
            return
        if _misnamed(change):
            await self.propose(interaction, change)
            return
        try:
            in_use, undo = await self._applier.apply(change, interaction.user.id)
        except (ConflictError, BriefsError):
            await self.propose(interaction, change)
            return
        await self._drafts.remove(draft, erase=False)
        used = texts.NO_LONGER if change.brief in change.removed else texts.ANSWERS_NOW
        after = say.gettext(used if in_use else texts.WAITS)
        await show(interaction, views.applied_message(f"{texts.done(change, say)} {after}", undo, say))

    async def edit_again(self, interaction: Interaction, draft: str) -> None:
        """Open the form with what was typed."""
        change = await self.find(interaction, draft)
        if change.form is None:
            await self._open_yaml(interaction, change)
            return
        replaced = change.replaces[change.brief]
        say = audience.reader(interaction)
        title, about = _subject(change, replaced, say)
        modal = form_modal(title, about, Form(**change.form), say, noted=bool(change.draft))
        await interaction.response.send_modal(modal)

    async def as_yaml(self, interaction: Interaction, draft: str) -> None:
        """Open the text of a proposal as YAML."""
        await self._open_yaml(interaction, await self.find(interaction, draft))

    async def as_of_today(self, interaction: Interaction, draft: str) -> None:
        """Propose the same with the day of today."""
        await defer(interaction)
        change = await self.find(interaction, draft)
        today = datetime.now(UTC).date().isoformat()
        try:
            text = await asyncio.to_thread(dated, change.texts[change.brief] or "", today)
        except UnfitError as error:
            raise RequestError("{why} Write as_of: {today} with **Edit again**.", why=error.why, today=today) from None
        form = change.form and {**change.form, "sources": as_of(change.form["sources"], today)}
        await self.propose(interaction, replace(change, texts={change.brief: text}, form=form))

    async def cancel(self, interaction: Interaction, draft: str) -> None:
        """Drop a proposal."""
        if await in_time(self._drafts.find(draft, interaction.user.id)):
            await self._drafts.remove(draft, erase=True)
        await respond(interaction, views.message(audience.reader(interaction).gettext("Nothing was changed.")))

    async def find(self, interaction: Interaction, draft: str) -> Change:
        """Return the proposal of whoever presses. Raises RequestError if it is no longer kept."""
        change = await in_time(self._drafts.find(draft, interaction.user.id))
        if change is None or change.texts[change.brief] is None:
            raise RequestError(PREVIEW_GONE)
        return change

    async def _meanwhile(self, change: Change) -> str | None:
        """Return what somebody else has done with the draft that a change finishes, None if nothing."""
        ref, found = DraftRef.parse(change.draft or ""), None
        if change.draft:
            with suppress(LogError):  # what was typed must not be lost for that
                found = await self._unfinished.find(ref.id)
        if found is None or (found.ref == ref and found.state in ("waiting", "offered")):
            return None
        return DRAFT_LEFT.get(found.state, DRAFT_CHANGED)

    async def _open_yaml(self, interaction: Interaction, change: Change) -> None:
        brief, text = change.brief, change.texts[change.brief] or ""
        if len(text) > MOST_TYPED:
            raise RequestError(TOO_LONG)
        replaced, say = change.replaces[brief], audience.reader(interaction)
        modal = yaml_modal(*_subject(change, replaced, say), text, None if replaced else brief[:64], catalogue=say)
        await interaction.response.send_modal(modal)

    async def _refuse(self, interaction: Interaction, change: Change, problems: Sequence[Problem]) -> None:
        draft = await self._drafts.save(change, interaction.user.id)
        say = audience.reader(interaction)
        head = say.gettext(NAMED if change.action == "remove" else WRONG)
        lines = [texts.located(problem, say) for problem in problems]
        if change.form is not None:
            text = change.texts[change.brief] or ""
            lines = await asyncio.to_thread(in_fields, problems, change.brief, text, say)
        await show(interaction, previews.refused_message(head, lines, change, draft, say))


def _subject(change: Change, replaced: str | None, catalogue: Catalogue) -> tuple[str, str]:
    """Return the title and the subject of a form in which a proposal is written on."""
    if replaced is None:
        return catalogue.gettext(NEW), str(Subject(draft=change.draft))
    return catalogue.gettext(EDIT, brief=change.brief), str(Subject(change.brief, replaced))


def _misnamed(change: Change) -> list[Problem]:
    """Return all that is wrong with briefs whose id is none: one such as ``../x`` would lead out of the folder."""
    named = {brief: f"{brief.replace('/', '⁄')}.yaml" for brief in change.texts if not is_file_name(brief)}
    files = (read_brief(name, (change.texts[brief] or "").encode()) for brief, name in named.items())
    return [problem for file in files for problem in file.problems]


def _taken(brief: str) -> Problem:
    message = Said("there is a brief with this id already; choose another id, or use /briefs edit")
    return Problem(f"{brief}.yaml", 1, 1, message)
