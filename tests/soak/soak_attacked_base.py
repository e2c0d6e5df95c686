"""A running bot whose folder of briefs is under attack: each bad file is told of, and no answer changes.

python -m pytest tests/soak/soak_attacked_base.py -o python_files='soak_*.py' -s
"""

import asyncio
import os
import random
import shutil
import statistics
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from bot import reloading
from bot.answer import answer
from bot.matching import Matcher
from tests.bad_files import BAD, BAD_ID, GOOD
from tests.bad_folders import IGNORED_NAMES, ODD, REFUSED_NAMES, Put, leave
from tests.briefs import MINIMAL, brief_text, write
from tests.conftest import SHIPPED, Running, running
from tests.fake_discord import MANAGER, FakeDiscord

LOOKUPS = 1000
HEARD_WITHIN = 3.0
MOST_GROWTH = 100
"""MiB of resident memory."""
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


@pytest.fixture
async def bot(fake: FakeDiscord, matcher: Matcher, tmp_path: Path) -> AsyncIterator[Running]:
    """The real service over the shipped briefs and one that the bad files speak of."""
    shutil.copytree(SHIPPED, tmp_path / "briefs")
    write(tmp_path, {"secret": brief_text(title="Top Secret")})
    write(tmp_path / "briefs-too", {"a.yaml": brief_text(title="Top Secret")})
    write(tmp_path / "briefs", {"ships.yaml": MINIMAL})
    async with running(fake, matcher, tmp_path / "briefs") as bot:
        yield bot


Attack = tuple[str, str, Put]
"""What to call it, the name of its file, and how to put it there."""


def resident() -> float:
    """Return this process's resident memory in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def _written(make: Callable[[], bytes]) -> Put:
    return lambda path: path.write_bytes(make())


def attacks() -> Iterator[Attack]:
    """Yield each of them."""
    yield from ((what, f"{BAD_ID}-{n}.yaml", _written(make)) for n, (what, make) in enumerate(BAD.items()))
    yield from ((what, f"odd-{n}.yaml", put) for n, (what, put) in enumerate(ODD.items()))
    yield from ((ascii(name), name, _written(GOOD.encode)) for name in REFUSED_NAMES)


def cleared(folder: Path, good: dict[str, bytes]) -> None:
    """Remove whatever is not one of the good files, and set those right."""
    for path in folder.iterdir():
        if path.name not in good:
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    for name, content in good.items():
        if (folder / name).read_bytes() != content:
            (folder / name).write_bytes(content)


async def heard(condition: Callable[[], object]) -> float:
    """Wait for a condition and return for how many seconds."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < 4 * HEARD_WITHIN, "waited in vain"
        await asyncio.sleep(0.02)
    return time.monotonic() - started


class Asking:
    """Members who go on asking, and whatever they were told that differs from before."""

    def __init__(self, bot: Running, fake: FakeDiscord) -> None:
        self._bot, self._fake = bot, fake
        self.asked = 0
        self.slowest = 0.0
        self.changed: list[str] = []
        self._expected = {query: self._now(query) for query in QUERIES}

    def _now(self, query: str) -> tuple[str, str | None]:
        found = answer(query, self._bot.desk.matcher)
        return found.outcome, found.brief.id if found.brief else None

    async def go_on(self) -> None:
        shown: dict[str, str] = {}
        while True:
            query = QUERIES[self.asked % len(QUERIES)]
            started = time.monotonic()
            exchange = await self._fake.slash("brief", {"query": query})
            self.slowest = max(self.slowest, time.monotonic() - started)
            self.asked += 1
            if self._now(query) != self._expected[query] or exchange.text != shown.setdefault(query, exchange.text):
                self.changed.append(query)
            await asyncio.sleep(0.02)


def batches(chosen: list[Attack]) -> Iterator[list[Attack]]:
    """Yield random batches, the same each time."""
    chance = random.Random(1)
    for _ in range(10):
        yield chance.sample(chosen, 30)


async def told_of(bot: Running, attack: Attack, good: dict[str, bytes]) -> float:
    """Put one thing into the folder, and return after how many seconds it is told of; it alone."""
    _, name, put = attack
    await asyncio.to_thread(put, bot.folder / name)
    path = os.path.join(bot.folder, name)
    delay = await heard(lambda: {each.path for each in bot.keeper.problems} == {path})
    cleared(bot.folder, good)
    return delay


async def besieged(bot: Running, fake: FakeDiscord, batch: list[Attack], good: dict[str, bytes]) -> None:
    """Put many things into the folder at once, have an admin look, and remove them."""
    for name in IGNORED_NAMES:
        leave(bot.folder / name)
    for n, (_, name, put) in enumerate(batch):
        inner = bot.folder / f".{n}"  # with whatever it leads over
        inner.mkdir()
        await asyncio.to_thread(put, inner / name)
        (bot.folder / name).symlink_to(inner / name)
    await heard(lambda: len({each.path for each in bot.keeper.problems}) >= len(batch))
    blamed = {each.path for each in bot.keeper.problems}
    assert not blamed & {str(bot.folder / name) for name in IGNORED_NAMES if name != "odd.yaml"}
    checked = await fake.slash("briefs check", {}, permissions=MANAGER)
    await checked.filled(10)
    assert "zebra" in checked.text or "odd" in checked.text or "1:1" in checked.text
    cleared(bot.folder, good)
    await heard(lambda: not bot.keeper.problems)


async def test_every_bad_file_is_told_of_while_answers_stay_as_they_are(
    fake: FakeDiscord, bot: Running, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One after the other, then in random batches; then all are removed, and nothing is left of them."""
    monkeypatch.setattr(reloading, "POLL", 0.1)
    good = {path.name: path.read_bytes() for path in bot.folder.iterdir()}
    asking = Asking(bot, fake)
    members = asyncio.create_task(asking.go_on())
    await heard(lambda: asking.asked > 50)
    before, worst = resident(), 0.0
    chosen = list(attacks())
    delays: list[float] = []
    for attack in chosen:
        delays.append(await told_of(bot, attack, good))
        worst = max(worst, resident())
        assert "Traceback" not in caplog.text, attack[0]
        caplog.clear()
    await heard(lambda: not bot.keeper.problems)
    for batch in batches(chosen):
        await besieged(bot, fake, batch, good)
        worst = max(worst, resident())
    await heard(lambda: asking.asked >= LOOKUPS)
    members.cancel()
    print(
        f"\n{len(chosen)} attacks; told of after {statistics.median(delays):.2f} s (median), {max(delays):.2f} s "
        f"(worst) at a poll of 0.1 s; {asking.asked} lookups meanwhile, {len(asking.changed)} changed, the slowest "
        f"took {asking.slowest:.2f} s; memory {before:.0f} MiB before, {worst:.0f} at most, {resident():.0f} after"
    )
    assert asking.changed == []
    assert "Traceback" not in caplog.text
    assert max(delays) < HEARD_WITHIN
    assert resident() - before < MOST_GROWTH


async def test_at_its_real_pace_a_bad_file_is_told_of_within_three_seconds(fake: FakeDiscord, bot: Running) -> None:
    good = {path.name: path.read_bytes() for path in bot.folder.iterdir()}
    delays = [await told_of(bot, attack, good) for attack in random.Random(2).sample(list(attacks()), 20)]
    print(f"\ntold of after {statistics.median(delays):.2f} s (median), {max(delays):.2f} s (worst)")
    assert max(delays) < HEARD_WITHIN
