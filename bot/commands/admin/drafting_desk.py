"""Drafts of briefs from an article: a message that has it, or an uploaded file. An admin chooses a topic and writes."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import PurePath

import discord

from bot.answering.completion import CHOICES
from bot.authoring.article.document import LONGEST, TOO_LONG, Article, is_text, of_markdown
from bot.authoring.article.draft import Notes, topics
from bot.authoring.article.suggested import Suggestion, guess, suggestion
from bot.authoring.form.fields import SourceLine
from bot.authoring.keeper import BaseKeeper
from bot.briefs.change import DraftRef
from bot.catalogues.catalogue import N_, Catalogue
from bot.commands.admin import draft_views, texts
from bot.commands.admin.editing_desk import EditingDesk
from bot.commands.admin.replies import defer, in_time, show
from bot.commands.admin.uploads import uploaded_article
from bot.commands.message_text import files_of, linked_articles, written_in
from bot.errors import BotError, RequestError
from bot.garbage import out_of_the_way
from bot.gateway import audience
from bot.gateway.client import BriefClient, Interaction
from bot.gateway.replies import NOT_CERTAIN
from bot.gateway.router import chosen_value
from bot.language.normalise import without_markup
from bot.language.texts import shortened
from bot.storage.unfinished import Origin, UnfinishedBriefs

MOST_FILES = 3
"""How many files of a message are read."""

MOST_TOPICS = 100
"""How many topics of an article are offered: a text of thousands of quotations could have as many topics."""

NO_SENTENCE = N_(
    "There is no sentence to write from. Paste the article's text into a message, or attach it as a file (.txt, .md or "
    ".html): the bot opens no links."
)
NOT_READ = N_("⚠️ Not read: {file} {why}.")
MORE_CHOICES = N_("The first {n} can be chosen here, all can be kept as drafts.")
MORE_TOPICS = N_("There may be more: no more than {n} are read. Give the rest of the article apart.")
TOPIC_GONE = N_("That topic is no longer kept. Use **Draft a brief** again.")

_NAME = 100
_NO_ARTICLES = ("image/", "video/", "audio/")


class DraftingDesk:
    """Serves `Draft a brief` in the menu of a message, and `/briefs draft`. One article is read at a time."""

    def __init__(
        self,
        keeper: BaseKeeper,
        editing: EditingDesk,
        unfinished: UnfinishedBriefs,
    ) -> None:
        self._keeper = keeper
        self._editing = editing
        self._unfinished = unfinished
        self._one_at_a_time = asyncio.Lock()

    def install(self, client: BriefClient) -> None:
        """Add the menu to ``client``; the commands are in bot/commands/admin/commands.py."""
        client.router.on_press("briefs topic", self.write)

    async def from_message(self, interaction: Interaction, message: discord.Message) -> None:
        """Offer the topics of a message; of a card of this bot, open the form with its brief."""
        user = interaction.client.user
        if user and message.author.id == user.id and (brief := _brief_of(message)):
            await self._editing.edit(interaction, brief)
            return
        await defer(interaction)
        article = of_markdown("\n".join(written_in(message)))
        read, notes = await self._attached(message, audience.reader(interaction))
        text = without_markup("\n".join([article.text, *(each.text for each in read)]))
        own = interaction.client.catalogues.of(self._keeper.matcher.base.language)  # the name is part of a brief
        name = own.gettext("Message on Discord")
        source = _source(message, article.link, read) or _message_itself(interaction, message, name)
        await self._offer(interaction, text, str(source), "message", notes)

    async def from_file(self, interaction: Interaction, file: discord.Attachment) -> None:
        """Offer the topics of an uploaded file."""
        await defer(interaction)
        try:
            article = await uploaded_article(file)
        except BotError as error:
            raise RequestError("{file} {why}.", file=texts.quoted(file.filename), why=error.said) from None
        known = _page_source(article)
        source = str(known) if known else guess(_name(PurePath(file.title or file.filename).stem))
        await self._offer(interaction, article.text, source, "file", [])

    async def write(self, interaction: Interaction, _batch: str) -> None:
        """Open the form for the topic that was chosen."""
        ref = DraftRef.parse(chosen_value(interaction))
        draft = await in_time(self._unfinished.find(ref.id))
        if draft is None:
            raise RequestError(TOPIC_GONE)
        await interaction.response.send_modal(draft_views.draft_modal(draft, audience.reader(interaction)))

    async def _attached(self, message: discord.Message, say: Catalogue) -> tuple[list[Article], list[str]]:
        """Return the articles in a message's files, and lines on the files that were not read."""
        read: list[Article] = []
        notes: list[str] = []
        articles = [each for each in files_of(message) if not (each.content_type or "").startswith(_NO_ARTICLES)]
        articles.sort(key=lambda file: not is_text(file.filename))
        for file in articles[:MOST_FILES]:
            try:
                read.append(await uploaded_article(file))
            except BotError as error:
                notes.append(say.gettext(NOT_READ, file=texts.quoted(file.filename), why=error.said))
        return read, notes

    async def _offer(
        self, interaction: Interaction, text: str, source: str, origin: Origin, notes: Sequence[str]
    ) -> None:
        say = audience.reader(interaction)
        if len(text) > LONGEST:
            raise RequestError("The article {why}.", why=TOO_LONG)
        async with self._one_at_a_time:
            found = await asyncio.to_thread(self._drafted, text, source)
        if not found:
            raise RequestError("\n".join([say.gettext(NO_SENTENCE), *(f"-# {note}" for note in notes)]))
        drafts = [(": ".join(filter(None, (draft.topic, draft.opening))), asdict(draft.form)) for draft in found]
        kept = await self._unfinished.add(drafts, origin, interaction.user.id, waiting=False)
        if kept is None:
            raise RequestError(NOT_CERTAIN)
        batch, refs = kept
        listed = [(ref, draft.topic, draft.opening) for ref, draft in zip(refs, found, strict=True)]
        more = [say.gettext(MORE_CHOICES, n=CHOICES)] if len(found) > CHOICES else []
        more += [say.gettext(MORE_TOPICS, n=MOST_TOPICS)] if len(found) == MOST_TOPICS else []
        await show(interaction, draft_views.topics_message(listed, batch, [*more, *notes], say))

    @out_of_the_way()
    def _drafted(self, text: str, source: str) -> list[Suggestion]:
        """Return a draft for each topic of a text."""
        taken: set[str] = set()
        matcher = self._keeper.matcher
        return [
            suggestion(notes, source, taken, lambda phrase: matcher.named(phrase) is not None)
            for notes in _topics(text)[:MOST_TOPICS]
        ]


