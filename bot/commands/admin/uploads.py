"""Fetching what was uploaded to Discord: no more of it than is needed, and a plain line where that fails."""

import asyncio
from pathlib import PurePath
from urllib.parse import urlsplit

import aiohttp
import discord

from bot.authoring.article.document import NO_TEXT_FILE, Article, is_text, read_article
from bot.authoring.importing.packed import ENDINGS, LARGEST_ZIP
from bot.briefs.loader import MAX_BYTES
from bot.catalogues.catalogue import N_
from bot.errors import BotError, Problem, RequestError, Said
from bot.garbage import out_of_the_way
from bot.gateway.internals import api_host

DOWNLOAD_TIMEOUT = 30.0
"""Seconds that Discord may take to hand over a file."""

CDN = ("cdn.discordapp.com", "media.discordapp.net")
"""The hosts of Discord that hold files."""

ZIP = ".zip"
_NOT_DISCORDS = N_("does not lie on a host of Discord, so it was not fetched")


def ending(name: str) -> str:
    """Return the end of a file's name from its last full stop on, in lower case."""
    return PurePath(name).suffix.lower()


async def uploaded(file: discord.Attachment) -> bytes | Problem:
    """Return the content of an uploaded file of briefs or of entries, or why it is not read."""
    if ending(file.filename) not in (*ENDINGS, ZIP):
        unread = Said("is not read; what can be uploaded ends in {endings}", endings=", ".join((*ENDINGS, ZIP)))
        return Problem(file.filename, 1, 1, unread)
    most = LARGEST_ZIP if ending(file.filename) == ZIP else MAX_BYTES
    try:
        return await _content(file, Said("is larger than {n} KiB; split it", n=most // 1024), most)
    except RequestError as error:
        return Problem(file.filename, 1, 1, error.said)


async def uploaded_article(file: discord.Attachment) -> Article:
    """Return the article that an uploaded file holds. Raises BotError if it cannot be had; it follows the file's name.

    What is no text is not even fetched.
    """
    if not is_text(file.filename):
        raise BotError(NO_TEXT_FILE)
    content = await _content(file, Said("is larger than {n} KiB; give the part that counts", n=MAX_BYTES // 1024))
    return await asyncio.to_thread(out_of_the_way()(read_article), file.filename, content)


async def _content(file: discord.Attachment, too_large: Said, most: int = MAX_BYTES) -> bytes:
    """Return what is in a file. Raises RequestError if it is too large, or if Discord does not hand it over.

    Its message follows the name of the file.
    """
    if file.size > most:
        raise RequestError(too_large)
    if urlsplit(file.url).hostname not in (*CDN, api_host()):
        raise RequestError(_NOT_DISCORDS)
    try:
        content = await _fetched(file.url, most)
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        why = Said("it broke off")
        if isinstance(error, aiohttp.ClientResponseError):
            why = Said("it answered {status}", status=error.status)
        raise RequestError("Discord did not hand the file over ({why}); try again", why=why) from None
    if content is None:
        raise RequestError(too_large)
    return content


async def _fetched(url: str, most: int) -> bytes | None:
    """Return what is at an address, None if it is more than a file may have: a size is only a claim.

    It is asked for as it is, because a few packed bytes can be unpacked to any number. No other address is followed.
    """
    content = bytearray()
    async with (
        aiohttp.ClientSession(auto_decompress=False, timeout=aiohttp.ClientTimeout(DOWNLOAD_TIMEOUT)) as session,
        session.get(url, headers={"Accept-Encoding": "identity"}, allow_redirects=False) as response,
    ):
        if response.status != 200:
            raise aiohttp.ClientResponseError(response.request_info, (), status=response.status)
        async for chunk in response.content.iter_any():
            content += chunk
            if len(content) > most:
                return None
    return bytes(content)
