"""The language of a server's channels: `/briefs language`."""

from collections.abc import Callable

from bot.answering.matcher import Matcher
from bot.catalogues.catalogue import N_
from bot.commands.admin.replies import respond
from bot.commands.admin.views import message
from bot.errors import RequestError
from bot.gateway import audience
from bot.gateway.client import Interaction
from bot.language.normalise import normalise
from bot.language.tags import ENDONYMS, canonical, endonym
from bot.storage.server_languages import ServerLanguages

_IN_A_SERVER = N_("Say that in the server whose channels it is about.")
_UNKNOWN = N_("“{typed}” is no language tag; choose one from the list as you type.")
_CHOSEN = N_("Channels of this server read briefs in {language} now. What one member alone sees follows their Discord.")
_FOLLOWS = N_(
    "Channels of this server follow Discord again: the server's language if it is a community, else {language}."
)
_NOT_DURABLE = N_("It is not in the database yet, which is busy; a restart before then forgets it.")


class LanguageDesk:
    """Serves `/briefs language`."""

    def __init__(self, languages: ServerLanguages, matcher: Callable[[], Matcher]) -> None:
        """``matcher`` returns the matcher in use, whose base says which languages there are."""
        self._languages = languages
        self._matcher = matcher

    def complete(self, text: str) -> list[str]:
        """Return the tags of languages that half-typed text may mean, by tag or by name: those of the base first."""
        base, typed = self._matcher().base, normalise(text)
        tags = dict.fromkeys((base.language, *base.editions, *ENDONYMS))
        return [tag for tag in tags if normalise(tag).startswith(typed) or typed in normalise(endonym(tag))]

    async def choose(self, interaction: Interaction, typed: str | None) -> None:
        """Have the channels of this server read briefs in a language; None: as Discord says."""
        if interaction.guild_id is None:
            raise RequestError(_IN_A_SERVER)
        language = canonical(typed.strip()) if typed else None
        if typed and language is None:
            raise RequestError(_UNKNOWN, typed=typed[:50])
        durable = await self._languages.choose(interaction.guild_id, language)
        say = audience.reader(interaction).gettext
        own = self._matcher().base.language
        said = say(_CHOSEN if language else _FOLLOWS, language=endonym(language or own))
        await respond(interaction, message(" ".join([said, *([] if durable else [say(_NOT_DURABLE)])])))
