"""Translates what commands and options say of themselves. Their names stay English.

A translated name would be another one for each reader, so no text could mention the command.
"""

import discord
from discord import app_commands
from discord.app_commands import TranslationContextLocation

from bot.catalogues.catalogue import Catalogues

LONGEST = 100
"""Characters that Discord takes in a description."""

_DESCRIPTIONS = frozenset(
    {
        TranslationContextLocation.command_description,
        TranslationContextLocation.group_description,
        TranslationContextLocation.parameter_description,
    }
)


class Descriptions(app_commands.Translator):
    """Gives Discord the descriptions in each of its locales for which there is a catalogue."""

    def __init__(self, catalogues: Catalogues) -> None:
        self._of = {locale: catalogues.of(locale.value) for locale in discord.Locale}

    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        """Return a description in a locale, None for the English one.

        One that is too long is left out, because Discord would refuse all commands for it.
        """
        if context.location not in _DESCRIPTIONS:
            return None
        said = self._of[locale].gettext(string.message)
        return said if said != string.message and len(said) <= LONGEST else None
