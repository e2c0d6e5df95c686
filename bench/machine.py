"""How much of the machine a process uses, and how much all others use meanwhile."""

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_TICK = 1 / os.sysconf("SC_CLK_TCK")


def processor_seconds(process: int) -> float:
    """Return the processor time that a process has used so far, all its threads and the system's work for it."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * _TICK


def mebibytes(process: int) -> float:
    """Return the resident memory of a process."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@dataclass
class Usage:
    """Seconds that passed, and the share of one processor that all but the watched processes used meanwhile."""

    seconds: float = 0.0
    others: float = 0.0


@contextmanager
def watched(processes: Iterable[int]) -> Iterator[Usage]:
    """Measure the block, in which ``processes`` do what is to be measured."""
    ours, usage = list(processes), Usage()
    began, before = time.perf_counter(), _others(ours)
    yield usage
    usage.seconds = time.perf_counter() - began
    usage.others = (_others(ours) - before) / usage.seconds


def _others(ours: Iterable[int]) -> float:
    """Return the seconds that processors were busy with anything else, or were taken from this machine by its host."""
    user, nice, system, _idle, _waiting, irq, softirq, steal, *_ = map(
        int, Path("/proc/stat").read_text().split("\n")[0].split()[1:]
    )
    busy = (user + nice + system + irq + softirq + steal) * _TICK
    return busy - sum(map(processor_seconds, ours))
