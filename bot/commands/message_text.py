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
    texts = [*_texts(message)]
    for forwarded in message.message_snapshots:
        texts += _texts(forwarded)
    stripped = (_LINK.sub(r"\1", text).strip() for text in texts if text)
    return "\n".join(dict.fromkeys(filter(None, stripped)))


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
