"""What systemd is told, by sd_notify(3): ready, stopping, a line of status, and signs of life for its watchdog."""

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
    """The socket that systemd listens on, and after how many seconds without a sign of life it restarts the bot."""

    socket: str
    watchdog: float | None

    @classmethod
    def from_env(cls, environment: Mapping[str, str]) -> "Supervisor | None":
        """Return who is to be told, None if nobody is: what systemd sets is no setting of ours."""
        path = environment.get("NOTIFY_SOCKET", "")
        if not path.startswith(("/", "@")):
            return None
        microseconds = environment.get("WATCHDOG_USEC", "")
        ours = environment.get("WATCHDOG_PID") in (None, str(os.getpid()))
        return cls(path, int(microseconds) / 1e6 if ours and microseconds.isdecimal() else None)

    def notify(self, message: str) -> None:
        """Send a message, if systemd can take it at once: nothing here waits for it, and it can do without."""
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
    """Tell the supervisor that the bot has started, and how it is from then on, until it stops.

    Started means that a shard is connected, which is when this is called: whoever waits for the start need not wait
    for the end of an outage. A sign of life goes out each NOTIFY_INTERVAL, or half the watchdog's time if that is
    less, but not while ``why_not_live`` has a reason; what ``why_not_ready`` says is the status.
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
