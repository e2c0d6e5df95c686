"""Writing briefs from Discord: in the plain form, or as YAML."""

import asyncio
from dataclasses import asdict, fields
from datetime import UTC, datetime

from bot.authoring.editor import BaseEditor
from bot.authoring.form import written
from bot.authoring.form.fields import MOST_TYPED, Form, UnfitError, shown, typed
from bot.authoring.form.merged import merged
from bot.briefs.brief import Brief
from bot.briefs.brief_file import read_brief
from bot.briefs.change import Change, digest
from bot.briefs.leftover import replaced, replacements
from bot.briefs.schema import MODELINE
from bot.briefs.translation import parted
from bot.catalogues.catalogue import N_
from bot.commands.admin import views
from bot.commands.admin.existing import existing
from bot.commands.admin.forms import EDIT, NEW, Subject, form_modal, yaml_modal
from bot.commands.admin.proposals import Proposals
from bot.commands.admin.replies import defer, respond
from bot.errors import RequestError, Said
from bot.gateway import audience
from bot.gateway.client import BriefClient, Interaction

LONG = N_(
    "{brief} has more characters than Discord's form can hold. Change the attached file and send it with "
    "`/briefs upload`; it replaces the brief of the same name."
)
UNFIT = N_("This is YAML. {why}")
BROKEN = Said("The plain form has nothing to show, because the file has mistakes.")
TRANSLATED = Said("The plain form is for briefs; `/briefs translate` opens one for a translation.")

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


class EditingDesk:
    """Serves `/briefs add` and `edit`."""

    def __init__(self, editor: BaseEditor, proposals: Proposals) -> None:
        self._editor = editor
        self._proposals = proposals

    def install(self, client: BriefClient) -> None:
        """Add the forms to ``client``; the commands are in bot/commands/admin/commands.py."""
        client.router.on_submit("briefs save", self.save)
        client.router.on_submit("briefs form", self.save_form)
        client.router.on_press("briefs mend", self.mend)
        client.router.on_press("briefs figures", self.put_figures)

    async def add(self, interaction: Interaction, *, as_yaml: bool = False, form: Form | None = None) -> None:
        """Open the form for a new brief."""
        say = audience.reader(interaction)
        if as_yaml:
            text = TEMPLATE.format(today=datetime.now(UTC).date())
            modal = yaml_modal(say.gettext(NEW), "add", text, "", catalogue=say)
        else:
            modal = form_modal(say.gettext(NEW), "add", form or Form(), say)
        await interaction.response.send_modal(modal)

    async def edit(self, interaction: Interaction, named: str, *, as_yaml: bool = False, anew: bool = False) -> None:
        """Open the form with a brief. What does not fit into the plain form is opened as YAML, or comes as a file.

        ``anew``: what comes of it is shown in a message of its own, below the one that the form was opened from.
        """
        brief, text = await existing(self._editor, named)
        say, why = audience.reader(interaction), None
        title, state = say.gettext(EDIT, brief=brief), str(Subject(brief, digest(text), anew=anew))
        if not as_yaml:
            try:
                await interaction.response.send_modal(form_modal(title, state, _form_of(brief, text), say))
                return
            except UnfitError as error:
                why = say.gettext(UNFIT, why=error.why)
        if len(text) > MOST_TYPED:
            files = [(f"{brief}.yaml", text.encode())]
            await respond(interaction, views.message(say.gettext(LONG, brief=f"`{brief}`"), files=files))
        else:
            await interaction.response.send_modal(yaml_modal(title, state, text, None, why, say))

    async def mend(self, interaction: Interaction, state: str) -> None:
        """Open the form with the brief whose card was rejected."""
        await self.edit(interaction, state.partition(":")[0], anew=True)

    async def save(self, interaction: Interaction, state: str, inputs: dict[str, str]) -> None:
        """Take the text of a form of YAML for a proposal."""
        about = Subject.parse(state)
        await defer(interaction, anew=about.anew)
        text = inputs["text"].replace("\r\n", "\n").rstrip() + "\n"
        if about.brief:
            change = Change("edit", {about.brief: text}, {about.brief: about.replaced})
        else:
            brief = inputs.get("id", "").strip().removesuffix(".yaml")
            change = Change("add", {brief: text}, {brief: None}, draft=about.draft)
        await self._proposals.propose(interaction, change)

    async def save_form(self, interaction: Interaction, state: str, inputs: dict[str, str]) -> None:
        """Take what was typed into the plain form for a proposal."""
        about = Subject.parse(state)
        await defer(interaction, anew=about.anew)
        form = Form(**{field.name: inputs.get(field.name, "") for field in fields(Form)})
        text = await self._editor.text(about.brief) if about.brief else None
        if about.brief and text:
            change = await self._edited(about.brief, text, form, about.replaced)
        else:
            change = await self._new(form, about.draft)
        await self._proposals.propose(interaction, change)

    async def put_figures(self, interaction: Interaction, draft: str) -> None:
        """Propose the same with the new figures also where the old ones still stand."""
        await defer(interaction)
        change = await self._proposals.find(interaction, draft)
        text = await self._editor.text(change.brief)
        was, now = (_brief_in(change.brief, each) for each in (text, change.texts[change.brief]))
        if change.form is not None and text and was and now:
            figures = replacements(was, now)
            form = {key: typed if key == "sources" else replaced(typed, figures) for key, typed in change.form.items()}
            change = await self._edited(change.brief, text, Form(**form), change.replaces[change.brief])
        await self._proposals.propose(interaction, change)

    async def _new(self, form: Form, draft: str | None) -> Change:
        """Return the change that adds what was typed as a brief, under an id that is made from its title."""
        today = datetime.now(UTC).date()
        meant = typed(form, today)
        text = await asyncio.to_thread(lambda: written.new_file(written.content_of(meant, meant.day(today))))
        brief = await self._editor.free_id(meant.title)
        return Change("add", {brief: text}, {brief: None}, asdict(form), draft)

    async def _edited(self, brief: str, text: str, form: Form, replaced: str | None) -> Change:
        """Return the change that makes a brief say what was typed. Raises RequestError if that cannot be done."""
        known = _brief_in(brief, text)
        try:
            if known is None:
                raise UnfitError(BROKEN)
            new = await asyncio.to_thread(merged, text, known, form, datetime.now(UTC).date())
        except UnfitError as error:
            raise RequestError("Nothing was changed. {why} Use `/briefs edit` with as_yaml.", why=error.why) from None
        return Change("edit", {brief: new}, {brief: replaced}, asdict(form))


def _form_of(brief: str, text: str) -> Form:
    """Return the form that shows the brief in a text. Raises UnfitError if there is none."""
    known = _brief_in(brief, text)
    if known is None:
        raise UnfitError(TRANSLATED if parted(brief)[1] else BROKEN)
    return shown(known)


def _brief_in(brief: str, text: str | None) -> Brief | None:
    return read_brief(f"{brief}.yaml", (text or "").encode(errors="surrogatepass")).brief
