"""The checkout, a clean environment for a process of its own that runs the checkout's code, and how long to wait."""

import os
from pathlib import Path

ROOT = Path(__file__).parent.parent
SHIPPED = ROOT / "briefs"

HANGS = 120.0
"""Seconds after which what is waited for is taken never to come, on however busy a machine."""


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Return an environment that leads to the checkout's code and writes to ``folder`` alone."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "TERM": "dumb",
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "BRIEFS_DIR": str(SHIPPED),
        "DATABASE_URL": f"sqlite:///{folder}/lookups.db",
    } | more
