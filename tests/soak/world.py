"""A bot on the fake Discord with its folder and its database, driven step by step, and what is known of them."""

import asyncio
import shutil
import sqlite3
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack, closing
from pathlib import Path
from typing import Any, TypeVar

from bot.answering.matcher import Matcher
from bot.authoring.folder_lock import NAME
from bot.briefs.brief import BriefBase
from bot.briefs.brief_file import read_brief
from bot.briefs.loader import load
from bot.errors import BriefsError
from tests.admins import FILES, press, settled, small_matcher
from tests.brief_files import write
from tests.databases import eventually
from tools.fake_discord import MANAGER, Exchange, FakeDiscord, User, Where
from tools.running import Running, running

Result = TypeVar("Result")


def text_of(brief: str, word: str) -> str:
    return f"title: {brief} of the desk\nsummary: They {word}.\nas_of: 2024-10\nsources:\n  - name: A {brief} report\n"


class World:
    """The bot, and the model of it: what the folder last held that was valid, and which lookups may be gone."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="soak-"))
        self.folder = write(self.root / "briefs", FILES)
        self.path = self.root / "lookups.db"
        self.runner = asyncio.Runner()
        self.life = AsyncExitStack()
        self.process = AsyncExitStack()
        self.in_use = load(self.folder).base
        self.oracle = small_matcher()
        self.lost: set[int] = set()  # lookups in a database that was taken away
        self.backup: set[int] | None = None
        self.history_is_whole = True
        self.lock: sqlite3.Connection | None = None
        self.users = 0
        self.bot: Running

    def do(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self.runner.run(work)

    async def begun(self) -> Running:
        self.fake = await self.life.enter_async_context(FakeDiscord())
        self.life.enter_context(self.fake.redirected())
        return await self.started()

    async def started(self) -> Running:
        """Start the bot, having stopped the one before."""
        await self.process.aclose()
        self.process = AsyncExitStack()
        return await self.process.enter_async_context(running(self.fake, self.folder))

    def end(self) -> None:
        if self.lock:
            self.lock.close()

        async def ended() -> None:
            await self.process.aclose()
            await self.life.aclose()

        self.do(ended())
        self.runner.close()
        shutil.rmtree(self.root)

    def somebody(self, **more: Any) -> Where:
        """Return somebody new, for nobody may ask without end."""
        self.users += 1
        return {"user": User(10**18 + self.users, "somebody"), **more}  # type: ignore[typeddict-item]

    def form(self, brief: str, text: str) -> tuple[Exchange, str]:
        """Send the form for a brief, new or not, as another admin, and return it with what is said."""
        who = self.somebody(permissions=MANAGER)

        async def sent() -> tuple[Exchange, str]:
            if (self.folder / f"{brief}.yaml").exists():
                opened = await self.fake.slash("briefs edit", {"brief": brief, "as_yaml": True}, **who)
                if opened.modal is None:  # a file that cannot be read
                    return opened, opened.text
                shown = await self.fake.submit(opened, {"text": text})
            else:
                opened = await self.fake.slash("briefs add", {"as_yaml": True}, **who)
                shown = await self.fake.submit(opened, {"id": brief, "text": text})
            return shown, await settled(shown)

        return self.do(sent())

    def applied(self, shown: Exchange, verb: str = "Apply") -> str:
        """Press the button of a preview: nothing if there is none."""
        return self.do(press(self.fake, shown, verb)) if verb in shown.labels else ""

    def only_what_was_said(self, before: dict[str, bytes], said: str, changed: dict[str, bytes | None]) -> None:
        """Hold that the folder has changed as proposed if that was said to be done, and else not at all."""
        expected = {k: v for k, v in (before | changed).items() if v is not None} if "Done" in said else before
        assert self.files() == expected, said
        self.settle(said)

    def settle(self, said: str = "") -> None:
        """Take up what the folder holds, in the bot and in the model, and hold that both find it whole or not.

        A change that was ``said`` to be done made the bot look already, and how many briefs may vanish at once depends
        on how many there were at its last look.
        """
        if "Done" in said:
            self.look()
        assert self.do(self.bot.keeper.reload()) == self.look()

    def look(self) -> bool:
        """Take up what the folder holds in the model, and return whether that is all of it and nothing else."""
        there = {path.stem: read_brief(path.name, path.read_bytes()).brief for path in self.folder.glob("*.yaml")}
        good = {brief: new for brief, new in there.items() if new and set(new.related) <= there.keys()}
        before = self.in_use.briefs
        gone = before.keys() - there.keys()
        held = gone if not there or 2 * len(gone) > len(before) else set()
        self.use(BriefBase({brief: before[brief] for brief in before.keys() & (there.keys() | held)} | good))
        return bool(there) and not held and good.keys() == there.keys()

    def valid(self) -> BriefBase | BriefsError:
        try:
            return load(self.folder).base
        except BriefsError as error:
            return error

    def use(self, base: BriefBase) -> None:
        if base != self.in_use:
            self.in_use, self.oracle = base, Matcher(base)

    def durable(self) -> None:
        self.do(eventually(lambda: not self.bot.database.waiting and not self.bot.database.failure))

    def asked(self) -> set[int]:
        """Return the interactions that were lookups and were answered."""
        sent = [each for each in self.fake.exchanges.values() if each.payload["type"] == 2 and each.callback]
        return {int(each.id) for each in sent if each.payload["data"]["name"] == "brief"}

    def rows(self) -> set[int]:
        with closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)) as connection:
            return {number for (number,) in connection.execute("SELECT interaction_id FROM lookups")}

    def files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.folder.iterdir() if path.name != NAME}
