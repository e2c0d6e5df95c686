"""Memory: the garbage collector kept from holding up answers while briefs are loaded, and what was freed given back.

A collection of the oldest generation looks at every object, and no other thread runs meanwhile. A reload made up to 13
of them, of 70 to 231 ms each with 15,000 phrases, and of up to 1.5 s with 100,000. One afterwards is enough.
"""

import ctypes
import gc
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

SWITCH_INTERVAL = 0.0005
"""Seconds that a thread may hold Python's lock meanwhile. An answer waits for the lock several times, and Python's own
interval is 5 ms each time. What this alone gains was not measured."""

_NEVER = 2**31 - 1
_FROZEN_AT_START = gc.get_freeze_count()  # none, but 375 objects in Python 3.12
_lock = threading.Lock()
_at_work = 0
_usual = (gc.get_threshold(), sys.getswitchinterval())


@contextmanager
def out_of_the_way() -> Iterator[None]:
    """Collect only young objects in the block, and let other threads run sooner. Blocks of several threads may overlap.

    Also a decorator, for a function that loads or builds in a thread.
    """
    _count(1)
    try:
        yield
    finally:
        _count(-1)


def settle() -> None:
    """Collect all that is garbage; the first time, look no more at what is left. Call it when nobody is being answered.

    What is left the first time is mostly Python's modules, 85,000 objects, which would take 50 ms each time. Nothing
    more is set apart later: a matcher has few objects that the collector looks at, and no reference cycle, so one that
    was replaced is freed without the collector.
    """
    gc.collect()
    if gc.get_freeze_count() <= _FROZEN_AT_START:
        gc.freeze()
    _give_back()


def _give_back() -> None:
    """Give freed memory back to the system, which takes 0.4 to 17 ms. Without glibc nothing is done.

    glibc keeps what lies below memory in use: 3 MiB after the shipped briefs were loaded, 140 MiB after 15,000 phrases.
    """
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def _count(change: int) -> None:
    global _at_work
    (young, middle, old), interval = _usual
    with _lock:
        _at_work += change
        gc.set_threshold(young, middle, _NEVER if _at_work else old)
        sys.setswitchinterval(SWITCH_INTERVAL if _at_work else interval)
