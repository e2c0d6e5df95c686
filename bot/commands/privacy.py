"""`/privacy` for everyone: what is stored about whoever asks, and deleting it for good."""

import asyncio
import io
import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Protocol

import discord
from discord import app_commands, ui

from bot.catalogues.catalogue import ENGLISH, N_, Catalogue
from bot.gateway import audience
from bot.gateway.client import BriefClient, Interaction
from bot.gateway.layout import message_layout, unstored

ASKED = N_("Delete everything that is stored about you? Nobody can bring it back. `/privacy show` gives you all of it.")
KEPT = N_("Nothing was deleted.")
BUT_A_DAMAGED_LOG = N_(
    "Except perhaps a damaged log, of which nobody can tell what it holds: it is deleted whole by {date}."
)
NOTHING = N_("Nothing is stored about you.")
UNDER_WAY = N_(
    "The log is busy, so it is not certain yet that your data is deleted. In a minute `/privacy show` tells whether it "
    "is. If not, use `/privacy forget` again."
)

_HEAD = N_(
    "The file holds everything that is stored about you: {counts}. Your lookups are kept under a hash in place of your "
    "name. `/privacy forget` deletes them, and takes your id out of the rest."
)

_COUNTED: Mapping[str, Callable[[Catalogue, int], str]] = {
    "lookups": lambda say, n: say.ngettext("{n} lookups", "{n} lookups", n),
    "corrections": lambda say, n: say.ngettext("{n} corrections", "{n} corrections", n),
    "awaited answers": lambda say, n: say.ngettext("{n} awaited answers", "{n} awaited answers", n),
    "changes of briefs": lambda say, n: say.ngettext("{n} changes of briefs", "{n} changes of briefs", n),
    "proposed changes": lambda say, n: say.ngettext("{n} proposed changes", "{n} proposed changes", n),
    "drafts of briefs": lambda say, n: say.ngettext("{n} drafts of briefs", "{n} drafts of briefs", n),
    "damaged logs that may name you": lambda say, n: say.ngettext(
        "{n} damaged logs that may name you", "{n} damaged logs that may name you", n
    ),
}
"""How many rows of each kind there are, in words."""

LARGEST_PART = 8_000_000
"""Bytes of a file: Discord takes 10 MiB in a message."""

MOST_PARTS = 6
"""Most messages with a part: Discord takes five more after the first where the bot is only installed for a member."""


class PersonalData(Protocol):
    """All that is stored about one user, whatever keeps it."""

    async def of(self, user: int) -> dict[str, list[dict[str, Any]]]: ...

    async def notes(self, user: int, catalogue: Catalogue = ENGLISH) -> list[str]: ...

    async def forget(self, user: int) -> int | None: ...

    @property
    def deleted_later(self) -> date | None: ...


class PrivacyCommands(app_commands.Group):
    """`/privacy show` and `/privacy forget`, over everything that is stored."""

    def __init__(self, data: PersonalData) -> None:
        super().__init__(name="privacy", description=N_("What is stored about you, and deleting it"))
        self._data = data

    def install(self, client: BriefClient) -> None:
        """Add the commands and their buttons to ``client``."""
        client.tree.add_command(self)
        client.router.on_press("privacy", self.press)

    @app_commands.command(description=N_("Everything that is stored about you"))
    async def show(self, interaction: Interaction) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)  # the log may take its time
        say = audience.reader(interaction)
        stored = await self._data.of(interaction.user.id)
        notes = "".join(f"\n-# {note}." for note in await self._data.notes(interaction.user.id, say))
        if not any(stored.values()):
            await interaction.edit_original_response(view=message_layout(say.gettext(NOTHING) + notes))
            return
        files = await asyncio.to_thread(parts, stored)
        sent = files[-MOST_PARTS:]
        view, file = _with_file(_head(stored, len(files) - len(sent), say) + notes, sent[0], 1, len(sent))
        await interaction.edit_original_response(view=view, attachments=[file])
        for number, content in enumerate(sent[1:], 2):
            part = say.gettext("Part {number} of {total}", number=number, total=len(sent))
            view, file = _with_file(part, content, number, len(sent))
            await interaction.followup.send(view=view, file=file, ephemeral=True)

    @app_commands.command(description=N_("Delete everything that is stored about you, for good, after asking back"))
    async def forget(self, interaction: Interaction) -> None:
        say = audience.reader(interaction).gettext
        delete = ui.Button[ui.LayoutView](
            label=say("Delete everything"), style=discord.ButtonStyle.danger, custom_id="privacy:forget"
        )
        keep = ui.Button[ui.LayoutView](label=say("Keep it"), custom_id="privacy:keep")
        view = unstored(ui.TextDisplay(say(ASKED)), ui.ActionRow(delete, keep))
        await interaction.response.send_message(view=view, ephemeral=True)

    async def press(self, interaction: Interaction, state: str) -> None:
        """Do what whoever was asked has chosen."""
        await interaction.response.defer()  # the log may take its time
        done = await self._done(interaction.user.id, state, audience.reader(interaction))
        await interaction.edit_original_response(view=message_layout(done))

    async def _done(self, user: int, state: str, say: Catalogue) -> str:
        if state != "forget":
            return say.gettext(KEPT)
        deleted = await self._data.forget(user)
        if deleted is None:
            return say.gettext(UNDER_WAY)
        done = say.ngettext(
            "Done: {n} lookup is deleted for good, and nothing else names you any more.",
            "Done: {n} lookups are deleted for good, and nothing else names you any more.",
            deleted,
        )
        later = self._data.deleted_later
        return f"{done} {say.gettext(BUT_A_DAMAGED_LOG, date=say.date(later.isoformat()))}" if later else done


def _head(stored: dict[str, list[dict[str, Any]]], left_out: int, say: Catalogue) -> str:
    """Return what is stored, in words, and that the first parts of it are left out if they are."""
    counts = ", ".join(_COUNTED[what](say, len(rows)) for what, rows in stored.items() if rows)
    head = say.gettext(_HEAD, counts=counts)
    if not left_out:
        return head
    before = say.ngettext(
        "Before these come {n} parts more, which are too much for Discord: ask whoever runs the bot.",
        "Before these come {n} parts more, which are too much for Discord: ask whoever runs the bot.",
        left_out,
    )
    return f"{head} {before}"


def parts(stored: dict[str, list[dict[str, Any]]], largest: int = LARGEST_PART) -> list[bytes]:
    """Return rows by what they are as JSON, in as many documents as it takes for none to be larger than ``largest``."""
    documents: list[dict[str, list[dict[str, Any]]]] = [{}]
    room = largest
    for what, rows in stored.items():
        for row in rows:
            size = len(_json({what: [row]}))
            if size > room and documents[-1]:
                documents.append({})
                room = largest
            room -= size
            documents[-1].setdefault(what, []).append(row)
    if len(documents) == 1:
        return [_json(stored)]
    return [_json(document) for document in documents]


def _json(value: object) -> bytes:
    return json.dumps(value, indent=2, ensure_ascii=False).encode(errors="replace")


def _with_file(text: str, content: bytes, number: int, total: int) -> tuple[ui.LayoutView, discord.File]:
    name = "your-data.json" if total == 1 else f"your-data-{number}.json"
    view = unstored(ui.TextDisplay(text), ui.File(f"attachment://{name}"))
    return view, discord.File(io.BytesIO(content), name)
