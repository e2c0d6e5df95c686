"""The buttons of a card that is there already: sharing it, all of it, and what has changed since it was shown."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

import discord
from discord import ui

from bot.briefs.brief_file import LoadedFile, read_brief
from bot.briefs.card import Card
from bot.briefs.card_text import last_changed, replacement, standing_lines
from bot.briefs.change import Version, differences
from bot.catalogues.catalogue import N_, Catalogue
from bot.commands.admin.views import READ, announcement_view
from bot.commands.layout import card_layout, once_shared, shared_layout, still_button, with_all
from bot.gateway import audience
from bot.gateway.client import BriefClient, Interaction
from bot.gateway.delivery import UndeliveredError
from bot.gateway.layout import message_layout, unstored
from bot.gateway.replies import defer_privately, reply_privately
from bot.gateway.router import chosen_value
from bot.language.tags import canonical
from bot.language.texts import whole_number

BRIEF_GONE = N_("That brief is no longer in the base.")
UNCHANGED = N_("Nothing has changed in this brief since it was shown here.")
SAYS_THE_SAME = N_("This brief was edited since it was shown here, but says the same.")
NOT_KEPT = N_("This brief has changed since it was shown here. What it said then is no longer kept.")

VERSIONS = 100
"""How many versions of a brief are searched for the one that was shown."""

MOST_SHARED = 10_000
"""How many messages are remembered from which a card was shared."""


class BriefHistory(Protocol):
    """What the buttons need of the history."""

    async def of(self, brief: str, limit: int) -> list[Version]: ...


class CardDesk:
    """Serves whoever presses a button of a card. No press is a lookup: the member has read the brief already."""

    def __init__(self, card_now: Callable[[str, Catalogue, str | None], Card | None], history: BriefHistory) -> None:
        """``card_now`` returns the card that members get for a brief's id in a language, None if there is none."""
        self._card_now = card_now
        self._history = history
        self._shared: OrderedDict[int, None] = OrderedDict()

    def install(self, client: BriefClient) -> None:
        """Have ``client`` route the presses here."""
        client.router.on_press("share", self.share)
        client.router.on_press("all", self.show_all)
        client.router.on_press("still", self.say_what_changed)
        client.router.on_press("language", self.show_in)

    async def share(self, interaction: Interaction, state: str) -> None:
        """Show a brief to the whole channel, once for each message that offers it.

        ``state`` is the brief's id, and behind a colon the id of the message that was asked about, if one was.
        """
        brief_id, _, about = state.partition(":")
        language, source = audience.channel_locale(interaction), interaction.message
        card = self._card_now(brief_id, audience.channel(interaction), language)
        if card is None or source is None:
            await reply_privately(interaction, BRIEF_GONE)
            return
        if source.id in self._shared:
            await interaction.response.defer()
            return
        self._remember(source.id)
        link = f"https://discord.com/channels/{interaction.guild_id or '@me'}/{interaction.channel_id}/{about}"
        still = still_button(card.id, card.catalogue)
        view = shared_layout(card, interaction.user.id, link if whole_number(about) else None, still)
        try:
            await interaction.response.edit_message(view=once_shared(_layout_of(source), audience.reader(interaction)))
            await interaction.followup.send(view=view)
        except (UndeliveredError, discord.HTTPException):
            self._shared.pop(source.id, None)
            if interaction.response.is_done():
                await interaction.edit_original_response(view=_layout_of(source))
            raise

    async def show_all(self, interaction: Interaction, brief_id: str) -> None:
        """Show all of a brief in place of a part of it; what stands around it stays."""
        card = self._for_reader(interaction, brief_id)
        if card is None or interaction.message is None:
            await reply_privately(interaction, BRIEF_GONE)
            return
        await interaction.response.edit_message(view=with_all(_layout_of(interaction.message), card))

    async def say_what_changed(self, interaction: Interaction, state: str) -> None:
        """Tell whoever presses what a brief says now otherwise than when its card was sent. Raises LogError."""
        brief_id = state.partition(":")[0]
        card, shown = self._for_reader(interaction, brief_id), interaction.message
        if card is None or shown is None:
            await reply_privately(interaction, BRIEF_GONE)
            return
        if card.id == brief_id and (card.changed is None or card.changed <= shown.created_at):
            said = filter(None, [card.catalogue.gettext(UNCHANGED), card.notice])
            await interaction.response.send_message(view=message_layout(" ".join(said)), ephemeral=True)
            return
        await defer_privately(interaction)
        versions = await self._history.of(brief_id, VERSIONS)
        translations = await self._history.of(f"{brief_id}.{card.language}", VERSIONS)
        view = await asyncio.to_thread(changes, versions, card, shown.created_at, translations)
        await interaction.edit_original_response(view=view)

    async def show_in(self, interaction: Interaction, brief_id: str) -> None:
        """Show a card in the language that was chosen from its menu, to whoever chose it.

        In a message that only they see it takes the place of the card that is there.
        """
        language, source = canonical(chosen_value(interaction)), interaction.message
        card = language and self._card_now(brief_id, interaction.client.catalogues.of(language), language)
        if not card or source is None:
            await reply_privately(interaction, BRIEF_GONE)
        elif source.flags.ephemeral:
            await interaction.response.edit_message(view=with_all(_layout_of(source), card))
        else:
            await interaction.response.send_message(view=card_layout(card), ephemeral=True)

    def _for_reader(self, interaction: Interaction, brief_id: str) -> Card | None:
        return self._card_now(brief_id, audience.reader(interaction), audience.reader_locale(interaction))

    def _remember(self, message_id: int) -> None:
        self._shared[message_id] = None
        while len(self._shared) > MOST_SHARED:
            self._shared.popitem(last=False)


def _layout_of(message: discord.Message) -> ui.LayoutView:
    return ui.LayoutView.from_message(message, timeout=None)


def changes(
    versions: Sequence[Version], card: Card, since: datetime, translations: Sequence[Version] = ()
) -> ui.LayoutView:
    """Return what a card says otherwise than the version that was in use at ``since``.

    It is said in the language of ``translations`` if there was one in use at that time.
    """
    (then, now), (then_translated, translated) = (_files(each, since) for each in (versions, translations))
    old, new = then and then.brief, now and now.brief
    if old and new and then_translated and translated and then_translated.translation and translated.translation:
        old, new = old.translated_by(then_translated.translation), new.translated_by(translated.translation)
    say = card.catalogue.gettext
    read = ui.Button[ui.LayoutView](label=say(READ), custom_id=f"brief:{card.id}")
    if card.replaces:
        return unstored(ui.TextDisplay(replacement(card)), ui.ActionRow(read))
    if not (old and new):
        return unstored(ui.TextDisplay(say(NOT_KEPT)), ui.ActionRow(read))
    found = differences(old, new, card.catalogue)
    if not found:
        return message_layout(say(SAYS_THE_SAME))
    when = [f"-# {last_changed(card.changed, card.catalogue)}"] if card.changed else []
    return announcement_view(new, found, card.catalogue, standing=[*standing_lines(card), *when])


def _files(versions: Sequence[Version], since: datetime) -> list[LoadedFile | None]:
    """Return the file that was in use at ``since`` and the present one, None for one that there was or is not."""
    then = next((version for version in versions if version.saved_at <= since), None)
    found = (then, versions[0] if versions else None)
    return [(each and each.text and read_brief(f"{each.brief}.yaml", each.text.encode())) or None for each in found]
