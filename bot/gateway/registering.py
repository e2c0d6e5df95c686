"""Registers the commands with Discord. Each start compares what Discord has with what it should have."""

import asyncio
import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import aiohttp
import discord
from discord import app_commands
from discord.http import Route

from bot.errors import LogError
from bot.gateway.descriptions import Descriptions

EVERYWHERE = 0
"""The scope of the commands that exist in every server."""

REGISTER_TIMEOUT = 30.0
"""Seconds that a start waits for Discord to take the commands: once 200 were new in a day it takes none for hours."""

_ENTRY_POINT = 4
"""The type of the command that Discord adds for an Activity. Discord refuses a registration that leaves it out."""

_READ_ONLY = ("application_id", "guild_id", "version")

Command = dict[str, Any]

_log = logging.getLogger(__name__)


class Registrations(Protocol):
    """Keeps what was registered, by application and scope (a server's id, or EVERYWHERE)."""

    async def registrations(self, application_id: int) -> Mapping[int, Mapping[str, str]]: ...

    async def remember_registration(self, application_id: int, scope: int, digests: Mapping[str, str]) -> None: ...


class Registrar:
    """Registers the commands of a tree in one scope alone: everywhere, or in the server ``dev_guild_id``.

    It makes the library's undocumented requests, because the public `CommandTree.fetch_commands` leaves out the
    translations. Since 2.1. When they go, register with `CommandTree.sync` at each start.
    """

    def __init__(
        self,
        tree: app_commands.CommandTree[Any],
        registrations: Registrations,
        descriptions: Descriptions,
        dev_guild_id: int | None,
    ) -> None:
        self._tree = tree
        self._registrations = registrations
        self._descriptions = descriptions
        self._scope = dev_guild_id or EVERYWHERE

    async def register(self) -> None:
        """Register the commands that Discord lacks or has in another form, and remove those that should not exist.

        If that fails, the commands stay as they are and the diagnostic log says so.
        """
        try:
            async with asyncio.timeout(REGISTER_TIMEOUT):
                wanted = [self._descriptions.translated(each.to_dict(self._tree)) for each in self._tree.get_commands()]
                known = await self._known()
                await self._settle(self._scope, wanted, known)
                for scope in sorted({EVERYWHERE, *known} - {self._scope}):  # last: members always have them somewhere
                    await self._settle(scope, [], known)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            _log.error("the commands could not be registered, the old ones stay: %s", error or type(error).__name__)

    async def _known(self) -> Mapping[int, Mapping[str, str]]:
        try:
            return await self._registrations.registrations(self._application)
        except LogError as error:  # then all are registered once more, which changes nothing
            _log.warning("%s", error)
            return {}

    async def _settle(self, scope: int, wanted: Sequence[Command], known: Mapping[int, Mapping[str, str]]) -> None:
        """Make Discord have exactly the wanted commands in a scope."""
        try:
            seen, before = await self._at_discord(scope), known.get(scope, {})
            digests = _digests(wanted, seen)
            differ = [key for key, digest in digests.items() if before.get(key) != digest]
            stray = [_key(each) for each in seen if _key(each) not in digests and not _is_entry_point(each)]
            if differ or stray:
                await self._put(scope, [*wanted, *map(_as_it_is, filter(_is_entry_point, seen))])
                _log_changes(scope, differ, stray)
                digests = _digests(wanted, await self._at_discord(scope))
            if digests != known.get(scope):
                await self._registrations.remember_registration(self._application, scope, digests)
        except (discord.Forbidden, discord.NotFound) as error:
            if scope == self._scope:
                raise
            _log.warning("the old commands of the server %d cannot be removed: %s", scope, error)
            await self._registrations.remember_registration(self._application, scope, {})

    @property
    def _application(self) -> int:
        return self._tree.client.application_id or 0

    async def _at_discord(self, scope: int) -> list[Command]:
        # The library's own request leaves the translations out.
        found = await self._tree.client.http.request(self._route("GET", scope), params={"with_localizations": "true"})
        return list(found)

    async def _put(self, scope: int, commands: Sequence[Command]) -> None:
        await self._tree.client.http.request(self._route("PUT", scope), json=commands)

    def _route(self, method: str, scope: int) -> Route:
        where = f"/guilds/{scope}" if scope else ""
        return Route(method, f"/applications/{{application_id}}{where}/commands", application_id=self._application)


def _key(command: Command) -> str:
    """Return the name that no other command of the scope has, as a member reads it."""
    slash = command.get("type", 1) == 1
    return f"/{command['name']}" if slash else str(command["name"])


def _is_entry_point(command: Command) -> bool:
    return bool(command["type"] == _ENTRY_POINT)


def _as_it_is(command: Command) -> Command:
    """Return a command in the form in which Discord leaves it unchanged."""
    return {key: value for key, value in command.items() if value not in (None, []) and key not in _READ_ONLY}


def _digests(wanted: Sequence[Command], seen: Sequence[Command]) -> dict[str, str]:
    """Return a digest of each wanted command together with what Discord has under its name.

    It changes when our command changes, and when the command at Discord does. Discord adds fields to what it is sent;
    they do not matter, because they are in the digest both times.
    """
    there = {_key(each): each for each in seen}
    pairs = {_key(each): (each, there.get(_key(each))) for each in wanted}
    return {key: hashlib.sha256(json.dumps(pair, sort_keys=True).encode()).hexdigest() for key, pair in pairs.items()}


def _log_changes(scope: int, registered: Sequence[str], removed: Sequence[str]) -> None:
    """Log what was registered and removed."""
    where = f"in the server {scope} alone" if scope else "for everybody"
    if registered:
        _log.info("registered %s: %s", where, ", ".join(registered))
    if removed:
        _log.info("removed what was registered %s: %s", where, ", ".join(removed))
