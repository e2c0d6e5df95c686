"""The health port: live, ready and measured, as a supervisor and Prometheus see it over real HTTP on loopback."""

import asyncio
import os
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.answering.matcher import Matcher
from bot.briefs.loader import load
from bot.errors import BotError, SettingsError
from bot.gateway import connection, fairness, internals
from bot.gateway.connection import Vitals, keep_alive
from bot.gateway.fairness import Rate
from bot.service import health
from bot.service.assembly import assembled
from bot.service.health import serving
from bot.service.settings import Address, Settings
from bot.version import VERSION
from tests.admins import ADMIN, FILES, small_matcher
from tests.brief_files import write
from tests.conftest import Start, starter
from tests.gateway.test_connection import INTERVAL
from tests.gateway.test_delivery import acts_of_every_kind
from tests.test_metrics import Samples, parsed
from tools.environment import HANGS
from tools.fake_discord import FakeDiscord, until
from tools.running import Running

SOON = 4.0
"""Seconds that suffice on a busy machine, and are less than what the libraries would wait."""


@pytest.fixture
async def start(fake: FakeDiscord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Start]:
    monkeypatch.setattr(internals, "GOODBYE", 0.2)
    async with starter(fake, write(tmp_path / "briefs", FILES)) as start:
        yield start


@pytest.fixture
async def bot(start: Start, port: int) -> Running:
    bot = await start(health_address=Address("127.0.0.1", port))
    await until(lambda: bot.client.is_ready())
    return bot


async def get(port: int, path: str, method: str = "GET") -> tuple[int, str]:
    async with aiohttp.request(method, f"http://127.0.0.1:{port}{path}") as response:
        return response.status, await response.text()


async def metrics(port: int) -> Samples:
    status, text = await get(port, "/metrics")
    assert status == 200
    return parsed(text)


LIVE, READY = (200, "live\n"), (200, "ready\n")
AWAY = (503, "not ready: not connected to Discord: shard 0\n")


async def test_a_connected_bot_is_live_and_ready(bot: Running, port: int) -> None:
    assert await get(port, "/healthz") == LIVE
    assert await get(port, "/readyz") == READY


async def test_before_it_is_connected_a_bot_is_live_but_not_ready(tmp_path: Path, port: int) -> None:
    folder = write(tmp_path / "briefs", FILES)
    settings = Settings(
        briefs_dir=folder,
        database=tmp_path / "lookups.db",
        user_hash_key_file=tmp_path / "key",
        health_address=Address("127.0.0.1", port),
    )
    async with assembled(settings, Matcher, lambda: (load(folder), small_matcher())):
        assert await get(port, "/healthz") == LIVE
        assert await get(port, "/readyz") == AWAY
        assert (await metrics(port))["briefbot_gateway_connected"] == {'briefbot_gateway_connected{shard="0"}': 0}


async def test_once_it_stops_a_bot_is_live_but_not_ready(bot: Running, port: int) -> None:
    bot.client.stopping.set()
    assert await get(port, "/healthz") == LIVE
    assert await get(port, "/readyz") == (503, "not ready: stopping\n")


