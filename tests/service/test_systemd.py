"""What systemd is told: over a real datagram socket, by a path or in the abstract namespace."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.service import systemd
from bot.service.systemd import Supervisor, notify_systemd


class Systemd:
    """The other end: the socket, and what has been sent to it."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(address.replace("@", "\0", 1))
        self._socket.setblocking(False)

    async def hears(self, within: float = 3.0) -> list[str]:
        """Return the lines of the next message."""
        async with asyncio.timeout(within):
            return (await asyncio.get_running_loop().sock_recv(self._socket, 4096)).decode().splitlines()

    async def hears_of(self, line: str, within: float = 10.0) -> None:
        """Wait for a message with this line."""
        async with asyncio.timeout(within):
            while line not in await self.hears(within):
                pass

    def silence(self) -> None:
        """Forget what was sent and not heard."""
        with contextlib.suppress(BlockingIOError):
            while self._socket.recv(4096):
                pass

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(params=["path", "abstract"])
def listening(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Systemd]:
    listening = Systemd(str(tmp_path / "n") if request.param == "path" else f"@briefbot-{os.getpid()}")
    yield listening
    listening.close()


class Bot:
    """How a bot is."""

    def __init__(self) -> None:
        self.why_not_live: str | None = None
        self.why_not_ready: str | None = None
        self.stopping = asyncio.Event()


@contextlib.asynccontextmanager
async def telling(bot: Bot, supervisor: Supervisor) -> AsyncIterator[None]:
    task = asyncio.create_task(
        notify_systemd(supervisor, lambda: bot.why_not_live, lambda: bot.why_not_ready, bot.stopping)
    )
    yield
    bot.stopping.set()
    await task


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(systemd, "NOTIFY_INTERVAL", 0.02)


async def test_systemd_hears_of_start_trouble_and_end(listening: Systemd) -> None:
    bot = Bot()
    bot.why_not_ready = "not connected"
    async with telling(bot, Supervisor(listening.address, None)):
        assert await listening.hears() == ["READY=1"]
        assert await listening.hears() == ["STATUS=not connected"]
        bot.why_not_ready = None
        assert await listening.hears() == ["STATUS=ready"]
        bot.why_not_ready = "not connected"
        assert await listening.hears() == ["STATUS=not connected"]
        bot.why_not_ready = None
        assert await listening.hears() == ["STATUS=ready"]
    assert await listening.hears() == ["STOPPING=1", "STATUS=finishing the answers under way"]


async def test_the_watchdog_gets_signs_of_life_from_a_live_bot_alone(listening: Systemd) -> None:
    bot = Bot()
    async with telling(bot, Supervisor(listening.address, 0.02)):
        await listening.hears_of("STATUS=ready")
        for _ in range(3):
            assert await listening.hears() == ["WATCHDOG=1"]
        bot.why_not_live = "the event loop was 7 s late"
        await asyncio.sleep(0.02)
        listening.silence()
        with pytest.raises(TimeoutError):
            await listening.hears(within=0.2)
        bot.why_not_live = None
        assert await listening.hears() == ["WATCHDOG=1"]


async def test_a_systemd_that_is_gone_or_takes_nothing_holds_nothing_up(listening: Systemd) -> None:
    supervisor = Supervisor(listening.address, None)
    for _ in range(2000):  # more than a socket holds
        supervisor.notify("STATUS=ready")
    listening.close()
    supervisor.notify("STATUS=ready")


@pytest.mark.parametrize(
    ("environment", "found"),
    [
        ({}, None),
        ({"NOTIFY_SOCKET": ""}, None),
        ({"NOTIFY_SOCKET": "vsock:2:1234"}, None),
        ({"NOTIFY_SOCKET": "/run/n"}, Supervisor("/run/n", None)),
        ({"NOTIFY_SOCKET": "@n"}, Supervisor("@n", None)),
        ({"NOTIFY_SOCKET": "@n", "WATCHDOG_USEC": "30000000"}, Supervisor("@n", 30.0)),
        ({"NOTIFY_SOCKET": "@n", "WATCHDOG_USEC": "0"}, Supervisor("@n", 0.0)),
        ({"NOTIFY_SOCKET": "@n", "WATCHDOG_USEC": "soon"}, Supervisor("@n", None)),
        ({"NOTIFY_SOCKET": "@n", "WATCHDOG_USEC": "5000000", "WATCHDOG_PID": str(os.getpid())}, Supervisor("@n", 5.0)),
        ({"NOTIFY_SOCKET": "@n", "WATCHDOG_USEC": "5000000", "WATCHDOG_PID": "1"}, Supervisor("@n", None)),
        ({"WATCHDOG_USEC": "5000000"}, None),
    ],
)
def test_what_systemd_sets_says_who_is_to_be_told(environment: dict[str, str], found: Supervisor | None) -> None:
    assert Supervisor.from_env(environment) == found
