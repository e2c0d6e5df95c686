"""Translating briefs from Discord: `/briefs translate` opens a form with the original above it."""

import asyncio

from bot.authoring.editor import BaseEditor
from bot.authoring.form.fields import Form, UnfitError
from bot.authoring.form.translating import beside, file_of, form_of
from bot.briefs.brief_file import read_brief
from bot.briefs.change import Change, digest
from bot.briefs.translation import Translation, parted
from bot.catalogues.catalogue import N_
from bot.commands.admin.editing_desk import BROKEN
from bot.commands.admin.forms import translation_modal
from bot.commands.admin.proposals import Proposals
from bot.commands.admin.replies import defer
from bot.errors import RequestError
from bot.gateway import audience
from bot.gateway.client import BriefClient, Interaction
from bot.language.tags import canonical, endonym

_NO_TAG = N_("“{typed}” is no language tag; choose one from the list as you type.")
_OWN = N_("The briefs themselves are in {language}; use `/briefs edit`.")
_NO_ORIGINAL = N_("There is no brief “{typed}” in use; choose one from the list as you type.")
_UNFIT = N_("The form cannot show this translation. Use `/briefs edit` with as_yaml, and the name `{name}`.")


class TranslatingDesk:
    """Serves `/briefs translate`."""

    def __init__(self, editor: BaseEditor, proposals: Proposals) -> None:
        self._editor = editor
        self._proposals = proposals

    def install(self, client: BriefClient) -> None:
        """Add the form to ``client``; the command is in bot/commands/admin/commands.py."""
        client.router.on_submit("briefs translation", self.save)

    async def translate(self, interaction: Interaction, typed: str, tag: str) -> None:
        """Open the form with a translation, or with a new one, and the original above it."""
        base, brief = self._editor.base, self._editor.id_of(typed)
        language, original = canonical(tag.strip()), base.briefs.get(brief)
        if language is None:
            raise RequestError(_NO_TAG, typed=tag[:50])
        if language == base.language:
            raise RequestError(_OWN, language=endonym(language))
        if original is None:
            raise RequestError(_NO_ORIGINAL, typed=typed[:100])
        name = f"{brief}.{language}"
        text = await self._editor.text(name)
        known = _read(name, text)
        try:
            if text and known is None:
                raise UnfitError(BROKEN)
            form, shown = form_of(known), beside(original)
        except UnfitError:
            raise RequestError(_UNFIT, name=name) from None
        title = f"{brief}: {endonym(language)}"
        state, say = f"{name}:{digest(text) or ''}", audience.reader(interaction)
        await interaction.response.send_modal(translation_modal(title, state, form, shown, say))

    async def save(self, interaction: Interaction, state: str, inputs: dict[str, str]) -> None:
        """Take what was typed for a proposal. It is checked and applied as any other change is."""
        await defer(interaction)
        name, _, replaced = state.partition(":")
        form = Form(**{key: inputs.get(key, "") for key in ("title", "summary", "facts", "phrases")})
        known = _read(name, await self._editor.text(name))
        original = self._editor.base.briefs.get(parted(name)[0])
        text = await asyncio.to_thread(file_of, form, known, original)
        change = Change("edit" if replaced else "add", {name: text}, {name: replaced or None})
        await self._proposals.propose(interaction, change)


def _read(name: str, text: str | None) -> Translation | None:
    return read_brief(f"{name}.yaml", text.encode(errors="surrogatepass")).translation if text else None
