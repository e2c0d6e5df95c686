"""Puts the bot on Discord together. The command line imports this only when needed: discord.py takes 0.8 s."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from bot.answering.matcher import Matcher
from bot.authoring.keeper import BaseKeeper, Build
from bot.briefs.brief import BriefBase
from bot.briefs.loader import Loaded
from bot.catalogues.shipped import shipped
from bot.commands.admin.announcing import Announcer
from bot.commands.admin.commands import BriefsCommands, draft_a_brief
from bot.commands.admin.gate import Gate
from bot.commands.admin.home import Home
from bot.commands.admin.language_desk import LanguageDesk
from bot.commands.admin.owners import Owners
from bot.commands.brief import MemberDesk
from bot.commands.card_desk import CardDesk
from bot.commands.feedback_desk import FeedbackDesk
from bot.commands.message_desk import MessageDesk
from bot.commands.privacy import PrivacyCommands
from bot.commands.telling import Teller
from bot.errors import BotError, LogError
from bot.garbage import out_of_the_way, settle
from bot.gateway.client import BriefClient
from bot.gateway.connection import Vitals, keep_alive
from bot.gateway.descriptions import Descriptions
from bot.gateway.registering import Registrar
from bot.service.collector import Collector
from bot.service.settings import Settings
from bot.service.stores import Stores
from bot.service.systemd import Supervisor, notify_systemd
from bot.storage.channels import AnnouncementChannels
from bot.storage.clock import Clock
from bot.storage.database import Database
from bot.storage.history import History
from bot.storage.home import HomeChoice
from bot.storage.opening import open_database
from bot.storage.personal import PersonalData
from bot.storage.registrations import Registrations

if TYPE_CHECKING:
    from bot.commands.admin.desks import AdminDesks, Desks

First = Callable[[], tuple[Loaded, Matcher]]

PURGE_EVERY = 6 * 3600.0
"""Seconds from one purge of what is older than RETENTION_DAYS to the next."""

BUSY_FOR = 60.0
"""Seconds that the garbage collector waits for a moment at which nobody is being answered."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Service:
    """A bot that is ready to connect, and what it is made of."""

    client: BriefClient
    desk: MemberDesk
    keeper: BaseKeeper
    announcer: Announcer
    teller: Teller
    stores: Stores

    @property
    def database(self) -> Database:
        return self.stores.database


@asynccontextmanager
async def assembled(settings: Settings, build: Build, first: First) -> AsyncIterator[Service]:
    """Put the bot together, for the time of the block. Raises LogError.

    ``build`` makes a matcher from a base. ``first`` returns what was loaded and its matcher. It is called once the bot
    is connected, because that takes longer than connecting if the base is large.
    """
    async with open_database(settings.database) as database:
        stores = await Stores.opened(database, settings.user_hash_key_file)
        client = BriefClient(
            settings.shard_count,
            settings.shard_ids or None,
            shipped(),
            read_direct=settings.answer_direct_messages,
            read_servers=settings.answer_mentions,
        )
        client.server_languages = stores.languages.chosen
        desk = MemberDesk(Matcher(BriefBase(language=settings.base_language)), stores.lookups)
        announcer = Announcer(client, AnnouncementChannels(database), stores.history, lambda: desk.matcher.base)
        teller = Teller(client, stores.awaited, lambda: desk.matcher, desk.card_now)
        desk.after_answer = teller.say_what_could_not_be_sent
        publish = partial(_publish, stores.history, desk, announcer, teller)
        keeper = BaseKeeper(settings.briefs_dir, desk.matcher, build, publish)
        service = Service(client, desk, keeper, announcer, teller, stores)
        _install_commands(service, settings)
        vitals = Vitals(client)
        _add_background_work(service, settings, vitals, first)
        async with _observable(settings, Collector(client, desk, keeper, database, vitals)):
            yield service


async def _publish(
    history: History, desk: MemberDesk, announcer: Announcer, teller: Teller, loaded: Loaded, matcher: Matcher
) -> None:
    """Answer from a base that was loaded, after the history has its versions, and tell whoever waits for that."""
    await history.note(loaded)
    desk.use(matcher, history.changed)
    announcer.look()
    teller.look()


def _install_commands(service: Service, settings: Settings) -> None:
    """Add all commands, buttons and forms to the client, behind the gate that checks permission."""
    client, keeper, stores = service.client, service.keeper, service.stores
    registrations, descriptions = Registrations(stores.database), Descriptions(client.catalogues)
    client.at_login(Registrar(client.tree, registrations, descriptions, settings.dev_guild_id).register)
    home = Home(settings.home_guild_id, HomeChoice(stores.database), settings.admin_role_ids)
    gate = Gate(Owners(settings.owner_ids, client), home)
    client.admission.check_permission = gate.admit
    desks = _when_needed(partial(_admin_desks, service, settings, gate, home))
    client.router.add_more = desks
    client.on_question(MessageDesk(service.desk, client).answer)
    cards = CardDesk(service.desk.card_now, stores.history)
    feedback = FeedbackDesk(stores.lookups, stores.corrections, service.desk.excerpts)
    for each in (service.desk, cards, feedback, service.teller, PrivacyCommands(stores.personal), home):
        each.install(client)
    language, shown_to = LanguageDesk(stores.languages, lambda: keeper.matcher), gate.default_permissions
    client.tree.add_command(draft_a_brief(desks, shown_to))
    client.tree.add_command(BriefsCommands(desks, service.announcer, home, language, shown_to))


