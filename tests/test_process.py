"""The bot as a process: how it starts, what it says when it cannot, and how it ends."""

import asyncio
import json
import os
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import aiohttp
import pytest

from bot.version import VERSION
from tests.brief_files import write
from tests.forked import Forked, run
from tests.service.test_health import LIVE, READY, get, metrics
from tests.service.test_systemd import Systemd
from tools.environment import HANGS, environment
from tools.fake_discord import FakeDiscord

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent

APPLES = "title: Apples\nsummary: All about it.\nas_of: 2024-10\nsources:\n  - name: A report\n"

Launch = Callable[..., Forked]


@pytest.fixture
def launch(fake: FakeDiscord, tmp_path: Path) -> Iterator[Launch]:
    """Start the bot as a process of its own against the fake Discord; what still runs at the end is killed."""
    with ExitStack() as processes:

        def launch(*arguments: str, api: str = fake.api_base, stderr: int | None = None, **more: str) -> Forked:
            settings = environment(tmp_path, DISCORD_TOKEN=fake.token) | more
            process = Forked(tmp_path, arguments, settings, stderr=stderr, discord=(api, fake.gateway_url))
            return processes.enter_context(closing(process))

        yield launch


async def ready(port: int) -> None:
    """Wait until a bot says on its health port that it answers."""
    async with asyncio.timeout(30):
        while True:
            with suppress(aiohttp.ClientError):
                if await get(port, "/readyz") == READY:
                    return
            await asyncio.sleep(0.05)


