"""What a process does to the files of a database, in order, as strace sees it."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.soak.databases import LEFT_BEHIND
from tests.soak.disk import Event
from tools.environment import HANGS, environment

WRITING = "openat,write,pwrite64,ftruncate,fsync,fdatasync,unlink,unlinkat,rename,renameat,renameat2"
FOREIGN = "pwritev,pwritev2,writev,fallocate,copy_file_range,sendfile,truncate,sync_file_range"
"""What would change files as well, but in ways that are not replayed here; SQLite does none of it."""

_CALL = re.compile(r"(\w+)\((.*)\) += (-?\d+)")
_STRING = re.compile(r'["<]((?:\\x[0-9a-f]{2})*)[">]')


def traced(folder: Path, *arguments: str) -> list[Event]:
    """Run ``python -m tests.soak.writer`` to its end and return what it did to the database in ``folder``, and said."""
    if not shutil.which("strace"):
        pytest.fail("this soak needs strace: apt install strace (or dnf, apk, pacman)")
    trace = folder.with_suffix(".trace")
    calls = f"trace={WRITING},{FOREIGN}"
    strace = ["strace", "-f", "-y", "-xx", "-s", "10000000", "-e", calls, "-e", "signal=none", "-o", str(trace)]
    command = [*strace, sys.executable, "-m", "tests.soak.writer", *arguments, str(folder)]
    done = subprocess.run(command, cwd=folder, env=environment(folder), capture_output=True, timeout=HANGS, check=False)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    with trace.open() as lines:
        events = [event for call in _calls(lines) for event in _event(folder, *call)]
    trace.unlink()
    return events


def _calls(lines: Iterator[str]) -> Iterator[tuple[str, str, int]]:
    """Yield each call that succeeded with its arguments and result, at its end; what is said at its beginning.

    A call that another thread interrupts is in two lines.
    """
    begun: dict[str, str] = {}
    for line in lines:
        thread, rest = line.rstrip("\n").split(maxsplit=1)
        if rest.endswith("<unfinished ...>"):
            begun[thread] = rest.removesuffix("<unfinished ...>").rstrip()
            continue
        if resumed := re.match(r"<\.\.\. \w+ resumed>", rest):
            rest = begun.pop(thread) + rest[resumed.end() :]
        if (call := _CALL.match(rest)) and int(call[3]) >= 0:
            yield call[1], call[2], int(call[3])


def _event(folder: Path, call: str, arguments: str, result: int) -> Iterator[Event]:
    """Yield what a call means for the database, if anything."""
    texts = [bytes.fromhex(text.replace("\\x", "")) for text in _STRING.findall(arguments)]
    path = Path(texts[-1 if call in ("openat", "unlink", "unlinkat") else 0].decode())
    numbers = [int(each) for each in re.findall(r", (\d+)(?=,|$)", arguments)]
    if call == "write" and arguments.startswith("1<"):
        yield Event("said", data=texts[1])
    elif path == folder and call in ("fsync", "fdatasync"):
        yield Event("sync folder")
    elif path.parent != folder or path.name not in LEFT_BEHIND:
        return
    elif call == "openat" and "O_CREAT" in arguments:
        yield Event("create", path.name)
    elif call.startswith("unlink"):
        yield Event("unlink", path.name)
    elif call == "pwrite64":
        assert result == len(texts[1]) == numbers[0]
        yield Event("write", path.name, numbers[1], texts[1])
    elif call == "ftruncate":
        yield Event("truncate", path.name, numbers[0])
    elif call in ("fsync", "fdatasync"):
        yield Event("sync", path.name)
    else:
        assert call == "openat", f"{call} of {path} is not replayed"