def _when_needed(make: "Desks") -> "Desks":
    """Return a function that returns the desks that ``make`` makes, which is at its first call."""
    made: list[AdminDesks] = []
    one_at_a_time = asyncio.Lock()

    async def get() -> "AdminDesks":
        async with one_at_a_time:
            if not made:
                made.append(await make())
        return made[0]

    return get


async def _admin_desks(service: Service, settings: Settings, gate: Gate, home: Home) -> "AdminDesks":
    # Imported here, in a thread, because that takes 60 ms and 2 MiB, which members need not wait for.
    def imported() -> "Callable[..., AdminDesks]":
        from bot.service.admin_desks import admin_desks

        return admin_desks

    make = await asyncio.to_thread(imported)
    age = timedelta(days=settings.retention_days)
    return make(service.client, service.keeper, service.stores, gate, home, age)


def _add_background_work(service: Service, settings: Settings, vitals: Vitals, first: First) -> None:
    """Add what goes on while members are answered, each under the name that the metrics show."""
    client, stores = service.client, service.stores
    age = timedelta(days=settings.retention_days)
    client.background.add("connection", lambda: keep_alive(client, vitals))
    client.background.add("briefs", lambda: _keep_base(service, first))
    client.background.add("garbage", lambda: _keep_settled(client, service.keeper.renewed))
    client.background.add("announcements", service.announcer.watch)
    client.background.add("notices", service.teller.watch)
    client.background.add("history", lambda: _keep_history(stores, service.keeper))
    client.background.add("purge", lambda: _keep_purging(stores.clock, stores.personal, age, stores.restore_key))


@asynccontextmanager
async def _observable(settings: Settings, collector: Collector) -> AsyncIterator[None]:
    """Let supervisors and Prometheus see how the bot is, for the time of the block."""
    client, vitals = collector.client, collector.vitals
    live, ready = vitals.why_not_live, vitals.why_not_ready
    if supervisor := Supervisor.from_env(os.environ):
        client.background.add("systemd", lambda: notify_systemd(supervisor, live, ready, client.stopping))
    if not settings.health_address:
        yield
        return
    # Imported here because aiohttp.web takes 33 ms and 2 MiB, and most bots do not need it.
    from bot.service.health import serving

    async with serving(settings.health_address, live, ready, collector.exposition):
        yield


async def _keep_base(service: Service, first: First) -> None:
    """Make the first matcher, serve what has arrived meanwhile, then watch the folder."""
    client, keeper = service.client, service.keeper
    try:
        if not client.admission.is_open:
            await keeper.begin(*await asyncio.to_thread(out_of_the_way()(first)))
            client.admission.open()
            service.teller.look()
    except BotError as error:  # which says what is wrong
        client.fail(error)
        return
    except Exception as error:  # whatever it is: without its base the bot answers nobody, so it ends
        _log.exception("the briefs cannot be served")
        client.fail(error)
        return
    await keeper.watch()


async def _keep_settled(client: BriefClient, renewed: asyncio.Event) -> None:
    """Have garbage collected, and memory given back, after each reload, when nobody is being answered.

    If there is no such moment within a minute, Python collects it some time later, as it always does.
    """
    while True:
        await renewed.wait()
        renewed.clear()
        await client.in_flight.drained(BUSY_FOR)
        if not client.in_flight.number:
            settle()


async def _keep_history(stores: Stores, keeper: BaseKeeper) -> None:
    """Read the history anew, and compare the folder with it, whenever another file has become the database.

    The key is put back first: whoever deleted the folder of the database has deleted the key as well.
    """
    replaced = stores.database.replaced
    while True:
        await replaced.wait()
        replaced.clear()
        try:
            await asyncio.to_thread(stores.restore_key)
            await stores.history.reread()
            await keeper.reload()
        except Exception:  # whatever it is: this work is started again, and has to find the event still set
            replaced.set()
            raise


async def _keep_purging(clock: Clock, personal: PersonalData, age: timedelta, restore_key: Callable[[], None]) -> None:
    """Delete what is older than ``age`` every six hours, unless the clock may be wrong."""
    while True:
        try:
            await asyncio.to_thread(restore_key)  # somebody may have deleted its file
            if now := await clock.now():
                await personal.purge(now, age)
        except LogError as error:
            _log.warning("%s", error)
        await asyncio.sleep(PURGE_EVERY)
