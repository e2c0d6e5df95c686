"""A bot that `bench.bots` measures, as a process of its own: `python -m bench.measured KIND API GATEWAY`.

It imports neither the stand-in for Discord nor the tests, for their memory and time would be counted as the bot's.
"""

import os
import sys
from pathlib import Path

import discord
from discord import app_commands, ui

from tools.redirect import redirect


class Bare(discord.Client):
    """A bot as a tutorial makes it, whose one command sends what ``reply`` sends."""

    def __init__(self, kind: str) -> None:
        super().__init__(intents=discord.Intents(guilds=True))
        self.tree = app_commands.CommandTree(self)
        send = _send_constant if kind == "constant" else _send_card

        @self.tree.command(name="brief", description="A brief")
        async def brief(interaction: discord.Interaction["Bare"], query: str) -> None:
            await send(interaction)

    async def setup_hook(self) -> None:
        await self.tree.sync()


async def _send_constant(interaction: discord.Interaction[Bare]) -> None:
    await interaction.response.send_message("A constant.")


async def _send_card(interaction: discord.Interaction[Bare]) -> None:
    """Send a card of as many parts and letters as that of the shipped brief on troops."""
    view = ui.LayoutView(timeout=None)
    container = ui.Container[ui.LayoutView](accent_colour=discord.Colour.blurple())
    container.add_item(ui.TextDisplay("### A title of a few words"))
    container.add_item(ui.TextDisplay("A summary in a sentence or two. " * 10))
    container.add_item(ui.TextDisplay("\n".join(f"- Fact {n} in a short sentence. — *Source*" for n in range(6))))
    container.add_item(ui.Separator())
    container.add_item(ui.TextDisplay("-# As of 18 October 2024 · [A source](https://example.org/a-source)"))
    container.add_item(ui.ActionRow(*(ui.Button(label=f"Related {n}", custom_id=f"brief:{n}") for n in range(3))))
    view.add_item(container)
    view.add_item(ui.ActionRow(ui.Button(label="Not what I asked", custom_id=f"wrong:{interaction.id}")))
    view.stop()
    await interaction.response.send_message(view=view, allowed_mentions=discord.AllowedMentions.none())


def be_bot(kind: str, api: str, gateway: str) -> int:
    """Be a bot under test."""
    redirect(api, gateway)
    if kind in ("constant", "card"):
        Bare(kind).run(os.environ["DISCORD_TOKEN"], log_level=30)
        return 0
    if kind == "naive":
        from bench.naive import NaiveBot

        log = Path(os.environ["DATABASE_URL"].removeprefix("sqlite:///"))
        NaiveBot(Path(os.environ["BRIEFS_DIR"]), log).run(os.environ["DISCORD_TOKEN"], log_level=30)
        return 0
    from bot.cli.main import main
    from bot.storage.lookups import LookupLog

    if kind == "silent":
        LookupLog.record = _nothing  # type: ignore[method-assign]
    return main(["run"])


async def _nothing(self: object, lookup: object) -> bool:
    return False


if __name__ == "__main__":
    sys.exit(be_bot(*sys.argv[1:]))