def _topics(text: str) -> list[Notes]:
    """Return the topics of a text; of one without a whole sentence, as short messages are, those of its lines."""
    for some in (text, "\n".join(f"{line.rstrip()}." for line in text.splitlines() if line.strip())):
        try:
            return topics(some)
        except BotError:
            continue
    return []


def _source(message: discord.Message, link: str, read: Sequence[Article]) -> SourceLine | None:
    """Return the article that a message links to or carries; None if the message itself is all there is."""
    for embed in linked_articles(message):
        name = ", ".join(filter(None, (embed.title, embed.provider.name)))
        day = embed.timestamp.date().isoformat() if embed.timestamp else None
        return SourceLine(_name(name), embed.url, day)
    if link:
        return SourceLine("", link)
    return next(filter(None, (_page_source(article) for article in read)), None)


def _page_source(article: Article) -> SourceLine | None:
    """Return what an article says of itself, None if that is neither a title nor a link."""
    if not (article.title or article.link):
        return None
    return SourceLine(_name(article.title), article.link or None)


def _name(text: str) -> str:
    """Return the name of a source on one line; one that begins with a question mark would be taken for a note."""
    return shortened(" ".join(text.split()).lstrip("?？ "), _NAME)


def _message_itself(interaction: Interaction, message: discord.Message, name: str) -> SourceLine:
    """Return a message as a source that is called ``name``."""
    link = f"https://discord.com/channels/{interaction.guild_id}/{interaction.channel_id}/{message.id}"
    return SourceLine(name, link, message.created_at.date().isoformat())


def _brief_of(message: discord.Message) -> str | None:
    """Return the id of the brief whose card a message of this bot shows, None if it shows none."""
    rows = [each for each in message.components if isinstance(each, discord.ActionRow)]
    ids = (str(getattr(button, "custom_id", "")).partition(":") for row in rows for button in row.children)
    return next((brief for action, _, brief in ids if action == "still" and brief), None)
