"""Brings the catalogues up to date with the texts of the code, and compiles them.

`python -m tools.catalogues` does it for each language there is, `python -m tools.catalogues fr` begins a new one.
"""

import ast
import io
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from bot.catalogues.shipped import DOMAIN, FOLDER
from tools.environment import ROOT

_SAID_BY = {"N_": 0, "Said": 0, "gettext": 0, "say": 0, "RequestError": 0, "reply_privately": 1}
"""What says one of our own texts, and which of its arguments that is. A text that is no literal is marked elsewhere."""


_HEAD = "# Our own texts in another language. `make catalogues` adds the new ones and compiles briefbot.mo."


def languages() -> list[str]:
    """Return the languages that there is a catalogue in."""
    return sorted(path.parts[-3] for path in FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


def template() -> Catalog:
    """Return a catalogue of all texts in the code, without translations."""
    catalog = Catalog(project=DOMAIN, domain=DOMAIN, fuzzy=False)
    for path in sorted((ROOT / "bot").rglob("*.py")):
        place = (str(path.relative_to(ROOT)), 1)
        for text, context in _texts(path.read_text(encoding="utf-8")):
            catalog.add(text, context=context, locations=[place])
    return catalog


Text = tuple[str | tuple[str, str], str | None]
"""A text, or both of its forms if it has a plural, and its context if it has one."""


@cache
def _texts(code: str) -> Sequence[Text]:
    """Return the texts that ``code`` says; once for all languages, because to parse all the code takes a second."""
    return list(_said(ast.parse(code)))


def _said(tree: ast.AST) -> Iterator[Text]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        given = [str(arg.value) if isinstance(arg, ast.Constant) else "" for arg in node.args]
        if name == "ngettext" and all(given[:2]):
            yield (given[0], given[1]), None
        elif name == "pgettext" and all(given[:2]):
            yield given[1], given[0]
        elif name in _SAID_BY and any(given[_SAID_BY[name] : _SAID_BY[name] + 1]):
            yield given[_SAID_BY[name]], None


def updated(language: str) -> Catalog:
    """Return the catalogue of a language with the texts that the code has now.

    A text that is new has no translation, or a guess that is marked as fuzzy, which is not used.
    """
    catalog = _read(language) if path_of(language, "po").exists() else _new(language)
    catalog.update(template(), update_creation_date=False)
    return catalog


def _read(language: str) -> Catalog:
    with path_of(language, "po").open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN)


def _new(language: str) -> Catalog:
    """Return a catalogue whose head names nobody."""
    catalog = Catalog(locale=language, domain=DOMAIN, project=DOMAIN, version="1", fuzzy=False, header_comment=_HEAD)
    catalog.msgid_bugs_address = catalog.last_translator = catalog.language_team = ""
    catalog.revision_date = catalog.creation_date
    return catalog


def written(catalog: Catalog) -> bytes:
    """Return a catalogue as translators edit it."""
    file = io.BytesIO()
    write_po(file, catalog, width=110, ignore_obsolete=True, include_lineno=False)
    return file.getvalue()


def compiled(catalog: Catalog) -> bytes:
    """Return a catalogue as the bot reads it."""
    file = io.BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def write(language: str) -> None:
    """Write the catalogue of a language in both forms."""
    catalog = updated(language)
    path_of(language, "po").parent.mkdir(parents=True, exist_ok=True)
    path_of(language, "po").write_bytes(written(catalog))
    path_of(language, "mo").write_bytes(compiled(catalog))


def path_of(language: str, suffix: str) -> Path:
    """Return where a catalogue is: "po" is what translators edit, "mo" what the bot reads."""
    return FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.{suffix}"


if __name__ == "__main__":
    for language in sys.argv[1:] or languages():
        write(language)
