"""That the project stands on every Python that the README names, as far as one Python alone can tell."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tools.environment import HANGS, ROOT

pytestmark = pytest.mark.slow

SOURCES = [path for folder in ("bot", "tests", "bench", "docs") for path in (ROOT / folder).rglob("*.py")]

WARNINGS = """
import warnings
import pytest

@pytest.mark.parametrize("module", ["bot.gateway.client", "tests.test_client", "botany", "numpy.core"])
@pytest.mark.parametrize("category", [UserWarning, DeprecationWarning, RuntimeWarning])
def test_warned(category, module):
    warnings.warn_explicit("soon to go", category, f"{module}.py", 1, module=module)
"""


def warned_of(node: ast.AST) -> str | None:
    """Return since when Python warns of how SQLite is used here, None if it does not."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.search(r"[ (=<>,]\?\d", node.value):
        return "3.12: a numbered placeholder"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "connect":
        library = node.func.value
        if isinstance(library, ast.Name) and library.id in ("sqlite3", "aiosqlite") and len(node.args) > 1:
            return "3.13: arguments by position"
    return None


def test_sqlite_is_used_in_no_way_that_a_newer_python_warns_of() -> None:
    found = []
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        nodes = ast.walk(ast.parse(text)) if "connect(" in text or "?" in text else ()
        found += [f"{path.relative_to(ROOT)}: {why}" for node in nodes if (why := warned_of(node))]
    assert found == []


def test_a_user_is_stopped_by_warnings_of_our_own_code_alone(tmp_path: Path) -> None:
    (tmp_path / "test_warnings.py").write_text(WARNINGS)
    command = [sys.executable, "-m", "pytest", "-q", "-c", f"{ROOT}/pyproject.toml", "--rootdir", "."]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider"], cwd=tmp_path, capture_output=True, text=True, timeout=HANGS, check=False
    )
    failed = re.findall(r"^FAILED .*\[(\w+)-(\S+)\]", done.stdout, re.MULTILINE)
    assert failed == [
        (what, where)
        for what in ("UserWarning", "RuntimeWarning")
        for where in ("bot.gateway.client", "tests.test_client")
    ]
    assert "bot.gateway.client.py:1: DeprecationWarning: soon to go" in done.stdout, "but it is shown"
