"""The id of a new brief, made from its title."""

import re
from collections.abc import Callable

from bot.language.normalise import normalise

LONGEST = 64


def id_for(title: str, is_taken: Callable[[str], bool]) -> str:
    """Return an id that is made from ``title`` and not taken; "brief" where no letter of it can stand in an id."""
    words = re.sub("[^a-z0-9]+", "-", normalise(title[:400])).strip("-")
    base = words[:LONGEST].rpartition("-")[0] if len(words) > LONGEST and "-" in words[:LONGEST] else words[:LONGEST]
    base = base or "brief"
    name, number = base, 1
    while is_taken(name):
        number += 1
        end = f"-{number}"
        name = f"{base[: LONGEST - len(end)].rstrip('-')}{end}"
    return name
