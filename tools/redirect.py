"""Where discord.py in this process finds Discord. Imports little, so that a bot that is measured may use it."""

import discord
import yarl


def redirect(api_base: str, gateway_url: str) -> None:
    """Point discord.py in this process at a stand-in, for good."""
    discord.http.Route.BASE = api_base
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)
