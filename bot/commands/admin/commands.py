"""The commands of `/briefs`: their names, options and texts. The gate has admitted whoever comes this far.

They are registered at each start, but what serves them is imported when an admin first needs it.
"""

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from bot.answering.completion import CHOICES
from bot.briefs.brief import Brief
from bot.catalogues.catalogue import N_
from bot.commands.admin.announcing import Announcer
from bot.commands.admin.home import Home
from bot.commands.admin.language_desk import LanguageDesk
from bot.commands.admin.permission import DRAFT_A_BRIEF
from bot.gateway import audience
from bot.gateway.client import Interaction
from bot.language.tags import endonym

if TYPE_CHECKING:
    from bot.commands.admin.desks import Desks

Days = app_commands.Range[int, 1, 365]
Words = app_commands.Range[str, 1, 2000]

_WHICH = N_("The brief")
_AS_YAML = N_("Write YAML in place of the plain form: it holds all that a brief may have")
_HOW_FAR = N_("How many days back")


class _AnnouncementChannel(app_commands.Transformer):
    """Takes a text channel as Discord describes it, whether the bot sees it or not: the announcer says which."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        return [discord.ChannelType.text, discord.ChannelType.news]

    async def transform(self, _interaction: discord.Interaction[Any], value: Any, /) -> Any:
        return value


AnnouncementChannel = app_commands.Transform[app_commands.AppCommandChannel, _AnnouncementChannel]


def draft_a_brief(desks: "Desks", default_permissions: discord.Permissions | None) -> app_commands.ContextMenu:
    """Return the command of messages that drafts a brief.

    Discord hides the command from members in servers alone, so it does not exist in direct messages.
    """

    @app_commands.context_menu(name=DRAFT_A_BRIEF)
    @app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    @app_commands.allowed_installs(guilds=True, users=False)
    async def draft(interaction: Interaction, message: discord.Message) -> None:
        await (await desks()).drafting.from_message(interaction, message)

    draft.default_permissions = default_permissions
    return draft


class BriefsCommands(app_commands.Group):
    """`/briefs` and all its subcommands, each of which passes its options on to a desk."""

    def __init__(
        self,
        desks: "Desks",
        announcer: Announcer,
        home: Home,
        language: LanguageDesk,
        default_permissions: discord.Permissions | None,
    ) -> None:
        super().__init__(
            name="briefs",
            description=N_("For admins: change the briefs, and see unanswered questions"),
            default_permissions=default_permissions,
        )
        self._desks = desks
        self._announcer = announcer
        self._home = home
        self._language = language

    @app_commands.command(description=N_("What admins can do, on one screen"))
    async def help(self, interaction: Interaction) -> None:
        await (await self._desks()).inspecting.help(interaction)

    @app_commands.command(name="list", description=N_("All briefs"))
    async def list_all(self, interaction: Interaction) -> None:
        await (await self._desks()).inspecting.list_all(interaction)

    @app_commands.command(description=N_("A brief's card and its YAML file"))
    @app_commands.describe(brief=_WHICH)
    async def show(self, interaction: Interaction, brief: str) -> None:
        await (await self._desks()).inspecting.show(interaction, brief)

    @app_commands.command(description=N_("What is wrong or doubtful in the files, and whether the log can be written"))
    async def check(self, interaction: Interaction) -> None:
        await (await self._desks()).inspecting.check(interaction)

    @app_commands.command(description=N_("Take up what the files hold now, even if that removes most briefs"))
    async def reload(self, interaction: Interaction) -> None:
        await (await self._desks()).inspecting.reload(interaction)

    @app_commands.command(description=N_("Write a new brief, in a plain form"))
    @app_commands.describe(as_yaml=_AS_YAML)
    async def add(self, interaction: Interaction, *, as_yaml: bool = False) -> None:
        await (await self._desks()).editing.add(interaction, as_yaml=as_yaml)

    @app_commands.command(description=N_("Change a brief, in a plain form"))
    @app_commands.describe(brief=_WHICH, as_yaml=_AS_YAML)
    async def edit(self, interaction: Interaction, brief: str, *, as_yaml: bool = False) -> None:
        await (await self._desks()).editing.edit(interaction, brief, as_yaml=as_yaml)

    @app_commands.command(description=N_("Give a brief other names, at once"))
    @app_commands.describe(brief=_WHICH, words=N_("The name; a comma between two"))
    async def alias(self, interaction: Interaction, brief: str, words: Words) -> None:
        await (await self._desks()).names.alias(interaction, brief, words)

    @app_commands.command(description=N_("Add or replace briefs by files: YAML, or a zip, CSV, JSON, TOML or Markdown"))
    @app_commands.describe(
        file=N_("A brief's YAML file, or what another bot has, also as a zip"),
        file2=N_("Another"),
        file3=N_("Another"),
        file4=N_("Another"),
        file5=N_("Another"),
        source=N_("Source of entries that name none: its name, link, date"),
    )
    async def upload(
        self,
        interaction: Interaction,
        file: discord.Attachment,
        file2: discord.Attachment | None = None,
        file3: discord.Attachment | None = None,
        file4: discord.Attachment | None = None,
        file5: discord.Attachment | None = None,
        source: app_commands.Range[str, 1, 300] | None = None,
    ) -> None:
        files = [each for each in (file, file2, file3, file4, file5) if each]
        await (await self._desks()).importing.upload(interaction, files, source)

    @app_commands.command(
        description=N_("Find the topics of an article, and write briefs from its figures, names and quotations")
    )
    @app_commands.describe(file=N_("The article: .txt, .md or .html"))
    async def draft(self, interaction: Interaction, file: discord.Attachment) -> None:
        await (await self._desks()).drafting.from_file(interaction, file)

    @app_commands.command(
        name="drafts", description=N_("Drafts that wait to be finished, of all who administer the briefs")
    )
    async def list_drafts(self, interaction: Interaction) -> None:
        await (await self._desks()).drafts.drafts(interaction)

    @app_commands.command(description=N_("Remove a brief, after asking back"))
    @app_commands.describe(brief=_WHICH)
    async def remove(self, interaction: Interaction, brief: str) -> None:
        await (await self._desks()).versions.remove(interaction, brief)

    @app_commands.command(description=N_("Who changed a brief, and when; bring a version back"))
    @app_commands.describe(brief=N_("The brief, or one that was removed"))
    async def history(self, interaction: Interaction, brief: str) -> None:
        await (await self._desks()).versions.show_history(interaction, brief)

    @app_commands.command(description=N_("Set a brief back to how it was before its last change"))
    @app_commands.describe(brief=N_("The brief, or one that was removed"))
    async def undo(self, interaction: Interaction, brief: str) -> None:
        await (await self._desks()).versions.undo(interaction, brief)

    @app_commands.command(description=N_("Unanswered questions of members, with buttons to answer them"))
    @app_commands.describe(days=_HOW_FAR)
    async def misses(self, interaction: Interaction, days: Days = 7) -> None:
        await (await self._desks()).misses.misses(interaction, days)

    @app_commands.command(description=N_("How much is asked, how much of it answered, and which briefs are read most"))
    @app_commands.describe(days=_HOW_FAR)
    async def stats(self, interaction: Interaction, days: Days = 30) -> None:
        await (await self._desks()).reporting.stats(interaction, days)

    @app_commands.command(description=N_("All files of the briefs as a zip, or what they review as JSON-LD"))
    @app_commands.describe(
        claim_review=N_("The address below which you publish the briefs, to get ClaimReview in JSON-LD")
    )
    async def export(
        self, interaction: Interaction, claim_review: app_commands.Range[str, 1, 300] | None = None
    ) -> None:
        await (await self._desks()).reporting.export(interaction, claim_review)

    @app_commands.command(description=N_("Tell a channel of this server when a brief says something new"))
    @app_commands.describe(channel=N_("Where to tell it; leave it out to stop"))
    async def announce(self, interaction: Interaction, channel: AnnouncementChannel | None = None) -> None:
        await self._announcer.choose(interaction, channel)

    @app_commands.command(
        description=N_("For the owners of the bot: have those who manage this server administer the briefs")
    )
    async def home(self, interaction: Interaction) -> None:
        await self._home.ask(interaction)

    @app_commands.command(description=N_("The language in which channels of this server read briefs"))
    @app_commands.describe(language=N_("The language; leave it out to follow Discord"))
    async def language(self, interaction: Interaction, language: str | None = None) -> None:
        await self._language.choose(interaction, language)

    @app_commands.command(description=N_("Translate a brief, in a plain form with the original above it"))
    @app_commands.describe(brief=_WHICH, language=N_("The language to translate it into"))
    async def translate(self, interaction: Interaction, brief: str, language: str) -> None:
        await (await self._desks()).translating.translate(interaction, brief, language)

    @language.autocomplete("language")
    @translate.autocomplete("language")
    async def _complete_language(self, interaction: Interaction, text: str) -> list[app_commands.Choice[str]]:
        tags: list[str] = []
        async with interaction.client.handling(interaction):
            tags = self._language.complete(text)
        return [app_commands.Choice(name=endonym(tag), value=tag) for tag in tags[:CHOICES]]

    @show.autocomplete("brief")
    @edit.autocomplete("brief")
    @alias.autocomplete("brief")
    @remove.autocomplete("brief")
    @translate.autocomplete("brief")
    async def _complete(self, interaction: Interaction, text: str) -> list[app_commands.Choice[str]]:
        briefs: list[Brief] = []
        async with interaction.client.handling(interaction):
            briefs = (await self._desks()).inspecting.complete(text)
        return [app_commands.Choice(name=brief.title, value=brief.id) for brief in briefs]

    @history.autocomplete("brief")
    @undo.autocomplete("brief")
    async def _complete_with_removed(self, interaction: Interaction, text: str) -> list[app_commands.Choice[str]]:
        """Offer removed briefs too."""
        found: list[tuple[str, str]] = []
        async with interaction.client.handling(interaction):
            found = (await self._desks()).inspecting.complete_with_removed(text, audience.reader(interaction))
        return [app_commands.Choice(name=name, value=brief) for name, brief in found]
