"""The start in a container: what trying again does not mend is waited with, so that Docker does not try it for ever."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tools.environment import ROOT, environment

pytestmark = pytest.mark.slow


@contextmanager
def started(folder: Path, **settings: str) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, str(ROOT / "deploy/start.py")]
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment(folder, **settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


def test_after_a_setting_that_cannot_be_used_the_container_waits_to_be_stopped(tmp_path: Path) -> None:
    with started(tmp_path) as process:
        assert process.stdout
        assert process.stderr
        assert process.stderr.readline().startswith("DISCORD_TOKEN: is not set")
        assert process.stdout.readline().startswith("Waiting, ")
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 2


def test_what_may_be_well_the_next_time_ends_at_once(tmp_path: Path) -> None:
    with started(tmp_path, DISCORD_TOKEN="a.token", BRIEFS_DIR=str(tmp_path / "none")) as process:
        assert process.wait(20) == 1
