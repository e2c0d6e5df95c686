"""The command line as a process of its own: in a clean environment, and away from the checkout and its `.env`."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

import pytest

from tools.environment import HANGS, environment


class Talk(NamedTuple):
    """A process and the other ends of its streams."""

    process: subprocess.Popen[bytes]
    stdin: IO[bytes]
    stdout: IO[bytes]
    stderr: IO[bytes]


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "bot", *arguments]


def run(
    folder: Path, *arguments: str, stdin: bytes = b"", before: tuple[str, ...] = (), **more: str
) -> subprocess.CompletedProcess[bytes]:
    """Run `python -m bot` in ``folder`` to its end; ``before`` is a command that starts it."""
    return subprocess.run(
        [*before, *command(*arguments)],
        cwd=folder,
        env=environment(folder, **more),
        input=stdin,
        capture_output=True,
        timeout=HANGS,
        check=False,
    )


@contextmanager
def talking(folder: Path, *arguments: str, **more: str) -> Iterator[Talk]:
    """Start `python -m bot` in ``folder`` and talk to it over pipes; a Ctrl-C reaches it."""
    with subprocess.Popen(
        command(*arguments),
        cwd=folder,
        env=environment(folder, **more),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=heed_interrupts,
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        yield Talk(process, process.stdin, process.stdout, process.stderr)


def heeding_permissions() -> tuple[str, ...]:
    """Return the start of a command that file permissions hold for, even if root runs these tests."""
    if os.geteuid():
        return ()
    if not shutil.which("setpriv"):
        pytest.skip("root may read and write everything, and there is no setpriv to change that")
    return ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")


def heed_interrupts() -> None:
    """Undo, in a new process, what it inherits if these tests run in the background: that Ctrl-C is ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def write_brief(folder: Path, brief_id: str, title: str, *more: str) -> Path:
    """Write a small valid brief; ``more`` are further lines of its file."""
    folder.mkdir(exist_ok=True)
    lines = [f"title: {title}", f"summary: About {title}.", "as_of: 2024-10", "sources:", "  - name: Nobody", *more]
    path = folder / f"{brief_id}.yaml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
