"""A bot whose folder of briefs is under attack: each bad file is told of, no answer changes, and memory stays.

The bot is a process of its own at its real pace, so that its memory is its own.

python -m pytest tests/soak/soak_attacked_base.py -o python_files='soak_*.py' -s
"""

import asyncio
import itertools
import os
import random
import re
import shutil
import statistics
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from bot.errors import printable
from tests.bad_files import BAD, BAD_ID, GOOD
from tests.bad_folders import IGNORED_NAMES, ODD, REFUSED_NAMES, Put, leave
from tests.brief_files import MINIMAL, brief_text, write
from tests.soak.conftest import Say
from tests.soak.load import GUILDS, MEMBERS, bot_process
from tools.environment import HANGS, SHIPPED
from tools.fake_discord import MANAGER, FakeDiscord, until

LOOKUPS = 1000
PACE = 20.0
"""Lookups a second, by so many members that none of them is too fast."""

MOST_GROWTH = 100
"""MiB of resident memory."""

AT_ONCE = 10
"""Bad files that are there together, each told of for itself."""

QUERIES = (
    "ships",
    "troops",
    "how many nk troops are in russia",
    "wepons",
    "adele",
    "zelensky",
    "seoul reacton",
    "pizza",
)
_TOLD = re.compile(r"^(.*?\.ya?ml):\d+:\d+: ", re.MULTILINE)
_MENDED = "no longer wrong, with 0 problems left:"

Attack = tuple[str, str, Put]
"""What to call it, the name of its file, and how to put it there."""


def _written(make: Callable[[], bytes]) -> Put:
    return lambda path: path.write_bytes(make())


def attacks() -> Iterator[Attack]:
    """Yield each of them."""
    yield from ((what, f"{BAD_ID}-{n}.yaml", _written(make)) for n, (what, make) in enumerate(BAD.items()))
    yield from ((what, f"odd-{n}.yaml", put) for n, (what, put) in enumerate(ODD.items()))
    yield from ((ascii(name), name, _written(GOOD.encode)) for name in REFUSED_NAMES)


class Target:
    """A bot as a process of its own, its folder, and what it has told of that."""

    def __init__(self, process: Process, folder: Path) -> None:
        self._pid = process.pid
        self.folder = folder
        self._good = {path.name: path.read_bytes() for path in folder.iterdir()}
        self._log = folder.with_name("diagnostics.txt")

    def log(self, since: int = 0) -> str:
        return self._log.read_bytes()[since:].decode()

    def told(self, since: int = 0) -> set[str]:
        """Return the files that were told of, as the log names them."""
        return set(_TOLD.findall(self.log(since).replace(str(self.folder) + os.sep, "")))

    def memory(self, what: str) -> float:
        """Return the process's VmRSS or VmHWM, its peak, in MiB."""
        status = Path(f"/proc/{self._pid}/status").read_text()
        return int(re.findall(rf"{what}:\s+(\d+) kB", status)[0]) / 1024

    def cleared(self) -> None:
        """Remove whatever is not one of the good files."""
        for path in self.folder.iterdir():
            if path.name not in self._good:
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        assert {path.name: path.read_bytes() for path in self.folder.iterdir()} == self._good


@pytest.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord(guilds=GUILDS) as fake:
        fake.answer_within = HANGS
        yield fake
    assert fake.faults == []
    assert fake.pings == []


@pytest.fixture
async def target(fake: FakeDiscord, tmp_path: Path) -> AsyncIterator[Target]:
    """The bot over the shipped briefs and one that the bad files speak of."""
    folder = tmp_path / "briefs"
    shutil.copytree(SHIPPED, folder)
    write(tmp_path, {"secret": brief_text(title="Top Secret")})
    write(tmp_path / "briefs-too", {"a.yaml": brief_text(title="Top Secret")})
    write(folder, {"ships.yaml": MINIMAL})
    settings = {"BRIEFS_DIR": str(folder), "LOG_LEVEL": "INFO", "MALLOC_ARENA_MAX": "2"}
    async with bot_process(fake, tmp_path, **settings) as process:
        yield Target(process, folder)


