"""Translates what commands and options say of themselves. Their names stay English.

A translated name would be another one for each reader, so no text could mention the command.
"""

from collections.abc import Mapping
from typing import Any

import discord

from bot.catalogues.catalogue import ENGLISH, Catalogues

LONGEST = 100
"""Characters that Discord takes in a description."""


class Descriptions:
    """Gives Discord the descriptions in each of its locales for which there is a catalogue.

    `app_commands.Translator` would be asked for each text of each command in all locales, which takes 20 times as long.
    """

    def __init__(self, catalogues: Catalogues) -> None:
        found = {locale.value: catalogues.of(locale.value) for locale in discord.Locale}
        self._of = {locale: catalogue for locale, catalogue in found.items() if catalogue is not ENGLISH}

    def translated(self, part: Mapping[str, Any]) -> dict[str, Any]:
        """Return a command, or an option of one, with its description and those of its options in all languages.

        One that is too long is left out, because Discord would refuse all commands for it.
        """
        whole = dict(part)
        if english := part.get("description"):
            said = {locale: catalogue.gettext(english) for locale, catalogue in self._of.items()}
            if kept := {tag: text for tag, text in said.items() if text != english and len(text) <= LONGEST}:
                whole["description_localizations"] = kept
        if options := part.get("options"):
            whole["options"] = [self.translated(each) for each in options]
        return whole