@contextmanager
def stalled() -> Iterator[int]:
    """A pipe that is full, so that whoever writes to it waits for a reader that does not come."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with suppress(BlockingIOError):
        while True:
            os.write(writing, b"." * 4096)
    os.set_blocking(writing, True)
    yield writing
    os.close(reading)
    os.close(writing)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_lets_the_answers_under_way_finish_and_closes_the_database(
    fake: FakeDiscord, launch: Launch, tmp_path: Path, port: int, number: signal.Signals
) -> None:
    process = launch(HEALTH_PORT=str(port))
    await ready(port)
    fake.fail_next("POST", "/callback", 0.5)
    asked = asyncio.create_task(fake.slash("brief", {"query": "troops"}))
    await asyncio.sleep(0.2)
    process.send_signal(number)
    assert "troops in Russia" in (await asked).text
    ended = await process.ended(10)
    assert ended.returncode == 0
    assert b"Traceback" not in ended.stderr
    assert not (tmp_path / "lookups.db-wal").exists()
    with closing(sqlite3.connect(tmp_path / "lookups.db")) as connection, connection:
        assert connection.execute("SELECT brief FROM lookups").fetchall() == [("troops",)]


@pytest.mark.parametrize("log_format", ["text", "json"])
async def test_a_reader_of_standard_error_that_stalls_holds_up_neither_answers_nor_the_end(
    fake: FakeDiscord, launch: Launch, port: int, log_format: str
) -> None:
    """A full pipe, Ctrl-S in a terminal, a log driver that blocks."""
    with stalled() as pipe:
        process = launch("run", stderr=pipe, HEALTH_PORT=str(port), LOG_LEVEL="DEBUG", LOG_FORMAT=log_format)
        await ready(port)
        for _ in range(3):
            assert "troops in Russia" in (await (await fake.slash("brief", {"query": "troops"})).filled()).text
        process.send_signal(signal.SIGTERM)
        ended = await process.ended(20)
    assert ended.returncode == 0


@pytest.mark.parametrize("log_format", ["text", "json"])
async def test_why_the_bot_ends_holds_it_up_no_more_if_nobody_reads_it(
    launch: Launch, tmp_path: Path, log_format: str
) -> None:
    (tmp_path / "briefs").mkdir()
    (tmp_path / "briefs" / "wrong.yaml").write_text("sumary: A mistake\n")
    with stalled() as pipe:
        process = launch("run", stderr=pipe, BRIEFS_DIR=str(tmp_path / "briefs"), LOG_FORMAT=log_format)
        ended = await process.ended(20)
    assert ended.returncode == 1


async def test_a_killed_bot_has_logged_what_it_answered_and_starts_again(
    fake: FakeDiscord, launch: Launch, tmp_path: Path, port: int
) -> None:
    process = launch(HEALTH_PORT=str(port))
    await ready(port)
    await fake.slash("brief", {"query": "troops"})
    process.kill()
    launch("run", HEALTH_PORT=str(port))
    await ready(port)
    await asyncio.sleep(0.2)  # the fake may still hold the dead connection for the live one
    await fake.slash("brief", {"query": "weapons"})
    with closing(sqlite3.connect(tmp_path / "lookups.db")) as connection, connection:
        assert connection.execute("SELECT brief FROM lookups").fetchall() == [("troops",), ("weapons",)]


@pytest.mark.parametrize("key", ["DISCORD_TOKEN", "DISCORD_TOKEN_FILE"])
async def test_a_wrong_token_is_one_line_and_exit_2_that_names_the_setting_and_not_the_token(
    fake: FakeDiscord, launch: Launch, tmp_path: Path, key: str
) -> None:
    (tmp_path / "token").write_text("a.wrong.token")
    given = {"DISCORD_TOKEN": "", "DISCORD_TOKEN_FILE": str(tmp_path / "token")}
    if key == "DISCORD_TOKEN":
        given = {"DISCORD_TOKEN": "a.wrong.token"}
    process = launch("run", LOG_LEVEL="ERROR", **given)
    ended = await process.ended(20)
    assert ended.returncode == 2
    assert ended.stdout == b""
    assert ended.stderr.decode().startswith(f"{key}: ")
    assert ended.stderr.count(b"\n") == 1
    assert b"a.wrong.token" not in ended.stderr
    fake.faults.clear()  # the refusal


async def test_a_discord_that_cannot_be_reached_is_one_line_and_exit_1(launch: Launch) -> None:
    process = launch("run", api="http://127.0.0.1:9/api/v10", LOG_LEVEL="ERROR")
    ended = await process.ended(30)
    assert ended.returncode == 1
    assert ended.stderr.decode().startswith("Discord cannot be reached: ")
    assert ended.stderr.count(b"\n") == 1


async def test_a_bad_brief_stops_the_start_with_its_place(launch: Launch, tmp_path: Path) -> None:
    briefs = tmp_path / "briefs"
    briefs.mkdir()
    (briefs / "one.yaml").write_text("title: One\nsumary: A mistake\nas_of: 2024-10\nsources:\n  - name: Nobody\n")
    process = launch("run", BRIEFS_DIR=str(briefs))
    ended = await process.ended(20)
    assert ended.returncode == 1
    assert f"{briefs}/one.yaml:2:1: unknown key 'sumary'; did you mean 'summary'?" in ended.stderr.decode()
    assert b"Traceback" not in ended.stderr


async def test_a_base_that_is_wrong_at_a_start_serves_what_was_last_good_and_says_so(
    fake: FakeDiscord, launch: Launch, tmp_path: Path
) -> None:
    briefs = write(tmp_path / "briefs", {"apples.yaml": APPLES, "bears.yaml": APPLES.replace("Apples", "Bears")})
    first = launch("run", BRIEFS_DIR=str(briefs))
    await fake.connected()
    assert "All about it." in (await (await fake.slash("brief", {"query": "apples"})).filled()).text
    first.send_signal(signal.SIGTERM)
    await first.ended(20)
    write(briefs, {"apples.yaml": "titel: Apples\n", "bears.yaml": APPLES.replace("Apples", "Polar bears")})
    second = launch("run", BRIEFS_DIR=str(briefs))
    await fake.connected()
    assert "All about it." in (await (await fake.slash("brief", {"query": "apples"})).filled()).text
    assert "Polar bears" in (await (await fake.slash("brief", {"query": "polar bears"})).filled()).text
    console = await asyncio.to_thread(run, tmp_path, stdin=b"apples\n", BRIEFS_DIR=str(briefs))
    second.send_signal(signal.SIGTERM)
    ended = await second.ended(20)
    for said in (ended.stderr, console.stderr):
        assert b"a wrong file is not used, and what was last good of it keeps answering" in said
        assert f"{briefs}/apples.yaml:1:1: unknown key 'titel'; did you mean 'title'?".encode() in said
    assert console.stdout.startswith(b"Apples\n")
    checked = await asyncio.to_thread(run, tmp_path, "check", BRIEFS_DIR=str(briefs))
    assert checked.returncode == 1


async def test_a_brief_that_is_saved_answers_without_a_restart(
    fake: FakeDiscord, launch: Launch, tmp_path: Path
) -> None:
    briefs = tmp_path / "briefs"
    briefs.mkdir()
    rest = "summary: All about it.\nas_of: 2024-10\nsources:\n  - name: A report\n"
    (briefs / "apples.yaml").write_text(f"title: Apples\n{rest}")
    launch("run", BRIEFS_DIR=str(briefs))
    await fake.connected()
    (briefs / "apples.yaml").write_text(f"title: Apples\naliases: [golden delicious]\n{rest}")
    async with asyncio.timeout(HANGS):
        while "All about it." not in (await (await fake.slash("brief", {"query": "golden delicious"})).filled()).text:
            await asyncio.sleep(0.1)


async def test_a_second_bot_on_the_same_log_is_refused_with_a_clear_line(fake: FakeDiscord, launch: Launch) -> None:
    first = launch()
    await fake.connected()
    second = launch("run", LOG_LEVEL="ERROR")
    ended = await second.ended(20)
    assert ended.returncode == 1
    assert b"another briefbot writes this log" in ended.stderr
    assert f"(process {first.pid}, perhaps a forgotten terminal chat)".encode() in ended.stderr
    assert ended.stderr.count(b"\n") == 1


async def test_reports_and_a_console_beside_a_bot_leave_its_files_alone_whether_it_runs_or_was_killed(
    fake: FakeDiscord, launch: Launch, tmp_path: Path, port: int
) -> None:
    """Whoever empties the write-ahead log of a bot that still writes it can ruin the database."""

    def stored() -> list[bytes]:
        return [(tmp_path / name).read_bytes() for name in ("lookups.db", "lookups.db-wal")]

    process = launch(HEALTH_PORT=str(port))
    await ready(port)
    await fake.slash("brief", {"query": "pizza recipe"})
    before = stored()
    assert before[1]
    console, misses, stats = await asyncio.gather(
        asyncio.to_thread(run, tmp_path, stdin=b"troops\n"),
        asyncio.to_thread(run, tmp_path, "misses"),
        asyncio.to_thread(run, tmp_path, "stats"),
    )
    assert console.stdout.startswith(b"North Korean troops in Russia\n")
    assert b"another briefbot writes this log" in console.stderr
    assert b"pizza recipe" in misses.stdout
    assert stats.stdout.startswith(b"1 lookup in 30 days: ")
    assert stored() == before
    process.kill()
    assert b"pizza recipe" in (await asyncio.to_thread(run, tmp_path, "misses")).stdout
    assert stored() == before


async def test_a_supervised_bot_tells_how_it_is_from_its_start_to_its_end(
    fake: FakeDiscord, launch: Launch, tmp_path: Path, port: int
) -> None:
    systemd = Systemd(str(tmp_path / "notify"))
    process = launch(
        "run",
        HEALTH_PORT=str(port),
        NOTIFY_SOCKET=systemd.address,
        WATCHDOG_USEC="200000",
        LOG_FORMAT="json",
    )
    await systemd.hears_of("READY=1")
    await systemd.hears_of("STATUS=ready")
    await systemd.hears_of("WATCHDOG=1")
    assert (await get(port, "/healthz"), await get(port, "/readyz")) == (LIVE, READY)
    await fake.slash("brief", {"query": "troops"})
    assert (await metrics(port))["briefbot_lookups_total"]['briefbot_lookups_total{outcome="answer",via="slash"}'] == 1
    fake.fail_next("POST", "/callback", 1.0)
    asked = asyncio.create_task(fake.slash("brief", {"query": "troops"}))
    await asyncio.sleep(0.2)
    process.send_signal(signal.SIGTERM)
    await systemd.hears_of("STOPPING=1")
    assert (await get(port, "/healthz"), await get(port, "/readyz")) == (
        LIVE,
        (503, "not ready: stopping\n"),
    )
    assert "troops in Russia" in (await asked).text
    ended = await process.ended(10)
    systemd.close()
    assert ended.returncode == 0
    events = [json.loads(line) for line in ended.stderr.splitlines()]
    assert events[0]["message"].startswith(f"briefbot {VERSION} on Python ")
    (lookup, _) = [event for event in events if "outcome" in event]
    assert (lookup["outcome"], lookup["brief"], lookup["via"]) == ("answer", "troops", "slash")
    with pytest.raises(OSError, match="Connect"):
        await get(port, "/healthz")


@pytest.mark.parametrize("log_format", ["text", "json"])
async def test_a_health_port_in_use_is_one_line_and_exit_1(launch: Launch, port: int, log_format: str) -> None:
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", port):
        process = launch("run", HEALTH_PORT=f"127.0.0.1:{port}", LOG_FORMAT=log_format, LOG_LEVEL="ERROR")
        ended = await process.ended(20)
    assert ended.returncode == 1
    assert ended.stderr.count(b"\n") == 1
    message = json.loads(ended.stderr)["message"] if log_format == "json" else ended.stderr.decode()
    assert message.startswith(f"HEALTH_PORT: 127.0.0.1:{port} is in use; ")
