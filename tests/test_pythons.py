"""That the project stands on every Python that the README names, as far as one Python alone can tell."""

import ast
import re
from pathlib import Path

from tests.processes import ROOT

SOURCES = [path for folder in ("bot", "tests", "bench", "docs") for path in (ROOT / folder).rglob("*.py")]


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
