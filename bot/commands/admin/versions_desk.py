"""Removing briefs, and bringing earlier versions back."""

from bot.authoring.editor import BaseEditor
from bot.briefs.change import Version, digest
from bot.commands.admin import texts, views
from bot.commands.admin.existing import existing
from bot.commands.admin.inspecting_desk import page_of
from bot.commands.admin.proposals import Proposals
from bot.commands.admin.replies import defer, in_time, respond
from bot.errors import RequestError
from bot.gateway import audience
from bot.gateway.client import BriefClient, Interaction
from bot.gateway.router import chosen_value
from bot.language.texts import whole_number
from bot.storage.history import History

PAGE = 20
"""Versions on a page of the history of a brief."""


class VersionsDesk:
    """Serves `/briefs remove`, `history` and `undo`."""

    def __init__(self, editor: BaseEditor, proposals: Proposals, history: History) -> None:
        self._editor = editor
        self._proposals = proposals
        self._history = history

    def install(self, client: BriefClient) -> None:
        """Add the buttons to ``client``; the commands are in bot/commands/admin/commands.py."""
        client.router.on_press("briefs undo", self.undo)
        client.router.on_press("briefs restore", self.restore)
        client.router.on_press("briefs history", self.turn)

    async def remove(self, interaction: Interaction, typed: str) -> None:
        """Propose to remove a brief, and to take it out of the related briefs of those that name it."""
        await defer(interaction)
        brief, _ = await existing(self._editor, typed)
        await self._proposals.propose(interaction, await self._editor.removal(brief))

    async def show_history(self, interaction: Interaction, typed: str) -> None:
        """Show who changed a brief and when, with a menu to bring an earlier version back."""
        await self._show_page(interaction, typed, "1")

    async def turn(self, interaction: Interaction, state: str) -> None:
        """Show another page of the history of a brief."""
        brief, _, page = state.rpartition(":")
        await self._show_page(interaction, brief, page)

    async def _show_page(self, interaction: Interaction, typed: str, page: str) -> None:
        brief, newest, shown = await in_time(self._page(typed, page))
        other = digest(await self._editor.text(brief)) != digest(newest.text)
        notice = texts.FILE_DIFFERS if other else None
        await respond(interaction, views.history_message(brief, shown, notice, audience.reader(interaction)))

    async def _page(self, typed: str, page: str) -> tuple[str, Version, views.VersionsPage]:
        """Return the id of the brief that was asked for, its newest version, and a page of all."""
        brief, (newest, *_) = await self._versions(typed, 1)
        number, pages = page_of(page, await self._history.number_of(brief), PAGE)
        first = (number - 1) * PAGE
        versions = await self._history.page(brief, first, PAGE)
        return brief, newest, views.VersionsPage(versions, first, number, pages)

    async def undo(self, interaction: Interaction, typed: str) -> None:
        """Propose the version before the last one, or the last one in place of what a file holds and is not in use."""
        await defer(interaction)
        brief, versions = await self._versions(typed, 2)
        if digest(await self._editor.text(brief)) != digest(versions[0].text):
            before = versions[0].text  # what the file holds is not in use, or not yet
        elif versions[0].action == "found":
            raise RequestError(
                "{brief} has not been changed since the bot first saw it; there is nothing to undo.", brief=f"`{brief}`"
            )
        else:
            before = versions[1].text if len(versions) > 1 else None
        await self._proposals.propose(interaction, await self._editor.change_to("undo", {brief: before}))

    async def restore(self, interaction: Interaction, brief: str) -> None:
        """Propose the version that was chosen from the history."""
        await defer(interaction)
        chosen = chosen_value(interaction)
        version = await self._history.version(brief, whole_number(chosen) or 0)
        if version is None:
            raise RequestError("That version is no longer kept.")
        await self._proposals.propose(interaction, await self._editor.change_to("undo", {brief: version.text}))

    async def _versions(self, typed: str, limit: int) -> tuple[str, list[Version]]:
        """Return the id and the versions of the brief that was asked for, whether it still exists or not."""
        brief = self._editor.id_of(typed)
        versions = await self._history.of(brief, limit)
        if not versions:
            raise RequestError(
                "{name} has no history; choose a brief from the list as you type.", name=texts.quoted(typed)
            )
        return brief, versions
