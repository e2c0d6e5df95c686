"""Several shards in one process: each is connected, mended and left on its own, by Discord's rules."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from aiohttp import web
from discord.gateway import DiscordWebSocket

from bot.errors import BotError, SettingsError
from bot.gateway import shards
from bot.gateway.client import BriefClient
from bot.gateway.connection import serve
from bot.gateway.session_budget import SessionBudget, renewal_pause
from tests.admins import announce, edit, press, rows, settled
from tests.conftest import Start
from tools.environment import HANGS
from tools.fake_discord import MANAGER, FakeDiscord, Guild, Where, until
from tools.fake_discord.rules import displayed_text

COUNT = 4
GUILDS = [Guild((260_000_000_000 + number) << 22, f"Server of shard {number}") for number in range(COUNT)]
WINDOW = 0.2


@pytest.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord(guilds=GUILDS) as fake:
        fake.answer_within = HANGS
        fake.recommended_shards = COUNT
        fake.max_concurrency = COUNT
        with fake.redirected():
            yield fake
    assert fake.faults == []


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "WINDOW", WINDOW)


@asynccontextmanager
async def connected(
    fake: FakeDiscord, count: int | None = None, ids: list[int] | None = None
) -> AsyncIterator[BriefClient]:
    async with BriefClient(count, ids) as client:
        connection = asyncio.create_task(client.start(fake.token))
        await until(lambda: connection.done() or client.is_ready(), 10)
        yield client
        connection.cancel()
        with suppress(asyncio.CancelledError):
            await connection


def identified(fake: FakeDiscord) -> list[tuple[int, int]]:
    return [tuple(each["shard"]) for each in fake.identifies]


@pytest.mark.parametrize(
    ("count", "ids", "begun"),
    [
        (None, None, [(0, 4), (1, 4), (2, 4), (3, 4)]),
        (2, None, [(0, 2), (1, 2)]),
        (4, [1, 3], [(1, 4), (3, 4)]),
    ],
)
async def test_a_process_has_the_shards_that_it_is_told_to_or_all_that_discord_recommends(
    fake: FakeDiscord, count: int | None, ids: list[int] | None, begun: list[tuple[int, int]]
) -> None:
    async with connected(fake, count, ids) as client:
        assert sorted(identified(fake)) == begun
        served = [guild for guild in GUILDS if client.serves(guild.id)]
        assert sorted(guild.id for guild in client.guilds) == [guild.id for guild in served]


async def test_every_server_is_answered_by_its_shard_and_direct_messages_by_the_first(
    fake: FakeDiscord, start: Start
) -> None:
    await start()
    for guild in GUILDS:
        assert "troops in Russia" in (await fake.slash("brief", {"query": "troops"}, guild=guild)).text
    assert "troops in Russia" in (await fake.slash("brief", {"query": "troops"}, dm=True)).text


HOME: Where = {"guild": GUILDS[0], "permissions": MANAGER}


async def test_a_process_announces_changes_in_its_own_servers_alone(fake: FakeDiscord, start: Start) -> None:
    bot = await start(home_guild_id=GUILDS[0].id)
    for guild in GUILDS[:2]:
        await settled(await announce(fake, guild.channel, guild=guild, permissions=MANAGER))
    bot = await start(home_guild_id=GUILDS[0].id, shard_count=4, shard_ids=(0,))
    troops = (bot.folder / "troops.yaml").read_text()
    shown = await edit(fake, "troops", troops.replace("summary: >-\n  ", "summary: >-\n  At last, "), HOME)
    assert "Done" in await press(fake, shown, "Apply")
    changed = "At last"

    def told() -> set[str]:
        own = [each for each in fake.messages.values() if "interaction_metadata" not in each]
        return {each["channel_id"] for each in own if changed in displayed_text(each)}

    def versions() -> list[int]:
        kept = {row["guild_id"]: row["version"] for row in rows(bot, "announcements")}
        return [kept[guild.id] for guild in GUILDS[:2]]

    await until(told, 10)
    await until(lambda: versions()[0] > versions()[1], 10)
    assert told() == {str(GUILDS[0].channel)}


async def test_a_shard_that_cannot_be_reached_holds_up_no_other(fake: FakeDiscord) -> None:
    async with connected(fake) as client:
        unreachable = client.sockets[1]
        unreachable.gateway = unreachable.gateway.with_port(9)
        fake.drop(1)
        await until(lambda: not unreachable.open)
        for shard in (0, 2, 3):
            fake.drop(shard)
        await until(lambda: len(fake.resumes) == 3)
        assert all(client.sockets[shard].open for shard in (0, 2, 3))


async def test_after_an_outage_every_shard_resumes_its_session(
    fake: FakeDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "LONGEST_PAUSE", 0.2)
    async with connected(fake):
        (site,) = fake.runner.sites
        await site.stop()
        fake.drop()
        await asyncio.sleep(0.5)
        await web.TCPSite(fake.runner, "127.0.0.1", int(fake.origin.split(":")[1])).start()
        await until(lambda: len(fake.resumes) == COUNT)
        assert len(fake.identifies) == COUNT


async def test_sessions_begin_one_by_one_in_each_bucket_as_discord_demands(fake: FakeDiscord) -> None:
    fake.max_concurrency, fake.identify_window = 2, WINDOW - 0.05
    async with connected(fake):
        assert [number for number, _ in identified(fake)] == [0, 1, 2, 3]
        assert fake.refused_identifies == 0


async def test_processes_that_start_together_all_get_their_sessions_in_the_end(fake: FakeDiscord) -> None:
    fake.max_concurrency, fake.identify_window = 1, WINDOW - 0.05
    async with connected(fake, 4, [0, 1]), connected(fake, 4, [2]), connected(fake, 4, [3]):
        await until(lambda: all(fake.hears(guild.id) for guild in GUILDS), 10)


async def test_a_session_that_is_refused_is_asked_for_again(fake: FakeDiscord) -> None:
    fake.identify_window = 0.5
    fake.gateway.identified[0] = time.monotonic()
    async with connected(fake, 1):
        assert fake.refused_identifies
        assert fake.hears(None)


@pytest.mark.parametrize(("left", "begins"), [(4, True), (3, False)])
async def test_no_session_begins_that_would_make_discord_reset_the_token(
    fake: FakeDiscord, left: int, begins: bool
) -> None:
    fake.session_starts_left = left
    if begins:
        async with connected(fake):
            pass
    else:
        with pytest.raises(BotError, match=r"Discord lets no more sessions begin for 4\.0 h"):
            async with connected(fake):
                pass
    assert bool(fake.identifies) == begins


async def test_shards_that_discord_refuses_are_a_plain_error_that_names_the_setting(fake: FakeDiscord) -> None:
    fake.most_guilds_of_a_shard = 1
    with pytest.raises(SettingsError, match=r"^SHARD_COUNT: Discord asks for another number of shards"):
        await serve(BriefClient(2), fake.token)


async def test_leaving_closes_every_shard_and_none_comes_back(fake: FakeDiscord) -> None:
    async with connected(fake) as client:
        await client.leave()
        await asyncio.sleep(2 * WINDOW)
        assert not fake.gateway.sessions
        assert (len(fake.identifies), fake.resumes) == (COUNT, [])


async def test_a_gateway_that_refuses_every_session_is_not_asked_without_pause(
    fake: FakeDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.uniform", lambda _, longest: longest)
    fake.identify_window = 60
    fake.gateway.identified[0] = time.monotonic()
    async with BriefClient(1) as client:
        connection = asyncio.create_task(client.start(fake.token))
        await until(lambda: fake.identifies)
        await asyncio.sleep(1)
        connection.cancel()
    assert len(fake.identifies) == 1


async def test_a_running_bot_begins_no_session_that_would_use_up_those_of_the_day(
    fake: FakeDiscord, caplog: pytest.LogCaptureFixture
) -> None:
    async with connected(fake, 1):
        fake.session_starts_left = 40
        await fake.invalidate(resumable=False)
        await until(lambda: "shard 0 begins a new session in 14400 s: 40 of 1000 are left for 4.0 h" in caplog.text)
        await asyncio.sleep(0.3)
        assert len(fake.identifies) == 1


async def test_a_shard_whose_sessions_do_not_last_holds_up_no_other(
    fake: FakeDiscord, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(shards, "renewal_pause", lambda renewals: 600.0 if renewals > 1 else 0.0)
    fake.max_concurrency = 1
    async with connected(fake, 2, [0, 1]):
        await fake.invalidate(resumable=False, shard=0)
        await until(lambda: len(fake.identifies) == 3)
        await fake.invalidate(resumable=False, shard=0)
        await until(lambda: "shard 0 begins a new session in 600 s" in caplog.text)
        await fake.invalidate(resumable=False, shard=1)
        await until(lambda: len(fake.identifies) == 4, 10)
        assert identified(fake) == [(0, 2), (1, 2), (0, 2), (1, 2)]


async def test_attempts_that_reach_nobody_are_no_sessions_that_did_not_last(
    fake: FakeDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.uniform", lambda *_: 0.0)
    begun: list[int] = []

    def no_pause(renewals: int) -> float:
        begun.append(renewals)
        return 0.0

    monkeypatch.setattr(shards, "renewal_pause", no_pause)
    async with connected(fake, 1) as client:
        dial, failures = client._dial, [OSError("away")] * 5

        async def dialled(shard_id: int, **how: Any) -> DiscordWebSocket:
            if failures:
                raise failures.pop()
            return await dial(shard_id, **how)

        monkeypatch.setattr(client, "_dial", dialled)
        await fake.invalidate(resumable=False)
        await until(lambda: len(fake.identifies) == 2)
    assert begun == [1] * 6


@pytest.mark.parametrize(
    ("left", "pause"), [(1000, 0), (501, 0), (500, 8), (100, 72), (51, 3600), (50, 3600), (0, 3600)]
)
def test_sessions_are_spread_over_the_day_once_half_are_used(left: int, pause: float) -> None:
    assert SessionBudget(1000, left, 5000).pause(1400) == pause
    assert SessionBudget(1000, left, 5000).pause(6000) == 0


def test_a_shard_whose_sessions_never_last_begins_few_of_them() -> None:
    assert renewal_pause(1) == 0
    waited = begun = 0.0
    while waited < 86_400:
        begun += 1
        waited += renewal_pause(int(begun))
    assert begun < 300
