"""`/privacy` for everyone: what is stored about whoever asks, and deleting it for good."""

import io
import json
from typing import Any, Protocol

import discord
from discord import app_commands, ui

from bot.client import Interaction, tell
from bot.layout import stopped

NOTHING = "Nothing is stored about you."
UNDER_WAY = "Your data is being deleted. The log is busy, so it may take a moment; /privacy show tells when it is done."

_HEAD = (
    "The file holds everything that is stored about you: {}. Your lookups are kept under a hash in place of your name. "
    "`/privacy forget` deletes them, and takes your id out of the rest."
)


class PersonalData(Protocol):
    """All that is stored about one user, whatever keeps it."""

    async def of(self, user: int) -> dict[str, list[dict[str, Any]]]: ...

    async def forget(self, user: int) -> int | None: ...


class PrivacyCommands(app_commands.Group):
    """`/privacy show` and `/privacy forget`, over everything that is stored."""

    def __init__(self, data: PersonalData) -> None:
        super().__init__(name="privacy", description="What is stored about you, and deleting it")
        self._data = data

    @app_commands.command(description="Everything that is stored about you")
    async def show(self, interaction: Interaction) -> None:
        async with interaction.client.handling(interaction):
            stored = await self._data.of(interaction.user.id)
            if not any(stored.values()):
                await tell(interaction, NOTHING)
                return
            counts = ", ".join(f"{len(rows):,} {what}" for what, rows in stored.items() if rows)
            content = json.dumps(stored, indent=2, ensure_ascii=False).encode(errors="replace")
            view = stopped(ui.TextDisplay(_HEAD.format(counts)), ui.File("attachment://your-data.json"))
            file = discord.File(io.BytesIO(content), "your-data.json")
            await interaction.response.send_message(view=view, file=file, ephemeral=True)

    @app_commands.command(description="Delete everything that is stored about you, for good")
    async def forget(self, interaction: Interaction) -> None:
        async with interaction.client.handling(interaction):
            deleted = await self._data.forget(interaction.user.id)
            if deleted is None:
                await tell(interaction, UNDER_WAY)
            else:
                lookups = "1 lookup is" if deleted == 1 else f"{deleted:,} lookups are"
                await tell(interaction, f"Done: {lookups} deleted for good, and nothing else names you any more.")
