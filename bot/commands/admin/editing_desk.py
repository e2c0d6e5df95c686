"""Changing briefs from Discord: propose, look at what it would do, apply, and go back."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import PurePath

import discord

from bot.answering.completion import CHOICES
from bot.authoring.editor import BaseEditor
from bot.briefs.brief import ID_PATTERN
from bot.briefs.brief_file import read_brief
from bot.briefs.change import Change, Version, digest
from bot.briefs.schema import MODELINE
from bot.commands.admin import texts, views
from bot.commands.admin.applying import Applier
from bot.commands.admin.replies import defer, in_time, respond, show
from bot.commands.admin.uploads import uploaded
from bot.errors import BriefsError, ConflictError, Problem, RequestError
from bot.gateway.client import BriefClient, Interaction
from bot.gateway.router import chosen_value
from bot.storage.drafts import Drafts
from bot.storage.history import History

PREVIEW_GONE = "That preview is no longer kept. Begin again; nothing was changed."
LONG = (
    "`{0}` has more characters than Discord's form can hold. Change the attached file and send it with "
    "`/briefs upload`; it replaces the brief of the same name."
)
NAMED = (
    "Nothing was removed, for this would be wrong. Where another brief names it and a button cannot take it out, do so "
    "with `/briefs edit` first:"
)
OVERTAKEN = (
    "⚠️ Somebody else has changed {} since you began. This is your text against what is there now: "
    "applying it undoes their change."
)

MOST_NAMED = 10
"""Briefs that are named which somebody else has changed meanwhile: an id has up to 64 characters."""

VERSIONS = 20
"""How many versions the history of a brief shows."""

TEMPLATE = f"""{MODELINE}
title: TODO
aliases: []
questions:
  - TODO
summary: TODO
facts:
  - text: TODO
    by: TODO
status: reported
as_of: {{today}}
sources:
  - name: TODO
