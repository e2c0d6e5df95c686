"""Uploads: files of briefs, which are taken as they are, and what another bot has, which becomes briefs."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import PurePath

import discord
from discord import ui

from bot.authoring.editor import BaseEditor
from bot.authoring.form.fields import SourceLine
from bot.authoring.importing.content import source_of
from bot.authoring.importing.packed import Packed, from_zip, joined
from bot.authoring.importing.plan import Plan
from bot.briefs.brief_file import read_brief
from bot.briefs.change import digest
from bot.briefs.export import packed
from bot.catalogues.catalogue import N_, Catalogue
from bot.commands.admin import draft_views, views
from bot.commands.admin.proposals import Proposals
from bot.commands.admin.replies import defer, show
from bot.commands.admin.uploads import ZIP, ending, uploaded
from bot.commands.admin.views import Shown
from bot.errors import BotError, Problem, RequestError, Said
from bot.gateway import audience
from bot.gateway.client import Interaction
from bot.storage.unfinished import UnfinishedBriefs

MOST_AT_ONCE = 500
"""Briefs that one upload may add or change: the preview asks every phrase of them."""

NO_SOURCE = N_("That names no source. Write its name, and if you like its link and its date, with commas between them.")
TOO_MANY = N_(
    "Those are {n} briefs, and at most {most} are added at once. Split the file, or use `python -m bot import`."
)
NOTHING = N_("### Nothing can be added yet")
DRAFTS = N_(
    "Not finished yet, and not part of that. Keep them as drafts, to finish each in the form; or write what is TODO in "
    "each file of drafts.zip, then upload the zip."
)
MEND = N_("Nothing was changed. Mend this and upload again:")


class ImportingDesk:
    """Serves `/briefs upload`. One import at a time is read, because that takes processor time that others feel."""

    def __init__(self, editor: BaseEditor, proposals: Proposals, unfinished: UnfinishedBriefs) -> None:
        self._editor = editor
        self._proposals = proposals
        self._unfinished = unfinished
        self._one_at_a_time = asyncio.Lock()

    async def upload(self, interaction: Interaction, files: Sequence[discord.Attachment], source: str | None) -> None:
        """Take uploaded files for one proposal. ``source`` is that of entries that name none."""
        await defer(interaction)
        named = source_of(source, datetime.now(UTC).date()) if source else None
        if source and named is None:
            raise RequestError(NO_SOURCE)
        sent: dict[str, bytes] = {}
        problems: list[Problem] = []
        for file in files:
            twice = Problem(file.filename, 1, 1, Said("comes twice; send it once")) if file.filename in sent else None
            content = twice or await uploaded(file)
            if isinstance(content, Problem):
                problems.append(content)
            else:
                sent[file.filename] = content
        if problems:
            await self._refuse(interaction, problems)
        elif all(ending(name) == ".yaml" for name in sent):
            await self._briefs(interaction, sent)
        else:
            await self._entries(interaction, sent, named)

    async def _briefs(self, interaction: Interaction, sent: Mapping[str, bytes]) -> None:
        """Propose files of briefs as they are."""
        texts: dict[str, str | None] = {}
        problems: list[Problem] = []
        for name, content in sent.items():
            try:
                texts[PurePath(name).stem] = content.decode("utf-8-sig")
            except UnicodeDecodeError:
                problems.append(read_brief(name, content).problems[-1])
        if problems:
            await self._refuse(interaction, problems)
            return
        change = await self._editor.change_to("upload", texts)
        new = {brief: text for brief, text in texts.items() if change.replaces[brief] != digest(text)}
        await self._proposals.propose(interaction, await self._editor.change_to("upload", new or texts))

    async def _refuse(self, interaction: Interaction, problems: Sequence[Problem]) -> None:
        say = audience.reader(interaction)
        await show(interaction, views.problems_message(say.gettext(MEND), problems, say))

    async def _entries(self, interaction: Interaction, sent: Mapping[str, bytes], source: SourceLine | None) -> None:
        """Propose what becomes briefs of the entries in the files, and hand out drafts of what is not finished."""
        async with self._one_at_a_time:
            found = await asyncio.to_thread(_unpacked, sent)
            plan = await self._editor.plan_for(found.files, source)
        plan.unread[:0] = found.refused
        say = audience.reader(interaction)
        texts: dict[str, str | None] = {**plan.new, **plan.changes}
        if len(texts) > MOST_AT_ONCE:
            raise RequestError(TOO_MANY, n=f"{len(texts):,}", most=MOST_AT_ONCE)
        if texts:
            await self._proposals.propose(interaction, await self._editor.change_to("upload", texts), plan)
        else:
            head = "\n".join([say.gettext(NOTHING), plan.summary(say)])
            await show(interaction, views.lines_message(head, plan.lines(), "import.txt", catalogue=say))
        if plan.drafts:
            shown = await self._handed_out(plan, interaction.user.id, say)
            await interaction.followup.send(view=shown.view, files=shown.files, ephemeral=True)

    async def _handed_out(self, plan: Plan, user: int, say: Catalogue) -> Shown:
        """Return drafts as a zip, with a button that puts those which the form can hold into the list of drafts."""
        content = {f"{brief}.yaml": draft.text.encode() for brief, draft in plan.drafts.items()}
        forms = [(draft.form.title, asdict(draft.form)) for draft in plan.drafts.values() if draft.form]
        kept = await self._unfinished.add(forms[:MOST_AT_ONCE], "import", user, waiting=False) if forms else None
        keep = [ui.ActionRow(draft_views.keep_button(len(forms[:MOST_AT_ONCE]), kept[0], say))] if kept else []
        return views.message(say.gettext(DRAFTS), *keep, files=[("drafts.zip", packed(content))])


def _unpacked(sent: Mapping[str, bytes]) -> Packed:
    """Return the files that were sent, and those in zips among them. Raises RequestError for a zip that is none."""
    try:
        packs = [from_zip(name, each) if ending(name) == ZIP else Packed({name: each}) for name, each in sent.items()]
    except BotError as error:
        raise RequestError(error.said) from None
    return joined(packs)
