"""Giving a brief other names in one step, and saying at once what that does to answers."""

from bot.authoring.alias import listed
from bot.authoring.editor import BaseEditor
from bot.authoring.preview import parts
from bot.briefs.change import Change
from bot.catalogues.catalogue import N_
from bot.commands.admin import texts, views
from bot.commands.admin.applying import Applier
from bot.commands.admin.effects import besides
from bot.commands.admin.existing import existing
from bot.commands.admin.proposals import RecentMisses
from bot.commands.admin.replies import defer, show
from bot.errors import BriefsError, RequestError
from bot.gateway import audience
from bot.gateway.client import Interaction
from bot.language.normalise import normalise


class NamesDesk:
    """Serves `/briefs alias`."""

    def __init__(self, editor: BaseEditor, applier: Applier, recent_misses: RecentMisses) -> None:
        self._editor = editor
        self._applier = applier
        self._recent_misses = recent_misses

    async def alias(self, interaction: Interaction, typed: str, words: str) -> None:
        """Give a brief all these names, or none of them if it cannot have one."""
        await defer(interaction)
        say = audience.reader(interaction)
        brief, _ = await existing(self._editor, typed)
        change, aliases = await self._change(brief, listed(words))
        asked = [part for alias in aliases for part in parts(alias)]
        try:
            preview = await self._editor.preview(change, [*asked, *await self._recent_misses()])
            applied = await self._applier.apply(change, interaction.user.id)
        except BriefsError as error:
            why = texts.refusal(error.problems[0], say)
            raise RequestError("Nothing was changed. {why}", why=why) from None
        more = len(aliases) - texts.MOST_NAMES
        names = ", ".join(map(texts.quoted, aliases[: texts.MOST_NAMES]))
        if more > 0:
            names = say.ngettext("{names} and {n} more", "{names} and {n} more", more, names=names)
        done = say.ngettext(
            "Done: {names} finds {brief}.", "Done: {names} find {brief}.", len(aliases), names=names, brief=f"`{brief}`"
        )
        used = say.gettext(texts.ANSWERS_NOW if applied.in_use else texts.WAITS)
        text = f"{done} {used}\n{besides(preview, aliases, say)}"
        await show(interaction, views.applied_message(text, applied.undo, say))

    async def _change(self, brief: str, aliases: list[str]) -> tuple[Change, list[str]]:
        """Return the change that gives a brief the names that it does not have yet, and these names."""
        has = {normalise(phrase) for phrase in self._editor.phrases(brief)}
        new = [alias for alias in aliases if normalise(alias) not in has]
        if not new:
            has_it, has_them = N_("{brief} has that name already."), N_("{brief} has these names already.")
            raise RequestError(has_it if len(aliases) == 1 else has_them, brief=f"`{brief}`")
        return await self._editor.with_all_aliases(brief, new), new
