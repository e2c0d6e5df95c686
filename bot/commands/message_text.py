"""All text that a message carries: its own and what was forwarded, polls, embeds, components, captions of files."""

import re
from collections.abc import Iterable, Iterator

import discord

# A link with a text of its own, of which the text is read. Neither part may hold a "[", at which another one may begin,
# so that thousands of half links are read in no more time than other text.
_LINK = re.compile(r"\[([^\[\]]{1,1000})\]\(<?https?://[^\s<>)\[]{0,2000}>?\)")


def text_of(message: discord.Message) -> str:
    """Return the texts of a message in the order in which they are read, each once and on lines of its own.

    Labels of buttons and menus, names of files and who wrote it are no part of it.
    """
    stripped = (_LINK.sub(r"\1", text).strip() for text in written_in(message))
    return "\n".join(dict.fromkeys(filter(None, stripped)))


def written_in(message: discord.Message) -> list[str]:
    """Return the texts of a message as they were written, with the links that they have."""
    texts = [*_texts(message)]
    for forwarded in message.message_snapshots:
        texts += _texts(forwarded)
    return [text for text in texts if text]


def files_of(message: discord.Message) -> list[discord.Attachment]:
    """Return the files of a message, and of the messages that it forwards."""
    return [*message.attachments, *(file for each in message.message_snapshots for file in each.attachments)]


def linked_articles(message: discord.Message) -> list[discord.Embed]:
    """Return the embeds of a message that stand for a page with a title of its own."""
    embeds = [*message.embeds, *(embed for each in message.message_snapshots for embed in each.embeds)]
    return [embed for embed in embeds if embed.url and embed.title]


def _texts(message: discord.Message | discord.MessageSnapshot) -> Iterator[str | None]:
    yield message.content
    if isinstance(message, discord.Message) and message.poll:
        yield message.poll.question
        yield from (answer.text for answer in message.poll.answers)
    for embed in message.embeds:
        yield from _of_embed(embed)
    yield from _of_components(message.components)
    for file in message.attachments:
        yield file.title
        yield file.description


def _of_embed(embed: discord.Embed) -> Iterator[str | None]:
    yield embed.author.name
    yield embed.title
    yield embed.description
    for field in embed.fields:
        yield field.name
        yield field.value
    for picture in (embed.image, embed.thumbnail):
        yield getattr(picture, "description", None)
    yield embed.footer.text


def _of_components(components: Iterable[discord.Component | None]) -> Iterator[str | None]:
    for component in components:
        if isinstance(component, discord.TextDisplay):
            yield component.content
        elif isinstance(component, discord.ThumbnailComponent):
            yield component.description
        elif isinstance(component, discord.MediaGalleryComponent):
            yield from (item.description for item in component.items)
        elif isinstance(component, discord.Container):
            yield from _of_components(component.children)
        elif isinstance(component, discord.SectionComponent):
            yield from _of_components([*component.children, component.accessory])
