"""The home server, whose managers administer the base: a setting or an owner says which it is, and it is never guessed.

Whoever invites the bot, or is left alone with it in the last server, must not get power over the base by that.
"""

import asyncio
import logging

from bot.briefs.markup import neutralised
from bot.catalogues.catalogue import ENGLISH, N_, Catalogue
from bot.commands.admin import views
from bot.commands.admin.replies import respond
from bot.errors import LogError, RequestError
from bot.gateway import audience
from bot.gateway.client import BriefClient, Interaction
from bot.storage.home import HomeChoice

HOME_TIMEOUT = 0.25
"""Seconds that the database may take to say which server is home, before what it said last counts."""

NONE_YET = N_(
    "No server is home, so only the owners of the bot administer the briefs. To let the managers of a server do so "
    "too, an owner of the bot says `/briefs home` in it, or sets HOME_GUILD_ID."
)
NOT_GUESSED = N_("Earlier versions took the only server of the bot for its home; it is no longer guessed.")
SETTING = N_("The setting HOME_GUILD_ID says which server is home, and only whoever runs the bot can change it.")
NOT_DURABLE = N_("It is not in the database yet, which is busy; a restart before then forgets it.")

_IN_A_SERVER = N_("Say that in the server that is to be home.")
_OLD = N_("That button is no longer in use. Say `/briefs home` again.")

_log = logging.getLogger(__name__)


class Home:
    """Which server is home, and `/briefs home`, by which an owner chooses it.

    ``guild`` is the home server as it was last known, None if there is none. ``admin_roles`` count there as well.
    """

    def __init__(self, setting: int | None, choice: HomeChoice, admin_roles: frozenset[int]) -> None:
        self.guild = setting
        self.admin_roles = admin_roles
        self._setting = setting
        self._choice = choice
        self._guessed = False

    def advice(self, catalogue: Catalogue = ENGLISH) -> str | None:
        """Return what is to be done to have a home server; None if there is one."""
        if self.guild is not None:
            return None
        return " ".join(map(catalogue.gettext, [NONE_YET, NOT_GUESSED] if self._guessed else [NONE_YET]))

    def install(self, client: BriefClient) -> None:
        """Add the buttons to ``client``, and a line about home to what it does at a login."""
        client.router.on_press("briefs home", self.press)
        client.at_login(self.report)

    async def report(self) -> None:
        """Say in the diagnostic log which server is home."""
        await self.look()
        if advice := self.advice():
            _log.warning("%s", advice)
        else:
            by = "HOME_GUILD_ID" if self._setting else "/briefs home"
            _log.info("home is the server %d, by %s: whoever manages it administers the briefs", self.guild, by)

    async def look(self) -> None:
        """Take up what the database says now: another process may have been told so, or it was restored."""
        if self._setting:
            return
        try:
            async with asyncio.timeout(HOME_TIMEOUT):
                self.guild, self._guessed = await self._choice.read()
        except (LogError, TimeoutError) as error:
            _log.warning("which server is home could not be read, what was known last counts: %s", error)

    async def ask(self, interaction: Interaction) -> None:
        """Ask an owner whether this server is to be home, or no longer."""
        guild, say = self._server(interaction), audience.reader(interaction).gettext
        means = (
            say(
                "Whoever has Manage Server or a role of ADMIN_ROLE_IDS in the home server may change the briefs of all "
                "servers."
            )
            if self.admin_roles
            else say("Whoever has Manage Server in the home server may change the briefs of all servers.")
        )
        if guild == self.guild:
            text = f"{say('This server is home.')} {means}"
            await respond(interaction, views.home_message(text, {say("No longer home"): "none"}))
            return
        name = _name(interaction)
        asked = say("Make {server} home?", server=name) if name else say("Make this server home?")
        replaced = [say("The server that is home now no longer is.")] if self.guild else []
        text = "\n".join([f"### {asked}", " ".join([means, *replaced])])
        await respond(interaction, views.home_message(text, {say("Make it home"): str(guild), say("Leave it"): "keep"}))

    async def press(self, interaction: Interaction, state: str) -> None:
        """Do what an owner has chosen: the id of this server makes it home, "none" ends that."""
        guild, say = self._server(interaction), audience.reader(interaction).gettext
        if state == "keep":
            await respond(interaction, views.message(say("Nothing was changed.")))
        elif state == str(guild):
            await self._choose(interaction, guild, say("This server is home now."))
        elif state == "none":
            await self._choose(interaction, None, say("No server is home now: only the owners of the bot administer."))
        else:
            raise RequestError(_OLD)

    def _server(self, interaction: Interaction) -> int:
        """Return the server that is talked about. Raises RequestError if there is none, or a setting has decided."""
        if self._setting:
            raise RequestError(SETTING)
        if interaction.guild_id is None:
            raise RequestError(_IN_A_SERVER)
        return interaction.guild_id

    async def _choose(self, interaction: Interaction, guild: int | None, done: str) -> None:
        self.guild, self._guessed = guild, False
        durable = await self._choice.save(guild)
        _log.info("home is the server %s now, as an owner has said with /briefs home", guild)
        later = [] if durable else [audience.reader(interaction).gettext(NOT_DURABLE)]
        await respond(interaction, views.message(" ".join([done, *later])))


def _name(interaction: Interaction) -> str:
    """Return what this server is called, "" where the bot is no member, because Discord does not say it there."""
    name = interaction.guild.name if interaction.guild else ""
    return f"**{neutralised(name)}**" if name else ""