async def test_while_discord_is_away_a_bot_is_live_but_not_ready(
    fake: FakeDiscord, bot: Running, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (site,) = fake.runner.sites
    await site.stop()
    fake.drop()
    async with asyncio.timeout(HANGS):
        while await get(port, "/readyz") == READY:
            await asyncio.sleep(0.01)
    assert await get(port, "/readyz") == AWAY
    assert await get(port, "/healthz") == LIVE


@pytest.mark.parametrize("helps_itself", [True, False])
async def test_a_bot_that_is_not_heard_is_not_live_unless_it_helps_itself(
    fake: FakeDiscord, start: Start, port: int, monkeypatch: pytest.MonkeyPatch, helps_itself: bool
) -> None:
    monkeypatch.setattr(connection, "WATCH_INTERVAL", 0.05 if helps_itself else 60)
    fake.heartbeat_interval = int(INTERVAL * 1000)
    await start(health_address=Address("127.0.0.1", port))
    fake.freeze()
    if helps_itself:
        await until(lambda: fake.resumes)
        await asyncio.sleep(0.1)
        assert await get(port, "/healthz") == LIVE
        assert await get(port, "/readyz") == READY
    else:
        await asyncio.sleep(2 * INTERVAL + 0.1)
        for path, state in (("/healthz", "live"), ("/readyz", "ready")):
            status, text = await get(port, path)
            assert status == 503
            assert re.fullmatch(rf"not {state}: no heartbeat was acknowledged for \d+ s\n", text)


async def test_a_bot_whose_event_loop_is_held_up_is_not_live(bot: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "WATCH_INTERVAL", 0.01)
    monkeypatch.setattr(connection, "MAX_LAG", 0.3)
    vitals = Vitals(bot.client)
    watching = asyncio.create_task(keep_alive(bot.client, vitals))
    await asyncio.sleep(0.1)
    assert vitals.why_not_live() is None
    time.sleep(0.6)
    assert vitals.why_not_live() == vitals.why_not_ready() == "the event loop was 1 s late"
    await until(lambda: vitals.why_not_live() is None)
    watching.cancel()


async def test_what_members_do_is_counted(fake: FakeDiscord, bot: Running, port: int) -> None:
    acts = await acts_of_every_kind(fake)  # two lookups among them, and a form
    for act in acts.values():
        await act()
    await fake.slash("brief", {"query": "?!"})
    found = await metrics(port)
    lookups = {sample: count for sample, count in found["briefbot_lookups_total"].items() if count}
    assert lookups == {
        'briefbot_lookups_total{outcome="answer",via="slash"}': 2,
        'briefbot_lookups_total{outcome="answer",via="menu"}': 2,
        'briefbot_lookups_total{outcome="answer",via="button"}': 1,
        'briefbot_lookups_total{outcome="miss",via="slash"}': 1,
    }
    assert found["briefbot_lookup_seconds"]["briefbot_lookup_seconds_count"] == 5  # a button's brief is not sought
    times = found["briefbot_response_seconds"]
    counts = {sample: count for sample, count in times.items() if "_count" in sample}
    assert counts == {
        'briefbot_response_seconds_count{type="command"}': 9,
        'briefbot_response_seconds_count{type="component"}': 3,
        'briefbot_response_seconds_count{type="autocomplete"}': 1,
        'briefbot_response_seconds_count{type="modal"}': 1,
        'briefbot_response_seconds_count{type="message"}': 0,
    }


async def test_what_goes_wrong_is_counted(
    fake: FakeDiscord, bot: Running, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert value(await metrics(port), "briefbot_failed_total") == 0
    monkeypatch.setattr(bot.desk, "card", None)
    assert "reference" in (await fake.slash("brief", {"query": "cats"})).text
    monkeypatch.undo()
    fake.answer_within = -1
    await fake.autocomplete("brief", "query", "ca", expect_answer=False)
    await fake.slash("brief", {"query": "cats"}, expect_answer=False)
    await until(lambda: bot.client.adapter.undelivered > 1)
    found = await metrics(port)
    assert value(found, "briefbot_failed_total") == 1
    assert value(found, "briefbot_undelivered_total") == 2
    assert found["briefbot_response_seconds"]['briefbot_response_seconds_count{type="command"}'] == 1
    fake.faults.clear()  # the refusals


async def test_who_is_too_fast_is_counted(
    fake: FakeDiscord, start: Start, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fairness, "MEMBER", Rate(burst=2, per_second=0.001))
    bot = await start(health_address=Address("127.0.0.1", port))
    for _ in range(7):
        await fake.slash("brief", {"query": "cats"}, expect_answer=False, within=0)
    await until(lambda: bot.client.intake.limited == 5)
    assert value(await metrics(port), "briefbot_rate_limited_total") == 5


async def test_the_state_of_briefs_log_connection_and_process_is_shown(
    bot: Running, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await metrics(port)
    assert value(found, "briefbot_briefs") == 3
    assert (value(found, "briefbot_problems"), value(found, "briefbot_log_writable")) == (0, 1)
    assert found["briefbot_gateway_connected"] == {'briefbot_gateway_connected{shard="0"}': 1}
    assert 0 < value(found, 'briefbot_gateway_latency_seconds{shard="0"}') < 5
    assert 0 <= value(found, "briefbot_event_loop_lag_seconds") < 5
    assert 0 < value(found, "process_start_time_seconds") < time.time()
    assert value(found, "process_cpu_seconds_total") > 0
    assert value(found, f'briefbot_build_info{{version="{VERSION}"}}') == 1
    assert value(found, "briefbot_diagnostics_dropped_total") == 0
    if sys.platform == "linux":
        assert value(found, "process_resident_memory_bytes") > 2**20
        assert value(found, "process_open_fds") > 3
    (bot.folder / "cats.yaml").write_text("title: Cats\n")
    await bot.keeper.reload()
    (bot.folder / "cats.yaml").write_text(FILES["cats.yaml"].replace("purr", "hiss"))
    await bot.keeper.reload()
    (bot.folder / "cats.yaml").write_text("title: Cats\n")
    await bot.keeper.reload()
    monkeypatch.setattr(bot.database, "failure", "disk full")
    monkeypatch.setattr(bot.database, "dropped", 7)
    found = await metrics(port)
    reloads = {"success": 1, "failure": 2}
    assert found["briefbot_reloads_total"] == {
        f'briefbot_reloads_total{{result="{result}"}}': count for result, count in reloads.items()
    }
    assert value(found, "briefbot_problems") > 0
    assert (value(found, "briefbot_log_writable"), value(found, "briefbot_log_dropped_total")) == (0, 7)
    assert value(found, "briefbot_log_queue_length") == 0


def value(found: Samples, sample: str) -> float:
    return found[sample.partition("{")[0]][sample]


async def test_nothing_of_a_member_a_brief_or_the_token_is_shown(fake: FakeDiscord, bot: Running, port: int) -> None:
    asked = await fake.slash("brief", {"query": "xylophone quartets"})
    await fake.slash("briefs show", {"brief": "cats"}, **ADMIN)
    for path in ("/healthz", "/readyz", "/metrics"):
        _, text = await get(port, path)
        assert not [word for word in ("xylophone", "cats", "Cats", fake.token, asked.id) if word in text]


async def test_the_type_of_the_metrics_is_what_prometheus_asks_for(bot: Running, port: int) -> None:
    async with aiohttp.request("GET", f"http://127.0.0.1:{port}/metrics") as response:
        assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("POST", 405), ("PUT", 405), ("DELETE", 405)])
async def test_only_looking_is_possible(bot: Running, port: int, path: str, method: str, status: int) -> None:
    answered, text = await get(port, path, method)
    assert answered == status
    assert method != "HEAD" or text == ""


@pytest.mark.parametrize("path", ["/", "/health", "/metrics/", "/..%2f..%2fetc/passwd"])
async def test_there_is_nothing_else(bot: Running, port: int, path: str) -> None:
    assert (await get(port, path))[0] == 404


@pytest.mark.parametrize("sent", [b"", b"GET /healthz HTTP/1.1\r\nHost:", b"GET /healthz HTTP/1.1\r\n\r\n"])
async def test_no_connection_lasts(port: int, monkeypatch: pytest.MonkeyPatch, sent: bytes) -> None:
    """One who sends nothing, or half a request, or is answered and stays, cannot use up the bot's descriptors."""
    monkeypatch.setattr(health, "LONGEST", 0.1)
    async with serving(Address("127.0.0.1", port), lambda: None, lambda: None, str):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        async with asyncio.timeout(SOON):
            await reader.read()
        writer.close()


@pytest.mark.skipif(sys.platform != "linux", reason="counts descriptors as Linux shows them")
async def test_silent_connections_use_up_few_descriptors_and_keep_nobody_from_being_answered(port: int) -> None:
    """300 a second that last 5 s each would be more than the 1,024 descriptors of a process."""
    async with serving(Address("127.0.0.1", port), lambda: None, lambda: None, str):
        before, silent = len(os.listdir("/proc/self/fd")), []
        for _ in range(20):
            silent += [await asyncio.open_connection("127.0.0.1", port) for _ in range(20)]
            assert await get(port, "/healthz") == LIVE
        of_the_port = len(os.listdir("/proc/self/fd")) - before - len(silent)  # the other ends are here, too
        for _, writer in silent:
            writer.close()
    assert of_the_port <= 2 * health.MOST


@pytest.mark.parametrize("sent", [b"", b"GET /healthz HTTP/1.1\r\nHost:"])
async def test_the_port_closes_at_once_although_somebody_is_connected(port: int, sent: bytes) -> None:
    async with asyncio.timeout(SOON):
        async with serving(Address("127.0.0.1", port), lambda: None, lambda: None, str):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(sent)
            await asyncio.sleep(0.05)
        with pytest.raises(OSError, match="Connect"):
            await asyncio.open_connection("127.0.0.1", port)
        writer.close()


@pytest.mark.parametrize(
    "sent", [b"\x16\x03\x01\x02\x00", b"GET / HTTP/9\r\n\r\n", b"GET /" + 10_000 * b"a" + b" HTTP/1.1\r\n\r\n"]
)
async def test_what_is_no_http_is_refused_without_a_word_in_the_log(
    port: int, caplog: pytest.LogCaptureFixture, sent: bytes
) -> None:
    async with serving(Address("127.0.0.1", port), lambda: None, lambda: None, str):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        assert (await reader.read()).startswith(b"HTTP/1.0 400 ")
        writer.close()
    assert caplog.text == ""


async def test_what_is_wrong_with_the_bot_itself_is_logged(port: int, caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> str:
        raise LookupError("a bug")

    async with serving(Address("127.0.0.1", port), lambda: None, lambda: None, broken):
        status, text = await get(port, "/metrics")
    assert status == 500
    assert "a bug" not in text
    assert "LookupError: a bug" in caplog.text


async def test_a_port_in_use_is_named_and_may_be_free_later(port: int) -> None:
    address = Address("127.0.0.1", port)
    async with serving(address, lambda: None, lambda: None, str):
        with pytest.raises(BotError, match=rf"^HEALTH_PORT: 127\.0\.0\.1:{port} is in use; ") as refusal:
            async with serving(address, lambda: None, lambda: None, str):
                pass
    assert not isinstance(refusal.value, SettingsError)


async def test_an_address_of_another_machine_is_a_wrong_setting(port: int) -> None:
    with pytest.raises(SettingsError, match=rf"^HEALTH_PORT: cannot listen on 192\.0\.2\.1:{port} \("):
        async with serving(Address("192.0.2.1", port), lambda: None, lambda: None, str):
            pass


@pytest.mark.slow
def test_connecting_waits_for_nothing_that_is_needed_later_or_rarely() -> None:
    imported = "import sys, bot.cli.main, bot.service.assembly, bot.gateway.connection, bot.briefs.brief as brief"
    unneeded = "aiohttp.web bot.authoring.editor bot.cli.upkeep bot.reports.report bot.service.admin_desks numpy"
    unready = "brief.BriefContent.__pydantic_complete__"
    check = f"{imported}; sys.exit({unready} or not set({unneeded.split()}).isdisjoint(sys.modules))"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
