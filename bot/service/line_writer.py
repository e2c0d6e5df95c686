"""Writes lines to a file descriptor in a thread, so that a slow reader holds up nobody."""

import os
import select
import threading
from queue import SimpleQueue

MOST_WAITING = 1 << 20
"""Bytes that may wait to be written, about 10,000 lines. The last line may go beyond that."""


class LineWriter:
    """Writes lines to ``descriptor``, in order. One thread at a time may call ``write``.

    A reader that stalls (a full pipe, Ctrl-S in a terminal, a log driver that blocks) stops only the writing thread.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        # Unlike queue.Queue, this one may be used while the same thread is inside put(): by a destructor, for example.
        self._lines: SimpleQueue[bytes | threading.Event | None] = SimpleQueue()
        self._refused = self._failed = 0
        self._given = self._taken = 0  # bytes; each number has one writer, so neither needs a lock
        threading.Thread(target=self._write_until_closed, name="write the diagnostic log", daemon=True).start()

    @property
    def dropped(self) -> int:
        """How many lines were not written, because too many waited or because writing failed."""
        return self._refused + self._failed

    @property
    def has_room(self) -> bool:
        """Whether the next line would be accepted."""
        return self._given - self._taken < MOST_WAITING

    def write(self, line: str) -> None:
        """Queue a line. If too many wait, drop and count it."""
        if not self.has_room:
            self._refused += 1
            return
        data = f"{line}\n".encode(errors="backslashreplace")
        self._given += len(data)
        self._lines.put(data)

    def flush(self, within: float) -> None:
        """Wait until all queued lines are written, for ``within`` seconds at most."""
        reached = threading.Event()
        self._lines.put(reached)
        reached.wait(within)

    def close(self) -> None:
        """Stop the thread once it has written what is queued now."""
        self._lines.put(None)

    def _write_until_closed(self) -> None:
        while (item := self._lines.get()) is not None:
            if isinstance(item, threading.Event):
                item.set()
                continue
            try:
                _write_all(self._descriptor, item)
            except OSError:  # nobody is there to read any more, or the disk is full
                self._failed += 1
            self._taken += len(item)


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        try:
            data = data[os.write(descriptor, data) :]
        except BlockingIOError:  # another process with the same terminal or pipe has made it non-blocking
            select.select([], [descriptor], [])
