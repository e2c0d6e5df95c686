"""`python -m bot` as a process of its own, forked from one that has made its imports, which take it a second.

What an interpreter does before them, and when it ends, is not tested so: tests/processes.py starts a new one.
"""

import asyncio
import logging
import multiprocessing.connection
import multiprocessing.forkserver
import os
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from functools import cache
from multiprocessing import get_context
from multiprocessing.connection import Connection, Pipe
from multiprocessing.context import ForkServerContext
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, NamedTuple

import pytest

from bot.cli.main import main
from bot.storage import database
from tools.environment import HANGS, ROOT, environment
from tools.redirect import redirect

_IMPORTED = "tests.forked tests.brief_files bot.gateway.connection bot.service.assembly bot.service.health".split()

_one_at_a_time = threading.Lock()
"""Two threads that look at once whether a process has ended take its exit code from each other."""


class Ended(NamedTuple):
    """What a process has left: its exit code, which is below 0 after a signal, and what it wrote."""

    returncode: int
    stdout: bytes
    stderr: bytes


class Forked:
    """A process that runs the bot in ``folder`` with these settings alone.

    It reads ``stdin`` and writes into files; ``stderr`` is a descriptor to write errors to instead. ``discord`` is the
    API and the gateway of a stand-in.
    """

    def __init__(
        self,
        folder: Path,
        arguments: Sequence[str],
        settings: Mapping[str, str],
        stdin: bytes = b"",
        stderr: int | None = None,
        discord: tuple[str, str] | None = None,
    ) -> None:
        self._files = [TemporaryFile() for _ in range(3)]  # noqa: SIM115 - open until close()
        self._files[0].write(stdin)
        self._files[0].seek(0)
        numbers = [file.fileno() for file in self._files]
        if stderr is not None:
            numbers[2] = stderr
        streams = [Connection(os.dup(number)) for number in numbers]
        given = (str(folder), [*arguments], dict(settings), streams, discord)
        with _one_at_a_time:
            self._process = _server().Process(target=_run, args=given)
            self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid
        return self._process.pid

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def wait(self, within: float = HANGS) -> Ended:
        """Wait until it has ended by itself, or fail."""
        if not multiprocessing.connection.wait([self._process.sentinel], within):
            raise TimeoutError(f"process {self.pid} does not end within {within} s")
        return self._left()

    async def ended(self, within: float = HANGS) -> Ended:
        return await asyncio.to_thread(self.wait, within)

    def kill(self) -> None:
        """End it, if it still runs, and see that it has ended."""
        with _one_at_a_time:
            self._process.kill()
        self.wait()

    def close(self) -> None:
        """End it, if it still runs, and forget what it has written."""
        self.kill()
        self._process.close()
        for file in self._files:
            file.close()

    def _left(self) -> Ended:
        with _one_at_a_time:
            self._process.join()
        for file in self._files:
            file.seek(0)
        assert self._process.exitcode is not None
        return Ended(self._process.exitcode, self._files[1].read(), self._files[2].read())


def run(folder: Path, *arguments: str, stdin: bytes = b"", **more: str) -> Ended:
    """Run `python -m bot` in ``folder`` to its end."""
    with closing(Forked(folder, arguments, environment(folder, **more), stdin)) as process:
        return process.wait()


def returned(function: Callable[[Path], int], folder: Path) -> int:
    """Return what a function returns in a process of its own that has one thread, as whoever forks must."""
    ours, theirs = Pipe(duplex=False)
    with _one_at_a_time, theirs:
        process = _server().Process(target=_send, args=(theirs, function, folder))
        process.start()
    with ours:
        result = int(ours.recv())  # EOFError says that the function has raised what is printed above
    process.join()
    return result


def _send(to: Connection, function: Callable[[Path], int], folder: Path) -> None:
    to.send(function(folder))


@cache
def _server() -> ForkServerContext:
    """Start the process to fork from. It has one thread, as whoever forks must."""
    context = get_context("forkserver")
    context.set_forkserver_preload(_IMPORTED)
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(ROOT)
        patched.setenv("PYTHONPATH", str(ROOT))
        patched.setenv("OPENBLAS_NUM_THREADS", "1")
        multiprocessing.forkserver.ensure_running()
    return context


def _run(
    folder: str,
    arguments: list[str],
    settings: dict[str, str],
    streams: list[Connection],
    discord: tuple[str, str] | None,
) -> None:
    """Become, in a process that was forked, what `python -m bot` is."""
    for number, stream in enumerate(streams):
        os.dup2(stream.fileno(), number)
        stream.close()
    sys.stdin, sys.stdout, sys.stderr = map(_text, range(3), "rww")
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(settings)
    if discord:
        redirect(*discord)
    database.COMMIT_TIMEOUT = HANGS  # else a bot on a busy machine answers first, and writes what it answered later
    try:
        sys.exit(main(arguments))
    finally:
        logging.shutdown()  # which multiprocessing leaves out, as it does all that was to be done at an exit


def _text(number: int, mode: str) -> IO[str]:
    return open(number, mode, encoding="utf-8", closefd=False)
