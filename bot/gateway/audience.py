"""Who reads an answer, and in which language our own texts are said to them."""

from collections.abc import Mapping
from typing import Any

import discord

from bot.catalogues.catalogue import Catalogue


def reader_locale(interaction: discord.Interaction[Any]) -> str:
    """Return the locale of whoever acts, who alone reads a private answer."""
    return interaction.locale.value


def channel_locale(interaction: discord.Interaction[Any]) -> str | None:
    """Return the locale of those who read a public answer; None if nobody has said any.

    In a server it is what `/briefs language` has chosen, else the server's. In direct messages the locale of whoever
    asks stands for all who read there.
    """
    if interaction.guild_id is None:
        return reader_locale(interaction)
    chosen = _chosen(interaction.client, interaction.guild_id)
    return chosen or _server_locale(interaction.guild, interaction.guild_locale)


def _chosen(client: Any, guild_id: int) -> str | None:
    """Return the language that the managers of a server have chosen."""
    languages: Mapping[int, str] = client.server_languages
    return languages.get(guild_id)


def _server_locale(guild: discord.Guild | None, locale: discord.Locale | None) -> str | None:
    """Return the locale of a server, None unless it is a community server: others cannot set it, and have en-US."""
    return locale.value if guild and locale and "COMMUNITY" in guild.features else None


def reader(interaction: discord.Interaction[Any]) -> Catalogue:
    """Return our own texts for whoever acts."""
    return _catalogue(interaction.client, reader_locale(interaction))


def channel(interaction: discord.Interaction[Any]) -> Catalogue:
    """Return our own texts for those who read a public answer."""
    return _catalogue(interaction.client, channel_locale(interaction))


def server(client: discord.Client, guild_id: int) -> Catalogue:
    """Return our own texts for those who read what the bot says in a server by itself."""
    return _catalogue(client, server_locale(client, guild_id))


def server_locale(client: discord.Client, guild_id: int) -> str | None:
    """Return the locale of those who read what the bot says in a server by itself; None if nobody has said any."""
    guild = client.get_guild(guild_id)
    return _chosen(client, guild_id) or _server_locale(guild, guild.preferred_locale if guild else None)


def asker(client: discord.Client, guild_id: int | None) -> Catalogue:
    """Return our own texts for those who read the answer to a message, with which Discord sends no locale.

    In direct messages they are English.
    """
    return _catalogue(client, None) if guild_id is None else server(client, guild_id)


def _catalogue(client: Any, locale: str | None) -> Catalogue:
    catalogue: Catalogue = client.catalogues.of(locale)
    return catalogue
