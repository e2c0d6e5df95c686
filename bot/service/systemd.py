"""Notifies systemd by sd_notify(3): ready, stopping, a line of status, and signs of life for the watchdog."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from bot.gateway.connection import Probe

NOTIFY_INTERVAL = 1.0
"""Most seconds between two looks at how the bot is."""


@dataclass(frozen=True, slots=True)
class Supervisor:
    """The socket of systemd. It restarts the bot after ``watchdog`` seconds without a sign of life."""

    socket: str
    watchdog: float | None

    @classmethod
    def from_env(cls, environment: Mapping[str, str]) -> "Supervisor | None":
        """Return the supervisor that the environment names, None if there is none. These are no settings of ours."""
        path = environment.get("NOTIFY_SOCKET", "")
        if not path.startswith(("/", "@")):
            return None
        microseconds = environment.get("WATCHDOG_USEC", "")
        ours = environment.get("WATCHDOG_PID") in (None, str(os.getpid()))
        return cls(path, int(microseconds) / 1e6 if ours and microseconds.isdecimal() else None)

    def notify(self, message: str) -> None:
        """Send a message unless systemd cannot take it at once. The bot never waits for systemd."""
        address = self.socket.replace("@", "\0", 1) if self.socket.startswith("@") else self.socket
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sending:
            sending.setblocking(False)
            sending.sendto(message.encode(), address)


async def notify_systemd(
    supervisor: Supervisor,
    why_not_live: Probe,
    why_not_ready: Probe,
    stopping: asyncio.Event,
) -> None:
    """Notify the supervisor that the bot has started, and of its health, until ``stopping`` is set.

    This is called when the first shard is connected, so "started" does not wait for the end of an outage. A sign of
    life goes out every second, or twice in the watchdog's time if that is shorter, unless ``why_not_live`` returns a
    reason. The status line is what ``why_not_ready`` returns.
    """
    pause = min(NOTIFY_INTERVAL, supervisor.watchdog / 2) if supervisor.watchdog else NOTIFY_INTERVAL
    said = ""
    supervisor.notify("READY=1")
    while not stopping.is_set():
        lines = []
        status = why_not_ready() or "ready"
        if status != said:
            lines.append(f"STATUS={status}")
            said = status
        if supervisor.watchdog and not why_not_live():
            lines.append("WATCHDOG=1")
        if lines:
            supervisor.notify("\n".join(lines))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await stopping.wait()
    supervisor.notify("STOPPING=1\nSTATUS=finishing the answers under way")
