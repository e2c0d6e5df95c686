"""Reads the catalogues that are shipped: `<language>/LC_MESSAGES/briefbot.mo`, which `make catalogues` compiles."""

import gettext
from functools import cache
from pathlib import Path

from bot.catalogues.catalogue import Catalogue, Catalogues

DOMAIN = "briefbot"
FOLDER = Path(__file__).parent


@cache
def shipped() -> Catalogues:
    """Return the catalogues of all languages that are shipped."""
    languages = sorted(file.parts[-3] for file in FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))
    return Catalogues(map(_read, languages))


def _read(language: str) -> Catalogue:
    return Catalogue(language, gettext.translation(DOMAIN, FOLDER, [language]))
