"""Who may do what. There is one base for all servers, so inviting the bot gives no power over it."""

from dataclasses import dataclass
from enum import IntEnum

_FOR_MANAGERS = frozenset({"help", "misses", "stats", "announce", "language", "ignore", "ignored", "heed"})
_ONLY_LOOK = frozenset(
    {"help", "list", "show", "check", "misses", "stats", "export", "history", "choose", "ignored", "drafts"}
)
_FOR_OWNERS = frozenset({"home"})

DRAFT_A_BRIEF = "Draft a brief"
"""The command in the menu of a message that is no member's."""


class Power(IntEnum):
    """What somebody may do; each power includes those before it."""

    NONE = 0
    SERVER = 1
    """See the misses and stats of one server, and choose where changes are announced there."""
    BASE = 2
    """Administer the one base of briefs, and see the misses and stats of every server."""
    BOT = 3
    """Say which server is home, and by that whose managers administer the base."""


@dataclass(frozen=True, slots=True)
class Administration:
    """Who administers the base: the owners anywhere, managers and these roles in the home server alone.

    Without a home server the owners alone do: being in one server, or in the only one, says nothing.
    """

    owners: frozenset[int] = frozenset()
    home_guild: int | None = None
    admin_roles: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts somewhere; ``guild`` is None in direct messages, ``manages`` is Discord's Manage Server."""

    user: int
    guild: int | None
    roles: frozenset[int]
    manages: bool


def power(actor: Actor, administration: Administration) -> Power:
    """Return what ``actor`` may do there."""
    if actor.user in administration.owners:
        return Power.BOT
    if actor.guild is None:
        return Power.NONE
    at_home = actor.guild == administration.home_guild
    if at_home and (actor.manages or actor.roles & administration.admin_roles):
        return Power.BASE
    return Power.SERVER if actor.manages else Power.NONE


def needed(action: str) -> Power:
    """Return the power that an action needs: a command's full name, or the kind of a button or modal.

    Whatever starts with the word "briefs" is administration of the base, as DRAFT_A_BRIEF is, unless it is
    listed as a server's own matter or as the owners'.
    """
    if action == DRAFT_A_BRIEF:
        return Power.BASE
    group, _, what = action.partition(" ")
    if group != "briefs":
        return Power.NONE
    if what in _FOR_OWNERS:
        return Power.BOT
    return Power.SERVER if what in _FOR_MANAGERS else Power.BASE


def changes(action: str) -> bool:
    """Return whether an action may change something. Every action may that is not listed in _ONLY_LOOK."""
    return action.partition(" ")[2] not in _ONLY_LOOK
