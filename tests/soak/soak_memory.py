"""Memory stays flat: lookups, completions, cards, forms and reloads without end, through the real client and log.

    python -m pytest tests/soak/soak_memory.py -o python_files='soak_*.py'

SOAK_SCALE says how much of the full length is run: 1 is a million lookups and ten thousand of all else, which takes an
hour; the default takes two minutes. What Discord would send is handed to the library where it comes out of the
websocket, and what would go to Discord is taken where it goes into HTTP.
"""

import asyncio
import ctypes
import gc
import os
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import discord
import pytest
from discord.webhook.async_ import async_context

from bot.answering.matcher import Matcher
from bot.briefs.loader import load
from bot.garbage import settle
from bot.service.assembly import Service, assembled
from bot.service.settings import Settings
from tests.admins import FILES
from tests.brief_files import write
from tests.soak.conftest import Say
from tools.fake_discord import FakeDiscord, Guild, User, Where, rules, user_json
from tools.fake_discord.rules import Json

SCALE = float(os.environ.get("SOAK_SCALE", "0.01"))
GROWTH = 1_000_000
"""Bytes by which memory may grow in PER operations: a leak of a dictionary each would be twenty times that."""

PER = 100_000
NOISE = 1_000_000
"""Bytes by which what a process holds varies by itself in a run too short for GROWTH; its objects by a tenth."""

TIMES = 3
"""How often growth is measured: a leak is there each time, and what a library or the allocator keeps once is not."""

TOGETHER = 50
"""Interactions under way at once, so that the log commits them in groups."""

QUERIES = ("cats", "who let the cats out", "dogss", "cargo", "wool", "what do animals eat", "ships " * 50, "<@1> @here")
_OWNERS = range(5_000_000_000_000_000_000, 5_000_000_000_000_001_000)

Operation = Callable[[int], Awaitable[object]]


class _Taken:
    """Takes what would go to Discord; ``answers`` counts it."""

    def __init__(self) -> None:
        self.answers = 0

    async def create_interaction_response(self, interaction_id: int, token: str, **sent: Any) -> Json:
        assert sent["params"].payload or sent["params"].multipart
        self.answers += 1
        return {"interaction": {"id": str(interaction_id), "type": 0}}


class _Wire:
    """Hands interactions to a client as if Discord had sent them."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._taken = _Taken()
        self._fake = FakeDiscord()  # makes interactions, and is never connected to
        async_context.set(self._taken)  # type: ignore[arg-type]
        state = service.client._connection
        state.user = discord.ClientUser(state=state, data=user_json(self._fake.bot))  # type: ignore[arg-type]

    async def together(self, kind: int, data: Callable[[int], Json], n: int, **more: Any) -> None:
        """Send TOGETHER interactions at once, each by another user in another server, and wait for all answers."""
        due = self._taken.answers + TOGETHER
        for number in range(n * TOGETHER, (n + 1) * TOGETHER):
            where: Where = {"user": User(_OWNERS[number % len(_OWNERS)], "owner"), "guild": Guild((number + 1) << 23)}
            payload: Any = self._fake.interaction(kind, data(number), where)
            self.service.client._connection.parse_interaction_create(payload | more)
        async with asyncio.timeout(30):
            while self._taken.answers < due:
                await asyncio.sleep(0.001)


@asynccontextmanager
async def _wired(folder: Path) -> AsyncIterator[_Wire]:
    briefs = write(folder / "briefs", FILES)
    settings = Settings(
        briefs_dir=briefs,
        database=folder / "lookups.db",
        user_hash_key_file=folder / "user_hash.key",
        owner_ids=frozenset(_OWNERS),
    )
    loaded = load(briefs)
    matcher = Matcher(loaded.base)
    async with assembled(settings, Matcher, lambda: (loaded, matcher)) as service, service.client:
        service.keeper.matcher = matcher  # as it is once the bot has connected, which this one never does
        service.desk.use(matcher, {})
        service.client.admission.open()
        yield _Wire(service)


def _command(name: str, *options: Json) -> Json:
    return {"id": "1", "name": name, "type": 1, "options": list(options)}


def _subcommand(name: str, **values: str) -> Json:
    options = [{"name": option, "type": 3, "value": value} for option, value in values.items()]
    return _command("briefs", {"name": name, "type": 1, "options": options})


def _query(n: int) -> Json:
    return _command("brief", {"name": "query", "type": 3, "value": QUERIES[n % len(QUERIES)]})


def _typed(n: int) -> Json:
    text = ("", "ca", "carg", "shpis", "zzz")[n % 5]
    return _command("brief", {"name": "query", "type": 3, "value": text, "focused": True})


def _button(n: int) -> Json:
    custom_id = ("brief:cats", "share:dogs", "brief:gone", f"wrong:{n}", "forged")[n % 5]
    return {"custom_id": custom_id, "component_type": 2, "id": 2}


def _held() -> int:
    """Return the bytes of memory that this process holds, after giving back what it can."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    resident = Path("/proc/self/statm").read_text().split()[1]
    return int(resident) * os.sysconf("SC_PAGE_SIZE")


