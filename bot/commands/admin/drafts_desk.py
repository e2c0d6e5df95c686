"""The list of drafts, which all who administer the base share: writing on, throwing away, keeping what was typed."""

from collections.abc import Mapping
from datetime import timedelta

from bot.briefs.change import DraftRef
from bot.catalogues.catalogue import N_, Catalogue
from bot.commands.admin import draft_views, texts
from bot.commands.admin.inspecting_desk import page_of
from bot.commands.admin.proposals import PREVIEW_GONE
from bot.commands.admin.replies import defer, in_time, show
from bot.errors import RequestError
from bot.gateway import audience
from bot.gateway.client import BriefClient, Interaction
from bot.gateway.replies import NOT_CERTAIN
from bot.language.texts import whole_number
from bot.storage.drafts import Drafts
from bot.storage.unfinished import UnfinishedBriefs

GONE = N_("That draft has been finished or thrown away.")
OVERTAKEN = N_("⚠️ Somebody else has changed that draft since this list was shown, so it was not thrown away.")
KEPT = N_("Kept as a draft: {name}. `/briefs drafts` lists it, for all who administer the briefs.")
KEPT_BESIDE = N_(
    "⚠️ Somebody else has changed that draft since you opened it, so yours is kept as a draft of its own: {name}."
)
NOTHING_KEPT = N_("They are drafts already, or are no longer kept. `/briefs drafts` lists what is.")


