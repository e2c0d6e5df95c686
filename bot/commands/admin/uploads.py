"""Fetching what an admin uploads: no more of it than a brief may have, and a plain line where that fails."""

from pathlib import PurePath

import aiohttp
import discord

from bot.briefs.brief_file import read_brief
from bot.briefs.loader import MAX_BYTES
from bot.errors import Problem

DOWNLOAD_TIMEOUT = 30.0
"""Seconds that Discord may take to hand over a file."""

_TOO_LARGE = f"is larger than {MAX_BYTES // 1024} KiB; a brief is short, so split it"


async def uploaded(file: discord.Attachment) -> tuple[str, Problem | None]:
    """Return the text of an uploaded file, or why it cannot be a brief's."""
    content = await _content(file)
    if isinstance(content, str):
        return "", Problem(file.filename, 1, 1, content)
    try:
        return content.decode("utf-8-sig"), None
    except UnicodeDecodeError:
        return "", read_brief(file.filename, content).problems[-1]


async def _content(file: discord.Attachment) -> bytes | str:
    if PurePath(file.filename).suffix != ".yaml":
        return "is not named like a brief; its name is the id, and ends in .yaml"
    if file.size > MAX_BYTES:
        return _TOO_LARGE
    try:
        return await _fetched(file.url)
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        why = f"it answered {error.status}" if isinstance(error, aiohttp.ClientResponseError) else "it broke off"
        return f"Discord did not hand the file over ({why}); try again"


async def _fetched(url: str) -> bytes | str:
    """Return what is at an address, as far as its server keeps to what it claims: a size is only a claim.

    It is asked for as it is, because a few packed bytes can be unpacked to any number.
    """
    content = bytearray()
    async with (
        aiohttp.ClientSession(auto_decompress=False, timeout=aiohttp.ClientTimeout(DOWNLOAD_TIMEOUT)) as session,
        session.get(url, headers={"Accept-Encoding": "identity"}, raise_for_status=True) as response,
    ):
        async for chunk in response.content.iter_any():
            content += chunk
            if len(content) > MAX_BYTES:
                return _TOO_LARGE
    return bytes(content)
