"""How an admin's interaction is answered: in place where it came from a message of ours, else in private."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from bot.commands.admin.views import Shown
from bot.errors import LogError
from bot.gateway.client import Interaction

READ_TIMEOUT = 2.0
"""Seconds that an interaction waits for the log unanswered: Discord waits for three."""

Read = TypeVar("Read")


async def defer(interaction: Interaction, *, anew: bool = False) -> None:
    """Acknowledge an interaction whose answer takes longer than Discord waits; ``show`` is to follow.

    ``anew`` answers in a message of its own, so that the one that it came from stays.
    """
    if _in_place(interaction) and not anew:
        await interaction.response.defer()
    else:
        await interaction.response.defer(ephemeral=True, thinking=True)


async def show(interaction: Interaction, shown: Shown) -> None:
    """Answer an acknowledged interaction."""
    await interaction.edit_original_response(view=shown.view, attachments=shown.files)


async def respond(interaction: Interaction, shown: Shown) -> None:
    """Answer an interaction at once."""
    if _in_place(interaction):
        await interaction.response.edit_message(view=shown.view, attachments=shown.files)
    else:
        await interaction.response.send_message(view=shown.view, files=shown.files, ephemeral=True)


async def in_time(reading: Awaitable[Read]) -> Read:
    """Return what is read of the log before an interaction is answered. Raises LogError if that takes too long."""
    try:
        async with asyncio.timeout(READ_TIMEOUT):
            return await reading
    except TimeoutError:
        raise LogError(f"the log did not answer within {READ_TIMEOUT:.0f} s") from None


def _in_place(interaction: Interaction) -> bool:
    return interaction.message is not None and interaction.message.flags.ephemeral
