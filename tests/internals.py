"""What we use of a library without its promise, compared with the version that is installed."""

import importlib
import inspect
import re
from importlib.metadata import version
from typing import NamedTuple

from tests.test_boundaries import MODULES, internals, room


class Internal(NamedTuple):
    """Something of a library that may change in any version."""

    path: str
    """Where it is, such as "discord.gateway.DiscordWebSocket.from_client"."""
    told_in: str
    """Where it is used, below `bot`. The docstring there says what for, since when, and what to do when it goes."""
    parameters: tuple[str, ...] = ()
    """The parameters that we give it."""


def missing(internal: Internal) -> str | None:
    """Return what is missing of an internal in the installed library, and where it is used; None if nothing is."""
    library = internal.path.partition(".")[0]
    named = f"{internal.path}, which bot.{internal.told_in} uses,"
    library = {"discord": "discord.py"}.get(library, library)
    installed = f"{library} {version(library)}"
    owner, found = _found(internal.path)
    if not found:
        return f"{named} is not in {installed}"
    if internal.parameters:
        taken = inspect.signature(getattr(owner, internal.path.rpartition(".")[2])).parameters
        if lost := [each for each in internal.parameters if each not in taken]:
            return f"{named} takes no {', '.join(lost)} in {installed}"
    return None


def _found(path: str) -> tuple[object, bool]:
    """Return the last owner in a dotted path, and whether it has the last name."""
    parts = path.split(".")
    owner: object = importlib.import_module(parts[0])
    for done, part in enumerate(parts[1:-1], 2):
        if not hasattr(owner, part):
            try:
                importlib.import_module(".".join(parts[:done]))
            except ModuleNotFoundError:
                return owner, False
        owner = getattr(owner, part)
    return owner, hasattr(owner, parts[-1]) or (inspect.isclass(owner) and _is_set(owner, parts[-1]))


def _is_set(owner: type, attribute: str) -> bool:
    """Return whether a class, or one that it derives from, sets an attribute on its instances."""
    sources = (inspect.getsource(each) for each in owner.__mro__ if each.__module__ != "builtins")
    return any(re.search(rf"self\.{attribute}\b[^=\n]*=[^=]", source) for source in sources)


def told(internal: Internal) -> str:
    """Return the docstring of the place where an internal is used."""
    module, _, name = internal.told_in.partition(":")
    place: object = importlib.import_module(f"bot.{module}")
    for part in name.split("."):
        place = getattr(place, part)
    return inspect.getdoc(place) or ""


def unlisted(where: str, table: list[Internal]) -> set[str]:
    """Return the internals that the modules of a room use and no row of the table names."""
    listed = {each.path for each in table} | {each.path.rpartition(".")[2] for each in table}
    used = set().union(*(internals(module) for module in MODULES if room(module) == where))
    return {name for name in used if name not in listed and not any(path.startswith(f"{name}.") for path in listed)}
