"""The gate that every interaction passes: who acts, and whether they may, whatever Discord showed them."""

import discord

from bot.client import BriefClient, Interaction
from bot.errors import RequestError
from bot.permission import Actor, Administration, Power, needed, power

_REFUSALS = {
    Power.BASE: "Only those who administer the briefs can do that.",
    Power.SERVER: "Only those who manage this server, or administer the briefs, can do that, and in a server.",
}


_NO_HOME = " The bot may be in several servers, and its setting HOME_GUILD_ID does not say whose managers do."


class Gate:
    """Admits interactions by the settings, or, where these name no owners, by those of the application."""

    def __init__(self, owners: frozenset[int], home_guild: int | None, admin_roles: frozenset[int]) -> None:
        self._owners = owners
        self._home_guild = home_guild
        self._admin_roles = admin_roles

    @property
    def default_permissions(self) -> discord.Permissions | None:
        """To whom Discord should show the commands; None for everybody, since it cannot know owners and roles."""
        return None if self._owners or self._admin_roles else discord.Permissions(manage_guild=True)

    def admit(self, interaction: Interaction, action: str) -> None:
        """Raise RequestError unless whoever acts may do ``action``."""
        least = needed(action)
        if least and (held := self.power(interaction)) < least:
            no_home = held is Power.SERVER and self._administration(interaction.client).home_guild is None
            raise RequestError(_REFUSALS[least] + (_NO_HOME if no_home else ""))

    def power(self, interaction: Interaction) -> Power:
        """Return what whoever acts may do, where they act and at this moment."""
        user = interaction.user
        actor = Actor(
            user=user.id,
            guild=interaction.guild_id,
            roles=frozenset(role.id for role in user.roles) if isinstance(user, discord.Member) else frozenset(),
            manages=interaction.permissions.manage_guild or interaction.permissions.administrator,
        )
        return power(actor, self._administration(interaction.client))

    def scope(self, interaction: Interaction) -> int | None:
        """Return the guild whose lookups whoever acts may see; None for all of them."""
        return None if self.power(interaction) is Power.BASE else interaction.guild_id

    def _administration(self, client: BriefClient) -> Administration:
        home = self._home_guild
        if home is None and client.sees_every_server and len(client.guilds) == 1:
            home = client.guilds[0].id
        return Administration(self._owners or _owners_of(client.application), home, self._admin_roles)


def _owners_of(application: discord.AppInfo | None) -> frozenset[int]:
    if application is None:
        return frozenset()
    if application.team is None:
        return frozenset({application.owner.id})
    joined = discord.TeamMembershipState.accepted
    return frozenset(member.id for member in application.team.members if member.membership_state is joined)
