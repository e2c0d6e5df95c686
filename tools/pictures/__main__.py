"""`make pictures`: pictures of what the bot says on Discord, drawn from what it really sends.

Each scene plays an exchange with the real bot over the stand-in for Discord. A headless Chromium takes a picture of
the answer in both themes: `docs/pictures/<scene>-light.png` and `-dark.png`, and `<scene>-phone-light.png` and
`-dark.png` of what members see most. To add one, write a scene in `scenes.py`
and name it in SCENES. `make pictures SCENES="answer miss"` draws these alone.
"""

import asyncio
import base64
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import aiohttp

from tools.environment import ROOT, SHIPPED
from tools.fake_discord import FakeDiscord
from tools.pictures.drawing import Json, page
from tools.pictures.scenes import SCENES
from tools.running import running

PICTURES = ROOT / "docs" / "pictures"
Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
WIDTH, PHONE, SCALE = 720, 390, 1.5
ON_A_PHONE = ("answer", "closest-match", "image", "still-true", "mention", "mention-unsure", "direct-message")
"""Scenes that are drawn as wide as a phone too: what members see most."""
COLOURS = 48
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# No sandbox, because Chromium has none for root and in many containers; the pages are our own, and without scripts.
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-lcd-text --hide-scrollbars --remote-debugging-port=0"
).split()
LOADED = """Promise.all([...document.images].map(image => image.decode())).then(() => document.fonts.ready)
            .then(() => document.documentElement.offsetHeight)"""


class Tab:
    """A browser's tab, driven over the DevTools protocol."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = count(1)

    async def picture(self, html: str, theme: Theme, width: int) -> bytes:
        """Return the page as PNG, as high as its content."""
        await self._do(
            "Emulation.setDeviceMetricsOverride", width=width, height=1, deviceScaleFactor=SCALE, mobile=False
        )
        await self._do("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])
        frame = (await self._do("Page.getFrameTree"))["frameTree"]["frame"]["id"]
        await self._do("Page.setDocumentContent", frameId=frame, html=html)
        loaded = await self._do("Runtime.evaluate", expression=LOADED, awaitPromise=True)
        assert "value" in loaded["result"], f"the page did not load: {loaded}"
        clip = {"x": 0, "y": 0, "width": width, "height": loaded["result"]["value"], "scale": 1}
        taken = await self._do("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)
        return base64.b64decode(taken["data"])

    async def _do(self, method: str, **params: Any) -> Json:
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": params})
        async with asyncio.timeout(30):
            while (reply := await self._socket.receive_json()).get("id") != number:
                pass  # events, which nobody asked for
        assert "result" in reply, f"{method}: {reply}"
        return dict(reply["result"])


@asynccontextmanager
async def browser_tab() -> AsyncIterator[Tab]:
    """Start a headless browser, and end it afterwards."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.exit(f"none of {', '.join(BROWSERS)} is on PATH; on Debian: apt install chromium fonts-noto-core pngquant")
    with TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        quiet = asyncio.subprocess.DEVNULL
        flags = (*FLAGS, f"--user-data-dir={profile}", "about:blank")
        process = await asyncio.create_subprocess_exec(browser, *flags, stdout=quiet, stderr=quiet)
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.ws_connect(
                    await _address(session, Path(profile, "DevToolsActivePort")), max_msg_size=0
                ) as socket,
            ):
                yield Tab(socket)
        finally:
            process.terminate()
            await process.wait()


async def _address(session: aiohttp.ClientSession, port_file: Path) -> str:
    """Return where the browser's only tab takes commands, once the browser has said so."""
    async with asyncio.timeout(30):
        while not (port_file.exists() and "\n" in (text := port_file.read_text())):
            await asyncio.sleep(0.05)
    async with session.get(f"http://127.0.0.1:{text.split()[0]}/json/list") as response:
        targets = await response.json()
    return str(next(target["webSocketDebuggerUrl"] for target in targets if target["type"] == "page"))


def smaller(png: bytes) -> bytes:
    """Return a picture with few colours, which is a third as large; as it is where pngquant is not installed."""
    if not shutil.which("pngquant"):
        return png
    command = ["pngquant", "--nofs", "--strip", "--speed", "1", str(COLOURS), "-"]
    return subprocess.run(command, input=png, capture_output=True, check=True).stdout


def files(name: str) -> dict[str, tuple[Theme, int]]:
    """Return the files of a scene's pictures, each with its theme and its width in pixels."""
    widths = {"": WIDTH, **({"-phone": PHONE} if name in ON_A_PHONE else {})}
    return {f"{name}{on}-{theme}.png": (theme, width) for on, width in widths.items() for theme in THEMES}


async def draw(name: str, tab: Tab) -> None:
    """Play a scene with a bot of its own, and take its pictures."""
    async with FakeDiscord() as fake:
        with TemporaryDirectory() as folder, fake.redirected():
            briefs = Path(shutil.copytree(SHIPPED, Path(folder, "briefs")))
            async with running(fake, briefs, answer_mentions=True):
                html = page(await SCENES[name](fake))
        # The images of a message are on the stand-in, which is therefore still up.
        for file, (theme, width) in files(name).items():
            (PICTURES / file).write_bytes(smaller(await tab.picture(html, theme, width)))
    assert not fake.faults, fake.faults


async def main(names: Iterable[str]) -> None:
    PICTURES.mkdir(exist_ok=True)
    async with browser_tab() as tab:
        for name in names:
            await draw(name, tab)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:] or SCENES))
