"""Removing briefs, and bringing earlier versions back."""

from bot.answering.completion import CHOICES
from bot.authoring.editor import BaseEditor
from bot.briefs.change import Version, digest
from bot.commands.admin import texts, views
from bot.commands.admin.existing import existing
from bot.commands.admin.proposals import Proposals
from bot.commands.admin.replies import defer, in_time, respond
from bot.errors import RequestError
from bot.gateway.client import BriefClient, Interaction
from bot.gateway.router import chosen_value
from bot.storage.history import History

VERSIONS = 20
"""How many versions the history of a brief shows."""


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

    async def remove(self, interaction: Interaction, typed: str) -> None:
        """Propose to remove a brief, and to take it out of the related briefs of those that name it."""
        await defer(interaction)
        brief, _ = await existing(self._editor, typed)
        await self._proposals.propose(interaction, await self._editor.removal(brief))

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
        await self._proposals.propose(interaction, await self._editor.change_to("undo", {brief: before}))

    async def restore(self, interaction: Interaction, brief: str) -> None:
        """Propose the version that was chosen from the history."""
        await defer(interaction)
        chosen = chosen_value(interaction)
        versions = await self._history.of(brief, CHOICES + 1)
        version = next((version for version in versions if str(version.id) == chosen), None)
        if version is None:
            raise RequestError("That version is no longer kept.")
        await self._proposals.propose(interaction, await self._editor.change_to("undo", {brief: version.text}))

    async def _versions(self, typed: str, limit: int) -> tuple[str, list[Version]]:
        """Return the id and the versions of the brief that was asked for, whether it still exists or not."""
        brief = self._editor.id_of(typed)
        versions = await self._history.of(brief, limit)
        if not versions:
            raise RequestError(f"{texts.quoted(typed)} has no history; choose a brief from the list as you type.")
        return brief, versions
