"""The bot on Discord, put together; apart from the command line because importing discord.py takes 0.8 s."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from bot.answering.matcher import Matcher
from bot.authoring.editor import BaseEditor
from bot.authoring.keeper import BaseKeeper, Build
from bot.briefs.brief import BriefBase
from bot.briefs.loader import Loaded
from bot.commands.admin.announcing import Announcer
from bot.commands.admin.commands import BriefsCommands
from bot.commands.admin.editing_desk import EditingDesk
from bot.commands.admin.gate import Gate
from bot.commands.admin.home import Home
from bot.commands.admin.inspecting_desk import InspectingDesk
from bot.commands.admin.misses_desk import MissesDesk
from bot.commands.admin.owners import Owners
from bot.commands.admin.reporting_desk import ReportingDesk
from bot.commands.brief import MemberDesk
from bot.commands.privacy import PrivacyCommands
from bot.errors import LogError
from bot.gateway.client import BriefClient
from bot.gateway.connection import Vitals, keep_alive
from bot.gateway.registering import Registrar
from bot.service.instruments import Instruments
from bot.service.settings import Settings
from bot.service.systemd import Supervisor, keep_told
from bot.storage.channels import AnnouncementChannels
from bot.storage.clock import Clock
from bot.storage.database import Database
from bot.storage.drafts import Drafts
from bot.storage.hash_key import KeyHistory, keep_key, user_hash_key
from bot.storage.history import History
from bot.storage.home import HomeChoice
from bot.storage.ignored import IgnoredQuestions
from bot.storage.lookups import LookupLog
from bot.storage.opening import open_database
from bot.storage.personal import PersonalData
from bot.storage.registrations import Registrations

PURGE_EVERY = 6 * 3600.0
"""Seconds from one purge of what is older than RETENTION_DAYS to the next."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Service:
    """A bot that is ready to connect, and what it is made of."""

    client: BriefClient
    desk: MemberDesk
    keeper: BaseKeeper
    database: Database


@asynccontextmanager
async def assembled(settings: Settings, build: Build, first: Callable[[], Matcher]) -> AsyncIterator[Service]:
    """Put the bot together, for the time of the block. Raises LogError.

    ``first`` makes the matcher to begin with, as ``build`` does of a base, once the bot is connected: with a large base
    that takes longer than connecting.
    """
    async with open_database(settings.database) as database:
        new_key = not settings.user_hash_key_file.exists()
        key = user_hash_key(settings.user_hash_key_file)
        keys = await KeyHistory.opened(database, key, new=new_key)
        keep_this_key = partial(keep_key, settings.user_hash_key_file, key)
        lookups, ignored = LookupLog(database, key), IgnoredQuestions(database, key)
        history = await History.opened(database)
        drafts, clock = Drafts(database), Clock(database)
        client = BriefClient(settings.shard_count, settings.shard_ids or None)
        registrar = Registrar(client.tree, Registrations(database), settings.dev_guild_id)
        client.at_login(registrar.register)
        personal = PersonalData(database, keys, lookups, history, drafts, ignored)
        empty = Matcher(BriefBase({}))
        desk = MemberDesk(empty, lookups)
        vitals = Vitals(client)
        announcer = Announcer(client, AnnouncementChannels(database), history)

        async def publish(loaded: Loaded, matcher: Matcher) -> None:
            await history.note(loaded)
            desk.use(matcher, history.changed)
            announcer.look()

        keeper = BaseKeeper(settings.briefs_dir, empty, build, publish)
        editor = BaseEditor(keeper)
        home = Home(settings.home_guild_id, HomeChoice(database), settings.admin_role_ids)
        gate = Gate(Owners(settings.owner_ids, client), home)
        client.admission.check_permission = gate.admit
        inspecting = InspectingDesk(keeper, editor, history, database, home, clock, keys)
        misses = MissesDesk(gate, keeper, editor, database, ignored)
        reporting = ReportingDesk(gate, keeper, database)
        editing = EditingDesk(editor, drafts, history, misses.recent_queries)
        for each in (desk, inspecting, editing, misses, home):
            each.install(client)
        client.tree.add_command(
            BriefsCommands(inspecting, editing, misses, reporting, announcer, home, gate.default_permissions)
        )
        PrivacyCommands(personal).install(client)
        work = client.background
        work.add("connection", lambda: keep_alive(client, vitals))
        work.add("briefs", lambda: _keep_base(client, desk, keeper, history, first))
        work.add("announcements", announcer.watch)
        work.add("history", lambda: _keep_history(database, history, keeper, keep_this_key))
        work.add(
            "purge", lambda: _keep_purging(clock, personal, timedelta(days=settings.retention_days), keep_this_key)
        )
        async with _observable(settings, Instruments(client, desk, keeper, database, vitals)):
            yield Service(client, desk, keeper, database)


@asynccontextmanager
async def _observable(settings: Settings, instruments: Instruments) -> AsyncIterator[None]:
    """Let supervisors and Prometheus see how the bot is, for the time of the block."""
    client, vitals = instruments.client, instruments.vitals
    if supervisor := Supervisor.from_env(os.environ):
        client.background.add("systemd", lambda: keep_told(supervisor, vitals.unlive, vitals.unready, client.stopping))
    if not settings.health_address:
        yield
        return
    # Imported here because aiohttp.web takes 33 ms and 2 MiB, which most do without.
    from bot.service.health import serving

    async with serving(settings.health_address, vitals.unlive, vitals.unready, instruments.exposition):
        yield


async def _keep_base(
    client: BriefClient, desk: MemberDesk, keeper: BaseKeeper, history: History, first: Callable[[], Matcher]
) -> None:
    """Make the first matcher, serve what has arrived meanwhile, and keep up with the folder."""
    try:
        if not client.admission.is_open:
            keeper.matcher = await asyncio.to_thread(first)
            desk.use(keeper.matcher, history.changed)
            await keeper.reload(force=True)  # what stands in the folder by now
            client.admission.open()
    except Exception as error:  # without its base the bot answers nobody, so it ends
        _log.exception("the briefs cannot be served")
        client.fail(error)
        return
    await keeper.watch()


async def _keep_history(
    database: Database, history: History, keeper: BaseKeeper, keep_this_key: Callable[[], None]
) -> None:
    """Go on with the history that is there, and by what the files hold, once another file is the database.

    Whoever deleted its folder deleted the key as well.
    """
    while True:
        await database.exchanged.wait()
        database.exchanged.clear()
        try:
            await asyncio.to_thread(keep_this_key)
            await history.reread()
            await keeper.reload()
        except Exception:
            database.exchanged.set()  # it is still to be seen to when this is begun again
            raise


async def _keep_purging(clock: Clock, data: PersonalData, age: timedelta, keep_this_key: Callable[[], None]) -> None:
    """Delete what is old enough, as long as it is known what time it is."""
    while True:
        try:
            await asyncio.to_thread(keep_this_key)  # somebody may have deleted its file
            if now := await clock.now():
                await data.purge(now, age)
        except LogError as error:
            _log.warning("%s", error)
        await asyncio.sleep(PURGE_EVERY)
