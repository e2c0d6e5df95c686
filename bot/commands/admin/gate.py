"""The gate that every interaction passes, also those of members: who acts, and whether they may.

`bot.gateway.admission.Admission` calls `Gate.admit`. What Discord showed to somebody does not count.
"""

import discord

from bot.catalogues.catalogue import N_
from bot.commands.admin.home import Home
from bot.commands.admin.owners import Owners
from bot.commands.admin.permission import Actor, Administration, Power, changes, needed, power
from bot.errors import RequestError
from bot.gateway import audience
from bot.gateway.client import Interaction
from bot.gateway.internals import role_ids

_REFUSALS = {
    Power.BOT: N_("Only the owners of the bot can do that."),
    Power.BASE: N_("Only those who administer the briefs can do that."),
    Power.SERVER: N_("Only those who manage this server, or administer the briefs, can do that, and in a server."),
}


class Gate:
    """Admits interactions by the settings, by which server is home, and by whose the application is."""

    def __init__(self, owners: Owners, home: Home) -> None:
        self._owners = owners
        self._home = home

    @property
    def default_permissions(self) -> discord.Permissions | None:
        """To whom Discord should show the commands; None for everybody, since it cannot know owners and roles."""
        return None if self._owners.named or self._home.admin_roles else discord.Permissions(manage_guild=True)

    async def admit(self, interaction: Interaction, action: str) -> None:
        """Raise RequestError unless whoever acts may do ``action``."""
        if not (least := needed(action)):
            return
        typing = interaction.type is discord.InteractionType.autocomplete
        await self._owners.look(interaction.user.id, to_change=changes(action) and not typing)
        await self._home.look()
        if self.power(interaction) < least:
            raise self._refusal(interaction, least)

    def power(self, interaction: Interaction) -> Power:
        """Return what whoever acts may do, where they act and at this moment."""
        administration = Administration(self._owners.ids, self._home.guild, self._home.admin_roles)
        return power(_actor(interaction), administration)

    def scope(self, interaction: Interaction) -> int | None:
        """Return the guild whose lookups whoever acts may see; None for all of them."""
        return None if self.power(interaction) >= Power.BASE else interaction.guild_id

    def _refusal(self, interaction: Interaction, least: Power) -> RequestError:
        """Return the refusal. If they would have the power in a home server, it also says how to get one."""
        actor, advice = _actor(interaction), self._home.advice(audience.reader(interaction))
        would_do = actor.manages or actor.roles & self._home.admin_roles
        if advice and would_do and least is Power.BASE:
            return RequestError("Only those who administer the briefs can do that. {advice}", advice=advice)
        return RequestError(_REFUSALS[least])


def _actor(interaction: Interaction) -> Actor:
    user = interaction.user
    return Actor(
        user=user.id,
        guild=interaction.guild_id,
        roles=role_ids(user),
        manages=interaction.permissions.manage_guild or interaction.permissions.administrator,
    )
