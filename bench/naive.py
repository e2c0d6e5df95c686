"""A small durable bot as a careful beginner writes it, for `bench.bots` to measure beside ours.

The nearest phrase by rapidfuzz is the answer, and each lookup is committed, so that a power cut loses none, before the
reply is sent. It has no autocomplete, permissions, fairness, retries, reload, corrections or health checks.
"""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiosqlite
import discord
import yaml
from discord import app_commands, ui
from rapidfuzz import fuzz, process, utils

_SCHEMA = """
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS lookups (
        id INTEGER PRIMARY KEY, asked_at TEXT NOT NULL, query TEXT NOT NULL, brief TEXT NOT NULL, score REAL NOT NULL,
        guild_id INTEGER, channel_id INTEGER, user_hash TEXT NOT NULL
    );
"""
_INSERT = """
    INSERT INTO lookups (asked_at, query, brief, score, guild_id, channel_id, user_hash) VALUES (?, ?, ?, ?, ?, ?, ?)
"""


class NaiveBot(discord.Client):
    """Answers /brief with the brief of the nearest phrase."""

    def __init__(self, briefs: Path, log: Path) -> None:
        super().__init__(intents=discord.Intents(guilds=True))
        self.tree = app_commands.CommandTree(self)
        files = [path for path in briefs.glob("*.yaml") if "." not in path.stem]  # a translation has its language there
        self.briefs = {path.stem: yaml.load(path.read_text(), yaml.CSafeLoader) for path in files}
        self.phrases = [(utils.default_process(text), name) for name in self.briefs for text in self._phrases(name)]
        self.texts = [text for text, _ in self.phrases]
        self.path = log

        @self.tree.command(name="brief", description="A brief")
        async def brief(interaction: discord.Interaction[NaiveBot], query: str) -> None:
            await self.answer(interaction, query)

    def _phrases(self, name: str) -> list[str]:
        brief = self.briefs[name]
        return [brief["title"], name, *brief.get("aliases", ()), *brief.get("questions", ())]

    async def setup_hook(self) -> None:
        self.log = await aiosqlite.connect(self.path)
        await self.log.executescript(_SCHEMA)
        await self.tree.sync()

    async def close(self) -> None:
        await super().close()
        await self.log.close()

    async def answer(self, interaction: discord.Interaction["NaiveBot"], query: str) -> None:
        asked = utils.default_process(query)
        _, score, at = process.extractOne(asked, self.texts, scorer=fuzz.token_set_ratio)
        name = self.phrases[at][1]
        user = hashlib.sha256(b"a salt" + str(interaction.user.id).encode()).hexdigest()
        where = (interaction.guild_id, interaction.channel_id)
        await self.log.execute(_INSERT, (datetime.now(UTC).isoformat(), query, name, score, *where, user))
        await self.log.commit()
        view = card(self.briefs[name], [(other, self.briefs[other]["title"]) for other in self._related(name)])
        view.add_item(ui.ActionRow(ui.Button(label="Not what I asked", custom_id=f"wrong:{interaction.id}")))
        view.stop()
        await interaction.response.send_message(view=view, allowed_mentions=discord.AllowedMentions.none())

    def _related(self, name: str) -> list[str]:
        return list(self.briefs[name].get("related", ()))


def card(brief: dict[str, Any], related: list[tuple[str, str]]) -> ui.LayoutView:
    """Return the layout of a brief."""
    box = ui.Container[ui.LayoutView](accent_colour=discord.Colour.blurple())
    box.add_item(ui.TextDisplay(f"### {brief['title']}\n{brief.get('status', 'reported')} · as of {brief['as_of']}"))
    box.add_item(ui.TextDisplay(brief["summary"]))
    if facts := brief.get("facts"):
        box.add_item(ui.TextDisplay("\n".join(f"- **{fact.get('by', '')}** {fact['text']}" for fact in facts)))
    sources = [f"[{each['name']}]({each['url']})" if "url" in each else each["name"] for each in brief["sources"]]
    box.add_item(ui.Separator()).add_item(ui.TextDisplay("\n".join(f"-# Source: {source}" for source in sources)))
    if related:
        options = [discord.SelectOption(label=title[:100], value=name) for name, title in related]
        box.add_item(ui.ActionRow(ui.Select(custom_id="related", placeholder="Related …", options=options)))
    return ui.LayoutView(timeout=None).add_item(box)
