"""The garbage collector: out of the way while much is built, and rid of what lives for long."""

import asyncio
import gc
import math
import platform
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator

import pytest

from bot.answering.matcher import Matcher
from bot.garbage import out_of_the_way, settle
from tools.fake_discord import FakeDiscord, until
from tools.running import Running

pytestmark = pytest.mark.slow


def full_collections() -> int:
    """Return how often all objects were looked at so far."""
    return int(gc.get_stats()[2]["collections"])


MUCH = 2 * math.prod(gc.get_threshold())
"""As many new objects as make Python look at all of them twice: 700 x 10 x 10 do so once in Python 3.11."""


def collected_while_building() -> bool:
    """Build as much as makes Python look at all objects, and return whether it did.

    Python does so when a quarter more is there than at the last time, not counting what is frozen.
    """
    before = full_collections()
    built = [[] for _ in range(MUCH)]  # type: ignore[var-annotated]
    return full_collections() > before and bool(built)


@pytest.fixture(autouse=True)
def usual() -> Iterator[None]:
    """As it is when nothing is built, before and after each test."""
    gc.collect()
    before = (gc.get_threshold(), sys.getswitchinterval())
    yield
    gc.unfreeze()
    assert (gc.get_threshold(), sys.getswitchinterval()) == before


def test_all_objects_are_looked_at_only_when_nothing_is_built_any_more() -> None:
    gc.freeze()  # all that other tests have left
    with out_of_the_way():
        assert not collected_while_building()
        with out_of_the_way():
            pass
        assert not collected_while_building()
    gc.collect()
    assert collected_while_building()


def test_a_build_that_fails_leaves_the_collector_as_it_was() -> None:
    with pytest.raises(ValueError, match="wrong"), out_of_the_way():
        raise ValueError("wrong")


def test_young_garbage_is_collected_meanwhile() -> None:
    with out_of_the_way():
        cycles = [weakref.ref(Cycle()) for _ in range(2_000)]
        assert sum(cycle() is None for cycle in cycles) > 1_000


def test_other_threads_run_sooner_as_long_as_any_thread_builds() -> None:
    usual, others, done = sys.getswitchinterval(), threading.Event(), threading.Event()

    def build() -> None:
        with out_of_the_way():
            others.set()
            done.wait(10)

    thread = threading.Thread(target=build)
    with out_of_the_way():
        thread.start()
        others.wait(10)
    assert sys.getswitchinterval() < usual
    done.set()
    thread.join()
    assert sys.getswitchinterval() == usual


def test_what_has_settled_is_looked_at_no_more_and_garbage_does_not_settle() -> None:
    kept, garbage = Cycle(), weakref.ref(Cycle())
    settle()
    assert garbage() is None
    assert not is_looked_at(kept)


def test_what_has_settled_is_freed_as_soon_as_nothing_refers_to_it() -> None:
    kept = {"matcher": Plain()}
    settle()
    settled = weakref.ref(kept["matcher"])
    kept.clear()
    assert settled() is None


def test_garbage_is_collected_each_time_and_what_is_new_never_settles_after_the_first_time() -> None:
    settle()
    new, garbage = Cycle(), old_garbage()
    settle()
    assert garbage() is None
    assert is_looked_at(new)  # else it would stay for good once it is garbage


def is_looked_at(it: object) -> bool:
    return any(each is it for each in gc.get_objects())


def old_garbage() -> "weakref.ref[Cycle]":
    """Return a reference to garbage that only a full collection finds."""
    cycle = Cycle()
    gc.collect()
    return weakref.ref(cycle)


class Plain:
    """Something without a cycle, as a matcher is."""


class Cycle:
    """Something that refers to itself, as an interaction does."""

    def __init__(self) -> None:
        self.me = self


FREED = """
from pathlib import Path
from bot.garbage import settle
def resident():
    return int(Path("/proc/self/statm").read_text().split()[1])
before = resident()
freed = [bytes(2000) for _ in range(20_000)]
kept = bytes(2000)
used = resident() - before
del freed
settle()
print(used, resident() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other libraries decide by themselves what they keep")
def test_freed_memory_is_given_back_to_the_system_although_some_above_it_is_in_use() -> None:
    shown = subprocess.run([sys.executable, "-c", FREED], check=True, capture_output=True, text=True).stdout
    used, left = map(int, shown.split())
    assert left < used / 2


# In a running bot


@pytest.fixture
def settling(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the bot of a test settle, which those of other tests do not."""
    monkeypatch.setattr("bot.service.assembly.settle", settle)


async def change_a_brief(bot: Running) -> None:
    troops = bot.folder / "troops.yaml"
    troops.write_text(troops.read_text().replace("by: ", "by: the "))
    matcher = bot.keeper.matcher
    await bot.keeper.reload()
    assert bot.keeper.matcher is not matcher


@pytest.mark.usefixtures("settling")
async def test_garbage_is_collected_after_each_reload_as_soon_as_nobody_is_being_answered(bot: Running) -> None:
    await until(lambda: not is_looked_at(bot.keeper.matcher))
    garbage = old_garbage()
    with bot.client.in_flight.counted():
        await change_a_brief(bot)
        await asyncio.sleep(0.1)
        assert garbage() is not None
    await until(lambda: garbage() is None)


@pytest.mark.usefixtures("settling")
async def test_what_is_being_answered_does_not_settle_however_long_that_takes(
    bot: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    await until(lambda: not is_looked_at(bot.keeper.matcher))
    monkeypatch.setattr("bot.service.assembly.BUSY_FOR", 0.01)
    gc.unfreeze()
    answered = Cycle()
    with bot.client.in_flight.counted():
        await change_a_brief(bot)
        await asyncio.sleep(0.1)
    assert is_looked_at(answered)


async def test_a_matcher_that_was_replaced_is_freed_without_the_collector(bot: Running, fake: FakeDiscord) -> None:
    bot.keeper.build = Matcher  # another fixture's would be kept for the next test
    await change_a_brief(bot)
    await fake.slash("brief", {"query": "how many soldeirs"})
    replaced = weakref.ref(bot.keeper.matcher.ranker.scorer.features)
    gc.disable()
    try:
        await change_a_brief(bot)
        assert replaced() is None
    finally:
        gc.enable()