"""
"""What the form for a new brief starts with; a TODO that is left is refused."""

RecentMisses = Callable[[], Awaitable[Sequence[str]]]
"""Returns the unanswered questions of the last days. A change should answer some of them."""


class EditingDesk:
    """Serves `/briefs add`, `edit`, `upload`, `remove`, `history` and `undo`."""

    def __init__(
        self, editor: BaseEditor, applier: Applier, drafts: Drafts, history: History, recent_misses: RecentMisses
    ) -> None:
        self._editor = editor
        self._applier = applier
        self._drafts = drafts
        self._history = history
        self._recent_misses = recent_misses

    def install(self, client: BriefClient) -> None:
        """Add the buttons and forms to ``client``; the commands are in bot/commands/admin/commands.py."""
        client.router.on_submit("briefs save", self.save)
        client.router.on_press("briefs apply", self.apply)
        client.router.on_press("briefs again", self.edit_again)
        client.router.on_press("briefs cancel", self.cancel)
        client.router.on_press("briefs undo", self.undo)
        client.router.on_press("briefs restore", self.restore)

    async def add(self, interaction: Interaction) -> None:
        """Open the form for a new brief."""
        text = TEMPLATE.format(today=datetime.now(UTC).date())
        await interaction.response.send_modal(views.brief_modal("A new brief", "add", text, ""))

    async def edit(self, interaction: Interaction, typed: str) -> None:
        """Open the form with the text of a brief; a longer text than it holds comes as a file."""
        brief, text = await self._existing(typed)
        if len(text) > views.MODAL_TEXT:
            files = [(f"{brief}.yaml", text.encode())]
            await respond(interaction, views.message(LONG.format(brief), files=files))
        else:
            modal = views.brief_modal(f"Edit {brief}", f"{brief}:{digest(text)}", text, None)
            await interaction.response.send_modal(modal)

    async def save(self, interaction: Interaction, state: str, inputs: dict[str, str]) -> None:
        """Take the text of a form for a proposal."""
        await defer(interaction)
        text = inputs["text"].replace("\r\n", "\n").rstrip() + "\n"
        if state == "add":
            brief = inputs["id"].strip().removesuffix(".yaml")
            change = Change("add", {brief: text}, {brief: None})
        else:
            brief, _, replaced = state.partition(":")
            change = Change("edit", {brief: text}, {brief: replaced})
        await self._propose(interaction, change)

    async def upload(self, interaction: Interaction, files: Sequence[discord.Attachment]) -> None:
        """Take uploaded files for one proposal."""
        await defer(interaction)
        sent: dict[str, str | None] = {}
        problems: list[Problem] = []
        for file in files:
            text, complaint = await uploaded(file)
            brief = PurePath(file.filename).stem
            if complaint is None and brief in sent:
                complaint = Problem(file.filename, 1, 1, "comes twice; send it once")
            sent[brief] = text
            problems += [complaint] if complaint else []
        if problems:
            await show(
                interaction, views.problems_message("Nothing was changed. Mend this and upload again:", problems)
            )
        else:
            change = await self._editor.change_to("upload", sent)
            new = {brief: text for brief, text in sent.items() if change.replaces[brief] != digest(text)}
            await self._propose(interaction, await self._editor.change_to("upload", new or sent))

    async def remove(self, interaction: Interaction, typed: str) -> None:
        """Propose to remove a brief, and to take it out of the related briefs of those that name it."""
        await defer(interaction)
        brief, _ = await self._existing(typed)
        await self._propose(interaction, await self._editor.removal(brief))

    async def show_history(self, interaction: Interaction, typed: str) -> None:
        """Show who changed a brief and when, with a menu to bring an earlier version back."""
        brief, versions = await in_time(self._versions(typed, VERSIONS))
        other = digest(await self._editor.text(brief)) != digest(versions[0].text)
        await respond(interaction, views.history_message(brief, versions, texts.FILE_DIFFERS if other else None))

    async def undo(self, interaction: Interaction, typed: str) -> None:
        """Propose the version before the last one, or the last one in place of what a file holds and is not in use."""
        await defer(interaction)
        brief, versions = await self._versions(typed, 2)
        if digest(await self._editor.text(brief)) != digest(versions[0].text):
            before = versions[0].text  # what the file holds is not in use, or not yet
        elif versions[0].action == "found":
            raise RequestError(f"`{brief}` has not been changed since the bot first saw it; there is nothing to undo.")
        else:
            before = versions[1].text if len(versions) > 1 else None
        await self._propose(interaction, await self._editor.change_to("undo", {brief: before}))

    async def restore(self, interaction: Interaction, brief: str) -> None:
        """Propose the version that was chosen from the history."""
        await defer(interaction)
        chosen = chosen_value(interaction)
        versions = await self._history.of(brief, CHOICES + 1)
        version = next((version for version in versions if str(version.id) == chosen), None)
        if version is None:
            raise RequestError("That version is no longer kept.")
        await self._propose(interaction, await self._editor.change_to("undo", {brief: version.text}))

    async def apply(self, interaction: Interaction, draft: str) -> None:
        """Apply a proposal of whoever presses, unless its files were changed since it was shown."""
        await defer(interaction)
        change = await self._drafts.find(draft, interaction.user.id)
        if change is None:
            await show(interaction, views.message(PREVIEW_GONE))
            return
        if _misnamed(change):
            await self._propose(interaction, change)
            return
        try:
            in_use, undo = await self._applier.apply(change, interaction.user.id)
        except (ConflictError, BriefsError):
            await self._propose(interaction, change)
            return
        await self._drafts.remove(draft, erase=False)
        used = texts.NO_LONGER if change.brief in change.removed else texts.ANSWERS_NOW
        after = used if in_use else texts.WAITS
        await show(interaction, views.applied_message(f"{texts.done(change)} {after}", undo))

    async def edit_again(self, interaction: Interaction, draft: str) -> None:
        """Open the form with the text as it was typed."""
        change = await in_time(self._drafts.find(draft, interaction.user.id))
        if change is None or (text := change.texts[change.brief]) is None:
            raise RequestError(PREVIEW_GONE)
        brief = change.brief
        if replaced := change.replaces[brief]:
            modal = views.brief_modal(f"Edit {brief}", f"{brief}:{replaced}", text, None)
        else:
            modal = views.brief_modal("A new brief", "add", text, brief[:64])
        await interaction.response.send_modal(modal)

    async def cancel(self, interaction: Interaction, draft: str) -> None:
        """Drop a proposal."""
        if await in_time(self._drafts.find(draft, interaction.user.id)):
            await self._drafts.remove(draft, erase=True)
        await respond(interaction, views.message("Nothing was changed."))

    async def _propose(self, interaction: Interaction, change: Change) -> None:
        """Show what ``change`` would do and offer to apply it, or show what is wrong with it."""
        user, notice = interaction.user.id, None
        if misnamed := _misnamed(change):
            await self._refuse(interaction, change, misnamed)
            return
        now = await self._editor.change_to(change.action, dict(change.texts))
        if change.action == "add" and now.replaces[change.brief]:
            await self._refuse(interaction, change, [_taken(change.brief)])
            return
        if now.replaces == {brief: digest(text) for brief, text in change.texts.items()}:
            await show(interaction, views.message("That is what the file says already; nothing was changed."))
            return
        if overtaken := [f"`{brief}`" for brief, was in change.replaces.items() if now.replaces[brief] != was]:
            more = [f"{len(overtaken) - MOST_NAMED:,} more"] if len(overtaken) > MOST_NAMED else []
            notice = OVERTAKEN.format(", ".join([*overtaken[:MOST_NAMED], *more]))
        try:
            preview = await self._editor.preview(now, await self._recent_misses())
        except BriefsError as error:
            await self._refuse(interaction, change, error.problems)  # what it replaced tells an edit in between
            return
        await show(interaction, views.preview_message(now, preview, await self._drafts.save(now, user), notice))

    async def _refuse(self, interaction: Interaction, change: Change, problems: Sequence[Problem]) -> None:
        draft = await self._drafts.save(change, interaction.user.id)
        head = NAMED if change.action == "remove" else "Nothing was changed, for this would be wrong:"
        await show(interaction, views.problems_message(head, problems, change, draft))

    async def _existing(self, typed: str) -> tuple[str, str]:
        """Return the id and the text of the brief that was asked for, whether it is in use or not."""
        brief = self._editor.id_of(typed)
        text = await self._editor.text(brief)
        if text is None:
            raise RequestError(f"There is no brief {texts.quoted(typed)}; choose one from the list as you type.")
        return brief, text

    async def _versions(self, typed: str, limit: int) -> tuple[str, list[Version]]:
        """Return the id and the versions of the brief that was asked for, whether it still exists or not."""
        brief = self._editor.id_of(typed)
        versions = await self._history.of(brief, limit)
        if not versions:
            raise RequestError(f"{texts.quoted(typed)} has no history; choose a brief from the list as you type.")
        return brief, versions


def _misnamed(change: Change) -> list[Problem]:
    """Return all that is wrong with briefs whose id is none: one such as ``../x`` would lead out of the folder."""
    named = {brief: f"{brief.replace('/', '⁄')}.yaml" for brief in change.texts if not ID_PATTERN.fullmatch(brief)}
    files = (read_brief(name, (change.texts[brief] or "").encode()) for brief, name in named.items())
    return [problem for file in files for problem in file.problems]


def _taken(brief: str) -> Problem:
    return Problem(
        f"{brief}.yaml", 1, 1, "there is a brief with this id already; choose another id, or use /briefs edit"
    )
