"""Catalogues for tests, made without a file."""

import gettext
import io
from collections.abc import Callable, Mapping

from babel.messages.catalog import Catalog

from bot.catalogues.catalogue import Catalogue
from tools.catalogues import compiled, template

Said = Mapping[str, str | tuple[str, ...]]


def made(language: str, said: Said, context: str | None = None) -> Catalogue:
    """Return a catalogue that says these texts so; the plural of a text is said in all its forms."""
    catalog = Catalog(locale=language, fuzzy=False)
    for text, string in said.items():
        catalog.add((text, text) if isinstance(string, tuple) else text, string, context=context)
    return Catalogue(language, gettext.GNUTranslations(io.BytesIO(compiled(catalog))))


def translated(language: str, say: Callable[[str], str]) -> Catalogue:
    """Return a catalogue in which ``say`` has said every text of the code."""
    catalog = Catalog(locale=language, fuzzy=False)
    for message in template():
        if not message.id:  # the head of the catalogue
            continue
        if isinstance(message.id, str):
            catalog.add(message.id, say(message.id), context=message.context)
        else:
            catalog.add(message.id, tuple(say(message.id[1]) for _ in range(catalog.num_plurals)))
    return Catalogue(language, gettext.GNUTranslations(io.BytesIO(compiled(catalog))))