class DraftsDesk:
    """Serves `/briefs drafts`, and what keeps drafts. ``age`` is how long a draft of a message is kept unchanged."""

    def __init__(self, drafts: Drafts, unfinished: UnfinishedBriefs, age: timedelta) -> None:
        self._proposed = drafts
        self._unfinished = unfinished
        self._age = age

    def install(self, client: BriefClient) -> None:
        """Add the buttons to ``client``; the commands are in bot/commands/admin/commands.py."""
        client.router.on_press("briefs drafts", self.turn)
        client.router.on_press("briefs open", self.open)
        client.router.on_press("briefs throw", self.throw_away)
        client.router.on_press("briefs unthrow", self.bring_back)
        client.router.on_press("briefs keepdraft", self.keep)
        client.router.on_press("briefs keepdrafts", self.keep_all)
        client.router.on_press("briefs undraft", self.undo_keeping)

    async def drafts(self, interaction: Interaction) -> None:
        """Show the first page of the drafts."""
        await self.turn(interaction, "1")

    async def turn(self, interaction: Interaction, page: str) -> None:
        """Show a page of the drafts."""
        await defer(interaction)
        await self._show(interaction, page)

    async def open(self, interaction: Interaction, state: str) -> None:
        """Open the form with a draft. What comes of it is shown in a message of its own, so that the list stays."""
        ref, _ = _parts(state)
        draft = await in_time(self._unfinished.find(ref.id))
        if draft is None or draft.state != "waiting":
            raise RequestError(GONE)
        await interaction.response.send_modal(draft_views.draft_modal(draft, audience.reader(interaction)))

    async def throw_away(self, interaction: Interaction, state: str) -> None:
        """Take a draft off the list, unless somebody else has changed it since the list was shown."""
        await defer(interaction)
        (ref, page), say = _parts(state), audience.reader(interaction)
        draft = await self._unfinished.find(ref.id)
        if draft is None or draft.state != "waiting":
            await self._show(interaction, page, say.gettext(GONE))
            return
        thrown = await self._unfinished.throw_away(ref)
        if thrown is None:
            raise RequestError(NOT_CERTAIN)
        if not thrown:
            await self._show(interaction, page, say.gettext(OVERTAKEN))
            return
        done = say.gettext("Thrown away: {name}.", name=texts.quoted(draft_views.named(draft.about, say)))
        await self._show(interaction, page, done, undo=f"briefs unthrow:{ref}:{page}")

    async def bring_back(self, interaction: Interaction, state: str) -> None:
        """Put a draft that was thrown away back, and show the page that it was on."""
        await defer(interaction)
        ref, page = _parts(state)
        back = await self._unfinished.bring_back(ref.id)
        if back is None:
            raise RequestError(NOT_CERTAIN)
        said = N_("It is a draft again.") if back else GONE
        await self._show(interaction, page, audience.reader(interaction).gettext(said))

    async def keep(self, interaction: Interaction, proposal: str) -> None:
        """Keep what was typed for a new brief as a draft, in place of the draft that it was opened from."""
        await defer(interaction)
        user = interaction.user.id
        change = await self._proposed.find(proposal, user)
        if change is None or change.form is None or change.action != "add":
            raise RequestError(PREVIEW_GONE)
        say = audience.reader(interaction)
        text, ref = await self._kept(change.form, change.draft, user, say)
        await self._proposed.remove(proposal, erase=True)
        back = say.gettext("Throw away")
        await show(interaction, draft_views.kept_message(text, say, back, f"briefs throw:{ref}:1"))

    async def _kept(
        self, form: Mapping[str, str], opened_from: str | None, user: int, say: Catalogue
    ) -> tuple[str, DraftRef]:
        """Keep what a form holds as the draft that it was opened from, or else as a new one.

        Return what is to be said of that, and the draft as it is then.
        """
        ref = DraftRef.parse(opened_from or "")
        known = await self._unfinished.find(ref.id) if opened_from else None
        topic = known.topic if known else form["title"]
        name = texts.quoted(draft_views.named(form["title"] or topic, say))
        saved = await self._unfinished.save(ref, topic, form, user) if known else False
        if saved:
            return say.gettext(KEPT, name=name), ref._replace(revision=ref.revision + 1)
        origin = known.origin if known else "form"
        added = await self._unfinished.add([(topic, form)], origin, user) if saved is False else None
        if added is None:
            raise RequestError(NOT_CERTAIN)
        return say.gettext(KEPT_BESIDE if known else KEPT, name=name), added[1][0]

    async def keep_all(self, interaction: Interaction, batch: str) -> None:
        """Keep the topics that were offered as drafts."""
        await defer(interaction)
        kept = await self._unfinished.keep_batch(batch)
        if kept is None:
            raise RequestError(NOT_CERTAIN)
        say = audience.reader(interaction)
        if kept:
            text = say.ngettext(
                "{n} draft kept, for all who administer the briefs.",
                "{n} drafts kept, for all who administer the briefs.",
                kept,
            )
            back = say.gettext("Undo")
            await show(interaction, draft_views.kept_message(text, say, back, f"briefs undraft:{batch}"))
        else:
            await show(interaction, draft_views.kept_message(say.gettext(NOTHING_KEPT), say))

    async def undo_keeping(self, interaction: Interaction, batch: str) -> None:
        """Take the topics that were just kept off the list, but for those that somebody has worked on since."""
        await defer(interaction)
        if await self._unfinished.let_batch_go(batch) is None:
            raise RequestError(NOT_CERTAIN)
        done = audience.reader(interaction).gettext("Taken off the list, but for what somebody has changed since.")
        await self._show(interaction, "1", done)

    async def _show(
        self, interaction: Interaction, page: str, notice: str | None = None, undo: str | None = None
    ) -> None:
        total = await self._unfinished.number()
        number, pages = page_of(page, total, draft_views.PAGE)
        drafts = await self._unfinished.page((number - 1) * draft_views.PAGE, draft_views.PAGE)
        say = audience.reader(interaction)
        shown = draft_views.drafts_message(drafts, total, number, pages, self._age, notice, undo, say)
        await show(interaction, shown)


def _parts(state: str) -> tuple[DraftRef, str]:
    """Return the draft and the page that a button's state names."""
    ref, _, page = state.partition(":")
    return DraftRef.parse(ref), str(whole_number(page, 1, 9999) or 1)