class Asking:
    """Members who go on asking, and whatever they were told that differs from before."""

    def __init__(self, fake: FakeDiscord) -> None:
        self._fake = fake
        self.asked = 0
        self.slowest = 0.0
        self.changed: list[tuple[str, str]] = []

    async def go_on(self) -> None:
        shown: dict[str, str] = {}
        for query, member, guild in zip(*map(itertools.cycle, (QUERIES, MEMBERS, GUILDS)), strict=False):
            started = time.monotonic()
            exchange = await self._fake.slash("brief", {"query": query}, user=member, guild=guild)
            self.slowest = max(self.slowest, time.monotonic() - started)
            self.asked += 1
            if exchange.text != shown.setdefault(query, exchange.text):
                self.changed.append((query, exchange.text))
            await asyncio.sleep(max(0.0, started + 1 / PACE - time.monotonic()))


async def told_of(target: Target, batch: list[Attack]) -> list[float]:
    """Put things into the folder, and return after how many seconds each is told of; they alone."""
    since = len(target.log().encode())
    there: dict[str, float] = {}
    for _, name, put in batch:
        await asyncio.to_thread(put, target.folder / name)
        there[printable(name)] = time.monotonic()
    delays: dict[str, float] = {}

    def all_told() -> bool:
        for name in target.told(since) & there.keys() - delays.keys():
            delays[name] = time.monotonic() - there[name]
        return len(delays) == len(there)

    await until(all_told)
    target.cleared()
    return list(delays.values())


async def besieged(target: Target, fake: FakeDiscord, batch: list[Attack]) -> None:
    """Put many things into the folder at once, have an admin look, and remove them."""
    since = len(target.log().encode())
    for name in IGNORED_NAMES:
        leave(target.folder / name)
    for n, (_, name, put) in enumerate(batch):
        inner = target.folder / f".{n}"  # with whatever it leads over
        inner.mkdir()
        await asyncio.to_thread(put, inner / name)
        (target.folder / name).symlink_to(inner / name)
    names = {printable(name) for _, name, _ in batch}
    await until(lambda: names <= target.told(since))
    checked = await fake.slash("briefs check", {}, guild=GUILDS[0], permissions=MANAGER)
    await checked.filled()
    assert "zebra" in checked.text or "odd" in checked.text or "1:1" in checked.text
    target.cleared()
    await until(lambda: _MENDED in target.log(since))


async def test_every_bad_file_is_told_of_while_answers_stay_as_they_are(
    fake: FakeDiscord, target: Target, say: Say
) -> None:
    """Each of them, and then many in random batches with what editors leave behind."""
    asking = Asking(fake)
    members = asyncio.create_task(asking.go_on())
    await until(lambda: asking.asked > 50)
    before = target.memory("VmRSS")
    chosen = list(attacks())
    count = -(-len(chosen) // AT_ONCE)
    delays = [delay for n in range(count) for delay in await told_of(target, chosen[n::count])]
    await until(lambda: target.log().rstrip().count(_MENDED))
    chance = random.Random(1)
    for _ in range(10):
        await besieged(target, fake, chance.sample(chosen, 30))
    while asking.asked < LOOKUPS and not members.done():
        await asyncio.sleep(0.1)
    after, peak = target.memory("VmRSS"), target.memory("VmHWM")
    assert not members.done(), members.exception()
    members.cancel()
    say(
        f"{len(chosen)} attacks; told of after {statistics.median(delays):.2f} s (median), {max(delays):.2f} s "
        f"(worst); {asking.asked} lookups meanwhile, {len(asking.changed)} changed, the slowest took "
        f"{asking.slowest:.2f} s; memory {before:.0f} MiB before, {peak:.0f} at most, {after:.0f} after"
    )
    assert asking.changed == []
    assert "Traceback" not in target.log()
    assert target.told() == {printable(name) for _, name, _ in chosen}
    assert peak - before < MOST_GROWTH
