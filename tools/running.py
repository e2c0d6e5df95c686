"""The real bot, in this process and connected to the stand-in for Discord."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.authoring.keeper import BaseKeeper
from bot.briefs.loader import load
from bot.commands.brief import MemberDesk
from bot.gateway.client import BriefClient
from bot.service.assembly import assembled
from bot.service.settings import Settings
from bot.storage.database import Database
from tools.fake_discord import FakeDiscord, until
from tools.matchers import matcher_of


@dataclass(frozen=True)
class Running:
    """A bot that is connected, and what it is made of."""

    client: BriefClient
    desk: MemberDesk
    keeper: BaseKeeper
    database: Database
    folder: Path


@asynccontextmanager
async def running(fake: FakeDiscord, folder: Path, **settings: Any) -> AsyncIterator[Running]:
    """Connect a bot over the briefs in ``folder`` to ``fake``, with its database beside that folder.

    The first server is home, unless ``settings`` say otherwise.
    """
    chosen = Settings(
        briefs_dir=folder,
        user_hash_key_file=folder.with_name("user_hash.key"),
        **{
            "database": folder.with_name("lookups.db"),
            "home_guild_id": fake.guilds[0].id if fake.guilds else None,
            **settings,
        },
    )
    loaded = load(folder)
    matcher = matcher_of(loaded.base)
    async with assembled(chosen, matcher_of, lambda: (loaded, matcher)) as service, service.client:
        connection = asyncio.create_task(service.client.start(fake.token))
        await fake.connected()
        await until(lambda: service.client.admission.is_open)
        yield Running(service.client, service.desk, service.keeper, service.database, folder)
        connection.cancel()
        with suppress(asyncio.CancelledError):
            await connection
