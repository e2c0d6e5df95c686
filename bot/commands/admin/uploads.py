"""Fetching what was uploaded to Discord: no more of it than is needed, and a plain line where that fails."""

import asyncio
from pathlib import PurePath
from urllib.parse import urlsplit

import aiohttp
import discord

from bot.authoring.article.document import NO_TEXT_FILE, Article, is_text, read_article
from bot.briefs.brief_file import read_brief
from bot.briefs.loader import MAX_BYTES
from bot.errors import BotError, Problem, RequestError
from bot.garbage import out_of_the_way
from bot.gateway.internals import api_host

DOWNLOAD_TIMEOUT = 30.0
"""Seconds that Discord may take to hand over a file."""

CDN = ("cdn.discordapp.com", "media.discordapp.net")
"""The hosts of Discord that hold files."""

_TOO_LARGE = f"is larger than {MAX_BYTES // 1024} KiB"
_NOT_DISCORDS = "does not lie on a host of Discord, so it was not fetched"


async def uploaded(file: discord.Attachment) -> tuple[str, Problem | None]:
    """Return the text of an uploaded file, or why it cannot be a brief's."""
    if PurePath(file.filename).suffix != ".yaml":
        return "", _problem(file, "is not named like a brief; its name is the id, and ends in .yaml")
    try:
        content = await _content(file, "; a brief is short, so split it")
    except RequestError as error:
        return "", _problem(file, str(error))
    try:
        return content.decode("utf-8-sig"), None
    except UnicodeDecodeError:
        return "", read_brief(file.filename, content).problems[-1]


async def uploaded_article(file: discord.Attachment) -> Article:
    """Return the article that an uploaded file holds. Raises BotError if it cannot be had; it follows the file's name.

    What is no text is not even fetched.
    """
    if not is_text(file.filename):
        raise BotError(NO_TEXT_FILE)
    content = await _content(file, "; give the part that counts")
    return await asyncio.to_thread(out_of_the_way()(read_article), file.filename, content)


def _problem(file: discord.Attachment, message: str) -> Problem:
    return Problem(file.filename, 1, 1, message)


async def _content(file: discord.Attachment, advice: str) -> bytes:
    """Return what is in a file. Raises RequestError if it is too large, or if Discord does not hand it over."""
    if file.size > MAX_BYTES:
        raise RequestError(_TOO_LARGE + advice)
    if urlsplit(file.url).hostname not in (*CDN, api_host()):
        raise RequestError(_NOT_DISCORDS)
    try:
        content = await _fetched(file.url)
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        why = f"it answered {error.status}" if isinstance(error, aiohttp.ClientResponseError) else "it broke off"
        raise RequestError(f"Discord did not hand the file over ({why}); try again") from None
    if content is None:
        raise RequestError(_TOO_LARGE + advice)
    return content


async def _fetched(url: str) -> bytes | None:
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
            if len(content) > MAX_BYTES:
                return None
    return bytes(content)
