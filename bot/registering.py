"""Telling Discord which commands there are, when that is due."""

import hashlib
import json
import logging
from typing import Any, Protocol

import discord
from discord import app_commands


class Registrations(Protocol):
    """Where the digests of the registered commands are kept, by application and scope (a server's id, or 0 for all)."""

    async def registration(self, application_id: int, scope: int) -> str | None: ...

    async def remember_registration(self, application_id: int, scope: int, digest: str) -> None: ...


_log = logging.getLogger(__name__)


async def register_commands(
    tree: app_commands.CommandTree[Any], registrations: Registrations, application: int, dev_guild_id: int | None
) -> None:
    """Register the commands where that is due: once for each application and scope, and whenever they change."""
    guild = discord.Object(dev_guild_id) if dev_guild_id else None
    payload = [command.to_dict(tree) for command in tree.get_commands()]
    digest = hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()
    scope = dev_guild_id or 0
    if await registrations.registration(application, scope) == digest:
        return
    if guild:
        tree.copy_global_to(guild=guild)
    await tree.sync(guild=guild)
    await registrations.remember_registration(application, scope, digest)
    _log.info("registered %d commands", len(payload))
