"""Work that is killed between two of its system calls, or in the middle of a write."""

import os
import signal
import traceback
from collections.abc import Callable
from itertools import count

CALLS = ("open", "write", "fsync", "fchmod", "replace", "unlink", "symlink", "close")
"""What our own code calls by these names in ``os``, by way of pathlib as well."""


def points(work: Callable[[], object], begin: Callable[[], object], end: Callable[[], object], every: int = 1) -> int:
    """Do ``work`` again and again in a process of its own, which is killed some system calls later each time.

    ``begin`` is called before it, ``end`` after it; returns how often it was killed. Whoever calls this has one thread.
    """
    for number, point in enumerate(count(1, every)):
        begin()
        ended = _killed_at(point, work)
        end()
        if ended:
            return number
    raise AssertionError


def _killed_at(point: int, work: Callable[[], object]) -> bool:
    """Do ``work`` in a process that is killed at this call, a write half-way; return whether it ended before."""
    if child := os.fork():
        _, status = os.waitpid(child, 0)
        assert status in (0, signal.SIGKILL), status
        return status == 0
    try:
        _arm(point)
        work()
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


def _arm(point: int) -> None:
    calls = count(1)

    def armed(name: str, real: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **options: object) -> object:
            if next(calls) == point:
                if name == "write":
                    descriptor, content = arguments
                    real(descriptor, bytes(content)[: len(bytes(content)) // 2])  # type: ignore[call-overload]
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **options)

        return call

    for name in CALLS:
        setattr(os, name, armed(name, getattr(os, name)))
