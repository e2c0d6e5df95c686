"""Applying a change, and keeping for its author what takes it back with one press."""

from typing import NamedTuple

from bot.authoring.alias import LOST
from bot.authoring.editor import BaseEditor
from bot.briefs.change import Change, DraftRef, digest
from bot.catalogues.catalogue import N_
from bot.errors import RequestError
from bot.storage.drafts import Drafts
from bot.storage.unfinished import UnfinishedBriefs

UNDO_GONE = N_("That is no longer kept to be taken back with one press; use `/briefs undo`.")


class Applied(NamedTuple):
    """Whether what was applied is in use, and the draft of the change that takes it back, None if nothing can."""

    in_use: bool
    undo: str | None


class Applier:
    """Applies changes for admins. What takes one back is a draft of its author, and is kept as long as drafts are."""

    def __init__(self, editor: BaseEditor, drafts: Drafts, unfinished: UnfinishedBriefs) -> None:
        self._editor = editor
        self._drafts = drafts
        self._unfinished = unfinished

    async def apply(self, change: Change, user: int) -> Applied:
        """Apply ``change``. Raises ConflictError, BriefsError or RequestError if that cannot be done."""
        before = {brief: await self._editor.text(brief) for brief in change.texts}
        in_use = await self._editor.apply(change, user)
        await self._settle_draft(change)
        unread = any(LOST in (text or "") for text in before.values())  # what was not UTF-8 would be lost
        if unread or any(digest(text) != change.replaces[brief] for brief, text in before.items()):
            return Applied(in_use, None)
        now = {brief: digest(text) for brief, text in change.texts.items()}
        taken_back = Change("undo", before, now, draft=change.draft)
        return Applied(in_use, await self._drafts.save(taken_back, user))

    async def _settle_draft(self, change: Change) -> None:
        """Take the draft that has become a brief off the list, or put it back if the brief was taken away again."""
        if change.draft is None:
            return
        ref = DraftRef.parse(change.draft)
        if change.removed:
            await self._unfinished.bring_back(ref.id)
        else:
            await self._unfinished.finish(ref)

    async def undo(self, draft: str, user: int) -> list[str]:
        """Apply the draft that takes a change back, and return the names of the briefs that it has set back."""
        change = await self._drafts.find(draft, user)
        if change is None:
            raise RequestError(UNDO_GONE)
        await self.apply(change, user)
        await self._drafts.remove(draft, erase=False)
        return [f"`{brief}`" for brief in change.texts]
