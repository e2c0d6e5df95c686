"""What the client itself says to a member: one private line, most often about an error."""

import logging
import secrets
from collections.abc import Mapping
from typing import Any

import discord
from discord import app_commands

from bot.catalogues.catalogue import N_
from bot.errors import LogError, RequestError
from bot.gateway import audience
from bot.gateway.delivery import UndeliveredError
from bot.gateway.layout import message_layout

NO_LOG = N_("The log cannot be read at the moment. Nothing was changed; try again later.")
NOT_CERTAIN = N_("The log is busy, so it is not certain that this will be noted. Press the button again in a minute.")
FAILED = N_("Something went wrong. Please tell the admins this reference: {reference}")
CHANGED = N_("This command has just changed. Try it again in a minute.")

_UNKNOWN_COMMAND = (app_commands.CommandNotFound, app_commands.CommandSignatureMismatch)

_log = logging.getLogger(__name__)


async def reply_privately(interaction: discord.Interaction[Any], text: str, /, **values: object) -> None:
    """Say one of our own texts to the member alone, in their language, whether or not the interaction was answered.

    ``text`` is English, with ``values`` in place of its {names}.
    """
    view = message_layout(audience.reader(interaction).gettext(text, **values))
    if interaction.response.type is discord.InteractionResponseType.deferred_channel_message:
        # An edit, because a follow-up that breaks off cannot be sent again. Either replaces "is thinking".
        await interaction.edit_original_response(view=view)
    elif interaction.response.is_done():
        await interaction.followup.send(view=view, ephemeral=True)
    else:
        await interaction.response.send_message(view=view, ephemeral=True)


async def defer_privately(interaction: discord.Interaction[Any]) -> None:
    """Acknowledge an interaction. The answer will be private, because nobody knows yet who may see it."""
    if interaction.message and interaction.message.flags.ephemeral:
        await interaction.response.defer()
    else:
        await interaction.response.defer(ephemeral=True, thinking=True)


class ErrorReplies:
    """Tells members of errors. ``failed`` counts the errors that nobody foresaw, each of which gets a reference."""

    def __init__(self) -> None:
        self.failed = 0

    async def report(self, interaction: discord.Interaction[Any], error: Exception) -> None:
        """Tell the member what cannot be done."""
        if said := self.text_of(error):
            await _reply_if_possible(interaction, *said)

    def text_of(self, error: Exception) -> tuple[str, Mapping[str, object]] | None:
        """Return what to tell the member of an error, and the values of its {names}; None if nothing can be told.

        An unforeseen error is logged, and the member gets its reference.
        """
        if isinstance(error, app_commands.CommandInvokeError):
            error = error.original
        if isinstance(error, UndeliveredError):
            return None  # the delivery has logged it
        if isinstance(error, RequestError):
            return error.text, error.values
        if isinstance(error, _UNKNOWN_COMMAND):
            return CHANGED, {}
        if isinstance(error, LogError):
            _log.error("%s", error)
            return NO_LOG, {}
        self.failed += 1
        reference = secrets.token_hex(4)
        _log.error("reference %s: an interaction or a question failed", reference, exc_info=error)
        return FAILED, {"reference": reference}


async def _reply_if_possible(interaction: discord.Interaction[Any], text: str, values: Mapping[str, object]) -> None:
    """Send a line to the member unless Discord refuses it. Autocomplete can show no text, so its list stays empty."""
    try:
        if interaction.type is not discord.InteractionType.autocomplete:
            await reply_privately(interaction, text, **values)
        elif not interaction.response.is_done():
            await interaction.response.autocomplete([])
    except UndeliveredError:
        pass  # the delivery has logged it
    except discord.HTTPException as failure:
        # Without the text, which may repeat what the member wrote.
        _log.error("a member could not be told of an error: status %d, code %d", failure.status, failure.code)
