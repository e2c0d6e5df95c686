"""Whatever starts a bot does on PostgreSQL what it does on SQLite. `make test` shows a part of it, CI all.

python -m pytest tests/soak/soak_engines.py -o python_files='soak_*.py'
"""

import os
import subprocess
import sys

from tools.environment import ROOT


def test_what_starts_a_bot_does_the_same_on_postgresql() -> None:
    tests = ["tests/commands", "tests/test_isolation.py", "-k", "postgres"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests],
        cwd=ROOT,
        env=os.environ | {"CI": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