async def _grown(operation: Operation, first: int, times: int, measured: Callable[[], int]) -> int:
    before = measured()
    for n in range(first, first + times):
        await operation(n)
    return measured() - before


def _traced() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


async def _flat(say: Say, what: str, operation: Operation, times: int, each: int = 1) -> None:
    """Do ``operation``, which counts for ``each``, and hold the process and its objects to GROWTH."""
    rounds = max(20, round(times * SCALE / each))
    half, done = rounds // 2, rounds
    await _grown(operation, 0, rounds, _held)  # SQLite alone fills a cache of 2 MB meanwhile
    held = [await _grown(operation, done + half * n, half, _held) for n in range(TIMES)]
    done += half * TIMES
    tracemalloc.start()
    try:
        await _grown(operation, done, half, _traced)
        traced = [await _grown(operation, done + half * n, half, _traced) for n in range(1, TIMES + 1)]
    finally:
        tracemalloc.stop()
    say(f"{what}: {half * each:,} grew by {_listed(held)} held, and by {_listed(traced)} of objects")
    allowed = GROWTH * half * each / PER
    assert min(held) <= max(allowed, NOISE)
    assert min(traced) <= max(allowed, NOISE / 10)


def _listed(sizes: list[int]) -> str:
    return ", ".join(f"{size / 1e3:,.0f}" for size in sizes) + " kB"


async def test_lookups_leave_nothing_behind(tmp_path: Path, say: Say) -> None:
    async with _wired(tmp_path) as wire:
        await _flat(say, "lookups", partial(wire.together, rules.COMMAND, _query), 1_000_000, TOGETHER)


async def test_completions_leave_nothing_behind(tmp_path: Path, say: Say) -> None:
    async with _wired(tmp_path) as wire:
        await _flat(say, "completions", partial(wire.together, rules.AUTOCOMPLETE, _typed), 200_000, TOGETHER)


async def test_cards_and_buttons_leave_nothing_behind(tmp_path: Path, say: Say) -> None:
    async with _wired(tmp_path) as wire:
        message = wire._fake.blank_message(1, wire._fake.bot)
        press = partial(wire.together, rules.PRESS, _button, message=message)
        await _flat(say, "cards and buttons", press, 100_000, TOGETHER)


async def test_forms_and_lists_of_admins_leave_nothing_behind(tmp_path: Path, say: Say) -> None:
    forms = [_subcommand("edit", brief="cats"), _subcommand("add"), _subcommand("show", brief="dogs")]
    async with _wired(tmp_path) as wire:
        opened = partial(wire.together, rules.COMMAND, lambda n: forms[n % len(forms)])
        await _flat(say, "forms and lists of admins", opened, 100_000, TOGETHER)


async def test_reloads_leave_nothing_behind(tmp_path: Path, say: Say) -> None:
    async with _wired(tmp_path) as wire:
        keeper = wire.service.keeper
        words = ("purr", "hiss")

        async def reload(n: int) -> None:
            write(keeper.folder, {"cats.yaml": FILES["cats.yaml"].replace("purr", words[n % 2])})
            assert await keeper.reload()
            settle()  # as background work does in a bot that is connected
            assert words[n % 2] in keeper.matcher.base.briefs["cats"].summary.plain

        await _flat(say, "reloads", reload, 10_000)


@pytest.fixture(autouse=True)
def _small_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have what is remembered up to a limit reach it during the warm-up, for until then it grows."""
    monkeypatch.setattr("bot.gateway.recent_interactions.MOST_REMEMBERED", TOGETHER)
    monkeypatch.setattr("bot.gateway.fairness.MOST_BUCKETS", TOGETHER)
